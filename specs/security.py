"""Read Security Scheme and Security Requirement Objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import Resources
from understudy.specs.errors import DocumentError
from understudy.specs.model import Location, Quirk, SecurityKind, SecurityRequirement, SecurityScheme
from understudy.specs.pointers import tokens
from understudy.specs.versions import Adapter

__all__ = ["SecurityReader"]


@final
class SecurityReader:
    """The document's schemes, and requirements with the schemes they name."""

    def __init__(self, resources: Resources, adapter: Adapter, quirks: list[Quirk]) -> None:
        self._resources = resources
        self._adapter = adapter
        self._quirks = quirks
        self.schemes: Mapping[str, SecurityScheme] = dict(self._read())

    def requirements(self, raw: Json, node: Node) -> tuple[SecurityRequirement, ...]:
        """Alternatives in document order; none where nothing is required.

        A scheme that the document doesn't define is left out with a quirk: it couldn't be met by anyone.
        """
        if not isinstance(raw, list):
            return ()
        found = []
        for requirement in raw:
            if not isinstance(requirement, dict):
                continue
            schemes = []
            for name, scopes in requirement.items():
                scheme = self.schemes.get(name) or self._find_by_reference(name, node)
                if scheme is None:
                    message = f"security scheme {name!r} isn't defined under components/securitySchemes; it is ignored"
                    if not any(quirk.message == message for quirk in self._quirks):
                        self._quirks.append(Quirk(node.origin, message))
                    continue
                schemes.append((scheme, tuple(str(scope) for scope in scopes or ())))
            if schemes or not requirement:
                found.append(SecurityRequirement(tuple(schemes)))
        return tuple(found)

    def _read(self) -> list[tuple[str, SecurityScheme]]:
        holder: Json = self._resources.root.value
        path = self._adapter.security_schemes
        for key in path[:-1]:
            holder = holder.get(key) if isinstance(holder.get(key), dict) else {}
        parent = self._resources.root.member(*path[:-1]) if holder or len(path) == 1 else None
        if parent is None:
            return []
        return [
            (name, scheme)
            for name, node in parent.members(path[-1])
            if (scheme := self._scheme(name, self._resources.get_object(node, "a Security Scheme Object"))) is not None
        ]

    def _scheme(self, name: str, node: Node) -> SecurityScheme | None:
        raw = self._adapter.security_scheme(node.value)
        try:
            kind = SecurityKind(raw.get("type"))
            location = Location(raw.get("in")) if kind is SecurityKind.API_KEY else None
        except ValueError:
            message = f"security scheme {name!r} has no known `type` and `in`; it is ignored"
            self._quirks.append(Quirk(node.origin, message))
            return None
        return SecurityScheme(
            name=name,
            kind=kind,
            description=str(raw.get("description") or ""),
            location=location,
            parameter=str(raw.get("name") or "") if kind is SecurityKind.API_KEY else "",
            scheme=str(raw.get("scheme") or "").lower(),
            bearer_format=str(raw.get("bearerFormat") or ""),
            flows=raw["flows"] if isinstance(raw.get("flows"), dict) else {},
            open_id_connect_url=str(raw.get("openIdConnectUrl") or ""),
            origin=node.origin,
        )

    def _find_by_reference(self, name: str, node: Node) -> SecurityScheme | None:
        """3.2 lets a requirement name its scheme by URI."""
        if not any(mark in name for mark in "/#."):
            return None
        try:
            target = self._resources.resolve(self._resources.target(name, node))
        except DocumentError:
            return None
        known = next((scheme for scheme in self.schemes.values() if scheme.origin == target.origin), None)
        return known or (self._scheme(_component(target), target) if isinstance(target.value, dict) else None)


def _component(node: Node) -> str:
    return (tokens(node.origin.pointer) or ("",))[-1]
