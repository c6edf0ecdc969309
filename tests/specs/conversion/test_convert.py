from __future__ import annotations

import json

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator, OpenAPIV32SpecValidator

from understudy.specs.build import build_api
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.conversion.convert import Converted, Target, convert_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.model import MISSING, Api, Direction, MediaType

VALIDATORS = {
    Target.V3_2: OpenAPIV32SpecValidator,
    Target.V3_1: OpenAPIV31SpecValidator,
    Target.V3_0: OpenAPIV30SpecValidator,
}

KITCHEN = """
openapi: 3.2.0
info: {title: Kitchen, version: '1', description: Feeds people.}
servers: [{url: 'https://{city}.test/v1', variables: {city: {default: rome, enum: [rome, oslo]}}}]
tags: [{name: food, description: All of it.}]
security: [{key: []}]
paths:
  /meals/{mealId}:
    servers: [{url: https://other.test}]
    parameters:
      - {name: mealId, in: path, required: true, schema: {type: integer, format: int64, minimum: 1}}
    get:
      operationId: getMeal
      tags: [food]
      parameters:
        - {name: filter, in: query, style: deepObject, schema: {type: object}}
        - {name: tags, in: query, explode: false, schema: {type: array, items: {type: string}}}
        - {name: theme, in: cookie, style: cookie, schema: {type: string}}
        - {name: where, in: query, content: {application/json: {schema: {type: object}}}}
      responses:
        '200':
          description: The meal.
          headers: {X-Trace: {schema: {type: string}, required: true}}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Meal'}
              examples:
                soup: {dataValue: {id: 1}, serializedValue: '{"id":1}'}
                cake: {value: {id: 2}, summary: Sweet}
          links:
            Again: {operationId: getMeal, parameters: {mealId: $response.body#/id}}
            Search: {operationRef: '#/paths/~1meals/query'}
            Nowhere: {operationRef: '#/paths/~1gone/get'}
        4XX: {$ref: '#/components/responses/Error'}
  /meals:
    query:
      responses: {'200': {description: Found.}}
    additionalOperations:
      PURGE:
        responses: {'204': {description: Gone.}}
    post:
      operationId: addMeal
      security: [{key: []}, {door: [], oauth: [write]}, {}]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              properties:
                photo: {contentMediaType: image/png}
                note: {type: string, contentEncoding: base64}
            encoding:
              photo: {contentType: 'image/png, image/jpeg', headers: {X-Size: {schema: {type: integer}}}}
              note: {encoding: {inner: {contentType: text/plain}}}
          multipart/mixed:
            itemSchema: {type: string}
            itemEncoding: {contentType: text/plain}
      responses:
        default: {$ref: '#/components/responses/Error'}
      callbacks:
        done:
          '{$request.body#/url}':
            post: {responses: {'200': {description: Thanks.}}}
  /stream:
    get:
      parameters: [{in: querystring, name: q, content: {application/json: {schema: {type: object}}}}]
      responses:
        '200':
          description: Bites.
          content:
            text/event-stream:
              itemSchema: {$ref: '#/components/schemas/Bite'}
              example: [{event: bite, data: '{"n":1}'}, {data: end}]
            application/jsonl:
              itemSchema: {$ref: '#/components/schemas/Meal'}
              examples: {two: {value: [{id: 1}, {id: 2}]}, raw: {serializedValue: "{}\\n"}}
            application/octet-stream: {}
webhooks:
  eaten: {post: {responses: {'200': {description: Noted.}}}}
components:
  responses:
    Error: {description: Not today., content: {application/problem+json: {schema: {type: object}}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Key, description: The key.}
    door: {type: mutualTLS}
    oauth:
      type: oauth2
      flows:
        clientCredentials: {tokenUrl: 'https://a.test/t', scopes: {write: Writes}}
        deviceAuthorization: {deviceAuthorizationUrl: 'https://a.test/d', tokenUrl: 'https://a.test/t', scopes: {}}
  schemas:
    Bite:
      type: object
      properties:
        event: {const: bite}
        data: {type: string, contentMediaType: application/json, contentSchema: {$ref: '#/components/schemas/Meal'}}
    Meal:
      title: Meal
      type: object
      required: [id]
      properties:
        id: {type: integer, format: int32, readOnly: true, examples: [7]}
        name: {type: [string, 'null'], description: What it is called., default: null}
        next: {$ref: '#/components/schemas/Meal', description: The one after.}
        pet:
          oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
          discriminator:
            propertyName: kind
            mapping: {dog: Dog, cat: '#/components/schemas/Cat', bird: Bird}
            defaultMapping: Dog
    Cat: {type: object, properties: {kind: {const: cat}}, xml: {name: cat, nodeType: element}}
    Dog: {type: object, properties: {kind: {type: string}}, xml: {name: dog}}
"""


