from __future__ import annotations

from pathlib import Path

import pytest

from understudy.specs.build import build_api
from understudy.specs.catalog import load_api
from understudy.specs.content import MISSING, Direction, Location, Style
from understudy.specs.documents import yaml12
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.errors import DocumentError, UnresolvableReference, UnsupportedKeyword, UnsupportedVersion
from understudy.specs.model import Api, Operation

DOCUMENTS = Path(__file__).parent.parent / "documents"


def load(name: str) -> Api:
    return load_api(str(DOCUMENTS / f"{name}.yaml"))


def build(text: str) -> Api:
    return build_api(parse_document(text.encode(), "/base/api.yaml", name="api.yaml"))


def build_operation(text: str) -> Operation:
    """The operation of a document whose one path has these members of an Operation Object under `post`."""
    indented = "\n".join(f"      {line}" for line in text.splitlines())
    return build(f"openapi: 3.2.0\npaths:\n  /x:\n    post:\n{indented}").operations[0]


def operation(api: Api, name: str) -> Operation:
    found = api.find_operation(name)
    assert found is not None
    return found


class TestApi:
    def test_the_root_is_read(self) -> None:
        api = build(
            "openapi: 3.1.0\ninfo: {title: Harbour, version: 2, description: Boats}\n"
            "tags: [{name: boats}, {description: no name}, nonsense]\npaths: {}"
        )
        assert (api.name, api.title, api.version, api.description) == ("api", "Harbour", "2", "Boats")
        assert (api.openapi, api.tags, api.operations, api.webhooks) == ("3.1.0", ("boats",), (), {})
        assert [server.url for server in api.servers] == ["/"]
        assert str(api.origin) == "/base/api.yaml#"
        assert api.files == ("/base/api.yaml",)

    @pytest.mark.parametrize("text", ["openapi: 3.2.0", "openapi: 3.2.0\ninfo:\npaths:\ntags:\nservers:\ncomponents:"])
    def test_a_document_may_be_nearly_empty(self, text: str) -> None:
        assert build(text).operations == ()

    def test_what_has_no_slash_is_no_path(self) -> None:
        api = build("openapi: 3.2.0\npaths: {x-internal: {get: {}}, boats: {get: {}}, /boats: {get: {}}}")
        assert [each.label for each in api.operations] == ["GET /boats"]

    def test_operations_are_found_by_id_and_label(self) -> None:
        api = load("openapi30-links")
        assert api.find_operation("getBoat") is api.find_operation("GET /boats/{boatId}")
        assert api.find_operation("getShip") is None
        assert operation(api, "DELETE /boats/{boatId}").name == "DELETE /boats/{boatId}"

    def test_parameters_that_go_nowhere_are_named_and_ignored(self) -> None:
        api = build(
            "openapi: 3.1.0\npaths: {/x: {parameters: [{in: query}, {name: 3, in: query}, {name: a, in: nowhere}, "
            "{name: b, in: query}], get: {}, put: {}}}"
        )
        assert [parameter.name for parameter in api.operations[0].parameters] == ["b"]
        assert [(quirk.origin.pointer[-2:], quirk.message.partition(";")[0]) for quirk in api.quirks] == [
            ("/0", "a parameter needs `name` and `in`, both strings"),
            ("/1", "a parameter needs `name` and `in`, both strings"),
            ("/2", "`in: nowhere` is no place for a parameter"),
        ]

    def test_odd_paths_are_read_or_named(self) -> None:
        api = build(
            "openapi: 3.2.0\npaths: {pets: {get: {}}, /pets: {put: {}}, '/a#b': {get: {}}, '/a?b=c': {get: {}}, "
            "x-note: {get: {}}}"
        )
        assert [operation.label for operation in api.operations] == ["GET /pets", "GET /a#b", "GET /a?b=c"]
        assert [(quirk.origin.pointer, quirk.message.partition(":")[0]) for quirk in api.quirks] == [
            ("/paths/pets", "a path begins with a slash; read as /pets"),
            ("/paths/~1pets", "the path /pets is there already; this one is ignored"),
            ("/paths/~1a#b", "a path has no fragment"),
            ("/paths/~1a?b=c", "a path has no query"),
        ]

    def test_a_repeated_operation_id_is_a_quirk(self) -> None:
        api = build(
            "openapi: 3.2.0\npaths: {/a: {get: {operationId: x}}, /b: {get: {operationId: x}, put: {}, post: {}}}"
        )
        (quirk,) = api.quirks
        assert "operationId 'x' belongs to GET /a as well" in quirk.message
        assert quirk.origin.pointer == "/paths/~1b/get"
        assert operation(api, "x").label == "GET /a"

    def test_webhooks_are_operations(self) -> None:
        api = load("openapi31-webhooks")
        ((name, (tide,)),) = api.webhooks.items()
        assert (name, tide.id, tide.method, api.operations) == ("tide", "onTide", "POST", ())


