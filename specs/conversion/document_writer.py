"""Write an Api as one OpenAPI 3.2 document: a plain tree, whose only references lead into its own components.

Members that say nothing are left out. What the model does not hold is not written: contact and licence, external
documentation, descriptions of tags, extensions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, final

from understudy.specs.conversion.content_writer import ContentWriter, present
from understudy.specs.conversion.losses import Losses
from understudy.specs.conversion.schema_writer import SchemaWriter
from understudy.specs.documents.document import Json
from understudy.specs.model import (
    MISSING,
    Api,
    Link,
    Operation,
    Origin,
    Response,
    SecurityKind,
    SecurityRequirement,
    SecurityScheme,
    Server,
)
from understudy.specs.pointers import child, to_fragment, tokens
from understudy.specs.versions import METHODS

__all__ = ["write_api"]


def write_api(api: Api, losses: Losses) -> dict[str, Json]:
    """The document. Responses that several operations share become components; the model's trees are not copied."""
    return _DocumentWriter(api, losses).document()


@final
class _DocumentWriter:
    def __init__(self, api: Api, losses: Losses) -> None:
        self._api = api
        self._losses = losses
        self._schemas = SchemaWriter()
        self._content = ContentWriter(self._schemas)
        self._responses: dict[str, Json] = {}
        self._written: dict[Origin, list[tuple[Response, str]]] = {}
        """Shared responses with their names: in 2.0 one place may mean another media type in another operation."""
        self._uses = Counter(response.origin for each in _all_operations(api) for response in each.responses)
        self._schemes: dict[str, SecurityScheme] = dict(api.security_schemes)
        self._ids: set[str] = set()

    def document(self) -> dict[str, Json]:
        api = self._api
        info = present(title=api.title, version=api.version, description=api.description or None)
        paths: dict[str, Json] = {}
        for operation in api.operations:
            self._place(operation, paths.setdefault(operation.path, {}), child("/paths", operation.path))
        webhooks: dict[str, Json] = {name: {} for name in api.webhooks}
        for name, operations in api.webhooks.items():
            for operation in operations:
                self._place(operation, webhooks[name], child("/webhooks", name))
        components = present(
            schemas=self._schemas.components or None,
            responses=self._responses or None,
            securitySchemes={name: _security_scheme(scheme) for name, scheme in self._schemes.items()} or None,
        )
        return present(
            openapi="3.2.0",
            info=info,
            servers=[_server(server) for server in api.servers],
            tags=[{"name": name} for name in dict.fromkeys(api.tags)] or None,
            paths=paths,
            webhooks=webhooks or None,
            components=components or None,
        )

    def _place(self, operation: Operation, item: dict[str, Json], pointer: str) -> None:
        path = _member(operation)
        if len(path) > 1:
            item = item.setdefault(path[0], {})
        item[path[-1]] = self._operation(operation, child(pointer, *path))

    def _operation(self, operation: Operation, pointer: str) -> Json:
        is_first = operation.id not in self._ids
        self._ids.add(operation.id)
        if operation.id and not is_first:
            self._losses.add(pointer, f"another operation has the operationId {operation.id!r}", "operationId")
        body = operation.request_body
        return present(
            operationId=operation.id if operation.id and is_first else None,
            summary=operation.summary or None,
            description=operation.description or None,
            tags=list(operation.tags) or None,
            deprecated=operation.deprecated or None,
            parameters=[self._content.parameter(parameter) for parameter in operation.parameters] or None,
            requestBody=present(
                description=body.description or None,
                required=body.required or None,
                content=self._content.content(body.content),
            )
            if body is not None
            else None,
            responses={
                response.status: self._response(response, child(pointer, "responses", response.status))
                for response in operation.responses
            }
            or {"default": {"description": "Nothing is said about responses."}},
            callbacks={
                name: self._callback(operations, child(pointer, "callbacks", name))
                for name, operations in operation.callbacks.items()
            }
            or None,
            security=[self._requirement(requirement) for requirement in operation.security] or None,
            servers=[_server(server) for server in operation.servers] if self._has_own_servers(operation) else None,
        )

    def _has_own_servers(self, operation: Operation) -> bool:
        return bool(operation.servers) and operation.servers != self._api.servers

    def _callback(self, operations: Iterable[Operation], pointer: str) -> Json:
        items: dict[str, Json] = {}
        for operation in operations:
            self._place(operation, items.setdefault(operation.path, {}), child(pointer, operation.path))
        return items

    def _requirement(self, requirement: SecurityRequirement) -> Json:
        written = {}
        for scheme, scopes in requirement.schemes:
            name = re.sub(r"[^A-Za-z0-9._-]", "_", scheme.name)
            self._schemes.setdefault(name, scheme)
            written[name] = list(scopes)
        return written

    def _response(self, response: Response, pointer: str) -> Json:
        if self._uses[response.origin] < 2:
            return self._write_response(response, pointer)
        written = self._written.setdefault(response.origin, [])
        name = next((name for other, name in written if replace(other, status=response.status) == response), None)
        if name is None:
            stem = re.sub(r"[^A-Za-z0-9._-]", "_", (tokens(response.origin.pointer) or (response.status,))[-1])
            name, number = stem, 1
            while name in self._responses:
                number += 1
                name = f"{stem}-{number}"
            written.append((response, name))
            self._responses[name] = self._write_response(response, child("/components/responses", name))
        return {"$ref": f"#/components/responses/{name}"}

    def _write_response(self, response: Response, pointer: str) -> Json:
        for link in response.links:
            if not link.operation:
                self._losses.add(pointer, "the link is left out: it leads to no operation", "links", link.name)
        return present(
            description=response.description,
            headers={header.name: self._content.header(header) for header in response.headers} or None,
            content=self._content.content(response.content) or None,
            links={link.name: self._link(link) for link in response.links if link.operation} or None,
        )

    def _link(self, link: Link) -> Json:
        target = self._api.find_operation(link.operation)
        name, reference = link.operation, None
        if target is not None:
            name = target.id
            if not target.id or self._api.find_operation(target.id) is not target:
                reference = to_fragment(child("/paths", target.path, *_member(target)))
        return present(
            operationRef=reference,
            operationId=name if reference is None else None,
            parameters=dict(link.parameters) or None,
            requestBody=None if link.request_body is MISSING else link.request_body,
        )


