"""How a list is cut into pages, and what its answer says about them, by the names of parameters and members."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.behaviour.declarations import Page
from understudy.specs.behaviour.values import Scene, Value
from understudy.specs.documents.document import Json
from understudy.specs.member_names import singular, words_of
from understudy.specs.model import MISSING, Missing, Parameter
from understudy.specs.pointers import JsonPointer, child, tokens
from understudy.specs.schemas.relations import is_within, types_of
from understudy.specs.schemas.schema import Schema

__all__ = ["Paging", "count_members", "find_paging"]

_LIMITS: Final = frozenset({("limit",), ("per", "page"), ("page", "size"), ("page", "limit")})
_OFFSETS: Final = frozenset({("offset",), ("skip",), ("page", "offset")})
_NUMBERS: Final = frozenset({("page",), ("page", "number")})
_CURSORS: Final = frozenset({"cursor", "after", "before", "token", "continuation", "marker"})
_TOTALS: Final = frozenset(
    {("total",), *(("total", each) for each in ("count", "elements", "items", "records", "results"))}
)
_MORE: Final = frozenset({("has", "more"), ("has", "next"), ("has", "next", "page")})
_NEXT: Final = frozenset(
    {("next",), ("next", "cursor"), ("next", "page"), ("next", "page", "token"), ("next", "token"), ("next", "url")}
)
_HOLDERS: Final = frozenset({"meta", "metadata", "page", "pagination", "paging"})
_ENDLESS: Final = 1 << 62


@final
@dataclass(frozen=True, slots=True)
class Paging:
    """How a list is cut.

    Attributes:
        page: None when it is answered whole.
        parameters: Those of the query that are understood by it, by name, with what counts where they aren't sent.
        size: How many records a page has, at most; None when as many as there are.
        offset: How many records come before it.
        reasons: Each of the parameters with what it is, in words.
    """

    page: Page | None
    parameters: Mapping[str, tuple[Parameter, int | None]]
    size: Callable[[Scene], int | None]
    offset: Callable[[Scene], int]
    reasons: tuple[tuple[str, str], ...]


def find_paging(query: Sequence[Parameter], most: int | None) -> Paging:
    """The paging that a list's query parameters ask for; none where there is a cursor, or more than one way.

    Args:
        most: How many items an answer may have; None when any number.
    """
    limits, offsets, numbers = (_find(query, names) for names in (_LIMITS, _OFFSETS, _NUMBERS))
    has_cursor = any(_CURSORS & set(words_of(parameter.name)) for parameter in query)
    number = numbers[0] if len(numbers) == 1 and not offsets and len(limits) <= 1 else None
    first = _first_page(number) if number is not None else None
    is_one_way = len(limits) <= 1 and len(offsets) + len(numbers) <= 1 and (not numbers or first is not None)
    if has_cursor or not is_one_way or not (limits or offsets or numbers):
        page = Page(None, None, most) if most is not None else None
        return Paging(page, {}, lambda _: most, lambda _: 0, ())
    limit = limits[0] if limits else None
    default = _integer_default(limit) if limit is not None else None
    default = most if default is None else default

    def size(scene: Scene) -> int | None:
        sent = scene.request["query"].get(limit.name) if limit is not None else None
        asked = max(sent, 0) if isinstance(sent, int) else default
        return asked if asked is None or most is None else min(asked, most)

    def offset(scene: Scene) -> int:
        if number is None or first is None:
            sent = scene.request["query"].get(offsets[0].name) if offsets else 0
            return max(sent, 0) if isinstance(sent, int) else 0
        sent = scene.request["query"].get(number.name, first)
        before = max(sent - first, 0) if isinstance(sent, int) else 0
        each = size(scene)
        return before * each if each is not None else _ENDLESS if before else 0

    reasons = [(each.name, f"`{each.name}` is how many items a list has at most") for each in limits]
    reasons += [(each.name, f"`{each.name}` is how many items are passed over") for each in offsets]
    source: Json = f"$request.query.{offsets[0].name}" if offsets else 0
    if number is not None:
        reasons.append((number.name, f"`{number.name}` is the page, and {first} the first"))
        fixed = default or _ENDLESS
        asked = f"get(request.query, '{limit.name}', {fixed})" if limit is not None else fixed
        source = f"= (get(request.query, '{number.name}', {first}) - {first}) * {asked}"
    page = Page(
        Value(f"$request.query.{limit.name}", lambda scene: _or_missing(size(scene))) if limit is not None else None,
        Value(source, offset) if offsets or number is not None else None,
        default,
    )
    understood = {each.name: (each, default) for each in limits}
    understood |= {each.name: (each, 0) for each in offsets} | {each.name: (each, first) for each in numbers}
    return Paging(page, understood, size, offset, tuple(reasons))


def count_members(
    bodies: Iterable[Schema], items: JsonPointer, paging: Paging
) -> tuple[Mapping[str, Value], tuple[tuple[str, str], ...]]:
    """What the answer says about the list besides its items: pointer → value; and each member with what it is."""
    found: dict[str, Value] = {}
    reasons = []
    for pointer, name, schema in {each[0]: each for body in bodies for each in _members(body)}.values():
        known = _meaning(name, schema, items, paging)
        if known is not None:
            found[pointer], text = known
            reasons.append((name, f"`{name}` is {text}"))
    return found, tuple(reasons)


def _members(body: Schema) -> Iterator[tuple[JsonPointer, str, Schema]]:
    for name, member in body.members():
        yield child("", name), name, member
        if name in _HOLDERS and types_of(member) == {"object"}:
            for inner, schema in member.members():
                yield child("", name, inner), inner, schema


def _meaning(name: str, schema: Schema, items: JsonPointer, paging: Paging) -> tuple[Value, str] | None:
    words, types = words_of(name), types_of(schema)
    listed = words_of(tokens(items)[-1]) if items else ()
    totals = {*_TOTALS, (*listed, "count"), (*map(singular, listed), "count")} if listed else _TOTALS
    if _is_counter(schema) and (words in totals or (paging.page is None and words == ("count",))):
        return Value("= total", lambda scene: scene.names["total"]), "how many there are before the list is cut"
    if types == {"boolean"} and words in _MORE:
        return Value("whether there are more", lambda scene: _left(paging, scene) > 0), "whether there are more"
    if "null" in types and words in _NEXT:
        value = Value("null on the last page", lambda scene: None if _left(paging, scene) <= 0 else MISSING)
        return value, "null on the last page"
    for parameter, default in paging.parameters.values():
        if words_of(parameter.name) == words and parameter.schema is not None and is_within(parameter.schema, schema):
            return _echo(parameter.name, default), f"the `{parameter.name}` that was asked for"
    return None


def _echo(name: str, default: int | None) -> Value:
    return Value(
        f"= get(request.query, '{name}', {json.dumps(default)})",
        lambda scene: scene.request["query"].get(name, _or_missing(default)),
    )


def _or_missing(number: int | None) -> int | Missing:
    return MISSING if number is None else number


def _left(paging: Paging, scene: Scene) -> int:
    """How many records come after the page."""
    total, shown = scene.names["total"], len(scene.names["records"])
    return total - paging.offset(scene) - shown if isinstance(total, int) else 0


def _is_counter(schema: Schema) -> bool:
    """Whether a member may be any whole number from 0 on."""
    said = schema.target.node.value
    least = said.get("minimum", 0) if isinstance(said, dict) else 1
    closed = isinstance(said, dict) and said.keys() & {"enum", "const", "maximum", "exclusiveMinimum", "multipleOf"}
    return types_of(schema) - {"null"} in ({"integer"}, {"integer", "number"}) and least <= 0 and not closed


def _find(query: Sequence[Parameter], names: frozenset[tuple[str, ...]]) -> list[Parameter]:
    return [
        each
        for each in query
        if words_of(each.name) in names and each.schema is not None and types_of(each.schema) - {"null"} == {"integer"}
    ]


def _first_page(number: Parameter) -> int | None:
    """The number of the first page; None when nothing tells."""
    assert number.schema is not None
    node = number.schema.target.node
    told = [value for key in ("minimum", "default") if isinstance(value := node.get(key), int)]
    return told[0] if told and set(told) <= {0, 1} and len(set(told)) == 1 else None


def _integer_default(parameter: Parameter) -> int | None:
    value = parameter.schema.target.node.get("default") if parameter.schema is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
