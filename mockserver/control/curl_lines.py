"""A curl line for an operation that a user can paste: documented examples where there are any, else made-up values."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from understudy.specs.behaviour.declarations import Needs
from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Direction, Location, MediaType, Missing, Parameter, SecurityKind
from understudy.specs.path_templates import bare_path
from understudy.specs.wire.json_bodies import dump_json
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.styles import join_query, serialize_parameter

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json
    from understudy.specs.model import Operation, SecurityScheme

__all__ = ["curl_line"]

_CREDENTIAL: Final = "try-me"
_PREFERRED: Final = (Kind.JSON, Kind.FORM, Kind.MULTIPART)
_KEY: Final = "try"


def curl_line(operation: Operation, base: str) -> str:
    """A request that the mock takes.

    Args:
        base: What comes before the operation's path, without a slash at the end.
    """
    words = ["curl"]
    if any(kind(media.name) is Kind.SSE for response in operation.responses for media in response.content):
        words.append("-N")
    if operation.method != "GET" or operation.request_body is not None:
        words.append(f"-X {shlex.quote(operation.method)}")
    query, headers = [], []
    for scheme in operation.security[0].schemes if operation.security else ():
        pairs, lines = _credential(scheme[0])
        query += pairs
        headers += lines
    path = bare_path(operation.path)
    for parameter in operation.parameters:
        if not _is_sent(parameter, operation):
            continue
        written = _written(parameter)
        if isinstance(written, list):
            query += written if parameter.location is Location.QUERY else []
        elif parameter.location is Location.PATH:
            path = path.replace("{" + parameter.name + "}", written)
        elif parameter.location is Location.HEADER:
            headers.append(f"{parameter.name}: {written}")
    url = base + quote(path, safe="/%:@!$&'()*+,;=~") + (f"?{join_query(query)}" if query else "")
    words.append(shlex.quote(url))
    words += [f"-H {shlex.quote(line)}" for line in headers]
    words += _body(operation)
    return " ".join(words)


def _is_sent(parameter: Parameter, operation: Operation) -> bool:
    """What has to be there; and, where rules say more of a request than its schemas, what is shown by example."""
    if parameter.location is Location.PATH or parameter.required:
        return True
    rules = operation.action.require if operation.action is not None else ()
    shown = parameter.examples or (parameter.content.examples if parameter.content is not None else ())
    return bool(shown) and any(rule.needs is Needs.REQUEST for rule in rules)


def _credential(scheme: SecurityScheme) -> tuple[list[tuple[str, str]], list[str]]:
    if scheme.kind is SecurityKind.API_KEY:
        if scheme.location is Location.QUERY:
            return [(scheme.parameter, _CREDENTIAL)], []
        if scheme.location is Location.COOKIE:
            return [], [f"Cookie: {scheme.parameter}={_CREDENTIAL}"]
        return [], [f"{scheme.parameter}: {_CREDENTIAL}"]
    if scheme.kind is SecurityKind.MUTUAL_TLS:
        return [], []
    if scheme.kind is SecurityKind.HTTP and scheme.scheme == "basic":
        return [], ["Authorization: Basic dHJ5Om1l"]
    name = scheme.scheme.capitalize() if scheme.kind is SecurityKind.HTTP and scheme.scheme else "Bearer"
    return [], [f"Authorization: {name} {_CREDENTIAL}"]


def _written(parameter: Parameter) -> str | list[tuple[str, str]]:
    """The parameter with a value; its name where none can be written."""
    for value in _values(parameter):
        try:
            return serialize_parameter(parameter, value)
        except UncarriableValue:
            continue
    return parameter.name


def _values(parameter: Parameter) -> Iterator[Json]:
    described = parameter.content if parameter.content is not None else parameter
    yield from (each.value for each in described.examples if each.value is not MISSING)
    if described.schema is not None:
        try:
            yield described.schema.generator(Direction.REQUEST).generate(_KEY)
        except GenerationError:
            return


def _body(operation: Operation) -> list[str]:
    content = operation.request_body.content if operation.request_body is not None else ()
    offers = sorted(content, key=lambda each: _rank(kind(each.name)))
    if not offers:
        return []
    media_type = offers[0]
    value = _value(media_type)
    match kind(media_type.name):
        case Kind.JSON:
            text = dump_json({} if value is MISSING else value).decode("utf-8", "replace")
            return [f"-H {shlex.quote(f'Content-Type: {media_type.name}')}", f"-d {shlex.quote(text)}"]
        case Kind.FORM | Kind.MULTIPART as form if isinstance(value, dict):
            option = "-F" if form is Kind.MULTIPART else "--data-urlencode"
            return [f"{option} {shlex.quote(part)}" for part in _parts(media_type, value)]
        case _:
            return [f"-H {shlex.quote(f'Content-Type: {media_type.name}')}", "--data-binary @FILE"]


def _parts(media_type: MediaType, value: dict[str, Json]) -> Iterator[str]:
    described = media_type.schema.standalone(Direction.REQUEST) if media_type.schema is not None else {}
    properties = _followed(described, described).get("properties", {})
    for name, member in value.items():
        said = _followed(properties.get(name, {"type": "string"}), described)
        is_file = "contentMediaType" in said or said.get("format") == "binary" or not said
        if is_file or (isinstance(member, str) and not member.isprintable()):
            yield f"{name}=@FILE"
        else:
            yield f"{name}={member if isinstance(member, str) else dump_json(member).decode()}"


def _followed(schema: Json, root: Json) -> dict[str, Json]:
    """A schema behind its references, which all lie in the root's `$defs`."""
    for _ in range(16):
        if not isinstance(schema, dict):
            return {}
        target = schema.get("$ref")
        if not isinstance(target, str):
            return schema
        schema = root.get("$defs", {}).get(target.removeprefix("#/$defs/"))
    return {}


def _value(media_type: MediaType) -> Json | Missing:
    for example in media_type.examples:
        if example.value is not MISSING:
            return example.value
    if media_type.schema is None:
        return MISSING
    try:
        return media_type.schema.generator(Direction.REQUEST).generate(_KEY)
    except GenerationError:
        return MISSING


def _rank(found: Kind) -> int:
    return _PREFERRED.index(found) if found in _PREFERRED else len(_PREFERRED)
