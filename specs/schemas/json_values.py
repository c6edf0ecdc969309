"""Compare and copy JSON values as JSON Schema sees them: 1 is 1.0, true is not 1, members have no order."""

from __future__ import annotations

import json
from decimal import Decimal

from understudy.specs.documents.document import Json

__all__ = ["copy_value", "identity_of", "is_equal", "type_of"]


def identity_of(value: Json) -> str:
    """A text that is the same for equal values and only for them."""
    if type(value) is str:
        return f'"{value}'
    return json.dumps(_normal(value), sort_keys=True)


def is_equal(left: Json, right: Json) -> bool:
    """Whether two values are equal (JSON Schema Core, section 4.2.2)."""
    return identity_of(left) == identity_of(right)


def copy_value(value: Json) -> Json:
    """A value that shares no array or object with the original."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    return value


def type_of(value: Json) -> str:
    """The value's `type`: ``integer`` for every number without a fractional part."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, list):
        return "array"
    if isinstance(value, dict):
        return "object"
    return "integer" if value == int(value) else "number"


def _normal(value: Json) -> Json:
    if isinstance(value, float | Decimal) and not isinstance(value, bool):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, list):
        return [_normal(item) for item in value]
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items()}
    return value
