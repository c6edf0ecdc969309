"""One small document of which everything is inferred, and what one change to it puts in doubt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from understudy.specs.behaviour.declarations import Verb
from understudy.specs.behaviour.inference import Inference, infer_behaviour, with_inferred
from understudy.specs.behaviour.inferred_facts import Fact
from understudy.specs.behaviour.values import UNKNOWN, Scene, compile_value
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import Api


def test_who_declares_is_left_alone(tmp_path: Path) -> None:
    declared = notes()
    declared["x-understudy"] = {"resources": {"memo": {"key": "id"}}}
    api = loaded(declared, tmp_path)
    assert with_inferred(api) is api
    assert [each.text for each in infer_behaviour(api).evidence] == ["declares behaviour itself: nothing is inferred"]


def notes() -> Json:
    """A document of which everything is inferred; each test changes one thing."""
    note = {
        "type": "object",
        "required": ["id", "text"],
        "properties": {"id": {"type": "string"}, "text": {"type": "string"}, "stars": {"type": "integer"}},
    }
    parts = {"type": "object", "properties": {"text": {"type": "string"}, "stars": {"type": "integer"}}}
    one = {
        "200": {
            "description": "One",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}},
        }
    }
    sent = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parts"}}}}
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Notes", "version": "1"},
        "paths": {
            "/notes": {
                "get": {
                    "parameters": [],
                    "responses": {"200": {"description": "All", "content": {"application/json": {"schema": listed}}}},
                },
                "post": {"requestBody": sent, "responses": one},
            },
            "/notes/{noteId}": {
                "parameters": [{"name": "noteId", "in": "path", "required": True, "schema": {"type": "string"}}],
                "get": {"responses": one},
                "put": {"requestBody": sent, "responses": one},
                "patch": {"requestBody": sent, "responses": one},
                "delete": {"responses": {"204": {"description": "Gone"}}},
            },
        },
        "components": {"schemas": {"Note": note, "Parts": parts}},
    }
    return json.loads(json.dumps(document))  # nothing shared


def loaded(document: Json, directory: Path) -> Api:
    path = directory / "notes.json"
    path.write_text(json.dumps(document))
    return load_api(str(path))


def changed(*changes: tuple[str, Json]) -> Json:
    """The notes with something else at some places; None takes away what is there."""
    document = notes()
    for place, value in changes:
        *above, last = place.split(" ")
        holder = document
        for key in above:
            holder = holder[int(key) if isinstance(holder, list) else key]
        if value is None:
            del holder[last]
        else:
            holder[last] = value
    return document


def answer(schema: Json, status: str = "200") -> Json:
    """A Responses Object with one success."""
    return {status: {"description": "D", "content": {"application/json": {"schema": schema}}}}


def body(schema: Json) -> Json:
    """A Request Body Object."""
    return {"content": {"application/json": {"schema": schema}}}


def thing(required: tuple[str, ...] = (), **members: str) -> Json:
    """An object of scalars: member → its type."""
    properties = {name: {"type": named} for name, named in members.items()}
    return {"type": "object", "required": list(required), "properties": properties}


def verbs(inference: Inference) -> dict[str, Verb]:
    return {label: action.verb for label, action in inference.actions.items()}


WHOLE = {
    "POST /notes": Verb.CREATE,
    "GET /notes": Verb.LIST,
    "GET /notes/{noteId}": Verb.READ,
    "PUT /notes/{noteId}": Verb.REPLACE,
    "DELETE /notes/{noteId}": Verb.DELETE,
    "PATCH /notes/{noteId}": Verb.MERGE,
}


def test_everything_is_inferred_of_the_notes(tmp_path: Path) -> None:
    inference = infer_behaviour(loaded(notes(), tmp_path))
    assert verbs(inference) == WHOLE
    assert [(each.name, each.key) for each in inference.resources.values()] == [("note", "id")]


JSON = "content application/json schema"
QUERY = "paths /notes get parameters"
NOTE = "components schemas Note"
ONE = {"$ref": "#/components/schemas/Note"}


@pytest.mark.parametrize(
    ("place", "value", "label", "reason"),
    [
        (
            "paths /notes/{noteId} delete responses",
            {"404": {"description": "No"}},
            "DELETE /notes/{noteId}",
            "no success",
        ),
        (f"{NOTE} properties deletedAt", {"type": "string"}, "DELETE /notes/{noteId}", "it may still be there"),
        ("paths /notes/{noteId} delete summary", "Archive a note", "DELETE /notes/{noteId}", "says `archive`"),
        (
            f"paths /notes/{{noteId}} patch requestBody {JSON}",
            {"type": "object", "properties": {"op": {"type": "string"}, "text": {"type": "string"}}},
            "PATCH /notes/{noteId}",
            "takes something else",
        ),
        (
            "paths /notes/{noteId} patch requestBody content",
            {"application/json-patch+json": {"schema": {"type": "array"}}},
            "PATCH /notes/{noteId}",
            "JSON Patch",
        ),
        (
            f"paths /notes/{{noteId}} put requestBody {JSON}",
            {"type": "object", "required": ["reason"], "properties": {"text": {"type": "string"}, "reason": True}},
            "PUT /notes/{noteId}",
            "takes something else",
        ),
        (
            f"paths /notes get responses 200 {JSON}",
            {"type": "array", "items": {"type": "string"}},
            "GET /notes",
            "one array",
        ),
        ("paths /notes get responses 200 content text/csv", {"schema": {"type": "string"}}, "GET /notes", "one array"),
        (
            QUERY,
            [{"name": "since", "in": "query", "required": True, "schema": {"type": "string"}}],
            "GET /notes",
            "depends on `since`",
        ),
        (
            "paths /notes/{noteId} post",
            {"responses": {"200": {"description": "?"}}},
            "POST /notes/{noteId}",
            "nothing is inferred from",
        ),
        (
            "paths /notes get responses",
            answer({"type": "array", "items": {"properties": {"id": {"type": "string", "format": "uuid"}}}}),
            "GET /notes",
            "doesn't show the `id`",
        ),
        ("paths /notes get responses", {"200": {"description": "D"}}, "GET /notes", "documents no list"),
        ("paths /notes get responses 200 content application/xml", {}, "GET /notes", "whose items aren't known"),
        (
            "paths /notes get responses 206",
            answer({"type": "object", "properties": {"notes": {"type": "array", "items": ONE}}})["200"],
            "GET /notes",
            "in different places",
        ),
        (
            "paths /notes/{noteId} get responses 200 content application/jsonl",
            {"itemSchema": ONE},
            "GET /notes/{noteId}",
            "piece by piece",
        ),
        (
            "paths /notes/{noteId} put responses 202",
            answer({"type": "object", "properties": {"note": ONE}})["200"],
            "PUT /notes/{noteId}",
            "in different places",
        ),
        (
            "paths /notes delete",
            {"responses": {"204": {"description": "?"}}},
            "DELETE /notes",
            "nothing is inferred from",
        ),
    ],
)
def test_one_doubtful_operation_is_left_alone(tmp_path: Path, place: str, value: Json, label: str, reason: str) -> None:
    inference = infer_behaviour(loaded(changed((place, value)), tmp_path))
    assert verbs(inference) == {name: verb for name, verb in WHOLE.items() if name != label}
    (text,) = [each.text for each in inference.evidence if each.about == label and each.fact is None]
    assert reason in text


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("paths /notes post", None, "nothing makes its records"),
        ("paths /notes post responses", {"200": {"description": "Done"}}, "tells neither Note"),
        ("paths /notes post summary", "Import notes", "says `import`"),
        (f"paths /notes post requestBody {JSON}", {"type": "array"}, "need not be one object"),
        ("paths /notes/{noteId} parameters 0 schema", {"type": "integer"}, "may be what no {noteId} can be"),
        (f"{NOTE} properties id", {"type": "array"}, "not just a string"),
        (f"{NOTE} properties id", {"type": ["string", "null"]}, "not just a string"),
        (f"{NOTE} properties note_id", {"type": "string"}, "no member is certainly the {noteId}"),
        (f"{NOTE} properties id", None, "no member is certainly the {noteId}"),
        (f"{NOTE} discriminator", {"propertyName": "text"}, "depend on each other"),
        ("paths /notes/batch", {"post": notes()["paths"]["/notes"]["post"]}, "POST /notes/batch may make them too"),
        ("paths /notes post responses", {"400": {"description": "No"}}, "documents no success"),
        ("paths /notes post responses", answer(thing(id="string"), "202"), "tells neither Note"),
        (
            "paths /notes post requestBody",
            body({"oneOf": [thing(text="string"), thing(text="string", user="string", group="string")]}),
            "different things with different bodies",
        ),
        ("paths /notes put", {"requestBody": body(ONE), "responses": answer(ONE)}, "PUT /notes may make them too"),
        (
            "paths /uploads",
            {"post": {"responses": answer(ONE, "201")}},
            "may make them too: it answers 201",
        ),
        ("paths /notes/{noteId} get responses 202", answer(thing(id="string"), "202")["202"], "more than one schema"),
        (
            "paths /notes/",
            {"get": {"responses": {"200": {"description": "The same, written otherwise"}}}},
            "written in two ways",
        ),
    ],
)
def test_one_doubt_can_be_about_all(tmp_path: Path, place: str, value: Json, reason: str) -> None:
    inference = infer_behaviour(loaded(changed((place, value)), tmp_path))
    assert inference.actions == {}
    assert any(each.about == "GET /notes/{noteId}" and reason in each.text for each in inference.evidence)


def test_a_search_that_takes_a_record_makes_none(tmp_path: Path) -> None:
    document = changed(("paths /notes/search", {"post": notes()["paths"]["/notes"]["post"]}))
    assert verbs(infer_behaviour(loaded(document, tmp_path))) == WHOLE


@pytest.mark.parametrize(
    ("parameter", "seen"),
    [
        ({"name": "stars", "schema": {"type": "integer"}}, Fact.FILTER),
        ({"name": "stars", "schema": {"type": "string"}}, None),
        ({"name": "stars", "schema": {"type": "array", "items": {"type": "integer"}}}, None),
        ({"name": "sort", "schema": {"type": "string"}}, None),
        ({"name": "limit", "schema": {"type": "integer"}}, Fact.PAGE),
        ({"name": "limit", "schema": {"type": "string"}}, None),
        ({"name": "page[size]", "schema": {"type": "integer"}}, Fact.PAGE),
        ({"name": "page", "schema": {"type": "integer"}}, None),
        ({"name": "page", "schema": {"type": "integer", "default": 0}}, Fact.PAGE),
        ({"name": "page", "schema": {"type": "integer", "minimum": 0, "default": 1}}, None),
    ],
)
def test_parameters_are_understood_or_not(tmp_path: Path, parameter: Json, seen: Fact | None) -> None:
    inference = infer_behaviour(loaded(changed((QUERY, [{"in": "query", **parameter}])), tmp_path))
    facts = [
        each.fact for each in inference.evidence if each.about == "GET /notes" and f"`{parameter['name']}`" in each.text
    ]
    assert facts == [seen]


def test_a_cursor_forbids_pages(tmp_path: Path) -> None:
    """To cut a list and then pass over the cursor would give the first page for ever."""
    names = [{"in": "query", "name": name, "schema": {"type": "integer"}} for name in ("limit", "after")]
    action = infer_behaviour(loaded(changed((QUERY, names)), tmp_path)).actions["GET /notes"]
    assert action.page is None


def test_a_key_that_is_not_an_id_may_follow_a_change(tmp_path: Path) -> None:
    text = json.dumps(notes()).replace('"id"', '"slug"').replace("noteId", "slug")
    inference = infer_behaviour(loaded(json.loads(text), tmp_path))
    left = {
        label.replace("noteId", "slug"): verb for label, verb in WHOLE.items() if not label.startswith(("PUT", "PATCH"))
    }
    assert verbs(inference) == left


def test_the_words_of_a_value_say_what_it_does(tmp_path: Path) -> None:
    """Filters and pages are computed without CEL; what is shown of them is CEL, and means the same."""
    parameters = [
        {"in": "query", "name": "stars", "schema": {"type": "integer"}},
        {"in": "query", "name": "text", "schema": {"type": "string", "default": "a"}},
        {"in": "query", "name": "page", "schema": {"type": "integer", "minimum": 1}},
        {"in": "query", "name": "per_page", "schema": {"type": "integer", "default": 3}},
    ]
    action = infer_behaviour(loaded(changed((QUERY, parameters)), tmp_path)).actions["GET /notes"]
    assert action.where is not None
    assert action.page is not None
    assert action.page.offset is not None
    queries: list[dict[str, Json]] = [
        {},
        {"stars": 1},
        {"stars": 2, "text": "b"},
        {"page": 4},
        {"page": 2, "per_page": 5},
    ]
    records: list[dict[str, Json]] = [{"text": "a"}, {"text": "a", "stars": 1}, {"text": "b", "stars": 2}]
    for query in queries:
        for record in records:
            scene = Scene({"query": query}, {"record": record})
            for value in (action.where, action.page.offset):
                assert compile_value(value.source).evaluate(scene) == value.evaluate(scene)


def read(tmp_path: Path, *changes: tuple[str, Json]) -> Inference:
    return infer_behaviour(loaded(changed(*changes), tmp_path))


def doubt(inference: Inference, label: str) -> str:
    return next(each.text for each in inference.evidence if each.about == label and each.fact is None)


def test_a_whole_record_put_to_the_collection_takes_the_place_of_the_one_it_names(tmp_path: Path) -> None:
    put = {"requestBody": body(ONE), "responses": {**answer(ONE), "404": {"description": "No such note"}}}
    inference = read(tmp_path, ("paths /notes put", put))
    assert verbs(inference) == {**WHOLE, "PUT /notes": Verb.REPLACE}
    action = inference.actions["PUT /notes"]
    assert action.key is not None
    assert action.key.source == "$request.body#/id"
    assert action.takes is not None
    assert action.takes.keys() == {"text", "stars"}


def test_what_only_puts_and_is_told_something_else_makes_nothing(tmp_path: Path) -> None:
    put = {"requestBody": body(thing(op="string", path="string")), "responses": {"201": {"description": "Done"}}}
    inference = read(tmp_path, ("paths /notes post", None), ("paths /notes/{noteId} put", put))
    assert "nothing certainly makes" in doubt(inference, "GET /notes")


def test_a_put_that_makes_needs_a_key_of_the_records_type(tmp_path: Path) -> None:
    put = {"requestBody": body(thing(text="string")), "responses": {"201": {"description": "Made"}}}
    changes = (("paths /notes post", None), ("paths /notes/{noteId} put", put))
    assert read(tmp_path, *changes).actions["PUT /notes/{noteId}"].verb is Verb.UPSERT
    numbered = read(tmp_path, *changes, (f"{NOTE} properties id", {"type": "integer"}))
    assert "isn't what `id` is" in doubt(numbered, "PUT /notes/{noteId}")


def test_text_names_numbers_unless_it_is_told_how(tmp_path: Path) -> None:
    numbered = (f"{NOTE} properties id", {"type": "integer"})
    assert verbs(read(tmp_path, numbered)) == WHOLE
    told = ("paths /notes/{noteId} parameters 0 schema", {"type": "string", "pattern": "^n"})
    assert read(tmp_path, numbered, told).actions == {}


def test_what_nothing_shows_is_no_resource(tmp_path: Path) -> None:
    needed = [{"name": "since", "in": "query", "required": True, "schema": {"type": "string"}}]
    inference = read(tmp_path, ("paths /notes/{noteId} get", None), (QUERY, needed))
    assert "nothing certainly shows" in doubt(inference, "POST /notes")


def test_records_are_told_by_lists_where_nothing_reads_one(tmp_path: Path) -> None:
    unread = ("paths /notes/{noteId} get", None)
    left = {label: verb for label, verb in WHOLE.items() if label != "GET /notes/{noteId}"}
    assert verbs(read(tmp_path, unread)) == left
    names = answer({"type": "array", "items": thing(text="string")})
    assert "have no member" in doubt(read(tmp_path, unread, ("paths /notes get responses", names)), "POST /notes")
    assert "has a GET" in doubt(read(tmp_path, unread, ("paths /notes get", None)), "POST /notes")


@pytest.mark.parametrize(
    ("request_schema", "status", "made"),
    [
        (thing(("id",), id="string"), "201", False),
        (thing(("id", "text"), id="string", text="string"), "201", True),
        (thing(("id", "text"), id="string", text="string"), "200", False),
        (thing(("text",), id="string", text="string"), "200", True),
    ],
)
def test_below_another_record_what_is_told_the_id_may_be_there_already(
    tmp_path: Path, request_schema: Json, status: str, made: bool
) -> None:
    post = {"requestBody": body(request_schema), "responses": answer(ONE, status)}
    document = changed(("paths /notes post", post))
    board = {"name": "board", "in": "path", "required": True, "schema": {"type": "string"}}
    paths = {f"/boards/{{board}}{path}": item for path, item in document["paths"].items()}
    for item in paths.values():
        item["parameters"] = [*item.get("parameters", ()), board]
    inference = infer_behaviour(loaded({**document, "paths": paths}, tmp_path))
    assert bool(inference.actions) == made
    if not made:
        assert "may attach what is there" in doubt(inference, "POST /boards/{board}/notes")


def test_a_key_that_is_sent_is_enough_where_201_says_it_was_made(tmp_path: Path) -> None:
    told = body(thing(("id", "text"), id="string", text="string"))
    for status, made in (("201", True), ("200", False)):
        post = {"requestBody": told, "responses": {status: {"description": "Done"}}}
        assert ("POST /notes" in read(tmp_path, ("paths /notes post", post)).actions) == made


def test_a_name_that_can_be_sent_again_may_rename(tmp_path: Path) -> None:
    text = json.dumps(notes()).replace('"id"', '"name"').replace("noteId", "name")
    document = json.loads(text)
    document["components"]["schemas"]["Parts"]["properties"]["name"] = {"type": "string"}
    inference = infer_behaviour(loaded(document, tmp_path))
    assert verbs(inference).keys() == {"POST /notes", "GET /notes", "GET /notes/{name}", "DELETE /notes/{name}"}
    assert "it may rename" in doubt(inference, "PATCH /notes/{name}")
    document["paths"]["/notes"]["post"]["responses"] = answer(thing(name="string", done="boolean"))
    assert infer_behaviour(loaded(document, tmp_path)).actions == {}, "the name in it may be somebody else's"


def test_who_is_named_by_another_key_is_no_parent(tmp_path: Path) -> None:
    """`/notes/{noteId}` is told by `id`; what `{noteText}` names in a path below isn't."""
    page = {"responses": answer(thing(("id",), id="string"), "201")}
    for parameter, parent in (("noteId", "note"), ("noteText", None), ("id", "note")):
        parameters = [{"name": parameter, "in": "path", "required": True, "schema": {"type": "string"}}]
        item = {"get": {"responses": answer(thing(("id",), id="string"))}}
        more = [{"name": "pageId", "in": "path", "required": True, "schema": {"type": "string"}}]
        inference = read(
            tmp_path,
            (f"paths /notes/{{{parameter}}}/pages", {"parameters": parameters, "post": page}),
            (f"paths /notes/{{{parameter}}}/pages/{{pageId}}", {"parameters": parameters + more, **item}),
        )
        above = inference.resources["page"].parent
        assert (above.resource.name if above is not None else None) == parent
        assert len(inference.resources["page"].scope) == (0 if parent else 1)


