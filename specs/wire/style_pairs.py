"""Styles that make pairs of name and value: `form`, `spaceDelimited`, `pipeDelimited`, `deepObject` and `cookie`,
in queries, cookies and forms.

    style            explode  "blue"       ["blue", "black"]          {"R": 100, "G": 200}
    form             false    color=blue   color=blue,black           color=R,100,G,200
    form, cookie     true     color=blue   color=blue&color=black     R=100&G=200
    spaceDelimited   false                 color=blue%20black         color=R%20100%20G%20200
    pipeDelimited    false                 color=blue%7Cblack         color=R%7C100%7CG%7C200
    deepObject                                                        color[R]=100&color[G]=200

What the specification leaves open is read too: `spaceDelimited` and `pipeDelimited` with explode, and scalars in
any style, as `form` is; a literal ``|`` as well as ``%7C``; members of an exploded object that are arrays, as repeated
names; what `deep_objects` tells.

An exploded object takes the names under `properties`; other names only where `additionalProperties` asks for them, and
never those of another parameter. No style says the empty array or object; `spaceDelimited` no space in an item,
`pipeDelimited` no ``|``; `cookie` none of what would end a cookie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias, final

from understudy.specs.model import MISSING, Missing, Style
from understudy.specs.schemas.allowed_types import AllowedTypes, write_scalar
from understudy.specs.wire.deep_objects import read_deep, write_deep
from understudy.specs.wire.escaping import Escaping
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.style_texts import read_alternating, read_pieces, read_repeated, write_items, write_members

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["PairStyle", "Pairs"]

Pairs: TypeAlias = Sequence[tuple[str, str]]
"""Names and values in order. To be read: the name decoded, the value as it came. Written: both encoded."""

_DELIMITERS: Final = {Style.SPACE_DELIMITED: " ", Style.PIPE_DELIMITED: "|"}


@final
@dataclass(frozen=True, slots=True)
class PairStyle:
    """One of the rows above, for one parameter.

    Attributes:
        others: Names of the other parameters in the same place.
    """

    name: str
    style: Style
    explode: bool
    types: AllowedTypes
    escaping: Escaping
    others: frozenset[str]

    def read(self, pairs: Pairs) -> Json | Missing:
        """The value of the pairs that are this parameter's; MISSING when none is.

        Raises:
            MalformedContent: They don't have the style's form, or percent-encoding is broken.
        """
        if self.style is Style.DEEP_OBJECT:
            return self._read_deep(pairs)
        own = [value for name, value in pairs if name == self.name]
        if self.explode:
            return self._read_exploded(pairs, own)
        if not own:
            return MISSING
        if len(own) > 1:
            raise MalformedContent(f"given {len(own)} times, but once is expected (explode: false)")
        return self._read_delimited(own[0])

    def write(self, value: Json) -> list[tuple[str, str]]:
        """The pairs of a value.

        Raises:
            UncarriableValue: The style has no way to say it.
        """
        encode = self.escaping.encode
        if self.style is Style.DEEP_OBJECT and isinstance(value, dict | list):
            return [(self.escaping.encode_name(name), encode(text)) for name, text in write_deep(self.name, value)]
        if isinstance(value, dict) and self.explode:
            return self._write_members(value)
        name = self.escaping.encode_name(self.name)
        if not isinstance(value, dict | list):
            return [(name, encode("" if value is None else write_scalar(value)))]
        if isinstance(value, list) and self.explode:
            return [(name, text) for text in write_items(value, self.escaping, "")]
        return [(name, self._write_delimited(value))]

    def claims(self, name: str) -> bool:
        """Whether a pair of this name is this parameter's."""
        if self.style is Style.DEEP_OBJECT:
            return name == self.name or name.startswith(f"{self.name}[")
        return name == self.name or (self.explode and self.types.has_object and self._is_member(name))

    def _read_deep(self, pairs: Pairs) -> Json | Missing:
        start = len(self.name)
        own = [(name[start:], self.escaping.decode(value)) for name, value in pairs if self.claims(name)]
        return read_deep(self.types, own) if own else MISSING

    def _read_exploded(self, pairs: Pairs, own: list[str]) -> Json | Missing:
        if self.types.has_object:
            members: dict[str, list[str]] = {}
            for name, value in pairs:
                if self._is_member(name):
                    members.setdefault(name, []).append(self.escaping.decode(value))
            if members:
                return {name: read_repeated(self.types.member(name), texts) for name, texts in members.items()}
        if not own:
            return MISSING
        return read_repeated(self.types, [self.escaping.decode(value) for value in own])

    def _is_member(self, name: str) -> bool:
        if name in self.types.member_names:
            return True
        return self.types.has_other_members and name not in self.others and name.split("[", 1)[0] not in self.others

    def _read_delimited(self, raw: str) -> Json:
        delimiter = _DELIMITERS.get(self.style)
        if delimiter is None or delimiter in raw:
            return read_pieces(self.types, self.escaping, raw, delimiter or ",", explode=False)
        text = self.escaping.decode(raw)
        pieces = text.split(delimiter)
        if (len(pieces) == 1 and self.types.fits_scalar(text)) or not (self.types.has_array or self.types.has_object):
            return self.types.read(text)
        if self.types.has_array:
            return [self.types.items.read(piece) for piece in pieces]
        return read_alternating(self.types, pieces)

    def _write_delimited(self, value: Json) -> str:
        delimiter = _DELIMITERS.get(self.style)
        if isinstance(value, list):
            pieces = write_items(value, self.escaping, "," if delimiter is None else "")
        else:
            members = write_members(value, self.escaping, "," if delimiter is None else "")
            pieces = [text for member in members for text in member]
        if delimiter is None:
            return ",".join(pieces)
        encoded = self.escaping.encode(delimiter)
        for piece in pieces:
            if delimiter in piece or encoded in piece:
                raise UncarriableValue(f"{piece!r} has the delimiter {delimiter!r} in it, which cannot be escaped")
        return encoded.join(pieces)

    def _write_members(self, value: dict[str, Json]) -> list[tuple[str, str]]:
        written = []
        for name, member in value.items():
            if not self._is_member(name):
                raise UncarriableValue(f"the member {name!r} would not be taken for one of this object")
            if isinstance(member, dict):
                raise UncarriableValue("no object can stand inside an exploded object")
            items = member if isinstance(member, list) else [member]
            written += [(self.escaping.encode_name(name), text) for text in write_items(items, self.escaping, "")]
        if not written:
            raise UncarriableValue("no style can say the empty object")
        return written
