"""Documents that declare nothing: what is inferred works and stays valid, and what is in doubt is left alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from urllib.parse import urljoin

import pytest

from understudy.mockserver.stores.memory import MemoryStore
from understudy.specs.behaviour import NOTHING, Request, reads, step
from understudy.specs.behaviour.expectation import (
    Expectation,
    Free,
    Items,
    Known,
    Members,
    Refusal,
    ResponsePattern,
    Shown,
)
from understudy.specs.behaviour.inference import infer_behaviour, with_inferred
from understudy.specs.behaviour.inferred_facts import Fact
from understudy.specs.behaviour.scenes import find_scope, scene_of
from understudy.specs.behaviour.step import Given, creates
from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Api, Direction, Location, Missing, Operation
from understudy.specs.paths import Match, Route, Router
from understudy.specs.problems import ProblemKind
from understudy.specs.schemas.allowed_types import AllowedTypes
from understudy.specs.schemas.schema import Schema

DOCUMENTS = Path(__file__).parents[2] / "documents"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
STATUSES = {ProblemKind.RESOURCE_NOT_FOUND: 404, ProblemKind.CONFLICT: 409}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Json
    headers: Mapping[str, Json]


class World:
    """The smallest server there can be: it steps, commits, and makes up what is free.

    What it is sent and what it answers is checked against the document.
    """

    def __init__(self, api: Api) -> None:
        self.store = MemoryStore(api.resources.values())
        self.router = Router(Route(each.method, each.path, each) for each in api.operations)

    def __call__(self, method: str, path: str, body: Json | Missing = MISSING, **query: Json) -> Answer:
        match = self.router.find(method, path)
        assert isinstance(match, Match), f"{method} {path} is no route"
        return asyncio.run(self.answer(read_request(match.value, match.parameters, query, body)))

    async def answer(self, request: Request) -> Answer:
        operation = request.operation
        for _ in range(20):
            snapshot = await self.store.read(reads(operation, request, NOW))
            given = await self.given(request) if creates(operation) else Given()
            outcomes = step(snapshot, operation, request, NOW, given)
            if isinstance(outcomes[0].pattern, Refusal):
                return Answer(STATUSES[outcomes[0].pattern.kind], MISSING, {})
            if await self.store.commit(outcomes[0].effects):
                return self.write(outcomes[0].pattern)
        raise AssertionError("every new key was taken already")

    async def given(self, request: Request) -> Given:
        assert request.operation.action is not None
        resource = request.operation.action.resource
        scope = find_scope(resource, scene_of(request, NOW))
        if resource.schema is None or scope is None:
            return Given()
        text = f"{resource.name}/{scope}/{await self.store.next_ordinal(resource.name, scope)}"
        key = resource.key_schema or dict(resource.schema.members())[resource.key]
        return Given({**made_up(resource.schema, text), resource.key: made_up(key, text)})

    def write(self, pattern: ResponsePattern) -> Answer:
        headers = {name: each.value for name, each in pattern.headers.items() if isinstance(each, Known)}
        if not pattern.bodies:
            return Answer(pattern.status, MISSING, headers)
        media_type, expectation = pattern.bodies[0]
        body = realised(expectation, media_type.schema)
        if media_type.schema is not None:
            assert media_type.schema.validator(Direction.RESPONSE).violations(body) == ()
        return Answer(pattern.status, body, headers)


def read_request(
    operation: Operation, captured: Mapping[str, str], query: Mapping[str, Json], body: Json | Missing
) -> Request:
    path: dict[str, Json] = {}
    for parameter in operation.parameters:
        assert parameter.schema is not None
        if parameter.location is Location.PATH:
            text = captured[parameter.name]
            path[parameter.name] = AllowedTypes(parameter.schema.standalone(Direction.REQUEST)).read(text)
        sent = path if parameter.location is Location.PATH else query
        if parameter.name in sent:
            assert parameter.schema.validator(Direction.REQUEST).violations(sent[parameter.name]) == ()
    content = operation.request_body.content if operation.request_body is not None else ()
    if body is not MISSING and content and content[0].schema is not None:
        assert content[0].schema.validator(Direction.REQUEST).violations(body) == ()
    return Request(operation, path, query, {}, {}, body, content[0].name if content else "")


def realised(expectation: Expectation, schema: Schema | None) -> Json:
    match expectation:
        case Known(value):
            return value
        case Items(items):
            return [realised(item, None) for item in items]
        case Members(members, about, own):
            base = made_up(own, "/".join(about), minimal=True) if own is not None else {}
            return {**base, **{name: realised(member, None) for name, member in members.items()}}
        case Free():
            return made_up(schema, "free") if schema is not None else b"\x00bytes"
        case _:
            raise AssertionError(f"{expectation} is not known to who gave everything")


def made_up(schema: Schema, text: str, *, minimal: bool = False) -> Json:
    return schema.generator(Direction.RESPONSE).generate(text, minimal=minimal)


@pytest.fixture
def start() -> Callable[[str], World]:
    return lambda name: World(with_inferred(load_api(str(DOCUMENTS / f"inference-{name}.yaml"))))


def test_pets_live_from_create_to_delete(start: Callable[[str], World]) -> None:
    send = start("pets")
    assert send("GET", "/pets").body == {"items": [], "total": 0, "limit": 20, "hasMore": False, "next": None}
    made = send("POST", "/pets", {"name": "Mia", "kind": "cat", "born": "2020-02-02"})
    assert made.status == 201
    assert (made.body["name"], made.body["kind"]) == ("Mia", "cat")
    assert made.body["status"] == "available", "the default that the document gives"
    assert "nickname" not in made.body, "what could be sent and wasn't isn't made up"
    place = urljoin("/pets", str(made.headers["Location"]))
    assert place == f"/pets/{made.body['id']}"
    assert send("GET", place) == Answer(200, made.body, {})
    listed = send("GET", "/pets")
    assert (listed.body["total"], [pet["id"] for pet in listed.body["items"]]) == (1, [made.body["id"]])

    replaced = send("PUT", place, {"name": "Maja", "kind": "cat", "nickname": "M", "status": "sold"})
    assert "born" not in replaced.body
    kept = {name: made.body[name] for name in ("id", "kind", "createdAt")}
    assert replaced.body == {**kept, "name": "Maja", "nickname": "M", "status": "sold"}
    assert send("GET", place).body == replaced.body

    assert send("DELETE", place).status == 204
    assert [send(method, place).status for method in ("GET", "DELETE")] == [404, 404]
    assert send("GET", "/pets").body["items"] == []


def test_a_patch_is_merged(start: Callable[[str], World]) -> None:
    """RFC 7396; what may be null is, and what may be absent but not null is removed."""
    send = start("pets")
    home = {"city": "Oslo", "street": "Mill Lane"}
    body = {"name": "Mia", "kind": "cat", "nickname": "M", "born": "2020-02-02", "home": home}
    pet = send("POST", "/pets", body).body
    place = f"/pets/{pet['id']}"
    changed = send(
        "PATCH", place, {"nickname": None, "born": None, "home": {"street": None, "city": "Bergen"}, "id": 9}
    )
    assert "nickname" not in changed.body
    assert changed.body == {name: pet[name] for name in pet if name != "nickname"} | {
        "born": None,
        "home": {"city": "Bergen"},
    }
    assert send("GET", place).body == changed.body


def test_lists_are_filtered_and_cut(start: Callable[[str], World]) -> None:
    send = start("pets")
    names = [f"pet {number}" for number in range(5)]
    for number, name in enumerate(names):
        send("POST", "/pets", {"name": name, "kind": "cat" if number % 2 == 0 else "dog"})

    def shown(**query: Json) -> list[str]:
        return [pet["name"] for pet in send("GET", "/pets", **query).body["items"]]

    assert shown() == names
    assert shown(kind="dog") == ["pet 1", "pet 3"]
    assert shown(kind="fish") == []
    assert shown(limit=2) == names[:2]
    assert shown(limit=2, offset=4) == names[4:]
    assert shown(kind="cat", limit=1, offset=1) == ["pet 2"]
    assert shown(q="anything") == names
    page = send("GET", "/pets", limit=2, offset=2).body
    assert (page["total"], page["limit"], page["hasMore"]) == (5, 2, True)
    last = send("GET", "/pets", limit=2, offset=3).body
    assert (last["hasMore"], last["next"]) == (False, None)


def test_a_post_takes_its_comments_and_their_replies_with_it(start: Callable[[str], World]) -> None:
    send = start("blog")
    posts = [send("POST", "/posts.json", {"post": {"title": title, "text": "…"}}).body["post"] for title in "ab"]
    assert [post["published"] for post in posts] == [False, False]
    places = [f"/posts/{post['id']}" for post in posts]
    assert send("GET", f"{places[0]}.json").body == {"post": posts[0]}
    comments = [send("POST", f"{place}/comments", {"id": 7, "text": "so"}).body for place in places]
    replies = [
        send("POST", f"{place}/comments/{comment['id']}/replies", {"text": "no"}).body
        for place, comment in zip(places, comments, strict=True)
    ]
    below = [
        [f"{place}/comments/{comment['id']}", f"{place}/comments/{comment['id']}/replies/{reply['id']}"]
        for place, comment, reply in zip(places, comments, replies, strict=True)
    ]
    assert [send("GET", path).body for paths in below for path in paths] == [
        *(comments[0], replies[0]),
        *(comments[1], replies[1]),
    ]
    assert send("DELETE", f"{places[0]}.json").status == 204
    assert [send("GET", path).status for paths in below for path in paths] == [404, 404, 200, 200]
    assert send("GET", f"{places[0]}/comments").status == 404
    assert send("POST", f"{places[0]}/comments", {"id": 1, "text": "late"}).status == 404
    assert [comment["text"] for comment in send("GET", f"{places[1]}/comments").body] == ["so"]
    assert send("DELETE", below[1][0]).status == 204
    assert send("GET", below[1][1]).status == 404


def test_what_is_read_only_is_not_the_clients(start: Callable[[str], World]) -> None:
    send = start("blog")
    post = send("POST", "/posts.json", {"post": {"title": "a", "text": "…"}}).body["post"]
    first, second = (send("POST", f"/posts/{post['id']}/comments", {"id": 7, "text": text}).body for text in "ab")
    assert first["id"] != second["id"], "the id that was sent is of no account"


def test_pages_are_counted_from_one(start: Callable[[str], World]) -> None:
    send = start("blog")
    for title in "abc":
        send("POST", "/posts.json", {"post": {"title": title, "text": "…", "published": title == "b"}})

    def shown(**query: Json) -> tuple[list[str], int, int]:
        body = send("GET", "/posts.json", **query).body
        return [post["title"] for post in body["posts"]], body["meta"]["page"], body["meta"]["total"]

    assert shown() == (["a", "b"], 1, 3), "the default of per_page"
    assert shown(page=2) == (["c"], 2, 3)
    assert shown(page=3, per_page=1) == (["c"], 3, 3)
    assert shown(page=4) == ([], 4, 3)
    assert shown(published=True) == (["b"], 1, 1)
    changed = send("GET", "/posts.json").body["posts"][0]
    revised = send("PATCH", f"/posts/{changed['id']}.json", {"post": {"title": "z"}}).body["post"]
    assert revised == {**changed, "title": "z"}


def test_orders_of_one_shop_are_not_the_other_ones(start: Callable[[str], World]) -> None:
    send = start("orders")
    made = send("POST", "/shops/north/orders", {"customer": "Ada", "payment": {"card": "1"}})
    assert made.body.keys() <= {"id", "state"}
    place = f"/shops/north/orders/{made.body['id']}"
    order = send("GET", place).body
    assert (order["customer"], order["state"], order["id"]) == ("Ada", "open", made.body["id"])
    assert "payment" not in order
    assert "note" not in order
    assert send("GET", f"/shops/south/orders/{made.body['id']}").status == 404
    send("POST", "/shops/north/orders", {"customer": "Bob", "note": "soon"})
    assert send("GET", "/shops/north/orders").body["count"] == 2
    assert send("GET", "/shops/north/orders", state="closed").body["count"] == 2, "what `state=all` means isn't known"
    assert [each["customer"] for each in send("GET", "/shops/north/orders", customer="Bob").body["data"]] == ["Bob"]
    assert send("GET", "/shops/south/orders").body == {"data": [], "count": 0}

    assert send("PUT", place, {"state": "closed"}).status == 204
    assert send("GET", place).body == {**order, "state": "closed"}, "all is optional there: what isn't sent stays"
    gone = send("DELETE", place)
    assert gone.body.get("customer") != "Ada", "an answer without the key shows no order"
    assert send("GET", place).status == 404


def test_a_location_leads_to_what_was_made(start: Callable[[str], World]) -> None:
    send = start("orders")
    order = send("POST", "/shops/north/orders", {"customer": "Ada"}).body["id"]
    items = f"/shops/north/orders/{order}/items"
    made = send("POST", items, {"product": "ring", "quantity": 2, "engraving": "A & B", "id": "mine"})
    place = urljoin(items, str(made.headers["Location"]))
    assert re.fullmatch(rf"{items}/[0-9a-f-]{{36}}", place), "the path parameter asks for a UUID, the member doesn't"
    item = send("GET", place).body
    assert (item["product"], item["engraving"]) == ("ring", "A & B")
    assert send("HEAD", place).status == 200
    replaced = send("PUT", place, {"product": "ring", "quantity": 1}).body
    assert replaced == {"id": item["id"], "product": "ring", "quantity": 1}
    assert send("GET", items).body == [replaced]
    assert send("DELETE", f"/shops/north/orders/{order}").status == 200
    assert [send(method, place).status for method in ("GET", "HEAD", "DELETE")] == [404, 404, 404]


def test_files_and_their_bytes(start: Callable[[str], World]) -> None:
    send = start("files")
    made = send("POST", "/files", {"content": "bytes", "name": "a.txt"})
    place = f"/files/{made.body['file_id']}"
    described = send("GET", place).body
    assert (described["name"], "public" in described) == ("a.txt", False)
    assert send("PATCH", place, {"public": True}).body == {**described, "public": True}
    assert send("GET", "/files").body == [{**described, "public": True}]
    assert send("GET", f"{place}/content").body == b"\x00bytes"
    assert send("DELETE", place).body == {"file_id": described["file_id"], "removed": True}
    assert (send("GET", place).status, send("GET", "/files").body) == (404, [])


def test_put_makes_objects_under_keys_of_the_clients(start: Callable[[str], World]) -> None:
    send = start("files")
    bucket = {"name": "photos", "region": "north"}
    assert send("PUT", "/buckets/photos/objects/sea.jpg", b"1").status == 404, "there is no such bucket"
    assert send("POST", "/buckets", bucket).status == 201
    assert send("POST", "/buckets", bucket).status == 409
    assert send("GET", "/buckets/photos").body.items() >= bucket.items()
    for name in ("sea.jpg", "sky.jpg", "sea.jpg"):
        assert send("PUT", f"/buckets/photos/objects/{name}", b"1").status in (201, 204)
    listed = send("GET", "/buckets/photos/objects").body["objects"]
    assert [each["path"] for each in listed] == ["sea.jpg", "sky.jpg"]
    assert send("GET", "/buckets/photos/objects/sea.jpg").body == b"\x00bytes"
    assert send("GET", "/buckets/photos/objects").body["objects"] == listed
    assert send("DELETE", "/buckets/photos/objects/sea.jpg").status == 204
    assert send("GET", "/buckets/photos/objects/sea.jpg").status == 404
    assert send("DELETE", "/buckets/photos").status == 204
    assert send("GET", "/buckets/photos/objects").status == 404
    send("POST", "/buckets", bucket)
    assert send("GET", "/buckets/photos/objects").body == {"objects": []}, "the old ones are gone for good"


def test_who_only_watches_steps_as_well() -> None:
    """Without knowing what the server chooses: what was sent is known, what it chose is seen in the answer."""
    api = with_inferred(load_api(str(DOCUMENTS / "inference-pets.yaml")))
    (add, get) = (api.operations_by_name[name] for name in ("addPet", "getPet"))
    sent = read_request(add, {}, {}, {"name": "Mia", "kind": "cat"})
    (outcome,) = step(NOTHING, add, sent, NOW)
    assert isinstance(outcome.pattern, ResponsePattern)
    ((_, body),) = outcome.pattern.bodies
    assert isinstance(body, Members)
    known = {"name": Known("Mia"), "kind": Known("cat"), "status": Known("available")}
    assert body.members == {"id": Shown(0, "id"), **known}
    assert outcome.pattern.headers == {}
    (refused,) = step(NOTHING, get, read_request(get, {"petId": "1"}, {}, MISSING), NOW)
    assert refused.pattern == Refusal(ProblemKind.RESOURCE_NOT_FOUND, "there is no pet '1'")


def test_what_is_doubtful_is_left_alone() -> None:
    api = load_api(str(DOCUMENTS / "inference-doubtful.yaml"))
    inference = infer_behaviour(api)
    assert (inference.resources, inference.actions) == ({}, {})
    assert with_inferred(api) is api
    assert [each.about for each in inference.evidence] == [each.label for each in api.operations]
    reasons = {each.about: each.text for each in inference.evidence if each.fact is None}
    expected = {
        "GET /albums": "there is no POST /albums",
        "POST /search": "like something to do",
        "GET /search/{query}": "like something to do",
        "GET /getUser/{id}": "like something to do",
        "POST /login": "neither that of a collection",
        "PUT /account": "neither that of a collection",
        "GET /profiles/{userId}": "no member is certainly the {userId}",
        "GET /companies/{company_id}": "no member is certainly the {company_id}",
        "GET /tickets/{ticketId}": "may be what no {ticketId} can be",
        "POST /shapes": "depend on each other",
        "POST /users": "POST /users/createWithList may make them too",
        "GET /orders/{id}": "may be those of /customers/{customer}/orders",
        "POST /customers/{customer}/orders": "may be those of /orders",
        "POST /photos/{photo}/tags": "nothing but the `id`",
        "POST /mails": "tells neither Thing, nor its `id`, nor its `Location`",
        "POST /pages": "says `update`",
        "GET /repositories/{owner}/{name}": "neither that of a collection",
        "GET /reports/{id}.pdf": "neither that of a collection",
    }
    assert [label for label, text in expected.items() if text not in reasons[label]] == []


def test_the_table_of_the_vocabulary_is_the_enum() -> None:
    text = resources.files("understudy.specs").joinpath("VOCABULARY.md").read_text("utf-8").split("## Inference")[1]
    rows = re.findall(r"^\| `([a-z-]+)` \| .+ \| (Failure|note)", text, re.MULTILINE)
    assert rows == [(fact.title, fact.weight.value) for fact in Fact]
