from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator

from understudy.specs.build import build_api
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.content import Direction
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.model import Api, Operation
from understudy.specs.schemas.schema import Schema

DOCUMENTS = Path(__file__).parents[2] / "documents"
EVERY_DOCUMENT = [*SHIPPED, *sorted(path.stem for path in DOCUMENTS.glob("*.yaml")), "many-files"]
REQUEST, RESPONSE = Direction.REQUEST, Direction.RESPONSE


def load(name: str) -> Api:
    path = DOCUMENTS / (name if (DOCUMENTS / name).is_dir() else f"{name}.yaml")
    return load_api(str(path) if path.exists() else name)


def build(schemas: str, version: str = "3.2.0") -> Api:
    """A document with these components; its one operation answers with the first."""
    indented = "\n".join(f"    {line}" for line in schemas.splitlines())
    first = schemas.partition(":")[0]
    text = (
        f"openapi: {version}\npaths:\n  /x:\n    get: {{responses: {{'200': {{description: d, content: "
        f"{{application/json: {{schema: {{$ref: '#/components/schemas/{first}'}}}}}}}}}}}}\n"
        f"components:\n  schemas:\n{indented}"
    )
    return build_api(parse_document(text.encode(), "/base/api.yaml", name="api.yaml"))


def body(operation: Operation) -> Schema:
    assert operation.request_body is not None
    (media_type,) = operation.request_body.content
    assert media_type.schema is not None
    return media_type.schema


def answer(operation: Operation) -> Schema:
    (media_type,) = operation.responses[0].content
    assert media_type.schema is not None
    return media_type.schema


def schemas(api: Api) -> Iterator[Schema]:
    """Every schema that a value can be judged by."""
    for operation in [*api.operations, *(each for hooks in api.webhooks.values() for each in hooks)]:
        media_types = [*(operation.request_body.content if operation.request_body else ())]
        found = [parameter.schema for parameter in operation.parameters]
        for response in operation.responses:
            media_types += response.content
            found += [header.schema for header in response.headers]
        for media_type in media_types:
            found += [media_type.schema, media_type.item_schema]
        yield from (schema for schema in found if schema is not None)


def references(schema: Json) -> Iterator[str]:
    """Each `$ref` of a JSON Schema, wherever it stands: also under keywords that we don't know."""
    stack = [(schema, False)]
    while stack:
        value, named = stack.pop()
        if isinstance(value, dict):
            if not named and "$ref" in value:
                yield value["$ref"]
            for key, member in value.items():
                if named or key not in ("const", "default", "enum", "examples"):
                    stack.append((member, not named and key in ("properties", "patternProperties", "$defs")))
        elif isinstance(value, list):
            stack += [(item, False) for item in value]


class TestClosure:
    @pytest.mark.parametrize("name", EVERY_DOCUMENT)
    def test_a_standalone_schema_is_valid_and_needs_nothing_else(self, name: str) -> None:
        api = load(name)
        for schema in schemas(api):
            for direction in Direction:
                for whole in (schema.standalone(direction), schema.generative(direction)):
                    assert isinstance(whole, (dict, bool))
                    named = {f"#/$defs/{key}" for key in whole.get("$defs", ())} if isinstance(whole, dict) else set()
                    assert set(references(whole)) <= named, schema
                    Draft202012Validator.check_schema(whole)
                    assert jsonschema_rs.meta.is_valid(whole), schema
                assert schema.validator(direction) is schema.validator(direction)

    @pytest.mark.parametrize("name", [name for name in EVERY_DOCUMENT if not name.startswith("swagger20")])
    def test_a_schema_stands_where_its_origin_says(self, name: str) -> None:
        api = load(name)
        for schema in schemas(api):
            assert schema.space.resources.at(schema.origin.uri, schema.origin.pointer).value == schema.raw

    def test_only_what_is_reached_is_taken_along(self) -> None:
        api = build(
            "A: {properties: {b: {$ref: '#/components/schemas/B'}}}\nB: {}\nC: {$ref: '#/components/schemas/B'}"
        )
        assert set(answer(api.operations[0]).standalone(RESPONSE)["$defs"]) == {"A", "B"}

    def test_keys_do_not_depend_on_which_schema_comes_first(self) -> None:
        texts = set()
        for order in (1, -1):
            api = load("many-files")
            for schema in list(schemas(api))[::order]:
                schema.standalone(RESPONSE)
            texts.add(str([schema.standalone(RESPONSE) for schema in schemas(api)]))
        assert len(texts) == 1

    def test_components_of_one_name_in_two_files_are_two(self, tmp_path: Path) -> None:
        (tmp_path / "other.yaml").write_text("schemas: {Boat: {const: 2}}", encoding="utf-8")
        (tmp_path / "openapi.yaml").write_text(
            "openapi: 3.2.0\npaths: {/x: {get: {responses: {'200': {content: {a/json: {schema: {allOf: "
            "[{$ref: '#/components/schemas/Boat'}, {$ref: 'other.yaml#/schemas/Boat'}]}}}}}}}}\n"
            "components: {schemas: {Boat: {const: 1}}}",
            encoding="utf-8",
        )
        whole = answer(load_api(str(tmp_path)).operations[0]).standalone(RESPONSE)
        assert whole["$defs"] == {"Boat": {"const": 1}, "Boat-2": {"const": 2}}