def test_further_files_are_kept_parsed_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = "type: object\ndescription: " + "much to say " * 1000
    (tmp_path / "pet.yaml").write_text(schema, encoding="utf-8")
    content = "{application/json: {schema: {$ref: pet.yaml}}}"
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.2.0\ninfo: {title: Pets, version: '1'}\n"
        f"paths: {{/a: {{get: {{responses: {{'200': {{description: '', content: {content}}}}}}}}}}}\n",
        encoding="utf-8",
    )
    cache = tmp_path / "cache"
    first = load_api(str(tmp_path), cache_dir=cache)
    (entry,) = cache.iterdir()
    assert "much to say" in entry.read_text(encoding="utf-8")
    parse, parsed = yaml12.parse_yaml, list[str]()

    def parse_and_tell(source: bytes, name: str) -> Json:
        parsed.append(name)
        return parse(source, name)

    monkeypatch.setattr(yaml12, "parse_yaml", parse_and_tell)
    again = load_api(str(tmp_path), cache_dir=cache)
    assert [Path(name).name for name in parsed] == [tmp_path.name]
    assert again.operations[0].label == first.operations[0].label


class TestPathItems:
    def test_an_operation_takes_what_its_path_item_says(self) -> None:
        listing, purge = (operation(load("openapi32-methods"), name) for name in ("listBoats", "purgeBoats"))
        assert (listing.summary, listing.description) == ("List them", "Every boat of the harbour.")
        assert (purge.summary, purge.method) == ("The boats", "PURGE")
        assert [parameter.name for parameter in listing.parameters] == ["X-Request-Id"]

    def test_an_operation_replaces_parameters_of_its_path_item(self) -> None:
        parameters = operation(load("swagger20-parameters"), "replaceBoat").parameters
        assert [parameter.name for parameter in parameters] == ["boatId", "lang", "tags", "holds", "X-Crew"]
        assert parameters[1].origin.pointer.endswith("/put/parameters/0")

    def test_a_path_item_may_stand_in_another_file(self) -> None:
        api = load_api(str(DOCUMENTS / "many-files"))
        boats, berths = api.operations
        assert (boats.label, boats.summary, berths.label) == ("GET /boats", "Beside the reference", "GET /berths")
        assert boats.origin.uri.endswith("many-files/paths/boats.yaml")
        assert boats.parameters[0].origin.uri.endswith("many-files/common/shared parts.yaml")
        assert [Path(file).name for file in api.files] == [
            "openapi.yaml", "boats.yaml", "berths.json", "shared parts.yaml", "boat.yaml"
        ]  # fmt: skip
        error, ok = boats.find_response(404), boats.find_response(200)
        assert error is not None
        assert ok is not None
        assert error.status == "default"
        assert ok.content[0].schema is not None
        validator = ok.content[0].schema.validator(Direction.RESPONSE)
        assert validator.is_valid([{"name": "Tern", "berth": {"berth": 1, "boat": {"name": "Gannet"}}}])
        assert not validator.is_valid([{"name": "Tern", "berth": {"berth": 1, "boat": {}}}])


