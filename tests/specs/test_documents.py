"""The three shipped documents against what lies outside this project: the sheets' tables and two other validators."""

from __future__ import annotations

import base64
import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.validators import extend
from openapi_spec_validator import OpenAPIV32SpecValidator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from understudy.specs.catalog import SHIPPED, load_api, locate
from understudy.specs.content import MISSING, Direction, Example, MediaType
from understudy.specs.documents.document import Json, read_document
from understudy.specs.model import Api, Operation
from understudy.specs.pointers import child, tokens
from understudy.specs.schemas.schema import Schema
from understudy.specs.servers import base_paths

OPERATIONS = Path(__file__).parent.parent / "documents" / "operations"
AMBIGUITIES = {"quantcdn-ai": 34, "quantum-nexus": 20, "aivax": 36}

pytestmark = pytest.mark.parametrize("name", SHIPPED)


@cache
def api(name: str) -> Api:
    return load_api(name)


@cache
def trees(name: str) -> dict[str, Json]:
    """Every file of a document, by path."""
    return {file: read_document(file).tree for file in api(name).files}


@dataclass(frozen=True)
class Sample:
    """One example and the schema that it has to fit, in one of its items where the media type is a sequence."""

    place: str
    value: Json
    schema: Schema
    direction: Direction


def media_types(operation: Operation) -> Iterator[tuple[MediaType, Direction]]:
    for media_type in operation.request_body.content if operation.request_body else ():
        yield media_type, Direction.REQUEST
    for response in operation.responses:
        for media_type in response.content:
            yield media_type, Direction.RESPONSE


def samples(name: str) -> Iterator[Sample]:
    def sample(example: Example, schema: Schema | None, direction: Direction, value: Json, index: str = "") -> Sample:
        assert schema is not None, f"{example.origin} has no schema to fit"
        return Sample(f"{example.origin.pointer} {example.name}{index}", value, schema, direction)

    for operation in api(name).operations:
        for parameter in operation.parameters:
            for example in parameter.examples:
                yield sample(example, parameter.schema, Direction.REQUEST, example.value)
        for response in operation.responses:
            for header in response.headers:
                for example in header.examples:
                    yield sample(example, header.schema, Direction.RESPONSE, example.value)
        for media_type, direction in media_types(operation):
            for example in media_type.examples:
                assert example.value is not MISSING, f"{example.origin} has no value"
                if media_type.item_schema is None:
                    yield sample(example, media_type.schema, direction, example.value)
                    continue
                assert isinstance(example.value, list), f"{example.origin} is no sequence"
                for index, item in enumerate(example.value):
                    yield sample(example, media_type.item_schema, direction, item, f"[{index}]")


def test_openapi_spec_validator_finds_nothing(name: str) -> None:
    validator = OpenAPIV32SpecValidator(read_document(locate(name)).tree, base_uri=Path(locate(name)).as_uri())
    assert [error.message for error in validator.iter_errors()] == []


