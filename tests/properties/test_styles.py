"""The law of styles: what a style can say is read as it was written; what it cannot say is refused. Nothing between."""

from __future__ import annotations

import re
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, Location, Origin, Parameter, Style
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.allowed_types import write_scalar
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.styles import (
    Raw,
    compile_parameter,
    join_cookies,
    join_query,
    split_cookies,
    split_query,
)

PATH, QUERY, HEADER, COOKIE = Location.PATH, Location.QUERY, Location.HEADER, Location.COOKIE
STYLES = [
    *((PATH, style, explode) for style in (Style.MATRIX, Style.LABEL, Style.SIMPLE) for explode in (False, True)),
    *((HEADER, Style.SIMPLE, explode) for explode in (False, True)),
    *((QUERY, Style.FORM, explode) for explode in (False, True)),
    *((QUERY, style, explode) for style in (Style.SPACE_DELIMITED, Style.PIPE_DELIMITED) for explode in (False, True)),
    (QUERY, Style.DEEP_OBJECT, True),
    *((COOKIE, style, explode) for style in (Style.FORM, Style.COOKIE) for explode in (False, True)),
]

text = st.text(st.sampled_from(" ,;.=&+%|[]/?#\"'ab1é😀\t\n~-") | st.characters(codec="utf-8"), max_size=6)
SCALARS: dict[str, st.SearchStrategy[Json]] = {
    "string": text,
    "integer": st.integers(),
    "number": st.floats(allow_nan=False, allow_infinity=False) | st.integers(),
    "boolean": st.booleans(),
}
kinds = st.sampled_from(sorted(SCALARS))


@st.composite
def arrays(draw: st.DrawFn) -> tuple[Json, Json]:
    kind = draw(kinds)
    return {"type": "array", "items": {"type": kind}}, draw(st.lists(SCALARS[kind], max_size=4))


@st.composite
def objects(draw: st.DrawFn) -> tuple[Json, Json]:
    members = {name: draw(kinds) for name in draw(st.lists(text, max_size=4, unique=True))}
    other = draw(kinds)
    schema = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in members.items()},
        "additionalProperties": {"type": other},
    }
    names = draw(st.lists(st.sampled_from(sorted(members)) if members else text, max_size=4, unique=True))
    return schema, {name: draw(SCALARS[members.get(name, other)]) for name in names}


scalars = kinds.flatmap(lambda kind: st.tuples(st.just({"type": kind}), SCALARS[kind]))


class StandIn:
    def __init__(self, schema: Json) -> None:
        self.schema = schema

    def standalone(self, _: Direction) -> Json:
        return self.schema


def a_parameter(location: Location, style: Style, explode: bool, schema: Json, allow_reserved: bool) -> Parameter:
    return Parameter(
        "color",
        location,
        "",
        required=True,
        deprecated=False,
        schema=cast(Schema, StandIn(schema)),
        content=None,
        style=style,
        explode=explode,
        allow_reserved=allow_reserved,
        allow_empty_value=False,
        examples=(),
        origin=Origin("", JsonPointer("")),
    )


VISIBLE = re.compile(r"([!-~]([ -~\t]*[!-~])?)?")
COOKIE_TEXT = re.compile(r"([!-:<-~]([ -:<-~]*[!-:<-~])?)?")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def can_say(location: Location, style: Style, explode: bool, value: Json) -> bool:
    """What each style can say, told apart from the code."""
    names = list(value) if isinstance(value, dict) else []
    items = [*value.values()] if isinstance(value, dict) else value if isinstance(value, list) else [value]
    texts = [write_scalar(item) for item in items]
    divided = isinstance(value, dict | list)
    if divided and not value:
        return False

    def none_has(delimiter: str) -> bool:
        return not any(delimiter in part for part in (*names, *texts))

    match location, style:
        case Location.HEADER, _:
            plain = all(VISIBLE.fullmatch(part) for part in (*names, *texts))
            return plain and (not divided or none_has(",")) and not (explode and any("=" in name for name in names))
        case Location.COOKIE, Style.COOKIE if names and not explode:
            return all(COOKIE_TEXT.fullmatch(part) for part in (*names, *texts)) and none_has(",")
        case Location.COOKIE, Style.COOKIE:
            plain = all(COOKIE_TEXT.fullmatch(text) for text in texts) and all(map(TOKEN.fullmatch, names))
            return plain and (explode or not divided or none_has(","))
        case Location.COOKIE, _:
            return not explode or all(map(TOKEN.fullmatch, names))
        case Location.PATH, Style.LABEL if explode and divided:
            return none_has(".") and (bool(names) or texts not in ([""], ["", ""]))
        case Location.PATH, Style.LABEL:
            return bool(names) or texts not in ([""], ["."])
        case Location.PATH, Style.SIMPLE:
            return bool(names) or texts not in ([""], ["."], [".."])
        case _, Style.SPACE_DELIMITED if divided and not explode:
            return none_has(" ")
        case _, Style.PIPE_DELIMITED if divided and not explode:
            return none_has("|")
        case _, Style.DEEP_OBJECT:
            return all(name and "[" not in name and "]" not in name for name in names)
    return True


