"""Styles that make one text of a value: `matrix`, `label` and `simple`, in paths and headers.

    style    explode  "blue"        ["blue", "black"]           {"R": 100, "G": 200}
    matrix   false    ;color=blue   ;color=blue,black           ;color=R,100,G,200
    matrix   true     ;color=blue   ;color=blue;color=black     ;R=100;G=200
    label    false    .blue         .blue,black                 .R,100,G,200
    label    true     .blue         .blue.black                 .R=100.G=200
    simple   false    blue          blue,black                  R,100,G,200
    simple   true     blue          blue,black                  R=100,G=200

No style says the empty array, the empty object, or an array or object inside another. `label` with explode cannot say
text with a full stop, since that is never percent-encoded. A header cannot say commas in items, for want of escaping.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from understudy.specs.model import Style
from understudy.specs.schemas.allowed_types import AllowedTypes, write_scalar
from understudy.specs.wire.escaping import Escaping
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = [
    "TextStyle",
    "read_alternating",
    "read_members",
    "read_pieces",
    "read_repeated",
    "write_items",
    "write_members",
]


@final
@dataclass(frozen=True, slots=True)
class TextStyle:
    """One of the rows above, for one parameter."""

    name: str
    style: Style
    explode: bool
    types: AllowedTypes
    escaping: Escaping

    def read(self, raw: str) -> Json:
        """The value of a text.

        Raises:
            MalformedContent: It doesn't have the style's form, or its percent-encoding is broken.
        """
        if self.style is Style.MATRIX:
            return self._read_matrix(raw)
        if self.style is Style.LABEL:
            if not raw.startswith("."):
                raise MalformedContent(f"{raw[:40]!r} does not begin with the full stop of style label")
            return read_pieces(self.types, self.escaping, raw[1:], "." if self.explode else ",", explode=self.explode)
        return read_pieces(self.types, self.escaping, raw, ",", explode=self.explode)

    def write(self, value: Json) -> str:
        """The text of a value.

        Raises:
            UncarriableValue: The style has no way to say it.
        """
        prefix = {Style.MATRIX: ";", Style.LABEL: "."}.get(self.style, "")
        separator = prefix or "," if self.explode else ","
        delimiters = separator + (";" if self.style is Style.MATRIX else "")
        if isinstance(value, dict) and self.explode:
            members = write_members(value, self.escaping, delimiters + "=")
            return prefix + separator.join(f"{key}={text}" for key, text in members)
        if isinstance(value, dict):
            members = write_members(value, self.escaping, delimiters)
            return prefix + self._named(separator.join(f"{key},{text}" for key, text in members))
        if isinstance(value, list):
            items = write_items(value, self.escaping, delimiters)
            if self.explode:
                return prefix + separator.join(map(self._named, items))
            return prefix + self._named(separator.join(items))
        text = self.escaping.encode("" if value is None else write_scalar(value), delimiters[1:])
        return prefix + (self._named(text) if text else self._named("").removesuffix("="))

    def _named(self, text: str) -> str:
        return f"{self.escaping.encode(self.name)}={text}" if self.style is Style.MATRIX else text

    def _read_matrix(self, raw: str) -> Json:
        if not raw.startswith(";"):
            raise MalformedContent(f"{raw[:40]!r} does not begin with the semicolon of style matrix")
        split = [piece.partition("=") for piece in raw[1:].split(";")]
        pairs = [(self.escaping.decode(key), text) for key, _, text in split]
        own = [text for key, text in pairs if key == self.name]
        if self.explode and self.types.has_object:
            others = len(own) < len(pairs)
            if others or self.name in self.types.member_names or not (self.types.has_array or self.types.has_scalar):
                return read_members(self.types, [(key, self.escaping.decode(text)) for key, text in pairs])
        if len(own) < len(pairs):
            raise MalformedContent(f"{raw[:40]!r} has other names in it than {self.name!r}")
        if self.explode:
            return read_repeated(self.types, [self.escaping.decode(text) for text in own])
        if len(own) > 1:
            raise MalformedContent(f"given {len(own)} times, but once is expected")
        return read_pieces(self.types, self.escaping, own[0], ",", explode=False)


def read_repeated(types: AllowedTypes, texts: Sequence[str]) -> Json:
    """The value of texts that were each given by itself: an array where one is allowed, unless there is one text and a
    scalar can be read of it."""
    if types.has_array and (len(texts) > 1 or not types.fits_scalar(texts[0])):
        return [types.items.read(text) for text in texts]
    if len(texts) > 1 and not types.is_open:
        raise MalformedContent(f"given {len(texts)} times, but once is expected")
    return types.read(texts[0]) if len(texts) == 1 else list(texts)


def read_pieces(types: AllowedTypes, escaping: Escaping, raw: str, separator: str, *, explode: bool) -> Json:
    """The value of a text whose parts stand between separators that are not encoded.

    Where a schema allows both, a text without separator is a scalar if it can be read as one, else an array; exploded
    parts that all have ``=`` are an object.
    """
    if not (types.has_array or types.has_object):
        return types.read(escaping.decode(raw))
    pieces = raw.split(separator)
    if len(pieces) == 1 and types.has_scalar and not (explode and types.has_object and "=" in raw):
        text = escaping.decode(raw)
        if types.fits_scalar(text):
            return types.read(text)
    pairs = [piece.partition("=") for piece in pieces]
    if explode and types.has_object and (not types.has_array or all(equals for _, equals, _ in pairs)):
        return read_members(types, [(escaping.decode(key), escaping.decode(text)) for key, _, text in pairs])
    texts = [escaping.decode(piece) for piece in pieces]
    if types.has_array:
        return [types.items.read(text) for text in texts]
    return read_alternating(types, texts)


def read_alternating(types: AllowedTypes, texts: Sequence[str]) -> Json:
    """The object of names and values in turn."""
    if len(texts) % 2:
        raise MalformedContent("an object is written as names and values in turn, but their number is odd")
    return read_members(types, zip(texts[::2], texts[1::2], strict=True))


def read_members(types: AllowedTypes, pairs: Iterable[tuple[str, str]]) -> Json:
    """The object of names and texts."""
    members: dict[str, Json] = {}
    for name, text in pairs:
        if name in members:
            raise MalformedContent(f"the member {name!r} is given more than once")
        members[name] = types.member(name).read(text)
    return members


def write_items(items: list[Json], escaping: Escaping, separators: str) -> list[str]:
    """Each item as it is written.

    Raises:
        UncarriableValue: No items; an item that is no scalar, or that has a separator in it.
    """
    if not items:
        raise UncarriableValue("no style can say the empty array")
    return [_write(item, escaping, separators) for item in items]


def write_members(members: dict[str, Json], escaping: Escaping, separators: str) -> list[tuple[str, str]]:
    """Each name and member as they are written; a name may have none of the ``separators``, a member may have ``=``.

    Raises:
        UncarriableValue: No members; a member that is no scalar; a separator in a name or member.
    """
    if not members:
        raise UncarriableValue("no style can say the empty object")
    between = separators.replace("=", "")
    return [(escaping.encode(key, separators), _write(member, escaping, between)) for key, member in members.items()]


def _write(value: Json, escaping: Escaping, separators: str) -> str:
    if isinstance(value, list | dict):
        raise UncarriableValue("no array or object can stand inside another in this style")
    return escaping.encode(write_scalar(value), separators)
