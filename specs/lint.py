"""Find what is wrong in a document that loads: one rule, one function, all in the table at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

import jsonschema_rs

from understudy.specs.errors import DocumentError, GenerationError
from understudy.specs.model import (
    MISSING,
    Api,
    Direction,
    Example,
    Header,
    Location,
    MediaType,
    Origin,
    Parameter,
)
from understudy.specs.path_templates import bare_path
from understudy.specs.paths import Route, Router
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.schema import Schema

__all__ = ["RULES", "Level", "LintFinding", "find_faults", "lint_api"]


class Level(Enum):
    """An error makes the document wrong or ambiguous; a warning makes it less useful, or was read with good will."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing to mend: the rule's id, the place, and a sentence that says what and how."""

    rule: str
    level: Level
    origin: Origin
    message: str


def lint_api(api: Api) -> tuple[LintFinding, ...]:
    """Every finding of every rule, in the order of `RULES` and of the document."""
    return tuple(
        LintFinding(rule, level, origin, message)
        for rule, (level, find) in RULES.items()
        for origin, message in find(api)
    )


def find_faults(api: Api, rule: str) -> Iterator[tuple[Origin, str]]:
    """Where one rule of `RULES` finds something, one after the other."""
    return RULES[rule][1](api)


def _quirks(api: Api) -> Iterator[tuple[Origin, str]]:
    for quirk in api.quirks:
        yield quirk.origin, quirk.message


def _path_parameters(api: Api) -> Iterator[tuple[Origin, str]]:
    """3.2, Path Templating: each expression needs a path parameter, and each path parameter an expression."""
    for operation in api.operations:
        names = set(re.findall(r"\{([^{}]+)\}", bare_path(operation.path)))
        declared = {p.name for p in operation.parameters if p.location is Location.PATH}
        for name in sorted(names - declared):
            yield operation.origin, f"{operation.label}: {{{name}}} in the path has no parameter with `in: path`"
        for name in sorted(declared - names):
            yield operation.origin, f"{operation.label}: path parameter {name!r} is not in the path"


def _ambiguous_paths(api: Api) -> Iterator[tuple[Origin, str]]:
    plain = (each for each in api.operations if bare_path(each.path) == each.path)  # a quirk names the others
    router = Router(Route(each.method, each.path, each) for each in plain)
    for first, second in router.find_conflicts():
        yield second.value.origin, f"{second.value.label} matches the same requests as {first.value.label}; keep one"


def _responses(api: Api) -> Iterator[tuple[Origin, str]]:
    for operation in api.operations:
        if not operation.responses:
            yield operation.origin, f"{operation.label} describes no response; add at least one"


def _servers(api: Api) -> Iterator[tuple[Origin, str]]:
    for server in api.servers:
        for name in re.findall(r"\{([^{}]+)\}", server.url):
            variable = server.variables.get(name)
            if variable is None:
                yield api.origin, f"server {server.url}: variable {name!r} isn't described under `variables`"
            elif variable.enum and variable.default not in variable.enum:
                yield api.origin, f"server {server.url}: default {variable.default!r} of {name!r} isn't in its `enum`"


def _links(api: Api) -> Iterator[tuple[Origin, str]]:
    for operation in api.operations:
        for link in (link for response in operation.responses for link in response.links):
            target = api.find_operation(link.operation)
            if target is None:
                yield link.origin, f"link {link.name!r} of {operation.label} leads to no operation of this document"
                continue
            known = {p.name for p in target.parameters} | {f"{p.location.value}.{p.name}" for p in target.parameters}
            for name in sorted(set(link.parameters) - known):
                yield link.origin, f"link {link.name!r}: {target.label} has no parameter {name!r}"


def _schemas(api: Api) -> Iterator[tuple[Origin, str]]:
    faults: dict[Origin, str] = {}
    for schema, direction in _all_schemas(api):
        fault = _find_fault(schema, direction)
        if fault:
            yield schema.origin, fault
        faults.update(schema.space.faults)
    yield from faults.items()