def test_two_collections_may_share_a_schema(tmp_path: Path) -> None:
    document = notes()
    paths = document["paths"]
    for path in ("/notes", "/notes/{noteId}"):
        paths[path.replace("note", "memo")] = json.loads(json.dumps(paths[path]).replace("note", "memo"))
    assert {each.name for each in infer_behaviour(loaded(document, tmp_path)).resources.values()} == {"note", "memo"}
    del paths["/memos/{memoId}"]["get"]
    inference = infer_behaviour(loaded(document, tmp_path))
    assert [each.name for each in inference.resources.values()] == ["note"]
    assert "may be those of /notes" in doubt(inference, "GET /memos")
    del paths["/notes/{noteId}"]["get"]
    assert len(infer_behaviour(loaded(document, tmp_path)).resources) == 2


def test_what_only_the_server_may_know_is_not_claimed(tmp_path: Path) -> None:
    """Where requests and records have one schema, what is optional in it may be the server's."""

    def claimed(*changes: tuple[str, Json]) -> set[str]:
        found = read(tmp_path, *changes).evidence
        return {name for each in found if each.fact is Fact.READ_BACK and "POST" in each.about for name in each.names}

    assert claimed() == {"text", "stars"}
    assert claimed(("paths /notes post requestBody", body(ONE))) == {"id", "text"}
    assert claimed((f"{NOTE} properties text format", "date-time")) == {"stars"}
    assert claimed((f"{NOTE} properties stars readOnly", True)) == {"text"}
    assert claimed(("components schemas Parts properties stars readOnly", True)) == {"text"}
    secret = {"type": "string"}
    parts = ("components schemas Parts properties apiKey", secret)
    assert claimed((f"{NOTE} properties apiKey", secret), parts) == {"text", "stars"}


