from __future__ import annotations

from pathlib import Path

import pytest

from understudy.specs.catalog import load_api
from understudy.specs.content import Direction, Location, SecurityKind, Style
from understudy.specs.documents.document import Json
from understudy.specs.errors import UnsupportedVersion
from understudy.specs.model import Api, Operation
from understudy.specs.versions import get_adapter

DOCUMENTS = Path(__file__).parent.parent / "documents"


def load(name: str) -> Api:
    return load_api(str(DOCUMENTS / f"{name}.yaml"))


def operation(api: Api, name: str) -> Operation:
    found = api.find_operation(name)
    assert found is not None
    return found


class TestWhichVersion:
    @pytest.mark.parametrize(
        ("tree", "version"),
        [
            ({"swagger": "2.0"}, "2.0"),
            ({"swagger": 2.0}, "2.0"),
            ({"swagger": 2}, "2"),
            ({"openapi": "3.0.4"}, "3.0.4"),
            ({"openapi": "3.0"}, "3.0"),
            ({"openapi": 3.1}, "3.1"),
            ({"openapi": "3.1.0-rc1"}, "3.1.0-rc1"),
            ({"openapi": "3.2.0"}, "3.2.0"),
        ],
    )
    def test_a_known_version_is_kept_as_it_is_written(self, tree: Json, version: str) -> None:
        assert get_adapter(tree, "api.yaml")[0] == version

    @pytest.mark.parametrize(
        ("tree", "reason", "pointer"),
        [
            ([], "the document is no object", ""),
            ({}, "neither `openapi` nor `swagger`", ""),
            ({"openapi": None}, "neither `openapi` nor `swagger`", ""),
            ({"openapi": "3.3.0"}, "version '3.3.0' is not supported; 2.0, 3.0, 3.1 and 3.2 are", "/openapi"),
            ({"openapi": "3.10.0"}, "version '3.10.0' is not supported", "/openapi"),
            ({"openapi": "4"}, "version '4' is not supported", "/openapi"),
            ({"swagger": "1.2"}, "version '1.2' is not supported", "/swagger"),
            ({"swagger": "2.1"}, "version '2.1' is not supported", "/swagger"),
            ({"openapi": {"x": 1}}, "version \"{'x': 1}\" is not supported", "/openapi"),
            ({"openapi": "9" * 1000}, "version '9999", "/openapi"),
        ],
    )
    def test_any_other_is_refused(self, tree: Json, reason: str, pointer: str) -> None:
        with pytest.raises(UnsupportedVersion) as caught:
            get_adapter(tree, "api.yaml")
        assert caught.value.reason.startswith(reason)
        assert len(caught.value.reason) < 200
        assert (caught.value.document, caught.value.pointer) == ("api.yaml", pointer)


