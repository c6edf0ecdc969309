"""Validate values against schemas: every violation, with its place.

Validators are compiled once for each schema and direction, when first asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple, TypeAlias, final

import jsonschema_rs

from understudy.specs.deferred import Deferred
from understudy.specs.documents.document import Json
from understudy.specs.pointers import JsonPointer, child, from_fragment, from_tokens, tokens
from understudy.specs.schemas.content_schemas import KEYWORDS, ContentKeyword, UndecodableContent, decode_content
from understudy.specs.schemas.parts import REFERENCE, PartReference, Parts, can_be_split, split
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["MAX_VIOLATIONS", "Validator", "Violation", "weigh"]

MAX_VIOLATIONS: Final = 50
"""No more violations than this are listed for one value."""
MAX_EXPLAINED: Final = 3
"""A failed `oneOf` or `anyOf` is explained by its nearest branch, this many levels deep."""

MAX_PLACES: Final = 1_000
"""Places of one schema that are remembered once they have been violated: a schema that recurses has no end of them."""

_OCTETS_PER_CHARACTER: Final = 20
"""Of memory, for one of a schema's text; measured with documents of many kinds."""

_OCTETS_PER_REPETITION: Final = 2000
"""Of memory, for each of the times that a pattern lets something be repeated."""
_REPETITION: Final = re.compile(rb"[{,](\d{2,5})\}")

_EXPLAINED: Final = frozenset({*KEYWORDS, REFERENCE, "anyOf", "oneOf"})
"""What is told by what is wrong inside."""
_NAMED: Final = frozenset({"$defs", "dependentSchemas", "patternProperties", "properties"})


class Violation(NamedTuple):
    """A value disagrees with a Schema.

    Attributes:
        pointer: Place in the value; empty for the whole value.
        keyword: The keyword that isn't met: ``minimum``, ``required``, ``format``; ``properties`` and the like where
            the schema under it is false, and ``falseSchema`` where the whole is.
        expected: The keyword's value, or for `required` the missing member's name.
        actual: The value at the place.
        schema_pointer: Place of the keyword in the self-contained schema.
        message: One sentence.
    """

    pointer: JsonPointer
    keyword: str
    expected: Json
    actual: Json
    schema_pointer: JsonPointer
    message: str


_Error: TypeAlias = jsonschema_rs.ValidationError | Violation


def weigh(schema: Json) -> int:
    """About how many octets of memory a schema takes when it is compiled."""
    text = dump_json(schema)
    repetitions = sum(map(int, _REPETITION.findall(text))) if b'"pattern"' in text else 0
    return _OCTETS_PER_CHARACTER * len(text) + _OCTETS_PER_REPETITION * repetitions


class _Place(NamedTuple):
    """A place of a schema, and the keyword and value there."""

    pointer: JsonPointer
    keyword: str
    value: Json


