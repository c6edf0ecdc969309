"""The registry of `x-understudy`: which member may stand where, and what it may hold.

`vocabulary.schema.json` is the source, VOCABULARY.md its text.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Collection, Mapping
from enum import Enum
from functools import cache
from importlib import resources
from typing import Final

import jsonschema_rs
from jsonschema_rs import ValidationError, ValidationErrorKind

from understudy.specs.documents.document import Json
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.pointers import child, tokens

__all__ = ["KEYWORD", "Place", "check_vocabulary", "members_at"]

KEYWORD: Final = "x-understudy"


class Place(Enum):
    """The object of a document that `x-understudy` stands on; the value is its name in the schema."""

    DOCUMENT = "document"
    OPERATION = "operation"
    MEDIA_TYPE = "mediaType"
    REQUEST_BODY = "requestBody"
    OTHER = "other"

    @property
    def title(self) -> str:
        """As a sentence names it."""
        return _TITLES[self]


_TITLES: Final[Mapping[Place, str]] = {
    Place.DOCUMENT: "the document's root",
    Place.MEDIA_TYPE: "a Media Type Object",
    Place.REQUEST_BODY: "a Request Body Object",
    Place.OPERATION: "an Operation Object",
    Place.OTHER: "any other object",
}


def check_vocabulary(value: Json, place: Place, pointer: str, *, document: str) -> None:
    """Check the value of `x-understudy`.

    Args:
        value: What stands under the keyword.
        place: The kind of object that it stands on.
        pointer: Where it stands, the keyword included.
        document: As errors name the document.

    Raises:
        UnsupportedKeyword: An unknown member, with the nearest known one; a member that belongs elsewhere, with the
            place; an ill-formed member. Unknown members come first.
    """
    errors = sorted(_validator(place).iter_errors(value), key=_urgency)
    if errors:
        where, reason = _explain(errors[0], place)
        raise UnsupportedKeyword(document, reason, pointer=child(pointer, *where))


@cache
def members_at(place: Place) -> tuple[str, ...]:
    """The members that may stand at a place, in the order of the schema."""
    return tuple(_schema()["$defs"]["places"][place.value]["properties"])


@cache
def _schema() -> Json:
    return json.loads(resources.files("understudy.specs").joinpath("vocabulary.schema.json").read_text("utf-8"))


@cache
def _validator(place: Place) -> jsonschema_rs.Validator:
    schema = {**_schema(), "$ref": f"#/$defs/places/{place.value}"}
    return jsonschema_rs.validator_for(schema, mask="the value", validate_formats=True, offline=True)


def _urgency(error: ValidationError) -> tuple[bool, int]:
    return not isinstance(error.kind, ValidationErrorKind.AdditionalProperties), len(error.instance_path)


def _explain(error: ValidationError, place: Place) -> tuple[list[str | int], str]:
    path = list(error.instance_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        unknown = kind.unexpected[0]
        return [*path, unknown], _explain_unknown(unknown, _subschema(place, path)["properties"], is_member=not path)
    if isinstance(kind, ValidationErrorKind.Required):
        return path, f"the member {kind.property!r} is missing"
    if isinstance(kind, ValidationErrorKind.OneOfNotValid | ValidationErrorKind.OneOfMultipleValid):
        names = [name for choice in _subschema(place, path)["oneOf"] for name in choice["required"]]
        return path, f"exactly one of {_list(names)} is needed"
    if isinstance(kind, ValidationErrorKind.AnyOf) and "anyOf" in _subschema(place, path):
        names = [name for choice in _subschema(place, path)["anyOf"] for name in choice.get("required", ())]
        return path, f"one of {_list(names)} is needed" if names else error.message
    if isinstance(kind, ValidationErrorKind.PropertyNames):
        pattern = _subschema(place, path)["propertyNames"]["pattern"]
        return path, f"the member name {kind.error.instance!r} does not match {pattern}"
    return path, error.message


def _explain_unknown(name: str, known: Collection[str], *, is_member: bool) -> str:
    if is_member:
        elsewhere = [other.title for other in Place if name in members_at(other)]
        if elsewhere:
            return f"{name!r} may not stand here; it belongs on {' or '.join(elsewhere)}"
    near = difflib.get_close_matches(name, known or _all_members(), n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {_list(known or _all_members())}"
    return f"unknown member {name!r}; {hint}"


def _all_members() -> list[str]:
    return list(dict.fromkeys(name for place in Place for name in members_at(place)))


def _list(names: Collection[str]) -> str:
    return ", ".join(map(repr, names))


def _subschema(place: Place, path: list[str | int]) -> Json:
    """The subschema for a place below `x-understudy`."""
    schema = _schema()["$defs"]["places"][place.value]
    for step in path:
        if isinstance(step, int):
            schema = schema["items"]
        else:
            schema = schema.get("properties", {}).get(step) or schema["additionalProperties"]
        if "$ref" in schema:
            schema, steps = _schema(), tokens(schema["$ref"][1:])
            for token in steps:
                schema = schema[token]
    return schema