class TestParameters:
    def test_styles_have_the_defaults_of_their_place(self) -> None:
        found = {
            p.name: (p.location, p.style, p.explode) for p in operation(load("openapi32-methods"), "search").parameters
        }
        assert found == {
            "filter": (Location.QUERYSTRING, Style.FORM, True),
            "session": (Location.COOKIE, Style.FORM, True),
            "at": (Location.QUERY, Style.DEEP_OBJECT, True),
            "ids": (Location.QUERY, Style.PIPE_DELIMITED, False),
        }

    def test_a_parameter_may_have_content(self) -> None:
        (whole, *_) = operation(load("openapi32-methods"), "search").parameters
        assert whole.schema is None
        assert whole.content is not None
        assert whole.content.name == "application/json"

    def test_path_parameters_are_always_required(self) -> None:
        (parameter,) = build_operation("parameters: [{name: id, in: path, schema: {type: string}}]").parameters
        assert parameter.required

    @pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
    def test_headers_that_are_described_elsewhere_are_left_out(self, name: str) -> None:
        assert build_operation(f"parameters: [{{name: {name}, in: header, schema: {{}}}}]").parameters == ()

    def test_a_style_that_is_none_falls_back(self) -> None:
        (parameter,) = build_operation("parameters: [{name: a, in: query, style: spiral, schema: {}}]").parameters
        assert parameter.style is Style.FORM


class TestResponses:
    def test_the_nearest_key_describes_a_status(self) -> None:
        found = build_operation("responses: {'200': {description: a}, 4xx: {}, DEFAULT: {}, x-note: {}}")
        assert [response.status for response in found.responses] == ["200", "4XX", "default"]
        described = {status: found.find_response(status) for status in (200, 404, 500)}
        assert {status: response and response.status for status, response in described.items()} == {
            200: "200",
            404: "4XX",
            500: "default",
        }

    def test_content_type_is_no_header(self) -> None:
        (response,) = build_operation(
            "responses: {'200': {headers: {Content-Type: {schema: {}}, X-A: {required: true, schema: {}}, "
            "X-B: {content: {application/json: {}}}}}}"
        ).responses
        assert [(header.name, header.required) for header in response.headers] == [("X-A", True), ("X-B", False)]
        assert response.headers[1].content is not None

    def test_media_type_names_are_written_one_way(self) -> None:
        (response,) = build_operation(
            "responses: {'200': {content: {'Application/JSON; Charset=UTF-8': {}}}}"
        ).responses
        assert [media_type.name for media_type in response.content] == ["application/json; Charset=UTF-8"]


class TestExamples:
    def test_each_kind_of_example_is_read(self) -> None:
        api = load("openapi32-examples")
        found = operation(api, "getBoat")
        (response,) = found.responses
        json, xml = response.content
        assert [(each.name, each.value) for each in found.parameters[0].examples] == [("", 7)]
        assert [(each.name, each.value) for each in response.headers[0].examples] == [("", 2)]
        assert [(each.name, each.value) for each in json.examples] == [("", {"name": "Gannet"})]
        assert [(each.name, each.value, each.serialized, each.summary) for each in xml.examples] == [
            ("data", {"name": "Gannet"}, '<boat name="Gannet"/>', "Both forms"),
            ("text", MISSING, "<boat/>", ""),
            ("nothing", None, None, ""),
            ("shared", {"name": "Tern", "$ref": "data"}, None, ""),
        ]
        assert xml.examples[3].origin.pointer == "/components/examples/Tern"
        assert [quirk.origin.pointer.rsplit("/", 1)[1] for quirk in api.quirks] == ["elsewhere"]


