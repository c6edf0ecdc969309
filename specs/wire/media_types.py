"""Media types: their parts, which matches which, which a client prefers, what kind of content each names.

RFC 9110, sections 8.3.1 and 12.5.1; RFC 6838, section 4.2.8 (structured suffixes). Everything that is computed from
text alone is remembered, so that asking again on a hot path costs a look-up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from understudy.specs.wire.malformed import MalformedContent

if TYPE_CHECKING:
    from understudy.specs.model import MediaType

__all__ = [
    "Kind",
    "MalformedMediaType",
    "MediaTypeValue",
    "find_content",
    "find_media_type",
    "kind",
    "matches",
    "parse_media_type",
    "select",
    "split_list",
]

MAX_LENGTH: Final = 1024
"""Characters of a media type that is looked at; a longer one is malformed, so the memory of past ones is bounded."""

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_ESSENCE: Final = re.compile(rf"({_TOKEN})/({_TOKEN})")
_PARAMETER: Final = re.compile(
    rf'[ \t]*;[ \t]*(?:({_TOKEN})=(?:([^;"]+?)|"((?:[^"\\]|\\.)*)")[ \t]*(?=;|$)|[^;]*)', re.DOTALL
)
# A quote that is never closed takes the rest of the field, so that no text is gone over twice.
_ELEMENT: Final = re.compile(r'(?:[^,"]++|"(?:[^"\\]++|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
_WEIGHT: Final = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


class MalformedMediaType(MalformedContent):
    """A text is not a media type; the reason shows it."""


@dataclass(frozen=True, slots=True)
class MediaTypeValue:
    """A media type or a range of them, taken apart.

    Attributes:
        type: Lower case; ``*`` in the range ``*/*``.
        subtype: Lower case, with its suffix: ``problem+json``; ``*``, or ``*+json``, in a range.
        suffix: What follows the last ``+``, without it; empty when there is none.
        parameters: Names in lower case, values unquoted and as written.
    """

    type: str
    subtype: str
    suffix: str
    parameters: Mapping[str, str] = field(hash=False)

    @property
    def essence(self) -> str:
        """``type/subtype``, without parameters."""
        return f"{self.type}/{self.subtype}"

    @property
    def is_range(self) -> bool:
        """Whether more than one media type is meant."""
        return self.type == "*" or self.subtype == "*" or self.subtype.startswith("*+")


class Kind(Enum):
    """How content is written, as far as reading and writing it goes."""

    JSON = "json"
    TEXT = "text"
    FORM = "form"
    MULTIPART = "multipart"
    SSE = "event-stream"
    JSON_LINES = "json-lines"
    JSON_SEQ = "json-seq"
    XML = "xml"
    BINARY = "binary"

    @property
    def is_sequential(self) -> bool:
        """Whether content is items one after the other, sent as they come (3.2, Sequential Media Types)."""
        return self in (Kind.SSE, Kind.JSON_LINES, Kind.JSON_SEQ)


_KINDS: Final = {
    "application/json": Kind.JSON,
    "text/json": Kind.JSON,
    "text/event-stream": Kind.SSE,
    "application/x-www-form-urlencoded": Kind.FORM,
    "application/json-seq": Kind.JSON_SEQ,
    "application/xml": Kind.XML,
    "text/xml": Kind.XML,
    **dict.fromkeys(
        ("application/jsonl", "application/x-jsonl", "application/jsonlines", "application/x-jsonlines",
         "application/json-lines", "application/x-json-lines", "application/ndjson", "application/x-ndjson",
         "application/x-ldjson", "text/jsonl", "text/x-ndjson"),
        Kind.JSON_LINES,
    ),
    **dict.fromkeys(
        ("application/yaml", "application/x-yaml", "application/javascript", "application/graphql", "application/sql",
         "application/toml", "application/jwt", "application/jsonpath", "application/pem-certificate-chain"),
        Kind.TEXT,
    ),
}  # fmt: skip
_SUFFIXES: Final = {"json": Kind.JSON, "json-seq": Kind.JSON_SEQ, "xml": Kind.XML, "yaml": Kind.TEXT}
_TYPES: Final = {"text": Kind.TEXT, "multipart": Kind.MULTIPART}


def parse_media_type(text: str) -> MediaTypeValue:
    """``Text/HTML; Charset="UTF-8"`` taken apart.

    A parameter that is not well-formed is passed over, and of two with one name the first counts, as browsers do.

    Raises:
        MalformedMediaType: No ``type/subtype`` at the front, or longer than 1024 characters.
    """
    if len(text) > MAX_LENGTH:
        raise MalformedMediaType(f"{text[:40]!r}… has more than {MAX_LENGTH} characters")
    return _parse(text)


def find_media_type(text: str) -> MediaTypeValue | None:
    """As `parse_media_type`; None when malformed."""
    try:
        return parse_media_type(text)
    except MalformedMediaType:
        return None


@lru_cache(maxsize=1024)
def _parse(text: str) -> MediaTypeValue:
    text = text.strip(" \t")
    match = _ESSENCE.match(text)
    rest = text[match.end() :] if match else ""
    if match is None or (rest and rest.lstrip(" \t")[:1] not in (";", "")):
        raise MalformedMediaType(f"{text!r} is not a media type, such as application/json")
    parameters: dict[str, str] = {}
    for name, plain, quoted in _PARAMETER.findall(rest):
        if name:
            parameters.setdefault(name.lower(), plain or re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL))
    subtype = match[2].lower()
    suffix = subtype.rpartition("+")[2] if "+" in subtype else ""
    return MediaTypeValue(match[1].lower(), subtype, suffix, MappingProxyType(parameters))


def matches(pattern: str, actual: str) -> bool:
    """Whether a media type is one of those that a pattern names.

    Args:
        pattern: A media type or a range: ``*/*``, ``image/*``, ``application/*+json``. Parameters it has must be there,
            with the same values (letter case apart); others may be.
        actual: A media type as a message gives it. A malformed one matches nothing, nor does a malformed pattern.
    """
    wanted, given = find_media_type(pattern), find_media_type(actual)
    return wanted is not None and given is not None and _covers(wanted, given) and _parameters_fit(wanted, given)


def _covers(pattern: MediaTypeValue, actual: MediaTypeValue) -> bool:
    if pattern.type not in ("*", actual.type):
        return False
    if pattern.subtype.startswith("*+"):
        return pattern.suffix == actual.suffix
    return pattern.subtype in ("*", actual.subtype)


def _parameters_fit(pattern: MediaTypeValue, actual: MediaTypeValue) -> bool:
    return all(actual.parameters.get(name, "\0").lower() == value.lower() for name, value in pattern.parameters.items())


def _specificity(pattern: MediaTypeValue) -> tuple[int, int]:
    if pattern.type == "*":
        return (0, len(pattern.parameters))
    if pattern.subtype == "*":
        return (1, len(pattern.parameters))
    return (2 if pattern.is_range else 3, len(pattern.parameters))


def find_content(content: Sequence[MediaType], content_type: str) -> MediaType | None:
    """The entry of a `content` map that describes a media type: the most specific key that matches.

    A media type goes before ``application/*+json``, that before ``application/*``, that before ``*/*``; one with
    parameters before one without; else the first in the document. None when no key matches.
    """
    given = find_media_type(content_type)
    if given is None:
        return None
    found: MediaType | None = None
    best = (-1, 0)
    for entry in content:
        key = find_media_type(entry.name)
        if key is None or not _covers(key, given) or not _parameters_fit(key, given):
            continue
        if _specificity(key) > best:
            found, best = entry, _specificity(key)
    return found


@lru_cache(maxsize=1024)
def kind(media_type: str) -> Kind:
    """What kind of content a media type names; BINARY for what is unknown or malformed.

    Anything with the suffix ``+json`` is JSON, ``+xml`` XML; ``text/*`` is text unless it is named otherwise.
    """
    value = find_media_type(media_type)
    if value is None:
        return Kind.BINARY
    by_name = _KINDS.get(value.essence) or _SUFFIXES.get(value.suffix)
    return by_name or _TYPES.get(value.type, Kind.BINARY)


def split_list(header: str) -> list[str]:
    """The elements of a comma-separated header field, commas in quoted strings left alone; empty ones are dropped."""
    elements = (element.strip(" \t") for element in _ELEMENT.findall(header))
    return [element for element in elements if element]


def select(accept: str | None, available: Sequence[str]) -> int | None:
    """Which of the media types that could be sent a client wants most (RFC 9110, section 12.5.1).

    Args:
        accept: The `Accept` field; None when the request has none. An element that is malformed is passed over; when
            nothing is left, anything goes.
        available: Media types or ranges, the server's favourite first.

    Returns:
        The index of the one with the highest quality; among equals one that the client names more exactly, then the
        server's favourite. None when the client takes none of them.
    """
    if not available:
        return None
    accept = accept or ""
    return (_known_choice if len(accept) <= MAX_LENGTH else _choose)(accept, tuple(available))


def _choose(accept: str, available: tuple[str, ...]) -> int | None:
    ranges = _ranges(accept)
    if not ranges:
        return 0
    best: tuple[float, tuple[int, int]] = (0.0, (0, 0))
    chosen = None
    for index, name in enumerate(available):
        offered = find_media_type(name)
        if offered is None:
            continue
        fitting = [(_specificity(wanted), quality) for wanted, quality in ranges if _accepts(wanted, offered)]
        specificity, quality = max(fitting, default=((0, 0), 0.0))
        if quality and (chosen is None or (quality, specificity) > best):
            chosen, best = index, (quality, specificity)
    return chosen


_known_choice: Final = lru_cache(maxsize=1024)(_choose)


def _accepts(wanted: MediaTypeValue, offered: MediaTypeValue) -> bool:
    # What is offered may be a range too: a document can promise `image/*`.
    if not _covers(wanted, offered) and not (offered.is_range and _covers(offered, wanted)):
        return False
    # Clients ask for `application/json; charset=utf-8`, though JSON has no such parameter.
    return all(
        offered.parameters.get(name, value if name == "charset" else "\0").lower() == value.lower()
        for name, value in wanted.parameters.items()
    )


def _ranges(accept: str) -> tuple[tuple[MediaTypeValue, float], ...]:
    found = []
    for element in split_list(accept):
        text = element.replace("*", "*/*", 1) if re.match(r"\*[ \t]*(;|$)", element) else element
        value = find_media_type(text)
        if value is None:
            continue
        weight = value.parameters.get("q", "1")
        if _WEIGHT.fullmatch(weight):
            # What follows the weight is not a parameter of the media type.
            names = list(value.parameters)
            own = names[: names.index("q")] if "q" in names else names
            parameters = MappingProxyType({name: value.parameters[name] for name in own})
            found.append((MediaTypeValue(value.type, value.subtype, value.suffix, parameters), float(weight)))
    return tuple(found)