def api_of(text: str) -> Api:
    return build_api(parse_document(text.encode(), "/kitchen.yaml"))


def convert(target: Target, text: str = KITCHEN) -> Converted:
    return convert_api(api_of(text), target)


def faults(document: Json, target: Target) -> list[str]:
    copy = json.loads(json.dumps(document))  # YAML's integers and shared parts as any other tool would see them
    return [f"{list(error.absolute_path)} {error.message[:200]}" for error in VALIDATORS[target](copy).iter_errors()]


def media_types(api: Api) -> list[tuple[str, Direction, MediaType]]:
    found = []
    for operation in api.operations:
        body = operation.request_body
        found += [(operation.label, Direction.REQUEST, each) for each in (body.content if body else ())]
        for response in operation.responses:
            found += [(f"{operation.label} {response.status}", Direction.RESPONSE, each) for each in response.content]
    return found


@pytest.mark.parametrize("target", Target)
@pytest.mark.parametrize("name", [*SHIPPED, "kitchen"])
class TestEveryDocument:
    """What has to hold of each document in each version."""

    def test_it_is_valid(self, name: str, target: Target) -> None:
        api = load_api(name) if name in SHIPPED else api_of(KITCHEN)
        assert faults(convert_api(api, target).document, target) == []

    def test_read_again_it_has_the_same_operations(self, name: str, target: Target) -> None:
        api = load_api(name) if name in SHIPPED else api_of(KITCHEN)
        text = json.dumps(convert_api(api, target).document).encode()
        again = build_api(parse_document(text, "/again.json"))
        lost = {"QUERY", "PURGE"} if target is not Target.V3_2 else set()
        kept = [operation for operation in api.operations if operation.method not in lost]
        assert [(o.label, o.id, o.tags) for o in again.operations] == [(o.label, o.id, o.tags) for o in kept]
        assert [[r.status for r in o.responses] for o in again.operations] == [
            [r.status for r in o.responses] for o in kept
        ]
        assert [[s.expand() for s in o.servers] for o in again.operations] == [
            [s.expand() for s in o.servers] for o in kept
        ]

    def test_read_again_its_schemas_accept_the_examples(self, name: str, target: Target) -> None:
        api = load_api(name) if name in SHIPPED else api_of(KITCHEN)
        text = json.dumps(convert_api(api, target).document).encode()
        again = build_api(parse_document(text, "/again.json"))
        judged = 0
        for _, direction, media_type in media_types(again):
            for example in media_type.examples:
                if media_type.schema is not None and example.value is not MISSING:
                    assert list(media_type.schema.validator(direction).violations(example.value)) == []
                    judged += 1
        assert judged >= 2


def test_the_validator_would_find_a_fault() -> None:
    document = dict(convert(Target.V3_0).document)
    document["openapi"] = "3.1.0"
    assert faults(document, Target.V3_0)
    document["openapi"] = "3.0.3"
    document["paths"] = {"/x": {"get": {}}}
    assert faults(document, Target.V3_0)