class TestMultipart:
    def test_encodings_say_how_parts_are_written(self) -> None:
        body = operation(load("openapi32-multipart"), "sendNamed").request_body
        assert body is not None
        (media_type,) = body.content
        photo, about, tags = (media_type.encoding[name] for name in ("photo", "about", "tags"))
        assert photo.content_types == ("image/png", "image/jpeg")
        assert photo.headers["X-Angle"].required
        assert about.content_types == ("application/json; charset=utf-8",)
        assert (tags.style, tags.explode, photo.style) == (Style.FORM, False, None)

    def test_parts_without_names_go_by_position(self) -> None:
        body = operation(load("openapi32-multipart"), "sendPositional").request_body
        assert body is not None
        (media_type,) = body.content
        assert [each.content_types for each in media_type.prefix_encoding] == [("application/json",), ("text/plain",)]
        assert media_type.item_encoding is not None
        assert media_type.item_encoding.encoding["inner"].content_types == ("text/csv",)


class TestLinks:
    def test_a_link_names_its_operation(self) -> None:
        api = load("openapi30-links")
        (response,) = operation(api, "addBoat").responses
        found = {link.name: (link.operation, dict(link.parameters), link.request_body) for link in response.links}
        assert found == {
            "byId": ("getBoat", {"boatId": "$response.body#/id"}, MISSING),
            "byReference": ("DELETE /boats/{boatId}", {"path.boatId": "$response.body#/id"}, MISSING),
            "shared": ("listBoats", {}, {"limit": 10}),
            "nowhere": ("", {}, MISSING),
        }
        (quirk,) = api.quirks
        assert "no '/ships' under /paths" in quirk.message


class TestCallbacks:
    def test_callbacks_are_operations_under_their_expressions(self) -> None:
        (subscribe,) = load("openapi30-callbacks").operations
        (alert,) = subscribe.callbacks["alert"]
        assert (alert.id, alert.path) == ("sendAlert", "{$request.body#/url}")

    def test_an_operation_that_calls_itself_back_ends(self) -> None:
        (subscribe,) = load("openapi30-callbacks").operations
        (again,) = subscribe.callbacks["again"]
        assert (again.id, again.callbacks) == ("subscribe", {})

    def test_many_callbacks_that_call_each_other_are_read_once(self) -> None:
        """Twenty operations, each of which calls the next one back in two ways: not a million."""

        def item(number: int) -> str:
            again = f"{{x: {{$ref: '#/paths/~1p{number + 1}'}}}}"
            return f"  /p{number}: {{post: {{callbacks: {{a: {again}, b: {again}}}}}}}"

        paths = "\n".join(item(number) for number in range(20))
        api = build(f"openapi: 3.2.0\npaths:\n{paths}\n  /p20: {{post: {{}}}}")
        deepest = api.operations[0]
        for _ in range(20):
            (deepest,) = deepest.callbacks["b"]
        assert deepest.callbacks == {}


