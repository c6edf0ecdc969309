"""Values at the borders of a schema: what is just allowed, and what just isn't.

On which side a value really lies isn't decided here: the request that it stands in is read by the document's letter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.model import Direction
from understudy.specs.schemas.object_schemas import branches, parts
from understudy.specs.schemas.schema import Schema

__all__ = ["Border", "allowed", "forbidden", "has_words"]

Border: TypeAlias = tuple[Json, str]
"""A value, and what it is in a few words."""

MAX_TEXT: Final = 20_000
MAX_ITEMS: Final = 200
MAX_WORDS: Final = 12
"""Of an `enum`, tried each."""

_TEXTS: Final = (
    "",
    "understudy",
    "Ä",
    "not-a-uuid-not-an-email",
    "2024-13-45",
    "2024-02-30T25:61:00Z",
    "http://[not a uri",
    "999.1.1.1",
    "{",
    " ",
    "\x00",
)


def allowed(schema: Schema | None, value: Json) -> Iterator[Border]:
    """Values that a schema should just allow.

    Args:
        value: One that it allows, which others are made of.
    """
    said = _keywords(schema)
    for keyword in ("minimum", "maximum"):
        if (bound := _number(said, keyword)) is not None:
            yield bound, f"its {keyword}"
    for keyword in ("minLength", "maxLength"):
        if isinstance(value, str) and (length := _length(said, keyword, MAX_TEXT)) is not None:
            yield _text_of(value, length), f"text of its {keyword}"
    if isinstance(value, list):
        yield [], "an empty array"
        if (length := _length(said, "maxItems", MAX_ITEMS)) is not None:
            yield _items(schema, value, length), "as many items as allowed"
    yield from ((word, "another of its values") for word in _words(said) if word != value)
    if value is not None:
        yield None, "null"
    if isinstance(value, bool):
        yield not value, "the other boolean"
    if isinstance(value, dict) and schema is not None:
        for name in value.keys() - schema.required():
            yield _without(value, name), "a member too few"


def forbidden(schema: Schema | None, value: Json) -> Iterator[Border]:
    """Values that a schema should just not allow; the arguments are those of `allowed`."""
    said = _keywords(schema)
    for keyword, step in (("minimum", -1), ("exclusiveMinimum", 0), ("maximum", 1), ("exclusiveMaximum", 0)):
        if (bound := _number(said, keyword)) is not None:
            yield bound + step, f"a number beyond its {keyword}"
    for keyword, step in (("minLength", -1), ("maxLength", 1)):
        if isinstance(value, str) and (length := _length(said, keyword, MAX_TEXT)) is not None and length + step >= 0:
            yield _text_of(value, length + step), f"text beyond its {keyword}"
    if isinstance(value, list) and (length := _length(said, "maxItems", MAX_ITEMS)) is not None:
        yield _items(schema, value, length + 1), "an item too many"
    yield None, "null"
    match value:
        case dict():
            yield {**value, "understudy-unheard-of": "x"}, "a member that isn't described"
            yield from ((_without(value, name), "a member too few") for name in value)
            yield [], "an array instead of an object"
            yield [value], "an array instead of an object"
        case list():
            yield {"0": value}, "an object instead of an array"
            yield [], "an empty array"
            if value:
                yield [*value, value[0]], "an item that is there twice"
                yield value[:1] * 101, "many items"
        case bool():
            yield str(value).lower(), "a word instead of a boolean"
        case int() | float():
            yield str(value), "text instead of a number"
            yield value + 0.5, "a fraction"
            for bound in (-1, 0, 10**4, -(10**9), 10**9, 10**15):
                yield bound, "a number out of bounds"
        case str():
            yield 7, "a number instead of text"
            yield [value], "an array instead of text"
            for text in _TEXTS:
                yield text, "text that isn't allowed"
            yield _text_of(value, 300), "long text"
            yield _text_of(value, MAX_TEXT), "very long text"


def has_words(schema: Schema | None) -> bool:
    """Whether a schema lists its values."""
    return bool(_words(_keywords(schema)))


def _text_of(value: str, length: int) -> str:
    """A text of so many characters, made of another."""
    return ((value or "x") * (length // len(value or "x") + 1))[:length]


def _keywords(schema: Schema | None) -> dict[str, Json]:
    """What is said of a place, in its `allOf` parts and in branches too; the first of a keyword counts."""
    said: dict[str, Json] = {}
    for part in parts(schema) if schema is not None else ():
        for each in (part, *branches(part, "anyOf"), *branches(part, "oneOf")):
            raw = each.target.raw
            said = {**raw, **said} if isinstance(raw, dict) else said
    return said


def _number(said: Mapping[str, Json], keyword: str) -> int | float | None:
    found = said.get(keyword)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _length(said: Mapping[str, Json], keyword: str, most: int) -> int | None:
    found = _number(said, keyword)
    return int(found) if found is not None and 0 <= found <= most else None


def _words(said: Mapping[str, Json]) -> list[Json]:
    words = said.get("enum")
    return words[:MAX_WORDS] if isinstance(words, list) else []


def _items(schema: Schema | None, value: list[Json], length: int) -> list[Json]:
    """So many items, each another where the schema of the items has enough of them."""
    items: list[Json] = value[:length]
    described = schema.find_items() if schema is not None else None
    try:
        for index in range(2 * length if described is not None else 0):
            made = described.generator(Direction.REQUEST).generate(f"item/{index}") if described is not None else None
            if len(items) < length and made not in items:
                items.append(made)
    except GenerationError:
        pass
    return items + (items[:1] or ["understudy"]) * (length - len(items))


def _without(value: Mapping[str, Json], name: str) -> dict[str, Json]:
    return {other: item for other, item in value.items() if other != name}