class Test32:
    """One file, nothing lost but what the model doesn't hold."""

    def test_objects_are_written_as_they_were(self) -> None:
        document = convert(Target.V3_2).document
        get = document["paths"]["/meals/{mealId}"]["get"]
        assert document["info"] == {"title": "Kitchen", "version": "1", "description": "Feeds people."}
        assert document["servers"] == [
            {"url": "https://{city}.test/v1", "variables": {"city": {"default": "rome", "enum": ["rome", "oslo"]}}}
        ]
        assert get["servers"] == [{"url": "https://other.test"}]
        assert get["parameters"] == [
            {
                "in": "path",
                "name": "mealId",
                "required": True,
                "schema": {"type": "integer", "format": "int64", "minimum": 1},
            },
            {"in": "query", "name": "filter", "style": "deepObject", "explode": True, "schema": {"type": "object"}},
            {
                "in": "query",
                "name": "tags",
                "explode": False,
                "schema": {"type": "array", "items": {"type": "string"}},
            },
            {"in": "cookie", "name": "theme", "style": "cookie", "schema": {"type": "string"}},
            {"in": "query", "name": "where", "content": {"application/json": {"schema": {"type": "object"}}}},
        ]
        assert get["responses"]["200"]["headers"] == {"X-Trace": {"schema": {"type": "string"}, "required": True}}
        assert get["responses"]["200"]["content"]["application/json"]["examples"] == {
            "soup": {"dataValue": {"id": 1}, "serializedValue": '{"id":1}'},
            "cake": {"value": {"id": 2}, "summary": "Sweet"},
        }
        assert get["security"] == [{"key": []}]
        assert document["paths"]["/meals"]["post"]["security"] == [{"key": []}, {"door": [], "oauth": ["write"]}, {}]
        assert set(document["paths"]["/meals"]) == {"query", "additionalOperations", "post"}
        assert list(document["webhooks"]) == ["eaten"]

    def test_shared_responses_are_components_and_the_others_are_not(self) -> None:
        document = convert(Target.V3_2).document
        assert list(document["components"]["responses"]) == ["Error"]
        reference = {"$ref": "#/components/responses/Error"}
        assert document["paths"]["/meals/{mealId}"]["get"]["responses"]["4XX"] == reference
        assert document["paths"]["/meals"]["post"]["responses"]["default"] == reference

    def test_links_lead_to_operations(self) -> None:
        converted = convert(Target.V3_2)
        links = converted.document["paths"]["/meals/{mealId}"]["get"]["responses"]["200"]["links"]
        assert links == {
            "Again": {"operationId": "getMeal", "parameters": {"mealId": "$response.body#/id"}},
            "Search": {"operationRef": "#/paths/~1meals/query"},
        }
        assert [(loss.pointer.split("/")[-2:], loss.message) for loss in converted.losses] == [
            (["links", "Nowhere"], "the link is left out: it leads to no operation")
        ]

    def test_annotations_references_and_discriminators_are_kept(self) -> None:
        schemas = convert(Target.V3_2).document["components"]["schemas"]
        properties = schemas["Meal"]["properties"]
        assert properties["id"] == {"type": "integer", "format": "int32", "readOnly": True, "examples": [7]}
        assert properties["next"] == {"$ref": "#/components/schemas/Meal", "description": "The one after."}
        assert properties["pet"]["discriminator"] == {
            "propertyName": "kind",
            "mapping": {"dog": "#/components/schemas/Dog", "cat": "#/components/schemas/Cat", "bird": "Bird"},
            "defaultMapping": "#/components/schemas/Dog",
        }
        assert schemas["Bite"]["properties"]["data"]["contentSchema"] == {"$ref": "#/components/schemas/Meal"}

    def test_json_lines_are_said_twice_and_events_once(self) -> None:
        content = convert(Target.V3_2).document["paths"]["/stream"]["get"]["responses"]["200"]["content"]
        item = {"$ref": "#/components/schemas/Meal"}
        assert content["application/jsonl"]["schema"] == {"type": "array", "items": item}
        assert content["application/jsonl"]["itemSchema"] == item
        assert "schema" not in content["text/event-stream"]
        assert content["text/event-stream"]["itemSchema"] == {"$ref": "#/components/schemas/Bite"}

    def test_an_operation_id_that_comes_twice_is_kept_once(self) -> None:
        text = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /a: {get: {operationId: x, responses: {'200': {description: ''}}}}
  /b: {get: {operationId: x, responses: {'200': {description: ''}}}}