class TestVocabulary:
    def test_what_a_stream_is_like_is_read(self) -> None:
        api = load("openapi32-streams")
        (response, _) = operation(api, "reply").responses
        stream = response.content[1].stream
        assert stream is not None
        assert stream.first is None
        assert stream.repeated is not None
        assert stream.last is not None
        assert (stream.repeated.name, stream.last.name, stream.text, stream.sentinel) == (
            "Word", "End", "/data/word", "[DONE]"
        )  # fmt: skip
        assert dict(stream.when) == {"$request.body#/stream": True}
        assert stream.ping is not None
        assert (stream.ping.item, stream.ping.every_seconds) == ({"event": "ping"}, 15.0)
        assert dict(stream.ping.unless) == {"$request.header.X-Ping": "none"}

    def test_limits_and_errors_are_read(self) -> None:
        api = load("openapi32-streams")
        body = operation(api, "reply").request_body
        assert body is not None
        assert body.max_bytes == 1000
        (envelope,) = api.errors.envelopes
        assert envelope.schema.pointer == "/components/schemas/Error"
        assert envelope.body == {"error": "$problem.detail", "code": "$problem.code"}
        kinds = {name: (kind.status, kind.code) for name, kind in api.errors.kinds.items()}
        assert kinds == {"invalid-body": (400, "BAD"), "rate-limited": (None, None)}

    STRAY = "openapi: 3.2.0\ninfo: {title: T, version: '1'}\npaths:\n  /x:\n"

    @pytest.mark.parametrize(
        ("text", "pointer", "line", "reason"),
        [
            (
                "openapi: 3.2.0\nx-understudy: {error: {}}",
                "/x-understudy/error",
                2,
                "unknown member 'error'; did you mean 'errors'?",
            ),
            ("openapi: 3.2.0\nx-understudy: []", "/x-understudy", 2, ""),
            (
                "openapi: 3.2.0\nx-understudy: {errors: {kinds: {invalid-boddy: {}}}}",
                "/x-understudy/errors/kinds/invalid-boddy",
                2,
                "did you mean 'invalid-body'?",
            ),
            (
                STRAY + "    get:\n      x-understudy: {stream: {}}",
                "/paths/~1x/get/x-understudy/stream",
                6,
                "'stream' may not stand here; it belongs on a Media Type Object",
            ),
            (
                STRAY + "    post:\n      requestBody:\n        x-understudy: {maxBytes: 0}",
                "/paths/~1x/post/requestBody/x-understudy/maxBytes",
                7,
                "",
            ),
            (
                STRAY + "    post: {}\ncomponents:\n  schemas:\n    S:\n      x-understudy: {maxBites: 1}",
                "/components/schemas/S/x-understudy/maxBites",
                9,
                "did you mean 'maxBytes'?",
            ),
            (
                STRAY + "    post: {}\ncomponents:\n  requestBodies:\n    Unused:\n      x-understudy: {maxBites: 1}",
                "/components/requestBodies/Unused/x-understudy/maxBites",
                9,
                "did you mean 'maxBytes'?",
            ),
            (
                STRAY + "    get:\n      responses:\n        '200':\n          content:\n            text/event-stream:"
                "\n              itemSchema: {}\n              x-understudy: {stream: {when: {$request.boddy: 1}}}",
                "/paths/~1x/get/responses/200/content/text~1event-stream/x-understudy/stream/when",
                11,
                "nearest: $request.body",
            ),
        ],
    )  # fmt: skip
    def test_what_is_unknown_is_refused_where_it_stands(self, text: str, pointer: str, line: int, reason: str) -> None:
        with pytest.raises(UnsupportedKeyword) as caught:
            build(text)
        assert (caught.value.document, caught.value.pointer, caught.value.line) == ("api.yaml", pointer, line)
        assert reason in caught.value.reason

    def test_what_is_unused_but_known_is_fine(self) -> None:
        api = build(
            "openapi: 3.2.0\npaths: {}\ncomponents:\n  requestBodies: {Unused: {x-understudy: {maxBytes: 1}}}\n"
            "  schemas: {S: {example: {x-understudy: {any: thing}}}}"
        )
        assert api.operations == ()

    def test_a_schema_that_is_not_there_is_refused(self) -> None:
        with pytest.raises(UnresolvableReference, match="no 'Nope'"):
            build(
                "openapi: 3.2.0\npaths: {}\ncomponents: {schemas: {}}\n"
                "x-understudy: {errors: {envelopes: [{schema: '#/components/schemas/Nope', body: {}}]}}"
            )


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "kind", "pointer", "reason"),
        [
            ("[]", UnsupportedVersion, "", "the document is no object"),
            ("openapi: 5.0.0", UnsupportedVersion, "/openapi", "version '5.0.0' is not supported"),
            ("paths: {/x: }", DocumentError, "/paths/~1x", "should be a Path Item Object, but there is nothing"),
            ("paths: {/x: {get: 3}}", DocumentError, "/paths/~1x/get", "should be an Operation Object"),
            (
                "components: {securitySchemes: {s: 1}}",
                DocumentError,
                "/components/securitySchemes/s",
                "should be a Security Scheme Object, but there is a number",
            ),
            ("paths: {/x: {$ref: '#/paths/~1y'}}", UnresolvableReference, "/paths/~1x", "no '/y' under /paths"),
            ("paths: {/x: {$ref: '#/paths/~1x'}}", UnresolvableReference, "/paths/~1x", "leads back to itself"),
            (
                "paths: {/x: {$ref: 'https://api.test/x.yaml'}}",
                UnresolvableReference,
                "/paths/~1x",
                "remote documents are not fetched",
            ),
            (
                "paths: {/x: {get: {responses: {'200': {headers: {H: {$ref: '#/components/headers/H'}}}}}}}\n"
                "components:\n  headers:\n    H:\n      content:\n        multipart/mixed:\n          encoding:\n"
                "            p: {headers: {I: {$ref: '#/components/headers/H'}}}",
                DocumentError,
                "/components/headers/H",
                "it contains itself",
            ),
        ],
    )
    def test_the_message_names_the_place(self, text: str, kind: type[DocumentError], pointer: str, reason: str) -> None:
        with pytest.raises(DocumentError) as caught:
            build(text if text.startswith(("[", "openapi")) else f"openapi: 3.2.0\n{text}")
        assert type(caught.value) is kind
        assert (caught.value.document, caught.value.pointer) == ("api.yaml", pointer)
        assert reason in caught.value.reason

    @pytest.mark.parametrize(
        ("text", "pointer", "reason"),
        [
            ("parameters: [text]", "/parameters/0", "a Parameter Object, but there is a string"),
            ("requestBody: []", "/requestBody", "a Request Body Object, but there is an array"),
            ("requestBody: {$ref: '#/nowhere'}", "/requestBody", "there is no 'nowhere' at the root"),
            ("responses: {'200': true}", "/responses/200", "a Response Object, but there is a Boolean"),
            ("responses: {'200': {links: {l: 0.5}}}", "/responses/200/links/l", "a Link Object, but there is a number"),
            ("responses: {'200': {headers: {h: }}}", "/responses/200/headers/h", "a Header Object"),
            ("requestBody: {content: {a/b: 1}}", "/requestBody/content/a~1b", "a Media Type Object"),
            (
                "requestBody: {content: {a/b: {encoding: {p: }}}}",
                "/requestBody/content/a~1b/encoding/p",
                "an Encoding Object",
            ),
            (
                "requestBody: {content: {a/b: {schema: {items: {$ref: '#/nowhere'}}}}}",
                "/requestBody/content/a~1b/schema/items",
                "there is no 'nowhere'",
            ),
            (
                "requestBody: {content: {a/b: {schema: {$ref: '#/paths/~1x/post/requestBody/content/a~1b/schema'}}}}",
                "/requestBody/content/a~1b/schema",
                "leads back to itself",
            ),
            ("callbacks: {c: {x: 1}}", "/callbacks/c/x", "a Path Item Object"),
        ],
    )
    def test_the_message_names_the_place_in_an_operation(self, text: str, pointer: str, reason: str) -> None:
        with pytest.raises(DocumentError) as caught:
            build_operation(text)
        assert (caught.value.document, caught.value.pointer) == ("api.yaml", f"/paths/~1x/post{pointer}")
        assert caught.value.line == 5
        assert reason in caught.value.reason

    @pytest.mark.parametrize(
        "text",
        [
            "servers: {url: x}",
            "servers: [1, {url: 'http://[', variables: []}, {}]",
            "security: {a: []}",
            "security: [1, {a: 2}]",
            "tags: text",
            "webhooks: [1]",
            "paths: {/x: {get: {tags: text, servers: 1, callbacks: [1], responses: [1], parameters: {a: 1}}}}",
            "paths: {/x: {get: {responses: {'200': {headers: 1, content: 2, links: 3}}}}}",
            "paths: {/x: {get: {responses: {'200': {content: {a/b: {schema: 1, examples: 2, encoding: 3}}}}}}}",
            "paths: {/x: {get: {responses: {'200': {links: {l: {operationId: 1, parameters: 2}}}}}}}",
            "components: [1]",
            "components: {securitySchemes: [1]}",
            "components: {securitySchemes: {s: {type: []}, t: {type: apiKey, in: {}}}}",
        ],
    )
    def test_what_is_ill_formed_elsewhere_is_read_as_absent(self, text: str) -> None:
        assert build(f"openapi: 3.2.0\n{text}").title == "api"
