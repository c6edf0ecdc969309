"""Laws of generation: what is made is valid, also for a validator of another mind; what can be made is made."""

from __future__ import annotations

import json
import re
from decimal import Decimal

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.generator import Generator
from understudy.specs.generation.patterns import RegexUnsupported, strings_matching

NAMES = st.sampled_from(["a", "b", "c"])
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 12) | st.sampled_from([0.5, 2.25, "", "a", "ab", "abc", "12"]),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
    max_leaves=6,
)
SMALL = st.integers(0, 3)
BOUNDS = st.sampled_from([-2, 0, 0.5, 3, 7, 10])
PATTERNS = st.sampled_from(["^[a-z]+$", "b", "^\\d{2,3}$", "^(foo|a)", "c$", "^(?=.*b)[a-d]+$", "^(?!a).{1,5}$"])


def keywords(below: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    some = st.lists(below, min_size=1, max_size=3)
    members = st.dictionaries(NAMES, below, min_size=1, max_size=3)
    each: dict[str, st.SearchStrategy[Json]] = {
        "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
        "enum": st.lists(VALUES, min_size=1, max_size=4, unique_by=lambda value: json.dumps(value, sort_keys=True)),
        "const": VALUES,
        "minimum": BOUNDS,
        "exclusiveMaximum": BOUNDS,
        "multipleOf": st.sampled_from([0.5, 1, 2, 3]),
        "minLength": SMALL,
        "maxLength": SMALL.map(lambda size: size + 2),
        "pattern": PATTERNS,
        "format": st.sampled_from(["date", "uuid", "email", "unknown"]),
        "minItems": SMALL,
        "maxItems": SMALL.map(lambda size: size + 1),
        "uniqueItems": st.booleans(),
        "items": below,
        "prefixItems": some,
        "contains": below,
        "maxContains": SMALL.map(lambda size: size + 1),
        "unevaluatedItems": st.just(False),
        "required": st.lists(NAMES, max_size=2, unique=True),
        "properties": members,
        "patternProperties": st.dictionaries(st.sampled_from(["^a", "b$"]), below, min_size=1, max_size=2),
        "additionalProperties": below,
        "unevaluatedProperties": st.just(False),
        "propertyNames": st.sampled_from([{"maxLength": 2}, {"pattern": "^[a-z]"}, {"enum": ["a", "b"]}]),
        "minProperties": SMALL,
        "maxProperties": SMALL.map(lambda size: size + 1),
        "dependentRequired": st.dictionaries(NAMES, st.lists(NAMES, max_size=2, unique=True), max_size=2),
        "dependentSchemas": members,
        "allOf": some,
        "anyOf": some,
        "oneOf": some,
        "not": below,
        "if": below,
        "then": below,
        "else": below,
        "$ref": st.sampled_from(["#/$defs/Self", "#/$defs/Text"]),
    }
    picked = st.lists(st.sampled_from(sorted(each)), min_size=1, max_size=4, unique=True)
    return picked.flatmap(lambda names: st.fixed_dictionaries({name: each[name] for name in names}))


SCHEMAS = st.recursive(st.booleans() | st.fixed_dictionaries({"type": TYPES}), keywords, max_leaves=8)
DEFS = {
    "Self": {"type": "object", "properties": {"a": {"$ref": "#/$defs/Self"}, "b": {"type": "integer"}}},
    "Text": {"type": "string", "minLength": 1},
}
POOL: list[Json] = [
    *(None, True, False, 0, 1, -1, 3, 6, 7, 12, 0.5, 2.25, 100, "", "a", "ab", "abc", "12", "foo", "b", "2026-01-01"),
    *([], [1], ["a"], [None], [True, False], [1, 2], [1, 1], ["a", "b", "c"], [[]], [{}], [1, "a", None]),
    *({}, {"a": 1}, {"a": "a"}, {"a": {}}, {"b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}, {"c": []}),
    *({"a": True}, {"b": "ab"}, {"c": None}, {"a": None, "c": 1}, {"x": 1}, {"a": {}, "b": 1}),
    *({"abc": 1}, {"AB": "x"}, {"a": "b", "B": 0.5}, {"ab": [1]}, {"foo": {"a": {"b": 1}}}, [{"a": 1}, {"b": "c"}]),
]
"""Values of all kinds: if one of them is allowed, a value can be made."""


def whole(schema: Json) -> Json:
    return {**schema, "$defs": DEFS} if isinstance(schema, dict) else schema


@settings(max_examples=300)
@given(SCHEMAS.map(whole), st.integers(0, 5), st.booleans())
def test_values_are_valid_for_a_validator_of_another_mind(schema: Json, key: int, minimal: bool) -> None:
    try:
        value = Generator(schema).generate(str(key), minimal=minimal)
    except GenerationError:
        accepts = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True).is_valid
        form = jsonschema_rs.canonicalize(schema, validate_formats=True, offline=True)
        # Only what has a canonical form must be made: the rest is tried.
        is_proven = form.satisfiability() is jsonschema_rs.canonical.Satisfiability.YES
        assert not is_proven or [value for value in POOL if accepts(value)] == [], "a value could have been made"
        return
    exact = json.loads(json.dumps(schema), parse_float=Decimal)
    validator = jsonschema.Draft202012Validator(exact, format_checker=jsonschema.FormatChecker())
    validator.validate(json.loads(json.dumps(value), parse_float=Decimal))
    assert json.dumps(Generator(schema).generate(str(key), minimal=minimal)) == json.dumps(value)
    text = Generator(schema).write(str(key))
    validator.validate(json.loads(text, parse_float=Decimal))
    other = Generator(schema)
    assert [other.write(f"{key}x"), other.write(str(key))][1] == text


ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", r"\d", r"\w", ".", "c?", "(?:ab|c)", "x{2,3}", "[a-c]*", "(a|b)+"])
LOOKS = st.sampled_from(["", "(?=.*a)", "(?!b)", "(?!.*ab)", "(?=.{3})"])
REGEXES = st.builds(
    lambda start, look, atoms, end: start + look + "".join(atoms) + end,
    st.sampled_from(["^", ""]),
    LOOKS,
    st.lists(ATOMS, min_size=1, max_size=4),
    st.sampled_from(["$", ""]),
)


def found_in(text: str, pattern: str) -> bool:
    """What Python's `re` says, its `$` made that of ECMA-262."""
    return re.search(pattern.replace("$", r"\Z"), text, re.ASCII) is not None


@given(st.lists(REGEXES, min_size=1, max_size=2), st.lists(REGEXES, max_size=1), SMALL, st.none() | st.integers(3, 12))
def test_strings_match_what_they_should_and_nothing_else(
    wanted: list[str], unwanted: list[str], low: int, high: int | None
) -> None:
    try:
        strings = strings_matching(tuple(wanted), tuple(unwanted), min_length=low, max_length=high)
    except RegexUnsupported:
        return
    random = Chance("0")
    for text in [strings.draw(random), strings.draw(random), strings.draw(random, shortest=True)]:
        assert low <= len(text) <= (len(text) if high is None else high)
        assert all(found_in(text, pattern) for pattern in wanted)
        assert not any(found_in(text, pattern) for pattern in unwanted)


@given(REGEXES, st.text("abcx1", max_size=6))
def test_whatever_matches_can_be_drawn(pattern: str, text: str) -> None:
    if found_in(text, pattern):
        strings = strings_matching((pattern,), min_length=len(text), max_length=len(text))
        assert len(strings.draw(Chance("0"))) == len(text)


PLAIN: st.SearchStrategy[Json] = st.recursive(
    st.sampled_from(
        [
            *({"type": "boolean"}, {"type": "null"}, {"enum": ["a", 1, None]}, {"const": [0.5]}, {"type": "string"}),
            *({"type": "string", "format": name} for name in ("uuid", "date", "date-time", "email", "uri", "ipv4")),
            *(
                {"type": "string", "pattern": pattern}
                for pattern in ("^[A-Z]{2}$", "^[A-Z]{3}-[0-9]{4}$", "^a[b-d]{2,3}$")
            ),
        ]
    )
    | st.builds(lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more}, SMALL, SMALL)
    | st.builds(lambda step: {"type": "number", "minimum": 0, "multipleOf": step}, st.sampled_from([0.01, 0.25, 3]))
    | st.builds(lambda low: {"type": ["integer", "null"], "exclusiveMinimum": low}, BOUNDS),
    lambda below: (
        st.builds(lambda items, low: {"type": "array", "items": items, "minItems": low}, below, SMALL)
        | st.builds(
            lambda members, required, rest: {
                "type": "object",
                "properties": members,
                "additionalProperties": rest,
                "required": [name for name in required if name in members],
            },
            st.dictionaries(st.sampled_from(["id", "name", "email", "city", "amount", "country"]), below, max_size=5),
            st.lists(st.sampled_from(["id", "name", "email"]), unique=True),
            st.booleans(),
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(PLAIN)
def test_what_is_valid_by_construction_is_valid(schema: Json) -> None:
    generator = Generator(schema)
    is_valid = jsonschema_rs.Draft202012Validator(schema, validate_formats=True, offline=True).is_valid
    if generator.is_sure:
        assert all(is_valid(generator.generate(str(key))) for key in range(20))
    else:
        # Free members are drawn where others are allowed; and a pattern may be met by words that happen to fit.
        assert is_valid(generator.generate("0"))


@pytest.mark.parametrize(
    ("schema", "is_sure"),
    [
        ({"type": "object", "properties": {"a": {"type": "string", "maxLength": 9}}, "required": ["a"]}, True),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}}}}, True),
        ({"type": "array", "items": {"type": "integer"}, "maxItems": 3}, True),
        ({"type": "object", "properties": {"a": {"type": "string", "not": {"const": "b"}}}}, False),
        ({"type": "object", "required": ["b"], "properties": {"a": {"type": "string"}}}, True),
        ({"type": "object", "required": ["b"], "properties": {}, "additionalProperties": False}, False),
        ({"type": "object", "properties": {"a": {"type": "string"}}, "minProperties": 1}, False),
        ({"type": "object", "properties": {"a": {}}, "patternProperties": {"a": {"type": "null"}}}, False),
        ({"type": "object", "properties": {"a": {}}, "propertyNames": {"maxLength": 0}}, False),
        ({"type": "object", "properties": {"a": {"type": "null"}}, "dependentRequired": {"a": ["b"]}}, False),
        ({"type": "array", "items": {"type": "integer"}, "uniqueItems": True}, False),
        ({"type": "array", "items": {"type": "integer"}, "contains": {"const": 1}}, False),
        ({"type": "array", "prefixItems": [{"type": "integer"}]}, False),
        ({"type": "string", "pattern": "^(?=.*b)[a-d]+$"}, False),
        ({"type": "string", "pattern": r"^\d+$"}, False),
        ({"type": "string", "format": "email", "maxLength": 9}, False),
        ({"type": "string", "contentMediaType": "application/json"}, False),
        # Only samples that are allowed are ever drawn.
        ({"type": "integer", "examples": [7, "x"], "default": None}, True),
        ({"allOf": [{"type": "integer"}, {"minimum": 3}]}, False),
        ({"oneOf": [{"type": "integer"}, {"type": "string"}]}, False),
        ({"type": "integer", "if": {"minimum": 3}, "then": {"maximum": 5}}, False),
        ({"type": "array", "items": False, "minItems": 1}, False),
        (False, False),
    ],
)
def test_only_plain_schemas_go_without_a_check(schema: Json, is_sure: bool) -> None:
    assert Generator(schema).is_sure is is_sure


def test_a_large_schema_is_not_looked_through() -> None:
    members = {f"member{number}": {"type": "integer"} for number in range(2_000)}
    assert not Generator({"type": "object", "properties": members}).is_sure