def _unsatisfiable(api: Api) -> Iterator[tuple[Origin, str]]:
    for schema, direction in _all_schemas(api):
        if _find_fault(schema, direction):
            continue  # `schema` says so
        try:
            schema.generator(direction).generate("lint", minimal=True)
        except GenerationError as error:
            yield schema.origin, f"no value fits this schema: {error}"


def _examples(api: Api) -> Iterator[tuple[Origin, str]]:
    for example, schema, direction, sequential in _all_examples(api):
        if example.value is MISSING or schema is None:
            continue
        items = example.value if sequential and isinstance(example.value, list) else [example.value]
        if _find_fault(schema, direction):
            continue  # `schema` says so
        validator = schema.validator(direction)
        name = f"example {example.name!r}" if example.name else "the example"
        for index, item in enumerate(items):
            where = f", item {index}" if sequential else ""
            for violation in validator.violations(item)[:1]:
                place = JsonPointer(violation.pointer) or "its root"
                yield example.origin, f"{name}{where} disagrees with its schema at {place}: {violation.message}"


_META: Final = "https://json-schema.org/draft/2020-12/schema"


def _find_fault(schema: Schema, direction: Direction) -> str:
    """Why a schema can't be used; empty when it can."""
    try:
        value = schema.standalone(direction)
        jsonschema_rs.meta.validate({**value, "$schema": _META} if isinstance(value, dict) else {})
        schema.validator(direction)
    except jsonschema_rs.ValidationError as error:
        path = "/".join(str(part) for part in error.instance_path)
        return f"not a valid schema: {error.message} (at {path or 'its root'})"
    except DocumentError as error:
        return str(error)
    return ""


def _media_types(api: Api) -> Iterator[tuple[MediaType, Direction]]:
    for operation in api.operations:
        for media_type in operation.request_body.content if operation.request_body else ():
            yield media_type, Direction.REQUEST
        for response in operation.responses:
            for media_type in response.content:
                yield media_type, Direction.RESPONSE


def _parts(api: Api) -> Iterator[tuple[Parameter | Header, Direction]]:
    for operation in api.operations:
        for parameter in operation.parameters:
            yield parameter, Direction.REQUEST
        for response in operation.responses:
            for header in response.headers:
                yield header, Direction.RESPONSE


def _all_schemas(api: Api) -> Iterator[tuple[Schema, Direction]]:
    """Each schema that a value can be judged by, once for each direction."""
    seen: set[tuple[Origin, Direction]] = set()
    holders: list[tuple[Schema | None, Direction]] = [(part.schema, direction) for part, direction in _parts(api)]
    for media_type, direction in _media_types(api):
        holders += [(media_type.schema, direction), (media_type.item_schema, direction)]
    for schema, direction in holders:
        if schema is not None and (schema.target.origin, direction) not in seen:
            seen.add((schema.target.origin, direction))
            yield schema, direction


def _all_examples(api: Api) -> Iterator[tuple[Example, Schema | None, Direction, bool]]:
    """Each example once with the schema it must fit, and whether it is a sequence of items of that schema."""
    seen: set[Origin] = set()
    for media_type, direction in _media_types(api):
        sequential = media_type.item_schema is not None and media_type.schema is None
        schema = media_type.item_schema if sequential else media_type.schema
        for example in media_type.examples:
            if example.origin not in seen:
                seen.add(example.origin)
                yield example, schema, direction, sequential
    for part, direction in _parts(api):
        for example in part.examples:
            if example.origin not in seen:
                seen.add(example.origin)
                yield example, part.schema, direction, False


Rule = Callable[[Api], Iterator[tuple[Origin, str]]]

RULES: Final[Mapping[str, tuple[Level, Rule]]] = MappingProxyType(
    {
        "quirk": (Level.WARNING, _quirks),
        "path-parameter": (Level.ERROR, _path_parameters),
        "ambiguous-path": (Level.ERROR, _ambiguous_paths),
        "response-missing": (Level.ERROR, _responses),
        "server-variable": (Level.ERROR, _servers),
        "link": (Level.ERROR, _links),
        "schema": (Level.ERROR, _schemas),
        "schema-unsatisfiable": (Level.ERROR, _unsatisfiable),
        "example": (Level.ERROR, _examples),
    }
)
"""Id → level and function, in the order they are run."""