"""
        converted = convert(Target.V3_2, text)
        assert [item["get"].get("operationId") for item in converted.document["paths"].values()] == ["x", None]
        assert [loss.pointer for loss in converted.losses] == ["/paths/~1b/get/operationId"]


class Test31:
    """What 3.1 lacks."""

    def test_a_stream_is_a_string_and_its_examples_are_text(self) -> None:
        content = convert(Target.V3_1).document["paths"]["/stream"]["get"]["responses"]["200"]["content"]
        assert content["text/event-stream"] == {
            "schema": {"type": "string"},
            "x-itemSchema": {"$ref": "#/components/schemas/Bite"},
            "example": 'event: bite\ndata: {"n":1}\n\ndata: end\n\n',
        }
        assert content["application/jsonl"]["examples"] == {
            "two": {"value": '{"id":1}\n{"id":2}\n'},
            "raw": {"value": "{}\n"},
        }
        assert content["application/octet-stream"] == {}

    def test_examples_have_values(self) -> None:
        get = convert(Target.V3_1).document["paths"]["/meals/{mealId}"]["get"]
        examples = get["responses"]["200"]["content"]["application/json"]["examples"]
        assert examples == {"soup": {"value": {"id": 1}}, "cake": {"value": {"id": 2}, "summary": "Sweet"}}

    def test_what_is_lost_is_named(self) -> None:
        losses = {loss.pointer: loss.message for loss in convert(Target.V3_1).losses}
        post = "/paths/~1meals/post/requestBody/content"
        get = "/paths/~1meals~1{mealId}/get"
        stream = "/paths/~1stream/get"
        assert losses == {
            f"{get}/responses/200/links/Nowhere": "the link is left out: it leads to no operation",
            f"{get}/parameters/3/style": "`style: cookie` becomes `form`, which percent-encodes",
            f"{get}/responses/200/content/application~1json/examples/soup/serializedValue": (
                "the serialized form of an example is left out beside its data"
            ),
            "/paths/~1meals/query": "the QUERY operation is left out: 3.1 has no place for it",
            "/paths/~1meals/additionalOperations/PURGE": "the PURGE operation is left out: 3.1 has no place for it",
            f"{post}/multipart~1form-data/encoding/note/encoding": "an encoding within an encoding is left out",
            f"{post}/multipart~1mixed/itemEncoding": ("encoding by position is left out: 3.1 knows it by name only"),
            f"{stream}/parameters/0": "the parameter `in: querystring` is left out: 3.1 has no place for it",
            f"{stream}/responses/200/content/text~1event-stream": (
                "3.1 can't say what a stream's items are: its content is a string"
            ),
            f"{stream}/responses/200/content/application~1jsonl": (
                "3.1 can't say what a stream's items are: its content is a string"
            ),
            "/components/securitySchemes/oauth/flows/deviceAuthorization": (
                "the device authorization flow is left out"
            ),
            "/components/schemas/Meal/properties/pet/discriminator/defaultMapping": "`defaultMapping` is left out",
            "/components/schemas/Cat/xml/nodeType": "`nodeType` is left out",
        }

    def test_nothing_of_it_stays(self) -> None:
        text = json.dumps(convert(Target.V3_1).document)
        members = ("query", "additionalOperations", "itemSchema", "itemEncoding", "dataValue", "serializedValue")
        for word in (*members, "deviceAuthorization", "defaultMapping", "nodeType"):
            assert f'"{word}":' not in text
        assert "querystring" not in text

    def test_a_sequence_of_parts_is_an_array(self) -> None:
        content = convert(Target.V3_1).document["paths"]["/meals"]["post"]["requestBody"]["content"]
        assert content["multipart/mixed"] == {"schema": {"type": "array", "items": {"type": "string"}}}

    def test_an_example_that_is_no_stream_is_named(self) -> None:
        text = """
openapi: 3.2.0
info: {title: t, version: '1'}
paths:
  /a:
    get:
      responses:
        '200':
          description: ''
          content: {text/event-stream: {itemSchema: {type: object}, example: [{nope: 1}]}}