@pytest.mark.parametrize(("location", "style", "explode"), STYLES)
@given(case=st.one_of(scalars, arrays(), objects()), allow_reserved=st.booleans())
def test_what_is_written_is_read(
    location: Location, style: Style, explode: bool, case: tuple[Json, Json], allow_reserved: bool
) -> None:
    schema, value = case
    if allow_reserved and re.search("%[0-9a-fA-F]{2}", str(value)):
        return
    codec = compile_parameter(a_parameter(location, style, explode, schema, allow_reserved))
    if not can_say(location, style, explode, value):
        with pytest.raises(UncarriableValue):
            codec.serialize(value)
        return
    written = codec.serialize(value)
    raw: Raw = written
    if location is QUERY:
        assert isinstance(written, list)
        wire = join_query(written)
        assert re.fullmatch(r"[!-~]*", wire)
        assert not re.search(r'[#"<>\[\]]', wire)
        raw = split_query(f"x=1&{wire}")
        if explode and isinstance(value, dict) and style is not Style.DEEP_OBJECT:
            raw = split_query(wire)
    elif location is COOKIE:
        assert isinstance(written, list)
        raw = split_cookies(join_cookies(written))
    elif location is PATH:
        assert isinstance(written, str)
        assert re.fullmatch(r"[!-~]+", written)
        assert not re.search(r'[/?#"<>\[\]]', written)
    assert codec.parse(raw) == value
    assert repr(codec.parse(raw)) == repr(value)


NESTED: Json = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {
                "n": {"type": "integer"},
                "s": {"type": "string"},
                "list": {"type": "array", "items": {"type": "string"}},
                "nodes": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "node": {"$ref": "#/$defs/node"},
            },
        }
    },
    "$ref": "#/$defs/node",
}
nodes: st.SearchStrategy[Json] = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "n": st.integers(),
            "s": text,
            "list": st.lists(text, min_size=1, max_size=3),
            "nodes": st.lists(nodes, min_size=1, max_size=3),
            "node": nodes,
        },
    ).filter(bool)
)


@given(nodes)
def test_deep_objects_written_are_read(value: Json) -> None:
    codec = compile_parameter(a_parameter(QUERY, Style.DEEP_OBJECT, False, NESTED, False))
    written = codec.serialize(value)
    assert isinstance(written, list)
    assert codec.parse(split_query(join_query(written))) == value


wires = st.text(st.sampled_from('color=&;,.[]%20ffzz|+ {}"1R\\') | st.characters(max_codepoint=0x2FF), max_size=30)


@pytest.mark.parametrize(("location", "style", "explode"), STYLES)
@given(wire=wires.map(lambda tail: f"color{tail}") | wires, case=st.one_of(scalars, arrays(), objects()))
def test_any_text_is_read_or_refused(
    location: Location, style: Style, explode: bool, wire: str, case: tuple[Json, Json]
) -> None:
    codec = compile_parameter(a_parameter(location, style, explode, case[0], False))
    try:
        raw: Raw = split_query(wire) if location is QUERY else split_cookies(wire) if location is COOKIE else wire
        value = codec.parse(raw)
    except MalformedContent as refused:
        reason = refused.reason
    else:
        assert value == codec.parse(raw)
        return
    assert reason