@final
class Validator:
    """A compiled, self-contained JSON Schema 2020-12; formats and content keywords are asserted.

    Args:
        schema: As `Schema.standalone` gives it.
        parts: Takes up what of a very large schema is compiled by itself; None compiles it as a whole. Whoever shares
            it takes care that a key in `$defs` always means the same schema.
    """

    def __init__(self, schema: Json, parts: Parts | None = None) -> None:
        self._schema = schema
        self._parts = parts if parts is not None and can_be_split(schema, parts) else None
        written = schema if self._parts is None else split(schema)
        self._compiled = jsonschema_rs.Draft202012Validator(
            written, validate_formats=True, offline=True, keywords=self._keywords(written)
        )
        self._places: dict[tuple[str | int, ...], _Place] = {}
        self.weight = weigh(written)
        """About how many octets of memory it takes."""
        self.is_valid = self._compiled.is_valid
        """``is_valid(value) -> bool``: whether the value has no violation."""

    def violations(self, value: Json) -> tuple[Violation, ...]:
        """Every violation, at most `MAX_VIOLATIONS`, in the validator's order; empty when the value is valid."""
        return tuple(self.find_violations(value))

    def find_violations(self, value: Json) -> Deferred[_Error, Violation]:
        """As `violations`, each made when it is asked for; their number is known."""
        found = islice(self._explain(self._compiled.iter_errors(value), 0), MAX_VIOLATIONS)
        return Deferred(tuple(found), self._violation)

    def _keywords(self, written: Json) -> dict[str, type[jsonschema_rs.KeywordValidator]] | None:
        keywords: dict[str, type[jsonschema_rs.KeywordValidator]] = {}
        if _mentions_content(written):
            compiled = {"compile": staticmethod(self._compile_inner)}
            keywords |= dict.fromkeys(KEYWORDS, type("ContentKeyword", (ContentKeyword,), compiled))
        if self._parts is not None:
            keywords[REFERENCE] = type("PartReference", (PartReference,), {"find": staticmethod(self._find_part)})
        return keywords or None

    def _compile_inner(self, schema: Json) -> Validator:
        defs = self._schema.get("$defs", {})
        return Validator({**schema, "$defs": defs} if isinstance(schema, dict) and defs else schema, self._parts)

    def _find_part(self, key: str) -> Validator:
        """The validator of one of the `$defs`."""
        assert self._parts is not None
        found = self._parts.validators.get(key)
        if not isinstance(found, Validator):
            definition = self._schema["$defs"][key]
            found = self._compile_inner(definition if isinstance(definition, dict) else {"allOf": [definition]})
            self._parts.validators[key] = found
        return found

    def _explain(self, errors: Iterator[jsonschema_rs.ValidationError], depth: int) -> Iterator[_Error]:
        """The errors to tell; those inside contents and parts as violations."""
        for error in errors:
            keyword = self._place(tuple(error.schema_path)).keyword
            if keyword not in _EXPLAINED:
                yield error
            elif keyword in KEYWORDS:
                yield from self._content(self._violation(error))
            elif keyword == REFERENCE:
                yield from self._referred(self._violation(error))
            else:
                branches = getattr(error.kind, "context", None)
                nearest = _nearest(branches) if branches and depth < MAX_EXPLAINED else None
                yield from self._explain(iter(nearest), depth + 1) if nearest else (error,)

    def _referred(self, violation: Violation) -> Iterator[Violation]:
        """What the schema that is referred to has against the value, in its own words."""
        holder = self._find(tokens(violation.schema_pointer)[:-1])
        key = tokens(from_fragment(holder["$ref"].removeprefix("#")))[-1]
        for found in self._find_part(key).violations(violation.actual):
            below = found.schema_pointer.startswith("/$defs/")
            place = found.schema_pointer if below else child("/$defs", key) + found.schema_pointer
            pointer = JsonPointer(violation.pointer + found.pointer)
            yield found._replace(pointer=pointer, schema_pointer=JsonPointer(place))

    def _content(self, violation: Violation) -> Iterator[Violation]:
        """What is wrong inside a string, with pointers that go on into the content: ``/data`` → ``/data/word``."""
        holder = self._find(tokens(violation.schema_pointer)[:-1])
        if not isinstance(holder, dict) or not isinstance(violation.actual, str):
            yield violation
            return
        try:
            value = decode_content(holder, violation.actual)
        except UndecodableContent as error:
            place = from_tokens([*tokens(violation.schema_pointer)[:-1], error.keyword])
            yield violation._replace(keyword=error.keyword, expected=holder[error.keyword], schema_pointer=place)
            return
        inner = self._compile_inner(holder.get("contentSchema", True))
        for found in inner.violations(value):
            yield found._replace(pointer=JsonPointer(violation.pointer + found.pointer))

    def _violation(self, error: _Error) -> Violation:
        if isinstance(error, Violation):
            return error
        kind = error.kind
        place = self._place(tuple(error.schema_path))
        return Violation(
            pointer=from_tokens(error.instance_path),
            keyword=place.keyword,
            expected=kind.property if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required) else place.value,
            actual=error.instance,
            schema_pointer=place.pointer,
            message=error.message,
        )

    def _place(self, path: tuple[str | int, ...]) -> _Place:
        """A place of the schema; those that have been violated before are known."""
        place = self._places.get(path)
        if place is None:
            place = _Place(from_tokens(path), _keyword(path), self._find(path))
            if len(self._places) < MAX_PLACES:
                self._places[path] = place
        return place

    def _find(self, path: Iterable[str | int]) -> Json:
        """What stands at a place of the schema; None when it can't be told."""
        value = self._schema
        for step in path:
            try:
                value = value[int(step)] if isinstance(value, list) else value[step]
            except (KeyError, IndexError, ValueError, TypeError):
                return None
        return value


def _mentions_content(schema: Json) -> bool:
    stack = [schema]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if any(key in value for key in KEYWORDS):
                return True
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return False


def _keyword(path: Sequence[str | int]) -> str:
    """The last keyword of a path in a schema; names under `properties` and the like are none."""
    keyword, is_name = "falseSchema", False
    for step in path:
        if isinstance(step, str) and not is_name:
            keyword = step
            is_name = step in _NAMED
        else:
            is_name = False
    return keyword


def _nearest(branches: list[list[jsonschema_rs.ValidationError]]) -> list[jsonschema_rs.ValidationError] | None:
    """The branch of a failed choice that the value comes nearest to: the one whose type and constants fit and whose
    errors lie deepest; None when several are as near."""

    def distance(errors: list[jsonschema_rs.ValidationError]) -> tuple[int, int, int, int]:
        whole = any(error.kind.name in ("type", "const", "enum") and not error.instance_path for error in errors)
        constants = sum(error.kind.name in ("const", "enum") for error in errors)
        missing = sum(error.kind.name == "required" for error in errors)
        return int(whole), constants, missing, len(errors)

    ranked = sorted(branches, key=distance)
    if not ranked or (len(ranked) > 1 and distance(ranked[0]) == distance(ranked[1])):
        return None
    return ranked[0]