class TestRecursion:
    @pytest.mark.parametrize(
        ("name", "value", "valid"),
        [
            ("getTree", {"value": 1, "children": [{"value": 2, "children": []}]}, True),
            ("getTree", {"value": 1, "children": [{"children": []}]}, False),
            ("getPerson", {"name": "a", "boat": {"name": "b", "owner": {"name": "c"}}}, True),
            ("getPerson", {"name": "a", "boat": {"name": "b", "owner": {}}}, False),
            ("getInline", {"next": {"next": {"next": {}}}}, True),
            ("getInline", {"next": {"next": 1}}, False),
        ],
    )
    def test_schemas_may_contain_themselves(self, name: str, value: Json, valid: bool) -> None:
        operation = load("openapi32-recursion").find_operation(name)
        assert operation is not None
        assert answer(operation).validator(RESPONSE).is_valid(value) is valid

    def test_a_long_chain_of_schemas_is_no_deep_recursion(self) -> None:
        chain = "\n".join(
            f"S{n}: {{allOf: [{{$ref: '#/components/schemas/S{n + 1}'}}], properties: {{p{n}: {{readOnly: true}}}}}}"
            for n in range(600)
        )
        api = build(f"{chain}\nS600: {{required: [p0, p600], properties: {{p600: {{readOnly: true}}}}}}")
        assert "p0" in answer(api.operations[0]).target.standalone(REQUEST)["properties"]

    def test_a_deep_schema_is_no_trouble(self) -> None:
        api = build(f"A: {'{not: ' * 240}{{}}{'}' * 240}")
        assert answer(api.operations[0]).validator(RESPONSE).is_valid(1) is True

    def test_a_dense_graph_is_translated_once(self) -> None:
        refs = ", ".join(f"p{n}: {{$ref: '#/components/schemas/S{n}'}}" for n in range(60))
        api = build("\n".join(f"S{n}: {{properties: {{{refs}}}}}" for n in range(60)))
        whole = answer(api.operations[0]).standalone(RESPONSE)
        assert len(whole["$defs"]) == 60


class TestDirections:
    def test_read_only_members_are_not_asked_of_clients(self) -> None:
        (add,) = load("openapi32-directions").operations
        assert body(add).validator(REQUEST).is_valid({"name": "Gannet", "pin": "1"})
        assert body(add).validator(REQUEST).is_valid({"name": "Gannet", "pin": "1", "id": "a copy of what was read"})
        assert not body(add).validator(REQUEST).is_valid({"name": "Gannet"})

    def test_write_only_members_never_come_back(self) -> None:
        (add,) = load("openapi32-directions").operations
        validator = answer(add).validator(RESPONSE)
        assert validator.is_valid({"id": "x", "name": "Gannet"})
        assert [each.pointer for each in validator.violations({"id": "x", "name": "Gannet", "pin": "1"})] == ["/pin"]
        assert not validator.is_valid({"name": "Gannet"})

    def test_read_only_members_are_never_made_up(self) -> None:
        (add,) = load("openapi32-directions").operations
        made_up = Draft202012Validator(body(add).generative(REQUEST))
        assert made_up.is_valid({"name": "Gannet", "pin": "1"})
        assert not made_up.is_valid({"name": "Gannet", "pin": "1", "id": "x"})

    def test_a_flag_behind_a_reference_beside_required_counts(self) -> None:
        api = build(
            "A: {$ref: '#/components/schemas/B', required: [id]}\n"
            "B: {properties: {id: {$ref: '#/components/schemas/C'}}}\nC: {readOnly: true}"
        )
        assert answer(api.operations[0]).target.validator(REQUEST).is_valid({})
        assert answer(api.operations[0]).validator(RESPONSE).violations({})[0].keyword == "required"


