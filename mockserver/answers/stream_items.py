"""What a stream says: its items, made up or from an example, and how each is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation import words
from understudy.specs.generation.chance import Chance
from understudy.specs.model import Direction, MediaType, Stream
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire import jsonl, sse
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json
from understudy.specs.wire.media_types import Kind

__all__ = ["Items", "as_event", "encode_item", "encode_sentinel", "split_text"]

_UNSAID: Final = Stream({}, None, None, None, None, None, None)
_DRAWS: Final = 8
"""So many draws are tried for an item that has room for its piece of the text."""
_PLAIN_ITEMS: Final = 3
_STRANGE: Final[tuple[Json, ...]] = ({"\u2060": []}, ["\u2060"], "\u2060")
"""Only a schema that says nothing allows all of these."""


@final
class Items:
    """Makes up the items of one sequential media type, by what its schemas and the vocabulary say."""

    def __init__(self, media_type: MediaType) -> None:
        self._stream = media_type.stream or _UNSAID
        self._any = media_type.item_schema
        self._whole = media_type.schema if media_type.item_schema is None else None

    def generate(
        self, key: str, text: str | None = None, known: Mapping[str, Json] = MappingProxyType({})
    ) -> list[Json]:
        """All items, in order: first, repeated ones that carry a text between them, last.

        Args:
            text: What they carry; None makes it up.
            known: Pointer → what lies there in every item that has such a member; of an event, in its `data`.
        """
        if self._whole is not None:
            return _generate_whole(self._whole, key)
        stream = self._stream
        drawn: list[tuple[Schema | None, Json]] = []
        if stream.first is not None:
            drawn.append((stream.first, self._framing(stream.first, key)))
        drawn += self._repeated(stream.repeated or self._any, key, text)
        if stream.last is not None:
            drawn.append((stream.last, self._framing(stream.last, key)))
        places = [(tokens(JsonPointer(at)), value) for at, value in known.items()]
        said = [(schema, _with_known(item, schema, places)) for schema, item in drawn]
        return [_numbered(item, index, schema) for index, (schema, item) in enumerate(said)]

    def _repeated(self, schema: Schema | None, key: str, text: str | None) -> Iterator[tuple[Schema | None, Json]]:
        if self._stream.text is None or schema is None:
            for index in range(_PLAIN_ITEMS):
                yield schema, _draw(schema, key, index)
            return
        path = tokens(self._stream.text)
        for piece in split_text(words.sentences(Chance(key)) if text is None else text):
            yield schema, _with_text(schema, key, piece, path)

    def _framing(self, schema: Schema, key: str) -> Json:
        """The first or the last item: where it could carry text, it carries none."""
        item = _draw(schema, key, 0, minimal=self._stream.text is not None)
        if self._stream.text is not None and _find(item, tokens(self._stream.text)) is not None:
            silent = _replace(item, tokens(self._stream.text), "")
            if schema.validator(Direction.RESPONSE).is_valid(silent):
                return silent
        return item


def _with_text(schema: Schema, key: str, piece: str, path: Sequence[str]) -> Json:
    """An item that carries a piece of the text; one without, where no draw has room for it."""
    validator = schema.validator(Direction.RESPONSE)
    item = None
    for attempt in range(_DRAWS):
        # The same draw for every piece: what else an item says (model, time, author) stays the same in a stream. The
        # plainest comes first: optional members such as `error` or `usage` mean something in the middle of a text.
        item = _draw(schema, key, attempt, minimal=attempt == 0)
        told = _replace(item, path, piece)
        if _find(told, path) == piece and validator.is_valid(told):
            return told
    return item


def _with_known(item: Json, schema: Schema | None, places: Sequence[tuple[Sequence[str], Json]]) -> Json:
    """An item with what is known of its members, as far as its schema allows."""
    prefix = ("data",) if _is_event(item) else ()
    for place, value in places:
        path = (*prefix, *place)
        if _find(item, path) is None and not _is_described(item, schema, path):
            continue
        told = _replace(item, path, value)
        if schema is None or schema.validator(Direction.RESPONSE).is_valid(told):
            item = told
    return item


def _is_described(item: Json, schema: Schema | None, path: Sequence[str]) -> bool:
    """Whether the schema says something of a member that an item could have, but hasn't."""
    if schema is None:
        return False
    validator = schema.validator(Direction.RESPONSE)
    return not all(validator.is_valid(_replace(item, path, each)) for each in _STRANGE)


