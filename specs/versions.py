"""What differs between the versions of OpenAPI, as one table of functions per version.

Each function takes an object as its version writes it, references resolved, and gives it in the shape of 3.2. Schema
Objects are not touched: `dialects.py` reads those. What moves keeps the origin it has in the document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.errors import UnsupportedVersion
from understudy.specs.schemas.dialects import Dialect
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["METHODS", "Adapter", "get_adapter"]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
CLAUSE: Final = "https://spec.openapis.org/oas/v3.2.0.html#versions-and-deprecation"
_JSON: Final = ("application/json",)

# Members of a 2.0 Parameter, Items or Header Object that a Schema Object would hold.
_SCHEMA_MEMBERS: Final = (
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "multipleOf",
    "pattern",
    "type",
    "uniqueItems",
    "x-nullable",
)
_STYLES: Final = {
    "csv": ("form", False),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
    "multi": ("form", True),
}
_FLOWS: Final = {"accessCode": "authorizationCode", "application": "clientCredentials"}


@dataclass(frozen=True, slots=True)
class Adapter:
    """How one version writes what 3.2 writes.

    Attributes:
        parameter: A Parameter Object; 2.0's body and form parameters don't come here.
        header: A Header Object.
        request_body: The operation's parameters and its `consumes` → a Request Body Object, or None.
        response: A Response Object and the operation's `produces`.
        servers: The root object → Server Objects.
        security_scheme: A Security Scheme Object.
        media_type: A Media Type Object and its name; reads older ways to describe a stream's items.
        security_schemes: Where the root keeps Security Schemes.
        fixed_methods: Members of a Path Item Object that are operations.
    """

    dialect: Dialect
    parameter: Callable[[Node], Node]
    header: Callable[[Node], Node]
    request_body: Callable[[Sequence[Node], Sequence[str]], Node | None]
    response: Callable[[Node, Sequence[str]], Node]
    servers: Callable[[Json], list[Json]]
    security_scheme: Callable[[Json], Json]
    media_type: Callable[[Node, str], Node]
    security_schemes: tuple[str, ...]
    fixed_methods: tuple[str, ...]


def get_adapter(tree: Json, name: str) -> tuple[str, Adapter]:
    """The version a document declares, and its adapter.

    Raises:
        UnsupportedVersion: It declares none, or one that isn't supported.
    """
    if not isinstance(tree, dict):
        raise UnsupportedVersion(name, "the document is no object; an OpenAPI document starts with `openapi: 3.2.0`")
    version = tree.get("openapi", tree.get("swagger"))
    if version is None:
        raise UnsupportedVersion(name, "neither `openapi` nor `swagger` says which version it is in", clause=CLAUSE)
    text = str(version)
    adapter = next((found for prefix, found in ADAPTERS.items() if re.match(prefix, text)), None)
    if adapter is None:
        member = "openapi" if "openapi" in tree else "swagger"
        reason = f"version {text[:40]!r} is not supported; 2.0, 3.0, 3.1 and 3.2 are"
        raise UnsupportedVersion(name, reason, pointer=f"/{member}", clause=CLAUSE)
    return text, adapter


def _same(node: Node) -> Node:
    return node


def _no_body(parameters: Sequence[Node], consumes: Sequence[str]) -> Node | None:
    return None


def _same_response(node: Node, produces: Sequence[str]) -> Node:
    return node


def _servers(root: Json) -> list[Json]:
    servers = root.get("servers")
    return servers if isinstance(servers, list) and servers else [{"url": "/"}]


def _same_scheme(scheme: Json) -> Json:
    return scheme


def _media_type(node: Node, name: str) -> Node:
    return node


def _media_type_before_32(node: Node, name: str) -> Node:
    """Before 3.2 a sequential media type had one `schema`, and nothing said whether it meant an item or the whole.

    An array schema is the sequence; any other but a string (the raw text) is the item.
    """
    value = node.value
    if not isinstance(value, dict) or kind(name) not in (Kind.SSE, Kind.JSON_LINES, Kind.JSON_SEQ):
        return node
    item = next((key for key in ("x-itemSchema", "x-oas32-itemSchema") if isinstance(value.get(key), dict)), None)
    if item is None and isinstance(value.get("schema"), dict):
        types = value["schema"].get("type")
        if types == "array":
            return node
        item = "schema" if types != "string" else None
    rest = {key: member for key, member in value.items() if key != "schema"}
    return Node({**rest, **({"itemSchema": node.member(item)} if item else {})}, node.origin, node.base)


def _schema_of(node: Node) -> Node:
    """The Schema Object that 2.0 spreads over the members of a Parameter or Header Object; it stands where they do."""
    return Node({key: node.value[key] for key in _SCHEMA_MEMBERS if key in node.value}, node.origin, node.base)


def _style(value: Mapping[str, Json]) -> dict[str, Json]:
    if value.get("type") != "array":
        return {}
    style, explode = _STYLES.get(str(value.get("collectionFormat", "csv")), _STYLES["csv"])
    if value.get("in") in ("path", "header", None):
        style = "simple"
    return {"style": style if style != "tabDelimited" else "spaceDelimited", "explode": explode}


def _parameter_2(node: Node) -> Node:
    kept = {key: node.value[key] for key in ("name", "in", "description", "required") if key in node.value}
    empty = {"allowEmptyValue": True} if node.value.get("allowEmptyValue") is True else {}
    example = {"example": node.member("x-example")} if "x-example" in node.value else {}
    value = {**kept, **empty, **example, "schema": _schema_of(node), **_style(node.value)}
    return Node(value, node.origin, node.base)


def _header_2(node: Node) -> Node:
    kept = {key: node.value[key] for key in ("description",) if key in node.value}
    return Node({**kept, "schema": _schema_of(node), **_style(node.value)}, node.origin, node.base)


def _request_body_2(parameters: Sequence[Node], consumes: Sequence[str]) -> Node | None:
    body = next((node for node in parameters if node.value.get("in") == "body"), None)
    if body is not None:
        schema = body.find("schema")
        content = Node({"schema": schema} if schema else {}, body.origin, body.base)
        value = {
            "description": body.value.get("description", ""),
            "required": body.value.get("required") is True,
            "content": dict.fromkeys(consumes or _JSON, content),
        }
        return Node(value, body.origin, body.base)
    form = [node for node in parameters if node.value.get("in") == "formData"]
    if not form:
        return None
    files = any(node.value.get("type") == "file" for node in form)
    properties = {node.value["name"]: _schema_of(node).value for node in form}
    required = [node.value["name"] for node in form if node.value.get("required") is True]
    encoding = {node.value["name"]: _style(node.value) for node in form if _style(node.value)}
    whole: Json = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    names = [name for name in consumes if kind(name) in (Kind.FORM, Kind.MULTIPART)]
    if not names or (files and not any(kind(name) is Kind.MULTIPART for name in names)):
        names = ["multipart/form-data" if files else "application/x-www-form-urlencoded"]
    first = form[0]
    media_type = {"schema": Node(whole, first.origin, first.base), **({"encoding": encoding} if encoding else {})}
    contents = dict.fromkeys(names, Node(media_type, first.origin, first.base))
    return Node({"required": bool(required), "content": contents}, first.origin, first.base)


def _response_2(node: Node, produces: Sequence[str]) -> Node:
    raw = node.value
    value: dict[str, Json] = {key: raw[key] for key in ("description", "headers") if key in raw}
    examples, schema = dict(node.members("examples")), node.find("schema")
    if schema is not None or examples:
        names = list(produces) or list(examples) or list(_JSON)
        if schema is not None and schema.get("type") == "file" and not produces:
            names = ["application/octet-stream"]
        whole = {} if schema is None else {"schema": schema}
        value["content"] = {
            name: Node({**whole, **({"example": examples[name]} if name in examples else {})}, node.origin, node.base)
            for name in dict.fromkeys([*names, *examples])
        }
    return Node(value, node.origin, node.base)


def _servers_2(root: Json) -> list[Json]:
    base = str(root.get("basePath") or "/")
    host = root.get("host")
    if not isinstance(host, str):
        return [{"url": base}]
    schemes = root.get("schemes") if isinstance(root.get("schemes"), list) else None
    path = base if base.startswith("/") else f"/{base}"
    return [{"url": f"{scheme}://{host}{path}"} for scheme in schemes or ["https"]]


def _security_scheme_2(scheme: Json) -> Json:
    if scheme.get("type") == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if scheme.get("type") == "oauth2":
        flow = str(scheme.get("flow", ""))
        return {**scheme, "flows": {_FLOWS.get(flow, flow): scheme}}
    return scheme


_MODERN: Final = Adapter(
    dialect=Dialect.DRAFT_2020_12,
    parameter=_same,
    header=_same,
    request_body=_no_body,
    response=_same_response,
    servers=_servers,
    security_scheme=_same_scheme,
    media_type=_media_type,
    security_schemes=("components", "securitySchemes"),
    fixed_methods=METHODS,
)
_BEFORE_32: Final = replace(_MODERN, media_type=_media_type_before_32, fixed_methods=METHODS[:-1])


ADAPTERS: Final[Mapping[str, Adapter]] = {
    r"3\.2(\.|$)": _MODERN,
    r"3\.1(\.|$)": _BEFORE_32,
    r"3\.0(\.|$)": replace(_BEFORE_32, dialect=Dialect.DRAFT_4),
    r"2(\.0)?$": Adapter(
        dialect=Dialect.DRAFT_4,
        parameter=_parameter_2,
        header=_header_2,
        request_body=_request_body_2,
        response=_response_2,
        servers=_servers_2,
        security_scheme=_security_scheme_2,
        media_type=_media_type_before_32,
        security_schemes=("securityDefinitions",),
        fixed_methods=METHODS[:-2],
    ),
}
