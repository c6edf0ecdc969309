"""Forms: pairs by the URL Standard, members by their Encoding Objects."""

from __future__ import annotations

from typing import cast

import pytest

from understudy.specs.documents.document import Json
from understudy.specs.model import Direction, Encoding, MediaType, MediaTypeName, Origin, Style
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.forms import MAX_PAIRS, FormCodec, MalformedForm, compile_form, join_pairs, split_pairs
from understudy.specs.wire.malformed import UncarriableValue

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "n": {"type": "integer"},
        "flag": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "numbers": {"type": "array", "items": {"type": "integer"}},
        "address": {"type": "object", "properties": {"zip": {"type": "string"}}},
        "points": {"type": "array", "items": {"type": "object"}},
        "maybe": {"type": ["integer", "null"]},
        "filter": {"type": "object", "properties": {"a": {"type": "integer"}}},
        "list": {"type": "array", "items": {"type": "integer"}},
        "raw": {"type": "string"},
        "two": {"type": "string"},
        "scalar": {"type": "string"},
        "either": {"type": ["string", "array"], "items": {"type": "integer"}},
        "page": {"type": "object", "properties": {"from": {"type": "integer"}, "to": {"type": "integer"}}},
    },
}


class StandIn:
    def standalone(self, _: Direction) -> Json:
        return SCHEMA


def encoding(*content_types: str, style: Style | None = None, explode: bool = False) -> Encoding:
    return Encoding(tuple(map(MediaTypeName, content_types)), style, explode, False, {}, {})


ENCODING = {
    "filter": encoding(style=Style.DEEP_OBJECT),
    "list": encoding(style=Style.PIPE_DELIMITED),
    "raw": encoding("application/json"),
    "two": encoding("text/plain", "application/json"),
    "page": encoding(style=Style.FORM, explode=True),
    "gone": encoding("text/plain"),
}
FORM = compile_form(
    MediaType(
        MediaTypeName("application/x-www-form-urlencoded"),
        cast(Schema, StandIn()),
        None,
        (),
        ENCODING,
        (),
        None,
        None,
        Origin("", JsonPointer("")),
    ),
    Direction.REQUEST,
)

# OpenAPI 3.2, "URL Encoded Form with JSON Values"
ADDRESS = {"streetAddress": "123 Example Dr.", "city": "Somewhere", "state": "CA", "zip": "99999+1234"}
ADDRESS_FORM = (
    b"id=f81d4fae-7dec-11d0-a765-00a0c91e6bf6&address=%7B%22streetAddress%22%3A%22123+Example+Dr.%22%2C%22city%22%3A%22"
    b"Somewhere%22%2C%22state%22%3A%22CA%22%2C%22zip%22%3A%2299999%2B1234%22%7D"
)


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ({"id": "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "address": ADDRESS}, ADDRESS_FORM),
        ({"id": "a b&c=d~*-._é+%"}, b"id=a+b%26c%3Dd%7E*-._%C3%A9%2B%25"),
        ({"n": 5, "flag": True, "maybe": None}, b"n=5&flag=true&maybe=null"),
        ({"tags": ["a", "b c"]}, b"tags=a&tags=b+c"),
        ({"tags": ["a"]}, b"tags=a"),
        ({"numbers": [1, 2]}, b"numbers=1&numbers=2"),
        ({"points": [{"x": 1}, {}]}, b"points=%7B%22x%22%3A1%7D&points=%7B%7D"),
        ({"address": {}}, b"address=%7B%7D"),
        ({"filter": {"a": 1}}, b"filter%5Ba%5D=1"),
        ({"list": [1, 2]}, b"list=1%7C2"),
        ({"raw": "x"}, b"raw=%22x%22"),
        ({"gone": "x", "é&": "y"}, b"gone=x&%C3%A9%26=y"),
        ({"two": "x"}, b"two=x"),
        ({"either": "x"}, b"either=x"),
        ({"either": [1, 2]}, b"either=1&either=2"),
        ({"page": {"from": 1, "to": 2}, "id": "x"}, b"from=1&to=2&id=x"),
        ({"list": [1], "filter": {"a": 1}}, b"list=1&filter%5Ba%5D=1"),
        ({}, b""),
    ],
)
def test_forms_both_ways(value: Json, body: bytes) -> None:
    assert FORM.serialize(value) == body
    assert FORM.parse(body) == value


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"&&id=a&&", {"id": "a"}),
        (b"id", {"id": ""}),
        (b"id=a=b", {"id": "a=b"}),
        (b"id=100%&n=%zz", {"id": "100%", "n": "%zz"}),
        (b"=x", {"": "x"}),
        (b"id=a&id=b", {"id": ["a", "b"]}),
        (b"other=1&other=2", {"other": ["1", "2"]}),
        ("id=é".encode(), {"id": "é"}),
        (b"address={not json", {"address": "{not json"}),
        (b"raw=x", {"raw": "x"}),
        (b"n=x", {"n": "x"}),
        (b"filter[a]=1&list=1|2", {"filter": {"a": 1}, "list": [1, 2]}),
        (b"i%64=a", {"id": "a"}),
    ],
)
def test_forms_as_others_write_them(body: bytes, value: Json) -> None:
    assert FORM.parse(body) == value


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"id=\xff", "octet 3 is not UTF-8"),
        (b"id=%ff", "the member 'id': '%ff' does not stand for UTF-8 text"),
        (b"%ff=1", "the name '%ff': '%ff' does not stand for UTF-8 text"),
        (b"filter[a]=1&filter[a]=2", "the member 'filter': given 2 times"),
        (b"filter[a=1", "the member 'filter': the brackets"),
        (b"a&" * MAX_PAIRS, "more than 10000 pairs"),
    ],
)
def test_malformed_forms(body: bytes, reason: str) -> None:
    with pytest.raises(MalformedForm) as caught:
        FORM.parse(body)
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([1], "a form is an object"),
        ({"tags": []}, "the member 'tags': a form cannot say the empty array"),
        ({"filter": {}}, "no style can say an empty array or object"),
        ({"id": "\ud800"}, "half of a surrogate pair"),
    ],
)
def test_what_a_form_cannot_say_is_refused(value: Json, reason: str) -> None:
    with pytest.raises(UncarriableValue) as caught:
        FORM.serialize(value)
    assert reason in caught.value.reason


def test_an_array_where_the_schema_wants_a_scalar_is_json() -> None:
    assert FORM.serialize({"scalar": ["a"]}) == b"scalar=%5B%22a%22%5D"


def test_a_form_without_schema() -> None:
    codec = FormCodec(AllowedTypes(True), {})
    assert codec.parse(b"a=1&a=2&b=true") == {"a": ["1", "2"], "b": "true"}
    assert codec.serialize({"a": ["1", "2"], "b": {"c": 1}}) == b"a=1&a=2&b=%7B%22c%22%3A1%7D"


def test_pairs() -> None:
    assert split_pairs("a=1&b=%20&c+d&a=2") == [("a", "1"), ("b", "%20"), ("c d", ""), ("a", "2")]
    assert split_pairs("") == []
    assert len(split_pairs("a&" * (MAX_PAIRS - 1))) == MAX_PAIRS - 1
    assert join_pairs([("a", "1"), ("a", "%20")]) == "a=1&a=%20"
