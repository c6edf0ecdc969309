"""What a YAML scalar means under the core schema (YAML 1.2.2, section 10.3.2)."""

from __future__ import annotations

import re
from math import isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from yaml.events import ScalarEvent

    from understudy.specs.documents.document import Json

__all__ = ["TAG", "TYPED", "is_merge", "resolve", "unknown_tag"]

TAG: Final = "tag:yaml.org,2002:"

TYPED: Final = frozenset("+-.0123456789~ntfNTF")
"""What a plain scalar begins with that may be other than a string."""

MAX_DIGITS: Final = 4000
"""The longest number, in characters; Python itself refuses integers of more than 4300 digits."""

_CONSTANTS: Final[dict[str, Json]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_TAGGED: Final[dict[type, str]] = {str: "str", int: "int", float: "float", bool: "bool", type(None): "null"}


def resolve(text: str, tag: str | None) -> Json:
    """The value of a scalar.

    Args:
        text: The scalar's content.
        tag: None for a plain scalar without a tag; ``!`` and `!!str` keep the text.

    Raises:
        ValueError: NaN, infinity, a number out of range, a tag that we do not know or that the text disagrees with.
    """
    if tag in ("!", f"{TAG}str"):
        return text
    value = _resolve_plain(text)
    if tag is None or tag == TAG + _TAGGED[type(value)]:
        return value
    if tag == f"{TAG}float" and type(value) is int:
        return float(value)
    known = tag.removeprefix(TAG) in _TAGGED.values()
    raise ValueError(f"{text[:40]!r} is not what its tag says" if known else unknown_tag(tag))


def unknown_tag(tag: str) -> str:
    """Why a tag is refused."""
    return f"the tag {tag.replace(TAG, '!!')} has no meaning in an OpenAPI document"


def is_merge(event: ScalarEvent) -> bool:
    """Whether a key is the merge key, not a quoted ``"<<"``."""
    return event.value == "<<" and (event.implicit[0] if event.tag is None else event.tag == f"{TAG}merge")


def _resolve_plain(text: str) -> Json:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is no number that JSON can say; quote it if it is meant as text")
    if len(text) <= MAX_DIGITS and _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0x", "0o") else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if len(text) > MAX_DIGITS or not isfinite(number):
            raise ValueError(f"the number {text[:40]} is out of range; quote it if it is meant as text")
        return number
    return text