"""
        losses = convert(Target.V3_1, text).losses
        assert any(loss.message.startswith("the example can't be written as a stream: nope") for loss in losses)

    def test_our_loader_reads_the_items_back(self) -> None:
        document = convert(Target.V3_1).document
        again = build_api(parse_document(json.dumps(document).encode(), "/again.json"))
        (operation,) = [each for each in again.operations if each.path == "/stream"]
        (events,) = [each for each in operation.responses[0].content if each.name == "text/event-stream"]
        assert events.item_schema is not None
        assert events.item_schema.validator(Direction.RESPONSE).is_valid({"event": "bite"})
        assert not events.item_schema.validator(Direction.RESPONSE).is_valid({"event": "crumb"})


class Test30:
    """What 3.0 lacks beside that; Schema Objects have tests of their own."""

    def test_webhooks_and_mutual_tls_are_left_out(self) -> None:
        converted = convert(Target.V3_0)
        assert "webhooks" not in converted.document
        assert list(converted.document["components"]["securitySchemes"]) == ["key", "oauth"]
        assert converted.document["paths"]["/meals"]["post"]["security"] == [{"key": []}, {}]
        pointers = {loss.pointer for loss in converted.losses}
        assert {
            "/webhooks/eaten",
            "/components/securitySchemes/door",
            "/paths/~1meals/post/security/1",
        } <= pointers

    def test_binary_content_has_a_format(self) -> None:
        paths = convert(Target.V3_0).document["paths"]
        binary = {"type": "string", "format": "binary"}
        content = paths["/stream"]["get"]["responses"]["200"]["content"]
        assert content["application/octet-stream"] == {"schema": binary}
        form = paths["/meals"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert form["properties"] == {"photo": binary, "note": {"type": "string", "format": "byte"}}


def test_older_documents_come_up_to_date() -> None:
    text = """
swagger: '2.0'
info: {title: Old, version: '1'}
host: old.test
basePath: /v1
schemes: [https]
produces: [application/json]
securityDefinitions:
  oauth:
    type: oauth2
    flow: accessCode
    authorizationUrl: https://a.test/a
    tokenUrl: https://a.test/t
    scopes: {}
paths:
  /things:
    post:
      security: [{oauth: []}]
      parameters:
        - {name: body, in: body, required: true, schema: {$ref: '#/definitions/Thing'}}
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
      responses:
        '200': {description: OK, schema: {$ref: '#/definitions/Thing'}}
    get:
      produces: [text/csv]
      responses: {'200': {description: OK, schema: {type: file}}}
definitions:
  Thing:
    type: object
    discriminator: kind
    required: [kind]
    properties:
      kind: {type: string}
      size: {type: number, minimum: 0, exclusiveMinimum: true, x-nullable: true}
"""
    for target in Target:
        document = convert(target, text).document
        assert faults(document, target) == []
        assert document["servers"] == [{"url": "https://old.test/v1"}]
        post = document["paths"]["/things"]["post"]
        assert post["requestBody"] == {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
        }
        assert post["parameters"][0]["style"] == "pipeDelimited"
        assert document["components"]["schemas"]["Thing"]["discriminator"] == {"propertyName": "kind"}
        assert document["components"]["securitySchemes"]["oauth"]["flows"] == {
            "authorizationCode": {
                "authorizationUrl": "https://a.test/a",
                "tokenUrl": "https://a.test/t",
                "scopes": {},
            }
        }
    size = convert(Target.V3_0, text).document["components"]["schemas"]["Thing"]["properties"]["size"]
    assert size == {"type": "number", "nullable": True, "minimum": 0, "exclusiveMinimum": True}
    size = convert(Target.V3_1, text).document["components"]["schemas"]["Thing"]["properties"]["size"]
    assert size == {"type": ["number", "null"], "exclusiveMinimum": 0}


def test_one_place_may_mean_two_media_types() -> None:
    """In 2.0 the operation's `produces` decides, so a shared Response Object is two responses."""
    text = """
swagger: '2.0'
info: {title: Old, version: '1'}
paths:
  /a: {get: {produces: [application/json], responses: {'200': {$ref: '#/responses/Ok'}}}}
  /b: {get: {produces: [text/plain], responses: {'200': {$ref: '#/responses/Ok'}}}}
  /c: {get: {produces: [text/plain], responses: {'201': {$ref: '#/responses/Ok'}}}}
responses: {Ok: {description: Fine., schema: {type: string}}}
"""
    document = convert(Target.V3_1, text).document
    responses = document["components"]["responses"]
    assert {name: list(response["content"]) for name, response in responses.items()} == {
        "Ok": ["application/json"],
        "Ok-2": ["text/plain"],
    }
    assert document["paths"]["/c"]["get"]["responses"] == {"201": {"$ref": "#/components/responses/Ok-2"}}
