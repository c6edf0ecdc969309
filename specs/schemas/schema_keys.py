"""What schemas are called in the `$defs` of others: by their component, and by the dynamic scope they are met in."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TypeAlias, final

from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.model import Origin
from understudy.specs.pointers import tokens
from understudy.specs.schemas.translation import NO_SCOPE, Scope, enter

__all__ = ["SchemaKeys", "ScopeKey", "scope_key"]

ScopeKey: TypeAlias = tuple[tuple[str, Origin], ...]


def scope_key(scope: Scope) -> ScopeKey:
    """A scope as something that can be compared."""
    return tuple((name, node.origin) for name, node in scope)


@final
class SchemaKeys:
    """The keys of one document and those it refers to.

    Attributes:
        origins: Where the schema of a key stands.
    """

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self.origins: dict[str, Origin] = {}
        self._scopes: dict[tuple[Origin, ScopeKey], str] = {}

    def key(self, origin: Origin) -> str:
        """The key of a schema in every `$defs`: its component name, made unique.

        It depends on the description alone, never on which schema is used first.
        """
        known = self._keys.get(origin)
        return known if known is not None else self._add_key(origin)

    def scoped_key(self, node: Node, scope: Scope) -> str:
        """As `key`; another one for each further dynamic scope that the schema is met in."""
        key = self.key(node.origin)
        if scope == enter(self._resources, NO_SCOPE, node.base):
            return key
        known = self._scopes.get((node.origin, scope_key(scope)))
        if known is None:
            known = f"{key}-in-{1 + sum(origin == node.origin for origin, _ in self._scopes)}"
            while known in self.origins:
                known += "-"
            self.origins[known] = node.origin
            self._scopes[(node.origin, scope_key(scope))] = known
        return known

    @cached_property
    def _keys(self) -> dict[Origin, str]:
        self._keys = {}
        for origin in self._resources.followed:
            self._add_key(origin)
        return self._keys

    def _add_key(self, origin: Origin) -> str:
        last = (tokens(origin.pointer) or (origin.uri.rsplit("/", 1)[-1].split(".")[0],))[-1]
        stem = re.sub(r"[^A-Za-z0-9_.-]", "_", last) or "schema"
        key, number = stem, 1
        while key in self.origins:
            number += 1
            key = f"{stem}-{number}"
        self.origins[key] = origin
        self._keys[origin] = key
        return key
