"""Every style, both ways: the specification's own examples, what is read beyond it, what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.model import (
    MISSING,
    Direction,
    Header,
    Location,
    MediaType,
    MediaTypeName,
    Origin,
    Parameter,
    Style,
)
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.allowed_types import write_scalar
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.styles import (
    MalformedParameter,
    ParameterCodec,
    Raw,
    compile_header,
    compile_parameter,
    compile_parameters,
    join_cookies,
    join_query,
    parse_parameter,
    serialize_parameter,
    split_cookies,
    split_query,
)

ORIGIN = Origin("", JsonPointer(""))
STRING: Json = {"type": "string"}
INTEGER: Json = {"type": "integer"}
STRINGS: Json = {"type": "array", "items": STRING}
INTEGERS: Json = {"type": "array", "items": INTEGER}
RGB: Json = {"type": "object", "properties": {"R": INTEGER, "G": INTEGER, "B": INTEGER}}
PATH, QUERY, HEADER, COOKIE = Location.PATH, Location.QUERY, Location.HEADER, Location.COOKIE


class StandIn:
    """A schema that is its own self-contained form."""

    def __init__(self, schema: Json) -> None:
        self.schema = schema

    def standalone(self, _: Direction) -> Json:
        return self.schema


def a_schema(schema: Json) -> Schema:
    return cast(Schema, StandIn(schema))


def a_parameter(
    location: Location,
    style: Style,
    schema: Json = None,
    *,
    explode: bool = False,
    name: str = "color",
    content: str = "",
    allow_reserved: bool = False,
    allow_empty_value: bool = False,
    required: bool = False,
) -> Parameter:
    media_type = MediaType(
        MediaTypeName(content), None if schema is None else a_schema(schema), None, (), {}, (), None, None, ORIGIN
    )
    return Parameter(
        name,
        location,
        "",
        required,
        deprecated=False,
        schema=None if schema is None or content else a_schema(schema),
        content=media_type if content else None,
        style=style,
        explode=explode,
        allow_reserved=allow_reserved,
        allow_empty_value=allow_empty_value,
        examples=(),
        origin=ORIGIN,
    )


def read(codec: ParameterCodec, wire: str) -> Json:
    """What a codec makes of the text on the wire: a path segment, a header, a query or a Cookie field."""
    raw: Raw = wire
    if codec.location is QUERY:
        raw = split_query(wire)
    elif codec.location is COOKIE:
        raw = split_cookies(wire)
    return codec.parse(raw)


def written(codec: ParameterCodec, value: Json) -> str:
    result = codec.serialize(value)
    if isinstance(result, str):
        return result
    return join_query(result) if codec.location is QUERY else join_cookies(result)


@pytest.mark.parametrize(
    ("location", "style", "explode", "text", "array", "members"),
    [
        (PATH, Style.MATRIX, False, ";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"),
        (PATH, Style.MATRIX, True, ";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"),
        (PATH, Style.LABEL, False, ".blue", ".blue,black,brown", ".R,100,G,200,B,150"),
        (PATH, Style.LABEL, True, ".blue", ".blue.black.brown", ".R=100.G=200.B=150"),
        (PATH, Style.SIMPLE, False, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (PATH, Style.SIMPLE, True, "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (HEADER, Style.SIMPLE, False, "blue", "blue,black,brown", "R,100,G,200,B,150"),
        (HEADER, Style.SIMPLE, True, "blue", "blue,black,brown", "R=100,G=200,B=150"),
        (QUERY, Style.FORM, False, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
        (QUERY, Style.FORM, True, "color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"),
        (QUERY, Style.SPACE_DELIMITED, False, None, "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"),
        (QUERY, Style.PIPE_DELIMITED, False, None, "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"),
        (QUERY, Style.DEEP_OBJECT, True, None, None, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"),
        (COOKIE, Style.COOKIE, True, "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
        (COOKIE, Style.FORM, True, "color=blue", "color=blue; color=black; color=brown", "R=100; G=200; B=150"),
        (COOKIE, Style.FORM, False, "color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"),
    ],
)  # fmt: skip
def test_style_examples_of_the_specification(
    location: Location, style: Style, explode: bool, text: str | None, array: str | None, members: str | None
) -> None:
    """OpenAPI 3.2, Style Examples; the rows for cookies and headers follow from Appendix D."""
    for schema, value, wire in (
        (STRING, "blue", text),
        (STRINGS, ["blue", "black", "brown"], array),
        (RGB, {"R": 100, "G": 200, "B": 150}, members),
    ):
        if wire is not None:
            codec = compile_parameter(a_parameter(location, style, schema, explode=explode))
            assert written(codec, value) == wire
            assert read(codec, wire) == value


@pytest.mark.parametrize(
    ("location", "style", "wire"),
    [
        (PATH, Style.MATRIX, ";color"),
        (HEADER, Style.SIMPLE, ""),
        (QUERY, Style.FORM, "color="),
        (COOKIE, Style.COOKIE, "color="),
    ],
)
@pytest.mark.parametrize("explode", [True, False])
def test_null_and_empty(location: Location, style: Style, explode: bool, wire: str) -> None:
    parameter = a_parameter(location, style, {"type": ["integer", "null"]}, explode=explode)
    assert written(compile_parameter(parameter), None) == wire
    assert read(compile_parameter(parameter), wire) is None
    parameter = a_parameter(location, style, STRING, explode=explode)
    assert written(compile_parameter(parameter), "") == wire
    assert read(compile_parameter(parameter), wire) == ""


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "wire", "value"),
    [
        # Escapes are undone after the delimiters have been seen.
        (PATH, Style.SIMPLE, False, STRINGS, "a%2Cb,c%20+d,%C3%A9", ["a,b", "c +d", "é"]),
        (PATH, Style.SIMPLE, False, STRING, "a,b%2F%3F", "a,b/?"),
        (PATH, Style.LABEL, True, INTEGERS, ".1.2", [1, 2]),
        (PATH, Style.LABEL, False, {"type": "number"}, ".1.5", 1.5),
        (PATH, Style.MATRIX, True, INTEGERS, ";color=1", [1]),
        (PATH, Style.MATRIX, True, {"type": "object", "properties": {"color": INTEGER}}, ";color=1", {"color": 1}),
        (PATH, Style.MATRIX, True, RGB, ";R=1;x=2", {"R": 1, "x": "2"}),
        (QUERY, Style.FORM, False, STRINGS, "color=a%2Cb,c+d&x=1", ["a,b", "c d"]),
        (QUERY, Style.FORM, True, STRINGS, "color=a,b&x=1&color=%2B", ["a,b", "+"]),
        (QUERY, Style.FORM, True, STRINGS, "color", [""]),
        (QUERY, Style.FORM, True, STRINGS, "col%6Fr=a", ["a"]),
        (QUERY, Style.FORM, True, STRING, "x=1&&color=a=b&", "a=b"),
        (QUERY, Style.FORM, True, {}, "color=1&color=b", ["1", "b"]),
        (QUERY, Style.FORM, True, {}, "color=1", "1"),
        (QUERY, Style.PIPE_DELIMITED, False, STRINGS, "color=a|b%7Cc", ["a", "b|c"]),
        (QUERY, Style.PIPE_DELIMITED, False, STRINGS, "color=a%7cb,c", ["a", "b,c"]),
        (QUERY, Style.PIPE_DELIMITED, False, INTEGERS, "color=1", [1]),
        (QUERY, Style.PIPE_DELIMITED, True, INTEGERS, "color=1&color=2", [1, 2]),
        (QUERY, Style.PIPE_DELIMITED, False, INTEGER, "color=1", 1),
        (QUERY, Style.SPACE_DELIMITED, False, INTEGERS, "color=1+2%203", [1, 2, 3]),
        (QUERY, Style.SPACE_DELIMITED, True, INTEGERS, "color=1&color=2", [1, 2]),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[R]=1&color%5BG%5D=2&other[R]=3", {"R": 1, "G": 2}),
        (QUERY, Style.DEEP_OBJECT, False, RGB, "color[R]=1", {"R": 1}),
        (QUERY, Style.DEEP_OBJECT, True, STRING, "color=x", "x"),
        (HEADER, Style.SIMPLE, False, STRINGS, " a , b%20c,,d ", ["a", "b%20c", "", "d"]),
        (HEADER, Style.SIMPLE, False, STRING, " a, b ", "a, b"),
        (COOKIE, Style.COOKIE, True, STRING, "x=1; color=a%20b ; y=2", "a%20b"),
        (COOKIE, Style.COOKIE, True, STRING, 'color="a"', '"a"'),
        (COOKIE, Style.FORM, True, STRING, "color=a%20b+c", "a b+c"),
        (COOKIE, Style.FORM, True, RGB, "session=9; R=1;G=2; junk", {"R": 1, "G": 2}),
    ],
)
def test_reading(location: Location, style: Style, explode: bool, schema: Json, wire: str, value: Json) -> None:
    assert read(compile_parameter(a_parameter(location, style, schema, explode=explode)), wire) == value


@pytest.mark.parametrize(
    ("style", "explode", "schema"),
    [
        (Style.FORM, True, STRING),
        (Style.FORM, False, STRINGS),
        (Style.FORM, True, RGB),
        (Style.SPACE_DELIMITED, False, STRINGS),
        (Style.DEEP_OBJECT, True, RGB),
    ],
)
@pytest.mark.parametrize("location", [QUERY, COOKIE])
def test_missing(location: Location, style: Style, explode: bool, schema: Json) -> None:
    codec = compile_parameter(a_parameter(location, style, schema, explode=explode))
    assert codec.parse(None) is MISSING
    assert codec.parse([]) is MISSING
    assert codec.parse([("colors", "x"), ("Color", "x"), ("colo", "x")]) is MISSING
    assert compile_parameter(a_parameter(HEADER, Style.SIMPLE, schema)).parse(None) is MISSING


def test_exploded_objects_take_only_what_is_theirs() -> None:
    free: Json = {"type": "object", "properties": {"R": INTEGER}, "additionalProperties": INTEGER}
    filters = a_parameter(QUERY, Style.FORM, free, explode=True)
    page = a_parameter(QUERY, Style.FORM, INTEGER, name="page")
    sort = a_parameter(QUERY, Style.DEEP_OBJECT, RGB, name="sort")
    limit = a_parameter(HEADER, Style.SIMPLE, INTEGER, name="limit")
    query = split_query("page=2&R=1&limit=5&sort[R]=3&page[x]=1")
    codecs = compile_parameters([filters, page, sort, limit])
    assert [codec.parse(query) for codec in codecs[:3]] == [{"R": 1, "limit": 5}, 2, {"R": 3}]
    with pytest.raises(UncarriableValue, match="'page' would not be taken"):
        codecs[0].serialize({"R": 1, "page": 3})
    closed = compile_parameter(a_parameter(QUERY, Style.FORM, RGB, explode=True))
    assert closed.parse(query) == {"R": 1}
    assert closed.parse(split_query("page=2")) is MISSING
    with pytest.raises(UncarriableValue, match="'page' would not be taken"):
        closed.serialize({"page": 1})


def test_members_of_an_exploded_object_may_be_arrays() -> None:
    schema: Json = {"type": "object", "properties": {"tags": STRINGS, "n": INTEGER}}
    codec = compile_parameter(a_parameter(QUERY, Style.FORM, schema, explode=True))
    for value, wire in (({"tags": ["a", "b"], "n": 1}, "tags=a&tags=b&n=1"), ({"tags": ["a"]}, "tags=a")):
        assert written(codec, value) == wire
        assert read(codec, wire) == value


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        (INTEGER, "5", 5),
        (INTEGER, "-0", 0),
        (INTEGER, "1.0", 1),
        (INTEGER, "1e3", 1000),
        (INTEGER, "1.5", "1.5"),
        (INTEGER, "05", "05"),
        (INTEGER, "%2B5", "+5"),
        (INTEGER, "+5", " 5"),
        (INTEGER, "0x10", "0x10"),
        (INTEGER, "1_000", "1_000"),
        (INTEGER, "٣", "٣"),
        (INTEGER, "9" * 30, 10**30 - 1),
        (INTEGER, "9" * 5000, "9" * 5000),
        (INTEGER, "1e999999999", "1e999999999"),
        (INTEGER, "", ""),
        (INTEGER, "null", "null"),
        ({"type": "number"}, "1.5", 1.5),
        ({"type": "number"}, "5", 5),
        ({"type": "number"}, "NaN", "NaN"),
        ({"type": "boolean"}, "true", True),
        ({"type": "boolean"}, "false", False),
        ({"type": "boolean"}, "True", "True"),
        ({"type": "boolean"}, "1", "1"),
        ({"type": ["integer", "null"]}, "null", None),
        ({"type": ["string", "null"]}, "null", "null"),
        ({"type": ["string", "null"]}, "", ""),
        ({"type": ["string", "integer"]}, "5", 5),
        ({"type": ["string", "integer"]}, "x", "x"),
        (STRING, "5", "5"),
        ({}, "5", "5"),
        (True, "true", "true"),
        (False, "5", "5"),
        ({"minLength": 1}, "5", "5"),
        ({"enum": [1, 2]}, "2", 2),
        ({"enum": ["1", "2"]}, "2", "2"),
        ({"const": True}, "true", True),
        ({"enum": [1, None]}, "null", None),
        ({"anyOf": [INTEGER, {"type": "boolean"}]}, "true", True),
        ({"oneOf": [{"$ref": "#/$defs/n"}, {"type": "boolean"}], "$defs": {"n": INTEGER}}, "7", 7),
        ({"allOf": [{"type": ["integer", "string"]}, {"type": ["string", "boolean"]}]}, "7", "7"),
        ({"allOf": [{"description": "x"}, {"$ref": "#/$defs/a~1b"}], "$defs": {"a/b": {"type": "integer"}}}, "7", 7),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, "7", "7"),
        ({"$ref": "#/$defs/gone"}, "7", "7"),
        ({"anyOf": [False, INTEGER]}, "7", 7),
        ({"allOf": [True, INTEGER]}, "7", 7),
        ({"anyOf": [{"$ref": "#/$defs/gone"}, INTEGER]}, "7", "7"),
        ({"type": "integer", "allOf": None, "anyOf": "x", "enum": 5}, "7", "7"),
    ],
)
def test_text_becomes_what_the_schema_allows(schema: Json, text: str, value: Json) -> None:
    found = parse_parameter(a_parameter(QUERY, Style.FORM, schema, explode=True), [("color", text)])
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("schema", "explode", "wire", "value"),
    [
        ({"anyOf": [INTEGER, INTEGERS]}, False, "color=1", 1),
        ({"anyOf": [INTEGER, INTEGERS]}, False, "color=1,2", [1, 2]),
        ({"anyOf": [INTEGER, INTEGERS]}, True, "color=1&color=2", [1, 2]),
        ({"anyOf": [INTEGER, STRINGS]}, True, "color=x", ["x"]),
        ({"anyOf": [STRING, STRINGS]}, True, "color=x", "x"),
        ({"anyOf": [STRING, STRINGS]}, True, "color=x,y", "x,y"),
        ({"type": ["array", "null"], "items": INTEGER}, False, "color=null", None),
        ({"items": INTEGER}, False, "color=1,2", [1, 2]),
        ({"prefixItems": [INTEGER, {"type": "boolean"}]}, False, "color=1,true", [1, True]),
        ({"prefixItems": [INTEGER], "items": {"type": "boolean"}}, False, "color=1,true", [1, True]),
        ({"allOf": [{"prefixItems": [INTEGER]}, {"items": {"type": "boolean"}}]}, False, "color=1,true", [1, True]),
        ({"type": "object", "allOf": [True, {"properties": {"R": INTEGER}}]}, True, "R=1", {"R": 1}),
        ({"properties": {"R": INTEGER}}, True, "R=1", {"R": 1}),
        ({"oneOf": [RGB, STRINGS]}, True, "R=1", {"R": 1}),
        ({"oneOf": [RGB, STRINGS]}, True, "color=a", ["a"]),
        ({"allOf": [{"properties": {"R": {"title": "red"}}}, RGB]}, True, "R=1", {"R": 1}),
        ({"$defs": {"t": {"type": "object", "properties": {"R": INTEGER, "below": {"$ref": "#/$defs/t"}}}},
          "$ref": "#/$defs/t"}, True, "R=1&below=x", {"R": 1, "below": "x"}),
        ({"type": "object", "patternProperties": {"^x": INTEGER}}, True, "xa=1", {"xa": 1}),
        ({"type": "object"}, True, "a=1", {"a": "1"}),
    ],
)  # fmt: skip
def test_schemas_that_allow_several_types(schema: Json, explode: bool, wire: str, value: Json) -> None:
    assert read(compile_parameter(a_parameter(QUERY, Style.FORM, schema, explode=explode)), wire) == value


EITHER: Json = {"anyOf": [STRING, STRINGS]}
ANY_OF_THREE: Json = {"type": ["integer", "array", "object"], "items": INTEGER, "properties": {"R": INTEGER}}
NUMBERS_OR_RGB: Json = {"anyOf": [INTEGERS, RGB]}
COLORED: Json = {"type": ["integer", "object"], "properties": {"color": INTEGER}}


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "wire", "value"),
    [
        (PATH, Style.SIMPLE, True, EITHER, "a=b", "a=b"),
        (PATH, Style.SIMPLE, True, EITHER, "a=b,c", ["a=b", "c"]),
        (PATH, Style.SIMPLE, False, EITHER, "a", "a"),
        (PATH, Style.SIMPLE, True, ANY_OF_THREE, "1", 1),
        (PATH, Style.SIMPLE, True, ANY_OF_THREE, "1,2", [1, 2]),
        (PATH, Style.SIMPLE, True, ANY_OF_THREE, "R=1", {"R": 1}),
        (PATH, Style.SIMPLE, True, ANY_OF_THREE, "R=1,2", ["R=1", 2]),
        (PATH, Style.SIMPLE, False, ANY_OF_THREE, "R=1", ["R=1"]),
        (PATH, Style.SIMPLE, False, ANY_OF_THREE, "R,1", ["R", 1]),
        (PATH, Style.SIMPLE, True, NUMBERS_OR_RGB, "R=1", {"R": 1}),
        (PATH, Style.SIMPLE, True, NUMBERS_OR_RGB, "1", [1]),
        (PATH, Style.SIMPLE, True, RGB, "R", {"R": ""}),
        (PATH, Style.SIMPLE, False, {"type": ["integer", "object"]}, "R,1", {"R": "1"}),
        (PATH, Style.SIMPLE, False, {"type": ["integer", "object"]}, "5", 5),
        (PATH, Style.SIMPLE, True, {"type": ["string", "object"]}, "a", "a"),
        (PATH, Style.SIMPLE, True, {"type": ["string", "object"]}, "a=b", {"a": "b"}),
        (PATH, Style.SIMPLE, False, {"type": ["string", "object"]}, "a=b", "a=b"),
        (PATH, Style.MATRIX, True, ANY_OF_THREE, ";color=1", 1),
        (PATH, Style.MATRIX, True, ANY_OF_THREE, ";color=1;color=2", [1, 2]),
        (PATH, Style.MATRIX, True, ANY_OF_THREE, ";R=1", {"R": 1}),
        (PATH, Style.MATRIX, True, ANY_OF_THREE, ";color=1;R=2", {"color": "1", "R": 2}),
        (PATH, Style.MATRIX, True, COLORED, ";color=1", {"color": 1}),
        (PATH, Style.MATRIX, True, {"type": ["integer", "object"]}, ";color=1", 1),
        (PATH, Style.MATRIX, True, {"type": ["array", "object"]}, ";color=1", ["1"]),
        (PATH, Style.MATRIX, True, {"type": "object"}, ";color=1", {"color": "1"}),
        (PATH, Style.MATRIX, True, EITHER, ";color=a,b", "a,b"),
        (PATH, Style.MATRIX, False, EITHER, ";color=a,b", ["a", "b"]),
        (PATH, Style.MATRIX, False, EITHER, ";color=a", "a"),
        (QUERY, Style.PIPE_DELIMITED, False, EITHER, "color=a", "a"),
        (QUERY, Style.PIPE_DELIMITED, False, EITHER, "color=a%7Cb", ["a", "b"]),
        (QUERY, Style.SPACE_DELIMITED, False, STRING, "color=a+b", "a b"),
        (QUERY, Style.SPACE_DELIMITED, False, RGB, "color=R+1", {"R": 1}),
        (QUERY, Style.FORM, False, NUMBERS_OR_RGB, "color=1", [1]),
        (COOKIE, Style.COOKIE, True, STRING, "color= a b ; x=1", "a b"),
        (COOKIE, Style.FORM, True, STRING, "color= a%20b ; x=1", "a b"),
    ],
)
def test_what_a_text_is_where_several_types_are_allowed(
    location: Location, style: Style, explode: bool, schema: Json, wire: str, value: Json
) -> None:
    assert read(compile_parameter(a_parameter(location, style, schema, explode=explode)), wire) == value


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "wire", "reason"),
    [
        (PATH, Style.SIMPLE, False, STRING, "a%", "'%' is no percent-encoded octet"),
        (PATH, Style.SIMPLE, False, STRING, "a%4", "'%4' is no percent-encoded octet"),
        (PATH, Style.SIMPLE, False, STRING, "%zz", "'%zz' is no percent-encoded octet"),
        (PATH, Style.SIMPLE, False, STRINGS, "a,%ff", "'%ff' does not stand for UTF-8 text"),
        (PATH, Style.SIMPLE, False, STRING, "%ed%a0%80", "does not stand for UTF-8 text"),
        (PATH, Style.SIMPLE, False, RGB, "R,1,G", "their number is odd"),
        (PATH, Style.SIMPLE, False, RGB, "R,1,R,2", "the member 'R' is given more than once"),
        (PATH, Style.SIMPLE, True, RGB, "R=1,R=2", "the member 'R' is given more than once"),
        (PATH, Style.LABEL, False, STRING, "blue", "does not begin with the full stop"),
        (PATH, Style.MATRIX, False, STRING, "color=blue", "does not begin with the semicolon"),
        (PATH, Style.MATRIX, False, STRING, ";colour=blue", "has other names in it than 'color'"),
        (PATH, Style.MATRIX, False, STRINGS, ";color=a;color=b", "given 2 times, but once is expected"),
        (PATH, Style.MATRIX, True, STRING, ";color=a;color=b", "given 2 times, but once is expected"),
        (QUERY, Style.FORM, True, STRING, "color=a&color=b", "given 2 times, but once is expected"),
        (QUERY, Style.FORM, False, STRINGS, "color=a&color=b", "given 2 times, but once is expected (explode: false)"),
        (QUERY, Style.FORM, True, RGB, "R=1&R=2", "given 2 times, but once is expected"),
        (QUERY, Style.FORM, True, STRING, "color=%e9", "does not stand for UTF-8 text"),
        (QUERY, Style.SPACE_DELIMITED, False, RGB, "color=R+1+G", "their number is odd"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[R=1", "the brackets in '[R' do not pair"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[R]x=1", "the brackets in '[R]x' do not pair"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[[R]]=1", "do not pair"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[R]=1&color[R]=2", "given 2 times"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[R]=1&color[R][x]=2", "[R] has both a value and members"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color=1&color[R]=2", "the name itself has both a value and members"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color[a][][b]=1", "'[]' may only stand at the end"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, "color" + "[a]" * 33 + "=1", "more than 32 brackets"),
        (COOKIE, Style.FORM, True, STRING, "color=%zz", "is no percent-encoded octet"),
        (COOKIE, Style.COOKIE, True, STRING, "color=a; color=b", "given 2 times"),
    ],
)
def test_malformed(location: Location, style: Style, explode: bool, schema: Json, wire: str, reason: str) -> None:
    with pytest.raises(MalformedParameter) as caught:
        read(compile_parameter(a_parameter(location, style, schema, explode=explode)), wire)
    assert reason in caught.value.reason
    assert str(caught.value) == f"{location.value} parameter 'color': {caught.value.reason}"


TREE: Json = {
    "type": "object",
    "properties": {
        "tags": STRINGS,
        "n": {"anyOf": [INTEGER, INTEGERS]},
        "rows": {"type": "array", "items": {"$ref": "#"}},
        "below": {"$ref": "#"},
        "grid": {"type": "array", "items": INTEGERS},
    },
}


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ({"tags": ["a", "b"]}, "color[tags]=a&color[tags]=b"),
        ({"tags": ["a"]}, "color[tags]=a"),
        ({"below": {"below": {"n": 1}}}, "color[below][below][n]=1"),
        ({"n": [1, 2]}, "color[n]=1&color[n]=2"),
        ({"n": 1}, "color[n]=1"),
        (
            {"rows": [{"n": 1}, {"tags": ["x", "y"]}]},
            "color[rows][0][n]=1&color[rows][1][tags]=x&color[rows][1][tags]=y",
        ),
        ({"grid": [[1, 2], [3]]}, "color[grid][0]=1&color[grid][0]=2&color[grid][1]=3"),
        ({"other": {"a": "1"}}, "color[other][a]=1"),
    ],
)
def test_deep_objects_both_ways(value: Json, wire: str) -> None:
    codec = compile_parameter(a_parameter(QUERY, Style.DEEP_OBJECT, TREE))
    assert written(codec, value) == wire.replace("[", "%5B").replace("]", "%5D")
    assert read(codec, wire) == value


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("color[tags][]=a&color[tags][]=b", {"tags": ["a", "b"]}),
        ("color[tags][1]=b&color[tags][0]=a", {"tags": ["a", "b"]}),
        ("color[tags][10]=b&color[tags][9]=a", {"tags": ["a", "b"]}),
        ("color[tags][x]=a", {"tags": {"x": "a"}}),
        ("color[tags][99999999999]=a", {"tags": {"99999999999": "a"}}),
        ("color[rows][7][n]=1", {"rows": [{"n": 1}]}),
        ("color[other][0]=a", {"other": {"0": "a"}}),
        ("color[other]=a&color[other]=b", {"other": ["a", "b"]}),
    ],
)
def test_deep_objects_as_others_write_them(wire: str, value: Json) -> None:
    assert read(compile_parameter(a_parameter(QUERY, Style.DEEP_OBJECT, TREE)), wire) == value


@pytest.mark.parametrize(
    ("location", "style", "explode", "schema", "value", "reason"),
    [
        (PATH, Style.SIMPLE, False, STRING, "", "cannot be a path segment"),
        (PATH, Style.SIMPLE, False, STRING, "..", "cannot be a path segment"),
        (PATH, Style.LABEL, False, STRING, "", "cannot be a path segment"),
        (PATH, Style.SIMPLE, False, STRINGS, [], "no style can say the empty array"),
        (PATH, Style.SIMPLE, False, RGB, {}, "no style can say the empty object"),
        (PATH, Style.SIMPLE, False, STRINGS, [["a"]], "no array or object can stand inside another"),
        (PATH, Style.SIMPLE, True, RGB, {"R": {}}, "no array or object can stand inside another"),
        (PATH, Style.SIMPLE, False, STRING, "\ud800", "half of a surrogate pair"),
        (PATH, Style.LABEL, True, STRINGS, ["a.b"], "has the delimiter '.' in it"),
        (PATH, Style.LABEL, True, STRINGS, [1.5], "has the delimiter '.' in it"),
        (QUERY, Style.FORM, True, STRINGS, [], "no style can say the empty array"),
        (QUERY, Style.FORM, True, RGB, {}, "no style can say the empty object"),
        (QUERY, Style.FORM, True, RGB, {"R": {"a": 1}}, "no object can stand inside an exploded object"),
        (QUERY, Style.FORM, False, STRINGS, [[1]], "no array or object can stand inside another"),
        (QUERY, Style.SPACE_DELIMITED, False, STRINGS, ["a b"], "has the delimiter ' ' in it"),
        (QUERY, Style.PIPE_DELIMITED, False, STRINGS, ["a", "b|c"], "has the delimiter '|' in it"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, {}, "no style can say an empty array or object"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, {"a": {"b": []}}, "no style can say an empty array or object"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, {"a[b": 1}, "the member name 'a[b' cannot stand in brackets"),
        (QUERY, Style.DEEP_OBJECT, True, RGB, {"": 1}, "the member name '' cannot stand in brackets"),
        (HEADER, Style.SIMPLE, False, STRINGS, ["a,b"], "has the delimiter ',' in it"),
        (HEADER, Style.SIMPLE, True, RGB, {"a=b": 1}, "has the delimiter '=' in it"),
        (HEADER, Style.SIMPLE, False, STRING, "a\r\nSet-Cookie: x=y", "cannot stand in a header"),
        (HEADER, Style.SIMPLE, False, STRING, " a", "cannot stand in a header"),
        (HEADER, Style.SIMPLE, False, STRING, "é", "cannot stand in a header"),
        (COOKIE, Style.COOKIE, True, STRING, "a; b=c", "cannot stand in a cookie"),
        (COOKIE, Style.COOKIE, True, {"type": "object"}, {"a b": 1}, "cannot be the name of a cookie"),
        (COOKIE, Style.FORM, True, {"type": "object"}, {"a=b": 1}, "cannot be the name of a cookie"),
    ],
)
def test_what_a_style_cannot_say_is_refused(
    location: Location, style: Style, explode: bool, schema: Json, value: Json, reason: str
) -> None:
    with pytest.raises(UncarriableValue) as caught:
        serialize_parameter(a_parameter(location, style, schema, explode=explode), value)
    assert reason in caught.value.reason
    assert caught.value.reason.startswith(f"{location.value} parameter 'color': ")


@pytest.mark.parametrize("around", [lambda value: {"below": value}, lambda value: {"rows": [value]}])
def test_deep_objects_are_bounded(around: Callable[[Json], Json]) -> None:
    codec = compile_parameter(a_parameter(QUERY, Style.DEEP_OBJECT, TREE))
    value: Json = {"below": {"n": 1}}
    for _ in range(15 if "rows" in around(0) else 30):
        value = around(value)
    assert read(codec, written(codec, value)) == value
    with pytest.raises(UncarriableValue, match="more than 32 brackets"):
        codec.serialize(around(value))


def test_items_may_have_the_delimiters_of_other_styles() -> None:
    codec = compile_parameter(a_parameter(QUERY, Style.SPACE_DELIMITED, {"type": "object"}))
    assert read(codec, written(codec, {"a,b": "c|d,e"})) == {"a,b": "c|d,e"}
    codec = compile_parameter(a_parameter(QUERY, Style.PIPE_DELIMITED, STRINGS))
    assert read(codec, written(codec, ["a,b", "c d"])) == ["a,b", "c d"]


def test_a_container_is_no_scalar() -> None:
    containers: tuple[Json, Json] = ([], {})
    for value in containers:
        with pytest.raises(TypeError):
            write_scalar(value)


@pytest.mark.parametrize(
    ("location", "style", "schema", "value", "wire"),
    [
        (QUERY, Style.FORM, STRING, "/a?b:c,d=e&f+g#h[i] j%2Fk%l", "color=/a?b:c,d=e%26f%2Bg%23h%5Bi%5D%20j%2Fk%25l"),
        (QUERY, Style.FORM, STRINGS, ["a,b/", "c"], "color=a%2Cb/,c"),
        (QUERY, Style.FORM, {"type": "object"}, {"a/,": "b,c="}, "color=a/%2C,b%2Cc="),
        (PATH, Style.SIMPLE, STRING, "a/b?c:d,e;f=g", "a%2Fb%3Fc:d,e;f=g"),
        (PATH, Style.SIMPLE, STRINGS, ["a,b:"], "a%2Cb:"),
        (PATH, Style.MATRIX, STRING, "a;b,c", ";color=a%3Bb,c"),
        (PATH, Style.MATRIX, STRINGS, ["a;b", "c,d"], ";color=a%3Bb,c%2Cd"),
        (COOKIE, Style.FORM, STRING, "a/b;c,d", "color=a/b%3Bc%2Cd"),
        (HEADER, Style.SIMPLE, STRING, "a/b", "a/b"),
    ],
)
def test_allow_reserved(location: Location, style: Style, schema: Json, value: Json, wire: str) -> None:
    codec = compile_parameter(a_parameter(location, style, schema, allow_reserved=True))
    assert written(codec, value) == wire
    expected = value.replace("%2F", "/") if isinstance(value, str) else value
    assert read(codec, wire) == expected


def test_by_default_all_reserved_characters_are_encoded() -> None:
    reserved = ":/?#[]@!$&'()*+,;= %\"<>"
    for location, style in ((QUERY, Style.FORM), (PATH, Style.SIMPLE), (COOKIE, Style.FORM)):
        wire = written(compile_parameter(a_parameter(location, style, STRING)), reserved + "Az09-._~é")
        assert wire.removeprefix("color=") == "".join(f"%{ord(c):02X}" for c in reserved) + "Az09-._~%C3%A9"


def test_allow_empty_value_means_not_used() -> None:
    optional = a_parameter(QUERY, Style.FORM, INTEGER, explode=True, allow_empty_value=True)
    assert read(compile_parameter(optional), "color=") is MISSING
    assert read(compile_parameter(optional), "color") is MISSING
    assert read(compile_parameter(optional), "color=5") == 5
    needed = a_parameter(QUERY, Style.FORM, STRING, explode=True, allow_empty_value=True, required=True)
    assert read(compile_parameter(needed), "color=") == ""


QUERYSTRING = Location.QUERYSTRING
JSON = "application/json"


@pytest.mark.parametrize(
    ("location", "content", "schema", "value", "wire"),
    [
        (QUERY, JSON, RGB, {"lat": 40.6, "long": -73.9}, "color=%7B%22lat%22%3A40.6%2C%22long%22%3A-73.9%7D"),
        (QUERY, JSON, STRING, "é", "color=%22%5Cu00e9%22"),
        (HEADER, JSON, STRINGS, ["é😀", None, {}], '["\\u00e9\\ud83d\\ude00",null,{}]'),
        (COOKIE, JSON, INTEGERS, [1, 2], "color=[1,2]"),
        (PATH, JSON, INTEGERS, [], "%5B%5D"),
        (PATH, "text/plain", INTEGER, 5, "5"),
        (HEADER, "text/plain", STRING, 'W/"a, b"', 'W/"a, b"'),
        (QUERY, "text/plain", {"type": "boolean"}, True, "color=true"),
        (QUERYSTRING, "application/x-www-form-urlencoded",
         {"type": "object", "properties": {"foo": STRING, "bar": {"type": "boolean"}}}, {"foo": "a + b", "bar": True},
         "foo=a+%2B+b&bar=true"),
        (QUERYSTRING, JSON, None, {"numbers": [1, 2], "flag": None},
         "%7B%22numbers%22%3A%5B1%2C2%5D%2C%22flag%22%3Anull%7D"),
        (QUERYSTRING, JSON, STRING, "%41+b", "%22%2541%2Bb%22"),
        (QUERYSTRING, "application/jsonpath", STRING, "$.a.b[1:1]", "%24.a.b%5B1%3A1%5D"),
    ],
)  # fmt: skip
def test_content(location: Location, content: str, schema: Json, value: Json, wire: str) -> None:
    codec = compile_parameter(a_parameter(location, Style.FORM, schema, content=content))
    assert written(codec, value) == wire
    assert read(codec, wire) == value
    assert codec.parse(None) is MISSING


def test_json_in_a_cookie_is_read_encoded_or_not() -> None:
    codec = compile_parameter(a_parameter(COOKIE, Style.FORM, RGB, content=JSON))
    assert read(codec, 'color={"R": 1}') == {"R": 1}
    assert read(codec, "color=%7B%22R%22%3A1%7D") == {"R": 1}


@pytest.mark.parametrize(
    ("location", "wire", "reason"),
    [
        (QUERY, "color={", "not JSON: column 2: Expecting property name"),
        (QUERY, "color=%7B%22", "not JSON: column 2"),
        (QUERY, "color=", "not JSON: column 1: there is no JSON value"),
        (QUERY, "color=1&color=2", "given 2 times"),
        (QUERYSTRING, "%", "is no percent-encoded octet"),
        (HEADER, "[1", "not JSON: column 3"),
        (COOKIE, "color=%5B", "not JSON: column 2"),
    ],
)
def test_malformed_content(location: Location, wire: str, reason: str) -> None:
    with pytest.raises(MalformedParameter) as caught:
        read(compile_parameter(a_parameter(location, Style.FORM, RGB, content=JSON)), wire)
    assert reason in caught.value.reason


def test_content_that_cannot_go() -> None:
    with pytest.raises(UncarriableValue, match="plain text is no array"):
        serialize_parameter(a_parameter(QUERY, Style.FORM, STRING, content="text/plain"), [1])
    with pytest.raises(UncarriableValue, match="cannot stand in a cookie"):
        serialize_parameter(a_parameter(COOKIE, Style.FORM, STRING, content=JSON), ";")
    with pytest.raises(UncarriableValue, match="cannot be a path segment"):
        serialize_parameter(a_parameter(PATH, Style.SIMPLE, STRING, content="text/plain"), "..")


def test_headers_of_responses() -> None:
    header = Header("X-Ids", "", False, a_schema(INTEGERS), None, False, (), ORIGIN)
    codec = compile_header(header)
    assert codec.parse("1, 2,3") == [1, 2, 3]
    assert codec.serialize([1, 2]) == "1,2"
    media_type = MediaType(MediaTypeName("text/plain"), a_schema(STRING), None, (), {}, (), None, None, ORIGIN)
    codec = compile_header(Header("ETag", "", False, None, media_type, False, (), ORIGIN))
    assert codec.parse('"a,b"') == '"a,b"'
    assert compile_header(Header("X-Any", "", False, None, None, False, (), ORIGIN)).parse("1,2") == "1,2"


def test_text_where_pairs_are_taken_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError):
        compile_parameter(a_parameter(QUERY, Style.FORM, STRING)).parse("color=1")
    with pytest.raises(TypeError):
        compile_parameter(a_parameter(PATH, Style.SIMPLE, STRING)).parse([("color", "1")])


def test_the_schema_is_looked_at_once() -> None:
    class Counting(StandIn):
        asked = 0

        def standalone(self, direction: Direction) -> Json:
            self.asked += 1
            return super().standalone(direction)

    schema = Counting(INTEGERS)
    parameter = a_parameter(QUERY, Style.FORM, STRING)
    object.__setattr__(parameter, "schema", schema)
    codec = compile_parameter(parameter)
    for _ in range(3):
        assert codec.parse([("color", "1,2")]) == [1, 2]
        codec.serialize([1])
    assert schema.asked == 1