class TestDiscriminators:
    def test_the_branch_is_named_when_values_are_made_up(self) -> None:
        (add,) = load("openapi32-discriminator").operations
        made_up = Draft202012Validator(body(add).generative(REQUEST))
        valid = [{"kind": "tom", "lives": 9}, {"kind": "hound", "tricks": 1}, {"kind": "polly"}]
        invalid = [{"kind": "Cat"}, {"lives": 9}, {"kind": "tom", "lives": "nine"}, {"kind": "hound"}]
        assert [made_up.is_valid(value) for value in (*valid, *invalid)] == [True] * 3 + [False] * 4

    def test_a_hint_is_no_rule_for_values_that_come_in(self) -> None:
        (add,) = load("openapi32-discriminator").operations
        assert body(add).validator(REQUEST).is_valid({"kind": "unheard of", "lives": 9}) is True

    def test_a_schema_built_on_one_with_a_discriminator_names_itself(self) -> None:
        (add,) = load("openapi32-discriminator").operations
        made_up = Draft202012Validator(answer(add).generative(RESPONSE))
        assert made_up.is_valid({"species": "black", "clever": True})
        assert not made_up.is_valid({"species": "white"})


class TestFaults:
    @pytest.mark.parametrize(
        ("schema", "pointer", "reading"),
        [
            ("A: {pattern: '('}", "/components/schemas/A/pattern", "it can't be read, and says nothing"),
            ("A: {properties: {p: {minLength: -1}}}", "/components/schemas/A/properties/p/minLength", "a whole number"),
            ("A: {items: {$ref: '#/components/schemas/B'}}\nB: {enum: {}}", "/components/schemas/B/enum", "an array"),
            ("A: {minimum: '3'}", "/components/schemas/A/minimum", "read as a number"),
        ],
    )
    def test_an_ill_formed_keyword_is_named_and_leaves_the_schema_usable(
        self, schema: str, pointer: str, reading: str
    ) -> None:
        found = answer(build(schema).operations[0])
        assert found.validator(RESPONSE).is_valid(found.generator(RESPONSE).generate("0"))
        ((origin, message),) = found.space.faults.items()
        assert origin.pointer == pointer
        assert reading in message


class TestSchema:
    def test_schemas_are_equal_by_place(self) -> None:
        first, second = (answer(build("A: {}").operations[0]) for _ in range(2))
        assert first == second
        assert len({first, second, first.target}) == 2
        assert first != object()

    def test_a_schema_knows_its_name_and_target(self) -> None:
        schema = answer(build("A: {$ref: '#/components/schemas/B'}\nB: {type: string}").operations[0])
        assert schema.raw == {"$ref": "#/components/schemas/A"}
        assert (schema.target.raw, schema.name) == ({"type": "string"}, "B")
        assert schema.target.target is schema.target
        assert repr(schema.target) == "Schema(/base/api.yaml#/components/schemas/B)"

    def test_members_are_those_of_all_parts(self) -> None:
        api = build(
            "A:\n  allOf: [{$ref: '#/components/schemas/B'}, {properties: {y: {type: string}}}]\n"
            "  properties: {x: {const: 1}}\n"
            "B: {properties: {x: {const: 2}, z: {}}, allOf: [{$ref: '#/components/schemas/A'}]}"
        )
        schema = answer(api.operations[0])
        assert {name: member.raw for name, member in schema.members()} == {
            "x": {"const": 1},
            "z": {},
            "y": {"type": "string"},
        }

    @pytest.mark.parametrize(("schema", "value"), [("A: true", 1), ("A: {properties: {a: {}, b: true}}", {"a": 1})])
    def test_a_schema_may_be_a_boolean(self, schema: str, value: Json) -> None:
        assert answer(build(schema).operations[0]).validator(RESPONSE).is_valid(value)

    def test_examples_and_data_are_left_as_they_are(self) -> None:
        schema = answer(
            build("A: {const: {$ref: a}, default: {$ref: b}, enum: [{$ref: c}], example: {$ref: d}}").operations[0]
        )
        assert schema.target.standalone(RESPONSE) == {
            "const": {"$ref": "a"},
            "default": {"$ref": "b"},
            "enum": [{"$ref": "c"}],
            "examples": [{"$ref": "d"}],
        }

    def test_the_document_is_never_changed(self) -> None:
        for name in EVERY_DOCUMENT:
            api = load(name)
            trees = [schema.space.resources.root.value for schema in schemas(api)]
            before = [str(tree) for tree in trees]
            for schema in schemas(api):
                for direction in Direction:
                    schema.standalone(direction), schema.generative(direction)
            assert [str(tree) for tree in trees] == before


def test_member_names_of_all_parts_and_alternatives_in_document_order() -> None:
    schema = answer(
        build(
            """Job:
  properties: {status: {}, id: {}}
  oneOf: [{$ref: '#/components/schemas/Done'}, {properties: {error: {}}, not: {properties: {never: {}}}}]
Done:
  allOf: [{$ref: '#/components/schemas/Job'}, {properties: {url: {}, id: {}}}]
  properties: {at: {}}"""
        ).operations[0]
    )
    assert schema.member_names() == ("status", "id", "at", "error", "url")