def test_members_of_a_list_are_understood_by_name_and_type(tmp_path: Path) -> None:
    properties = {
        "items": {"type": "array", "items": ONE},
        "total": {"type": "integer"},
        "totalCount": {"type": "string"},
        "total_items": {"type": "integer", "minimum": 1},
        "hasMore": {"type": "boolean"},
        "ok": {"type": "boolean"},
        "next": {"type": ["string", "null"]},
        "comment": {"type": ["string", "null"]},
        "meta": {"type": "object", "properties": {"count": {"type": "integer"}, "total": {"type": "integer"}}},
        "extra": {"type": "object", "properties": {"total": {"type": "integer"}}},
    }
    listed = answer({"type": "object", "properties": properties})
    action = read(tmp_path, ("paths /notes get responses", listed)).actions["GET /notes"]
    assert action.answer.keys() == {"/total", "/hasMore", "/next", "/meta/count", "/meta/total"}
    cut = [{"in": "query", "name": "limit", "schema": {"type": "integer"}}]
    action = read(tmp_path, ("paths /notes get responses", listed), (QUERY, cut)).actions["GET /notes"]
    assert "/meta/count" not in action.answer, "of the page, or of all"


def test_a_list_is_never_longer_than_its_schema_allows(tmp_path: Path) -> None:
    few = answer({"type": "array", "maxItems": 2, "items": ONE})
    page = read(tmp_path, ("paths /notes get responses", few)).actions["GET /notes"].page
    assert page is not None
    assert (page.limit, page.default_limit) == (None, 2)
    cut = [{"in": "query", "name": "limit", "schema": {"type": "integer"}}]
    page = read(tmp_path, ("paths /notes get responses", few), (QUERY, cut)).actions["GET /notes"].page
    assert page is not None
    assert page.limit is not None
    assert [page.limit.evaluate(Scene({"query": {"limit": sent}}, {})) for sent in (1, 5)] == [1, 2]


def test_what_is_only_written_may_be_asked_for_besides(tmp_path: Path) -> None:
    changed = thing(("text", "reason"), text="string", reason="string")
    changed["properties"]["reason"]["writeOnly"] = True
    assert verbs(read(tmp_path, ("paths /notes/{noteId} put requestBody", body(changed)))) == WHOLE


def test_what_nobody_has_seen_yet_is_not_left_out(tmp_path: Path) -> None:
    stars = [{"in": "query", "name": "stars", "schema": {"type": "integer"}}]
    where = read(tmp_path, (QUERY, stars)).actions["GET /notes"].where
    assert where is not None
    scenes = [Scene({"query": query}, {"record": {"stars": UNKNOWN}}) for query in ({}, {"stars": 1})]
    assert [where.evaluate(scene) for scene in scenes] == [True, UNKNOWN]