def _member(operation: Operation) -> tuple[str, ...]:
    """Where in a Path Item Object an operation stands."""
    is_fixed = operation.method.isupper() and operation.method.lower() in METHODS
    return (operation.method.lower(),) if is_fixed else ("additionalOperations", operation.method)


def _server(server: Server) -> Json:
    variables = {
        name: present(default=variable.default, enum=list(variable.enum) or None)
        for name, variable in server.variables.items()
    }
    return present(url=server.url, description=server.description or None, variables=variables or None)


def _security_scheme(scheme: SecurityScheme) -> Json:
    kind = scheme.kind
    return present(
        type=kind.value,
        description=scheme.description or None,
        name=scheme.parameter if kind is SecurityKind.API_KEY else None,
        **({"in": scheme.location.value} if scheme.location is not None else {}),
        scheme=scheme.scheme if kind is SecurityKind.HTTP else None,
        bearerFormat=scheme.bearer_format or None,
        flows={name: _flow(flow) for name, flow in scheme.flows.items()} if kind is SecurityKind.OAUTH2 else None,
        openIdConnectUrl=scheme.open_id_connect_url if kind is SecurityKind.OPEN_ID_CONNECT else None,
    )


_FLOW_MEMBERS: Final = ("authorizationUrl", "deviceAuthorizationUrl", "tokenUrl", "refreshUrl", "scopes")


def _flow(flow: Json) -> Json:
    """Only the members of an OAuth Flow Object: 2.0 keeps a flow in the Security Scheme Object itself."""
    found = {key: flow[key] for key in _FLOW_MEMBERS if key in flow}
    return {**found, "scopes": found.get("scopes") or {}}


def _all_operations(api: Api) -> Iterable[Operation]:
    waiting = [*api.operations, *(operation for each in api.webhooks.values() for operation in each)]
    while waiting:
        operation = waiting.pop()
        yield operation
        waiting.extend(below for each in operation.callbacks.values() for below in each)
