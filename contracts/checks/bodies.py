"""Is the body whole and well-formed?"""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import NotJudged, check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation
from understudy.specs.wire.json_bodies import MalformedJson
from understudy.specs.wire.media_types import Kind
from understudy.specs.wire.xml_trees import MalformedXml, RefusedXml

BODY_WHOLE: Final = Claim(
    id="body-whole",
    title="Every body arrives whole",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc9112.html#section-8",
    documentation=(
        "A body has as many octets as `Content-Length` announces, chunked and compressed bodies come to their end, and "
        "a body that is no stream ends at all."
    ),
    owner="checks.bodies",
)

BODY_WELL_FORMED: Final = Claim(
    id="body-well-formed",
    title="Every body is what its media type says",
    severity=Severity.HIGH,
    clause="https://www.rfc-editor.org/rfc/rfc8259.html#section-2",
    documentation=(
        "A body that is declared as JSON is JSON: not empty, in UTF-8 without a byte order mark, one value. One that "
        "is declared as XML is well-formed. Answers to HEAD and those with status 204 or 304 have none."
    ),
    owner="checks.bodies",
)


@check(BODY_WHOLE, applies_to=lambda seen: seen.has_body)
def body_whole(seen: Observation) -> Iterator[Failure]:
    """``the connection broke in the body: 10 of 20 octets``."""
    if seen.is_broken:
        yield seen.failure(BODY_WHOLE, seen.place, f"{seen.exchange.error}, {len(seen.answer.body)} octets in")
    elif not seen.answer.complete:
        raise NotJudged(f"we stopped reading after {len(seen.answer.body)} octets")


def _says_what(seen: Observation) -> bool:
    bodiless = seen.exchange.case.method == "HEAD" or seen.answer.status in (204, 205, 304)
    # Where no content is described, none is what is expected, whatever a header says of it.
    undescribed = seen.response is None or not seen.response.content
    if seen.kind not in (Kind.JSON, Kind.XML) or bodiless or seen.is_broken or not seen.is_addressed:
        return False
    return seen.has_body or not undescribed


@check(BODY_WELL_FORMED, applies_to=_says_what)
def body_well_formed(seen: Observation) -> Iterator[Failure]:
    """``not JSON: line 1, column 4: …``."""
    if not seen.answer.complete:
        raise NotJudged(f"we stopped reading after {len(seen.answer.body)} octets")
    if seen.kind is Kind.XML:
        if isinstance(seen.xml, RefusedXml):
            raise NotJudged(f"XML that isn't read here: {seen.xml}")
        if isinstance(seen.xml, MalformedXml):
            message = f"the body is {seen.content_type}, but not XML: {seen.xml}"
            yield seen.failure(BODY_WELL_FORMED, seen.place, message)
    elif isinstance(seen.json, MalformedJson):
        yield seen.failure(BODY_WELL_FORMED, seen.place, f"the body is {seen.content_type}, but not JSON: {seen.json}")
    elif seen.answer.body.startswith(BOM_UTF8):
        message = "the body begins with a byte order mark, which JSON mustn't have (RFC 8259, section 8.1)"
        yield seen.failure(BODY_WELL_FORMED, f"{seen.place} byte order mark", message)
