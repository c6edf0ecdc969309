"""Is the media type described?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation

MEDIA_TYPE_DOCUMENTED: Final = Claim(
    id="media-type-documented",
    title="Every body has a documented media type",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#fixed-fields-14",
    documentation=(
        "`Content-Type` of an answer with a body matches an entry of the response's `content`, ranges such as "
        "`image/*` included. Not judged where the response describes no content."
    ),
    owner="checks.media_types",
)


def _applies(seen: Observation) -> bool:
    return seen.response is not None and bool(seen.response.content) and seen.has_body


@check(MEDIA_TYPE_DOCUMENTED, applies_to=_applies)
def media_type_documented(seen: Observation) -> Iterator[Failure]:
    """``the body is text/html; documented for 200 are application/json``."""
    if seen.media_type is None and seen.response is not None:
        known = ", ".join(media_type.name for media_type in seen.response.content)
        given = seen.content_type or "without Content-Type"
        message = f"the body is {given}; documented for {seen.response.status} are {known}"
        yield seen.failure(MEDIA_TYPE_DOCUMENTED, seen.place, message)
