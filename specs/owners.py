"""What a member belongs to, read from its place in the schema: `/$defs/User/properties/name` belongs to a `User`."""

from __future__ import annotations

from typing import Final

from understudy.specs.pointers import tokens

__all__ = ["owner_of"]

_STRUCTURE: Final = frozenset(
    (
        "items prefixItems contains allOf anyOf oneOf if then else not additionalProperties unevaluatedProperties "
        "unevaluatedItems patternProperties dependentSchemas propertyNames contentSchema properties $defs definitions"
    ).split()
)


def owner_of(pointer: str, default: str) -> str:
    """The name of the schema or member around the member at a pointer; ``default`` for members of the root."""
    names = tokens(pointer)
    if len(names) < 2 or names[-2] != "properties":
        return default
    for name in reversed(names[:-2]):
        if name not in _STRUCTURE and not name.isdigit():
            return name
    return default
