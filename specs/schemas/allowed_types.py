"""What JSON a text may stand for: the types that a schema allows, seen through its references and combinations.

Parameters and forms carry text. `AllowedTypes` reads it as the type that the schema asks for, and leaves it a string
where nothing else fits, so that validation can say what is wrong.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.specs.pointers import from_fragment, tokens
from understudy.specs.wire.json_numbers import parse_number, write_number

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["AllowedTypes", "write_scalar"]

_ALL: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_CONTAINERS: Final = frozenset({"array", "object"})
_ARRAY_KEYWORDS: Final = ("items", "prefixItems")
_OBJECT_KEYWORDS: Final = ("properties", "additionalProperties", "patternProperties")
_BRANCHES: Final = ("anyOf", "oneOf")
_BOOLEANS: Final = {"true": True, "false": False}
_WORDS: Final = {None: "null", True: "true", False: "false"}


@final
class AllowedTypes:
    """The types that a schema allows.

    They are read from `type`, `enum` and `const`, through `$ref`, `allOf` (all must allow), `anyOf` and `oneOf` (one
    must); a schema with none of these that has `items` or `properties` is taken for an array or an object. `not`,
    `if` and `dependentSchemas` say nothing about types here. Parts are looked at when they are asked for, so a schema
    may contain itself.

    Args:
        schema: Self-contained JSON Schema 2020-12; `$ref` leads into its own root only.
        root: The schema that references start from; ``schema`` itself when not given.
        parts: Those of the same root that are known already, by the schemas they are of.
    """

    def __init__(
        self, schema: Json, root: Json = None, parts: dict[tuple[int, ...], AllowedTypes] | None = None
    ) -> None:
        self._schema = schema
        self._root = schema if root is None else root
        # However deep a value goes into a schema that contains itself, there are no more parts than schemas.
        self._parts = {} if parts is None else parts
        self._members: dict[str, AllowedTypes] = {}

    @cached_property
    def names(self) -> frozenset[str]:
        """As in `type`; ``number`` always comes with ``integer``. All seven when nothing is said."""
        return self._names(self._schema, {}) or _ALL

    @cached_property
    def is_open(self) -> bool:
        """Whether nothing is said about types."""
        return self.names == _ALL

    @cached_property
    def has_array(self) -> bool:
        """Whether an array is asked for or allowed; False when nothing is said."""
        return not self.is_open and "array" in self.names

    @cached_property
    def has_object(self) -> bool:
        """Whether an object is asked for or allowed; False when nothing is said."""
        return not self.is_open and "object" in self.names

    @cached_property
    def has_scalar(self) -> bool:
        """Whether anything else than an array or an object is allowed."""
        return bool(self.names - _CONTAINERS)

    @cached_property
    def items(self) -> AllowedTypes:
        """Those of the items. `prefixItems` count together with `items`."""
        found: list[Json] = []
        for schema in self._applicable:
            found += _list(schema, "prefixItems")
            found += [schema["items"]] if "items" in schema else []
        return self._part(found)

    @cached_property
    def member_names(self) -> frozenset[str]:
        """The names under `properties`, in whatever branch they stand."""
        return frozenset(name for schema in self._applicable for name in _map(schema, "properties"))

    @cached_property
    def required_names(self) -> frozenset[str]:
        """The names under `required`, in whatever branch they stand."""
        return frozenset(str(name) for schema in self._applicable for name in _list(schema, "required"))

    @cached_property
    def has_other_members(self) -> bool:
        """Whether members beyond `member_names` are asked for: `additionalProperties` or `patternProperties` say so,
        or an object is allowed and no member is named."""
        return (self.has_object and not self.member_names) or any(
            schema.get("additionalProperties", False) is not False or _map(schema, "patternProperties")
            for schema in self._applicable
        )

    def member(self, name: str) -> AllowedTypes:
        """Those of a member: from `properties`, else from `additionalProperties` and `patternProperties` together;
        open when the schema says nothing about it."""
        if name not in self.member_names:
            return self._other_members
        if name not in self._members:
            named = (_map(schema, "properties") for schema in self._applicable)
            self._members[name] = self._part([properties[name] for properties in named if name in properties])
        return self._members[name]

    @cached_property
    def _other_members(self) -> AllowedTypes:
        found: list[Json] = []
        for schema in self._applicable:
            found += _map(schema, "patternProperties").values()
            found += [schema["additionalProperties"]] if "additionalProperties" in schema else []
        return self._part(found)

    @cached_property
    def xml(self) -> dict[str, Json]:
        """The XML Objects of all that applies, as one: what stands nearer goes before what a reference leads to."""
        merged: dict[str, Json] = {}
        for schema in self._applicable:
            merged = {**_map(schema, "xml"), **merged}
        return merged

    def read(self, text: str) -> Json:
        """The value that a text stands for: a number, ``true``, ``false`` or ``null`` as JSON writes them where the
        schema allows that type, else the text itself.

        Where `integer` is allowed and `number` is not, ``1.0`` is 1. ``null`` may be empty text; both count only
        where a string is not allowed.
        """
        if self.is_open:
            return text
        if "integer" in self.names:
            number = _find_number(text, whole="number" not in self.names)
            if number is not None:
                return number
        if "boolean" in self.names and text in _BOOLEANS:
            return _BOOLEANS[text]
        if "null" in self.names and "string" not in self.names and text in ("", "null"):
            return None
        return text

    def fits_scalar(self, text: str) -> bool:
        """Whether a text can be read as a scalar that the schema allows."""
        return self.has_scalar and ("string" in self.names or not isinstance(self.read(text), str))

    def _names(self, schema: Json, known: dict[str, frozenset[str]]) -> frozenset[str]:
        """``known`` holds what references allow, everything while they are being looked at."""
        if not isinstance(schema, dict):
            return frozenset() if schema is False else _ALL
        names = _own_names(schema)
        for part in _list(schema, "allOf"):
            names &= self._names(part, known)
        for keyword in _BRANCHES:
            if keyword in schema:
                names &= frozenset().union(*(self._names(part, known) for part in _list(schema, keyword)))
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference not in known:
                known[reference] = _ALL
                known[reference] = self._names(self._resolve(reference), known)
            names &= known[reference]
        return names

    @cached_property
    def _applicable(self) -> tuple[dict[str, Json], ...]:
        """Every subschema that speaks about the same value, each once."""
        found: list[dict[str, Json]] = []
        seen: set[str] = set()
        waiting = [self._schema]
        while waiting:
            schema = waiting.pop(0)
            if not isinstance(schema, dict):
                continue
            found.append(schema)
            for keyword in ("allOf", *_BRANCHES):
                waiting += _list(schema, keyword)
            reference = schema.get("$ref")
            if isinstance(reference, str) and reference not in seen:
                seen.add(reference)
                waiting.append(self._resolve(reference))
        return tuple(found)

    def _part(self, schemas: list[Json]) -> AllowedTypes:
        """What several schemas say of one part: one may say nothing where another names the type."""
        key = tuple(map(id, schemas))
        if key not in self._parts:
            self._parts[key] = self._make_part(schemas)
        return self._parts[key]

    def _make_part(self, schemas: list[Json]) -> AllowedTypes:
        said: list[Json] = []
        silent: list[Json] = []
        for schema in schemas:
            names = self._names(schema, {})
            if names:
                (silent if names == _ALL else said).append(schema)
        part = {"allOf": silent, "anyOf": said} if said else {"allOf": silent}
        return AllowedTypes(part, self._root, self._parts)

    def _resolve(self, reference: str) -> Json:
        place = self._root
        try:
            for token in tokens(from_fragment(reference.removeprefix("#"))):
                place = place[int(token)] if isinstance(place, list) else place[token]
        except (KeyError, IndexError, TypeError, ValueError):
            return True
        return place


def _own_names(schema: dict[str, Json]) -> frozenset[str]:
    names = _ALL
    given = schema.get("type")
    if isinstance(given, str):
        given = [given]
    if isinstance(given, list):
        names = frozenset(given) | ({"integer"} if "number" in given else frozenset())
    if "const" in schema:
        names &= _names_of(schema["const"])
    if "enum" in schema:
        names &= frozenset().union(*(_names_of(value) for value in _list(schema, "enum")))
    if names == _ALL and any(keyword in schema for keyword in _ARRAY_KEYWORDS):
        return frozenset({"array"})
    if names == _ALL and any(keyword in schema for keyword in _OBJECT_KEYWORDS):
        return frozenset({"object"})
    return names


def _names_of(value: Json) -> frozenset[str]:
    if value is None:
        return frozenset({"null"})
    if isinstance(value, bool):
        return frozenset({"boolean"})
    if isinstance(value, str | list | dict):
        return frozenset({{str: "string", list: "array", dict: "object"}[type(value)]})
    return frozenset({"integer", "number"})


def _list(schema: dict[str, Json], keyword: str) -> list[Json]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []


def _map(schema: dict[str, Json], keyword: str) -> dict[str, Json]:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}


def _find_number(text: str, *, whole: bool) -> Json:
    if text[-1:] not in "0123456789" or not text:
        return None
    try:
        number = parse_number(text)
    except ValueError:
        return None
    if whole and number != int(number):
        return None
    return int(number) if whole else number


def write_scalar(value: Json) -> str:
    """A scalar as text: what `AllowedTypes.read` takes for it.

    Raises:
        TypeError: An array, an object, or no JSON value.
    """
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, list | dict):
        raise TypeError("an array or an object is no scalar")
    return write_number(value)