class TestSwagger20:
    def test_host_base_path_and_schemes_are_servers(self) -> None:
        servers = load("swagger20-parameters").servers
        assert [server.url for server in servers] == ["https://api.harbour.test/v1", "http://api.harbour.test/v1"]
        assert [server.url for server in load("swagger20-security").servers] == ["https://api.harbour.test/"]
        assert [server.url for server in load("swagger20-form").servers] == ["/"]

    def test_parameters_have_a_schema_of_their_members(self) -> None:
        parameters = operation(load("swagger20-parameters"), "replaceBoat").parameters
        found = {
            p.name: (p.location, p.style, p.explode, p.schema.standalone(Direction.REQUEST) if p.schema else None)
            for p in parameters
        }
        assert found == {
            "boatId": (
                Location.PATH,
                Style.SIMPLE,
                False,
                {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
            ),
            "lang": (Location.QUERY, Style.FORM, True, {"type": "string", "enum": ["en", "fr"]}),
            "tags": (Location.QUERY, Style.FORM, True, {"type": "array", "items": {"type": "string"}}),
            "holds": (Location.QUERY, Style.PIPE_DELIMITED, False, {"type": "array", "items": {"type": "integer"}}),
            "X-Crew": (Location.HEADER, Style.SIMPLE, False, {"type": "array", "items": {"type": "string"}}),
        }
        lang = next(p for p in parameters if p.name == "lang")
        assert [example.value for example in lang.examples] == ["fr"]
        assert str(lang.examples[0].origin.pointer).endswith("/put/parameters/0/x-example")

    def test_a_body_parameter_is_the_request_body(self) -> None:
        body = operation(load("swagger20-parameters"), "replaceBoat").request_body
        assert body is not None
        assert body.required
        (media_type,) = body.content
        assert media_type.name == "application/json"
        assert media_type.schema is not None
        assert media_type.schema.origin.pointer == "/paths/~1boats~1{boatId}/put/parameters/4/schema"
        validator = media_type.schema.validator(Direction.REQUEST)
        assert validator.is_valid({"name": "Gannet", "draught": 0.1, "owner": None})
        assert not validator.is_valid({"name": "Gannet", "draught": 0})
        assert not validator.is_valid({"name": ""})

    def test_produces_gives_the_media_types_of_responses(self) -> None:
        response = operation(load("swagger20-parameters"), "replaceBoat").find_response(200)
        assert response is not None
        assert [media_type.name for media_type in response.content] == ["application/json", "text/csv"]
        json, csv = response.content
        assert [example.value for example in json.examples] == [{"name": "Gannet", "draught": 1.5, "owner": None}]
        assert json.examples[0].origin.pointer.endswith("/responses/200/examples/application~1json")
        assert csv.examples == ()
        assert json.schema == csv.schema
        assert json.schema is not None
        assert json.schema.origin.pointer.endswith("/responses/200/schema")
        (version,) = response.headers
        assert version.schema is not None
        assert version.schema.standalone(Direction.RESPONSE) == {"type": "integer", "minimum": 1}

    def test_a_file_is_octets(self) -> None:
        response = operation(load("swagger20-parameters"), "getPhoto").find_response(200)
        assert response is not None
        assert [media_type.name for media_type in response.content] == ["image/png"]
        assert response.content[0].schema is not None
        assert response.content[0].schema.standalone(Direction.RESPONSE) == {
            "contentMediaType": "application/octet-stream"
        }

    def test_form_parameters_are_one_form(self) -> None:
        note = operation(load("swagger20-form"), "addNote").request_body
        photo = operation(load("swagger20-form"), "addPhoto").request_body
        assert note is not None
        assert photo is not None
        assert [media_type.name for media_type in note.content] == ["application/x-www-form-urlencoded"]
        (form,) = note.content
        assert form.schema is not None
        assert form.schema.standalone(Direction.REQUEST) == {
            "type": "object",
            "required": ["text"],
            "properties": {
                "text": {"type": "string", "maxLength": 20},
                "tags": {"type": "array", "items": {"type": "string"}},
            },
        }
        assert not form.encoding["tags"].explode
        assert [media_type.name for media_type in photo.content] == ["multipart/form-data"]
        assert photo.required

    def test_security_definitions_are_schemes(self) -> None:
        api = load("swagger20-security")
        kinds = {name: scheme.kind for name, scheme in api.security_schemes.items()}
        assert kinds == {
            "password": SecurityKind.HTTP,
            "key": SecurityKind.API_KEY,
            "login": SecurityKind.OAUTH2,
        }
        assert api.security_schemes["password"].scheme == "basic"
        names = [[scheme.name for scheme, _ in each.schemes] for each in operation(api, "listBoats").security]
        assert names == [["password"], ["key", "login"]]
        assert operation(api, "addBoat").security == ()


class TestOpenApi30:
    def test_schema_objects_are_read_by_its_rules(self) -> None:
        body = operation(load("openapi30-nullable"), "addBoat").request_body
        assert body is not None
        assert body.content[0].schema is not None
        validator = body.content[0].schema.validator(Direction.REQUEST)
        valid: list[Json] = [
            {"name": None},
            {"name": "Gannet", "kind": None, "berth": None},
            {"name": "Gannet", "kind": "ketch", "berth": {"number": 1}, "home": {"number": 2}},
            {"name": "Gannet", "length": 100, "crew": 2**31 - 1, "flag": "aGFyYm91cg=="},
        ]
        invalid: list[Json] = [
            {"name": "Gannet", "kind": "sloop"},
            {"name": "Gannet", "berth": {}},
            {"name": "Gannet", "home": None},
            {"name": "Gannet", "length": 0},
            {"name": "Gannet", "length": 100.5},
            {"name": "Gannet", "crew": 2**31},
            {"name": "Gannet", "crew": -1},
            {"name": "Gannet", "flag": "not base64"},
        ]
        assert [validator.violations(boat) for boat in valid] == [()] * 4
        assert [len(validator.violations(boat)) for boat in invalid] == [1] * 8


class TestStreamsBefore32:
    @pytest.mark.parametrize(
        ("name", "whole", "item"),
        [
            ("schemaOfTheItem", None, "/paths/~1item/get/responses/200/content/text~1event-stream/schema"),
            ("schemaOfTheWhole", "/paths/~1whole/get/responses/200/content/application~1jsonl/schema", None),
            ("schemaOfTheText", None, None),
            (
                "schemaInAnExtension",
                None,
                "/paths/~1extension/get/responses/200/content/application~1x-ndjson/x-itemSchema",
            ),
        ],
    )
    def test_a_schema_is_the_item_unless_it_is_an_array_or_text(
        self, name: str, whole: str | None, item: str | None
    ) -> None:
        response = operation(load("openapi31-streams"), name).find_response(200)
        assert response is not None
        (media_type,) = response.content
        assert (media_type.schema.origin.pointer if media_type.schema else None) == whole
        assert (media_type.item_schema.origin.pointer if media_type.item_schema else None) == item


class TestMethods:
    def test_32_has_query_and_methods_of_ones_own(self) -> None:
        labels = [each.label for each in load("openapi32-methods").operations]
        assert labels == ["GET /boats", "QUERY /boats", "PURGE /boats", "Copy /boats", "GET /search"]

    @pytest.mark.parametrize(
        ("version", "last"), [("2.0", "patch"), ("3.0.0", "trace"), ("3.1.0", "trace"), ("3.2.0", "query")]
    )
    def test_earlier_versions_have_fewer(self, version: str, last: str) -> None:
        key = "swagger" if version == "2.0" else "openapi"
        assert get_adapter({key: version}, "api.yaml")[1].fixed_methods[-1] == last
