"""Say in OpenAPI 3.0 what a document says in 3.1."""

from __future__ import annotations

from typing import Final, final

from understudy.specs.conversion.document_rewriting import Rewriting, rewrite_document
from understudy.specs.conversion.losses import Losses
from understudy.specs.conversion.schema_30 import SchemaDown, find_loosened
from understudy.specs.documents.document import Json
from understudy.specs.pointers import tokens
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["VERSION", "say_in_30"]

VERSION: Final = "3.0.3"
"""The patch release that every 3.0 tool knows."""

_WITH_SCOPES: Final = ("oauth2", "openIdConnect")


def say_in_30(document: dict[str, Json], losses: Losses) -> dict[str, Json]:
    """The document in 3.0; it is in 3.1 (`openapi_31.py`)."""
    components = document.get("components", {})
    schemas = SchemaDown(losses, find_loosened(components.get("schemas", {})))
    down = _Down(losses, {name: scheme["type"] for name, scheme in components.get("securitySchemes", {}).items()})
    rewriting = Rewriting(
        schema=schemas.write,
        operation=down.operation,
        media_type=down.media_type,
        security_scheme=down.security_scheme,
    )
    for name in document.get("webhooks", {}):
        losses.add("/webhooks", f"the webhook {name!r} is left out: 3.0 has no place for it", name)
    kept = {key: value for key, value in document.items() if key != "webhooks"}
    return {**rewrite_document(kept, rewriting), "openapi": VERSION}


@final
class _Down:
    def __init__(self, losses: Losses, scheme_types: dict[str, str]) -> None:
        self._losses = losses
        self._scheme_types = scheme_types

    def operation(self, operation: dict[str, Json], pointer: str) -> dict[str, Json]:
        """Only OAuth and OpenID Connect have scopes before 3.1, and there is no mutual TLS."""
        if "security" in operation:
            written = []
            for index, requirement in enumerate(operation["security"]):
                if any(self._scheme_types.get(name) == "mutualTLS" for name in requirement):
                    self._losses.add(pointer, "an alternative with mutual TLS is left out", "security", index)
                else:
                    written.append({name: self._scopes(name, scopes) for name, scopes in requirement.items()})
            operation["security"] = written
        return operation

    def _scopes(self, name: str, scopes: Json) -> Json:
        return scopes if self._scheme_types.get(name) in _WITH_SCOPES else []

    def media_type(self, media_type: dict[str, Json], pointer: str) -> dict[str, Json]:
        """From 3.1 on binary content needs no schema; before, it was a string of `format: binary`."""
        if kind(tokens(pointer)[-1]) is Kind.BINARY and not media_type.get("schema"):
            media_type["schema"] = {"type": "string", "format": "binary"}
        return media_type

    def security_scheme(self, scheme: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        if scheme["type"] == "mutualTLS":
            self._losses.add(pointer, "mutual TLS is left out: 3.0 doesn't know it")
            return None
        return scheme
