"""`application/x-www-form-urlencoded`: pairs (URL Standard, section 5), and the object that a schema makes of them.

Each member is written by its Encoding Object (OpenAPI 3.2): with `style`, as a query parameter is; else by content
type, which by default is JSON for objects and plain text for anything else, an array as one pair for each item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, final
from urllib.parse import quote, unquote

from understudy.specs.model import MISSING, Direction, Encoding, Location, MediaType
from understudy.specs.schemas.allowed_types import AllowedTypes, write_scalar
from understudy.specs.wire import percent
from understudy.specs.wire.escaping import find_escaping
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.style_pairs import Pairs, PairStyle

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["MAX_PAIRS", "FormCodec", "MalformedForm", "compile_form", "join_pairs", "split_pairs"]

MAX_PAIRS: Final = 10_000
"""The most pairs that a form or a query may have."""


class MalformedForm(MalformedContent):
    """A form cannot be read; the reason names the member where there is one."""


def split_pairs(text: str) -> list[tuple[str, str]]:
    """Names, decoded, and values as they came, of ``a=1&b=2``. Empty pairs are passed over; ``a`` alone is ``a=``.

    Raises:
        MalformedForm: A name that is not UTF-8; more than `MAX_PAIRS` pairs.
    """
    if text.count("&") >= MAX_PAIRS:
        raise MalformedForm(f"more than {MAX_PAIRS} pairs of name and value")
    pairs = []
    for piece in text.split("&"):
        if piece:
            name, _, value = piece.partition("=")
            try:
                pairs.append((percent.decode_form(name), value))
            except MalformedContent as error:
                raise MalformedForm(f"the name {name[:40]!r}: {error.reason}") from error
    return pairs


def join_pairs(pairs: Pairs) -> str:
    """``a=1&b=2`` of names and values that are encoded already."""
    return "&".join(f"{name}={value}" for name, value in pairs)


@final
class FormCodec:
    """Reads and writes the forms that one Media Type Object describes.

    Args:
        types: Those of the whole form.
        encoding: By member name.
    """

    def __init__(self, types: AllowedTypes, encoding: Mapping[str, Encoding]) -> None:
        self._types = types
        self._content_types = {name: entry.content_types for name, entry in encoding.items()}
        self._styled = {
            name: PairStyle(
                name,
                entry.style,
                entry.explode,
                types.member(name),
                find_escaping(Location.QUERY, entry.style, allow_reserved=entry.allow_reserved),
                types.member_names - {name},
            )
            for name, entry in encoding.items()
            if entry.style is not None
        }

    def parse(self, body: bytes) -> dict[str, Json]:
        """The object of a form. A name that comes more than once makes an array, also where the schema knows none.

        Raises:
            MalformedForm: Not UTF-8, too many pairs, or a member whose style is broken.
        """
        try:
            pairs = split_pairs(body.decode())
        except UnicodeDecodeError as error:
            raise MalformedForm(f"octet {error.start} is not UTF-8") from error
        members: dict[str, Json] = {}
        rest: dict[str, list[str]] = {}
        for name, style in self._styled.items():
            try:
                value = style.read(pairs)
            except MalformedContent as error:
                raise MalformedForm(f"the member {name!r}: {error.reason}") from error
            if value is not MISSING:
                members[name] = value
        for name, raw in pairs:
            if not any(style.claims(name) for style in self._styled.values()):
                rest.setdefault(name, []).append(_decode(name, raw))
        return members | {name: self.read_member(name, texts) for name, texts in rest.items()}

    def serialize(self, value: Json) -> bytes:
        """The form of an object.

        Raises:
            UncarriableValue: Not an object; an empty array in it; what a member's style cannot say.
        """
        if not isinstance(value, dict):
            raise UncarriableValue("a form is an object")
        written: list[tuple[str, str]] = []
        try:
            for name, member in value.items():
                if name in self._styled:
                    written += self._styled[name].write(member)
                else:
                    texts = self._write(name, member)
                    written += [(percent.encode_form(name), percent.encode_form(text)) for text in texts]
            return join_pairs(written).encode()
        except UnicodeEncodeError:
            raise UncarriableValue("half of a surrogate pair cannot be written as UTF-8") from None

    def write_parts(self, name: str, value: Json) -> list[tuple[str, str]] | None:
        """The names and texts of the parts of a member that has a style; None for one that has none.

        Raises:
            UncarriableValue: What the style cannot say.
        """
        style = self._styled.get(name)
        return None if style is None else [(unquote(key), unquote(text)) for key, text in style.write(value)]

    def claims(self, name: str) -> bool:
        """Whether a part of this name belongs to a member that has a style."""
        return any(style.claims(name) for style in self._styled.values())

    def read_parts(self, parts: Sequence[tuple[str, str]]) -> dict[str, Json]:
        """The members that have a style, of the names and texts of their parts.

        Raises:
            MalformedForm: One whose style is broken.
        """
        pairs = [(name, quote(text, safe=",")) for name, text in parts]
        members: dict[str, Json] = {}
        for name, style in self._styled.items():
            try:
                value = style.read(pairs)
            except MalformedContent as error:
                raise MalformedForm(f"the member {name!r}: {error.reason}") from error
            if value is not MISSING:
                members[name] = value
        return members

    def read_member(self, name: str, texts: list[str]) -> Json:
        """The value of the texts that were given under one name, at least one, decoded."""
        types = self._types.member(name)
        if types.has_array and (len(texts) > 1 or not types.fits_scalar(texts[0])):
            return [self._read_text(name, types.items, text) for text in texts]
        values = [self._read_text(name, types, text) for text in texts]
        return values[0] if len(values) == 1 else values

    def _read_text(self, name: str, types: AllowedTypes, text: str) -> Json:
        if self._is_json(name, types):
            try:
                return load_json(text.encode())
            except (MalformedJson, UnicodeEncodeError):
                return text
        return types.read(text)

    def _is_json(self, name: str, types: AllowedTypes) -> bool:
        named = self._content_types.get(name)
        return kind(named[0]) is Kind.JSON if named else types.has_object or types.has_array

    def _write(self, name: str, value: Json) -> list[str]:
        types = self._types.member(name)
        if isinstance(value, list) and (types.has_array or types.is_open):
            if not value:
                raise UncarriableValue(f"the member {name!r}: a form cannot say the empty array")
            return [self._write_text(name, item) for item in value]
        return [self._write_text(name, value)]

    def _write_text(self, name: str, value: Json) -> str:
        named = self._content_types.get(name)
        if isinstance(value, dict | list) or (named and kind(named[0]) is Kind.JSON):
            return dump_json(value).decode()
        return write_scalar(value)


def _decode(name: str, raw: str) -> str:
    try:
        return percent.decode_form(raw)
    except MalformedContent as error:
        raise MalformedForm(f"the member {name!r}: {error.reason}") from error


def compile_form(media_type: MediaType, direction: Direction) -> FormCodec:
    """The codec for a Media Type Object; its schema is looked at once, here."""
    schema = True if media_type.schema is None else media_type.schema.standalone(direction)
    return FormCodec(AllowedTypes(schema), media_type.encoding)