def test_operations_are_those_of_the_sheet(name: str) -> None:
    with (OPERATIONS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        expected = {(row["operationId"], row["method"], row["path"]) for row in csv.DictReader(file)}
    found = [
        (operation.id, operation.method, base_paths(operation.servers[0])[0] + operation.path)
        for operation in api(name).operations
    ]
    assert set(found) == expected
    assert len(found) == len(expected) == {"quantcdn-ai": 14, "quantum-nexus": 13, "aivax": 65}[name]


def test_nothing_was_read_with_good_will(name: str) -> None:
    assert api(name).quirks == ()


def test_every_example_is_valid(name: str) -> None:
    faults = [
        (sample.place, violation)
        for sample in samples(name)
        for violation in sample.schema.validator(sample.direction).violations(sample.value)
    ]
    assert faults == []


def exact(value: Json) -> Json:
    """With each fraction as the decimal that was written: to jsonschema 0.3 is then a multiple of 0.1."""
    return json.loads(json.dumps(value, default=str), parse_float=Decimal)


def check_content(validator: Draft202012Validator, schema: Json, text: Json, whole: Json) -> Iterator[ValidationError]:
    """jsonschema leaves the content of strings alone; this reads it without our own readers."""
    if not isinstance(text, str):
        return
    if whole.get("contentEncoding") == "base64":
        text = base64.b64decode(text, validate=True).decode()
    if whole["contentMediaType"] == "application/jsonl":
        value = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
    else:
        assert whole["contentMediaType"] == "application/json"
        value = json.loads(text, parse_float=Decimal)
    yield from validator.descend(value, schema)


IndependentValidator = extend(  # type: ignore[no-untyped-call]  # jsonschema doesn't annotate it
    Draft202012Validator, {"contentSchema": check_content}
)


@cache
def registry(name: str) -> Registry[Json]:
    resources = ((path, DRAFT202012.create_resource(exact(tree))) for path, tree in trees(name).items())
    return Registry().with_resources((Path(path).as_uri(), resource) for path, resource in resources)


def independent_validator(name: str, file: str, pointer: str) -> Draft202012Validator:
    validator: Draft202012Validator = IndependentValidator(
        {"$ref": f"{Path(file).as_uri()}#{pointer.replace('%', '%25')}"},
        registry=registry(name),
        format_checker=Draft202012Validator.FORMAT_CHECKER,
    )
    return validator


def test_jsonschema_finds_every_example_valid(name: str) -> None:
    """It reads the documents as they are: neither our references nor our translation come between."""
    faults = []
    for sample in samples(name):
        validator = independent_validator(name, sample.schema.origin.uri, sample.schema.origin.pointer)
        faults += [(sample.place, error.message) for error in validator.iter_errors(exact(sample.value))]
    assert faults == []


def test_jsonschema_sees_a_spoiled_example(name: str) -> None:
    """The witness has teeth, also inside events and records."""
    validators = [
        independent_validator(name, schema.origin.uri, schema.origin.pointer)
        for operation in api(name).operations
        for media_type, _ in media_types(operation)
        if (schema := media_type.item_schema) is not None
    ]
    assert validators
    assert not any(validator.is_valid({"data": '{"word": 1}'}) for validator in validators)


def test_examples_and_defaults_of_schemas_are_valid(name: str) -> None:
    faults = []
    for file, tree in trees(name).items():
        stack = [("", tree)]
        while stack:
            pointer, value = stack.pop()
            if isinstance(value, dict):
                values = list(value["examples"]) if isinstance(value.get("examples"), list) else []
                path = tokens(pointer)
                if "default" in value and path[-1:] != ("responses",) and path[-2:-1] != ("variables",):
                    values.append(value["default"])
                for each in values:
                    errors = independent_validator(name, file, pointer).iter_errors(exact(each))
                    faults += [(pointer, error.message) for error in errors]
                stack += [(child(pointer, key), member) for key, member in value.items()]
            elif isinstance(value, list):
                stack += [(child(pointer, index), item) for index, item in enumerate(value)]
    assert faults == []


def test_operations_are_described(name: str) -> None:
    for operation in api(name).operations:
        assert operation.summary, operation.label
        assert operation.tags, operation.label
        assert set(operation.tags) <= set(api(name).tags), operation.label
        successes = [response for response in operation.responses if response.is_success]
        assert successes, operation.label
        for media_type in [each for response in successes for each in response.content]:
            assert any(example.name for example in media_type.examples), f"{operation.label} {media_type.name}"
        for media_type in operation.request_body.content if operation.request_body else ():
            assert any(example.name for example in media_type.examples), f"{operation.label} {media_type.name}"


def references(name: str) -> Iterator[tuple[str, str, str]]:
    """Each reference as the text of the documents has it: the file, the place, the reference."""
    stack = [(file, "", tree) for file, tree in trees(name).items()]
    while stack:
        file, pointer, value = stack.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                yield file, pointer, value["$ref"]
            for key, member in value.items():
                if key == "x-understudy":
                    yield from vocabulary_references(file, pointer, member)
                elif key == "mapping" and isinstance(member, dict):
                    yield from ((file, pointer, reference) for reference in member.values() if "#" in reference)
                elif key != "value":  # of an Example Object
                    stack.append((file, child(pointer, key), member))
        elif isinstance(value, list):
            stack += [(file, child(pointer, index), item) for index, item in enumerate(value)]


def vocabulary_references(file: str, pointer: str, members: Json) -> Iterator[tuple[str, str, str]]:
    stream = members.get("stream", {})
    yield from ((file, pointer, stream[key]) for key in ("first", "repeated", "last") if key in stream)
    yield from ((file, pointer, each["schema"]) for each in members.get("errors", {}).get("envelopes", ()))


def target(file: str, reference: str) -> tuple[str, str]:
    path, _, fragment = reference.partition("#")
    return os.path.normpath(Path(file).parent / path) if path else file, unquote(fragment)


def test_every_reference_leads_somewhere(name: str) -> None:
    found = list(references(name))
    assert found
    for file, pointer, reference in found:
        path, fragment = target(file, reference)
        value = trees(name)[path]
        for token in tokens(fragment):
            assert token in value, f"{file}#{pointer}: {reference}"
            value = value[token]


def test_no_component_is_unused(name: str) -> None:
    """Also none repeated: the operations would use only one of two."""
    used = {target(file, reference) for file, _, reference in references(name)}
    kinds = ("schemas", "responses", "parameters", "examples", "requestBodies", "headers", "links", "pathItems")
    unused = [
        f"{file}#{pointer}"
        for file, tree in trees(name).items()
        for kind in kinds
        for base, holder in (("", tree), ("/components", tree.get("components", {})))
        for key in holder.get(kind, {})
        if (file, pointer := child(f"{base}/{kind}", key)) not in used
    ]
    assert unused == []
    required = {
        scheme.name
        for operation in api(name).operations
        for requirement in operation.security
        for scheme, _ in requirement.schemes
    }
    assert required == set(api(name).security_schemes)


def test_readme_answers_every_ambiguity_of_the_sheet(name: str) -> None:
    lines = (Path(locate(name)).parent / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|")[1].strip() for line in lines if line.startswith("| A")]
    assert [row for row in rows if row[1:].isdigit()] == [f"A{n}" for n in range(1, AMBIGUITIES[name] + 1)]