def split_text(text: str) -> list[str]:
    """Words, each but the first with the space before it: joined without anything in between they are the text."""
    first, *rest = text.split(" ")
    return [first, *(f" {word}" for word in rest)]


def encode_item(kind: Kind, item: Json) -> bytes:
    """One item as it is sent.

    Raises:
        UnencodableEvent: It can't be an event.
        TypeError: It is no JSON value.
    """
    if kind is Kind.SSE:
        return sse.encode(sse.from_item(as_event(item)))
    return jsonl.encode_sequence_record(item) if kind is Kind.JSON_SEQ else jsonl.encode_line(item)


def as_event(item: Json) -> dict[str, Json]:
    """The event that an item is, or that carries it: `data` is text, as who reads the stream gets it."""
    if not _is_event(item):
        return {"data": _text(item)}
    return {**item, "data": _text(item["data"])} if "data" in item else item


def encode_sentinel(kind: Kind, text: str) -> bytes:
    """The closing event that is no item."""
    return sse.encode(sse.Event(data=text)) if kind is Kind.SSE else f"{text}\n".encode()


def _is_event(item: Json) -> bool:
    return isinstance(item, dict) and bool(item) and set(item) <= {"id", "event", "data", "retry"}


def _text(item: Json) -> str:
    return item if isinstance(item, str) else dump_json(item).decode()


def _generate_whole(schema: Schema, key: str) -> list[Json]:
    """Items where only the whole content has a schema: an array's items, else a few values of the schema."""
    value = _draw(schema, key, 0)
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, str) else [value, *(_draw(schema, key, index) for index in (1, 2))]


def _draw(schema: Schema | None, key: str, index: int, *, minimal: bool = False) -> Json:
    if schema is None:
        return {}
    return schema.generator(Direction.RESPONSE).generate(f"{key}/{index}", minimal=minimal)


def _find(value: Json, path: Sequence[str]) -> Json:
    """The value at a place; JSON text is entered. None where there is none."""
    if not path:
        return value
    if isinstance(value, str):
        value = _parse(value)
    if isinstance(value, dict):
        return _find(value.get(path[0]), path[1:])
    if isinstance(value, list) and path[0].isdigit() and int(path[0]) < len(value):
        return _find(value[int(path[0])], path[1:])
    return None


def _replace(value: Json, path: Sequence[str], new: Json) -> Json:
    """A copy with another value at a place, or the value itself where the way to it isn't there."""
    if not path:
        return new
    if isinstance(value, str):
        inner = _parse(value)
        return value if inner is None else dump_json(_replace(inner, path, new)).decode()
    if isinstance(value, dict) and (path[0] in value or len(path) == 1):
        return {**value, path[0]: _replace(value.get(path[0]), path[1:], new)}
    if isinstance(value, list) and path[0].isdigit() and int(path[0]) < len(value):
        index = int(path[0])
        return [*value[:index], _replace(value[index], path[1:], new), *value[index + 1 :]]
    return value


def _parse(text: str) -> Json:
    try:
        return load_json(text.encode())
    except (MalformedJson, UnicodeEncodeError):
        return None


def _numbered(item: Json, index: int, schema: Schema | None) -> Json:
    """An event whose id ends with its place in the stream, where its schema allows: no two may have one id."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or "data" not in item:
        return item
    numbered = {**item, "id": f"{item['id'].rstrip('0123456789')}{index}"}
    return numbered if schema is None or schema.validator(Direction.RESPONSE).is_valid(numbered) else item
