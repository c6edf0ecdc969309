"""A document that declares no behaviour: what is there from the start, what is assumed, and what deletes do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.apps.in_process import OneLoop
from tests.apps.stores import Backing
from understudy.mockserver.app import create_app
from understudy.mockserver.settings import Bodies, Records, Settings
from understudy.specs.documents.document import Json
from understudy.specs.model import Api

pytest_plugins = ("tests.apps.store_fixtures",)

MakeClient = Callable[..., httpx.Client]

SHOP = (Path(__file__).parents[1] / "documents" / "shop.yaml").read_text()


@pytest.fixture(params=["memory", "sqlite", "redis"])
def client(
    request: pytest.FixtureRequest, make_backing: Callable[[str], Backing], make_api: Callable[..., Api]
) -> Iterator[httpx.Client]:
    app = create_app([make_api(SHOP)], Settings(state=make_backing(request.param).state))
    with httpx.Client(transport=OneLoop(app), base_url="http://mock.test") as opened:
        yield opened


def body(answer: httpx.Response, status: int = 200) -> Json:
    assert answer.status_code == status, answer.text
    return answer.json()


def test_lists_are_not_empty_and_what_they_show_is_there(client: httpx.Client) -> None:
    listed = body(client.get("/pets"))
    assert len(listed) == 3
    assert len({each["id"] for each in listed}) == 3
    assert [body(client.get(f"/pets/{each['id']}")) for each in listed] == listed


def test_the_documents_examples_are_there_from_the_start(client: httpx.Client) -> None:
    assert body(client.get("/owners")) == [{"id": "ann", "name": "Ann"}, {"id": "bob", "name": "Bob"}]
    assert body(client.get("/owners/bob")) == {"id": "bob", "name": "Bob"}


def test_what_nobody_made_is_there_and_stays_the_same(client: httpx.Client) -> None:
    first = body(client.get("/pets/4711"))
    assert first["id"] == 4711
    assert body(client.get("/pets/4711")) == first
    assert body(client.get("/owners/eve")) == {"id": "eve", "name": "Ann"}, (
        "the example under the name that was asked for"
    )
    changed = body(client.patch("/pets/4711", json={"tag": "old"}))
    assert changed == {**first, "tag": "old"}
    assert body(client.get("/pets/4711")) == changed
    assert changed in body(client.get("/pets")), "what was changed is kept"


def test_the_whole_cycle(client: httpx.Client) -> None:
    made = body(client.post("/pets", json={"name": "Rex"}), 201)
    before = {each["id"] for each in body(client.get("/pets"))}
    assert made["id"] in before
    assert body(client.get(f"/pets/{made['id']}")) == made
    replaced = body(client.put(f"/pets/{made['id']}", json={"name": "Max"}))
    assert (replaced["id"], replaced["name"], replaced["born"]) == (made["id"], "Max", made["born"])
    assert client.delete(f"/pets/{made['id']}").status_code == 204
    for method, sent in (("GET", None), ("DELETE", None), ("PATCH", {}), ("PUT", {"name": "x"})):
        assert client.request(method, f"/pets/{made['id']}", json=sent).status_code == 404
    assert {each["id"] for each in body(client.get("/pets"))} == before - {made["id"]}


@pytest.mark.parametrize("place", ["/owners/ann", "/owners/nobody"])
def test_a_delete_counts_whoever_made_the_record(client: httpx.Client, place: str) -> None:
    assert client.get(place).status_code == 200
    assert [client.delete(place).status_code for _ in range(2)] == [204, 404]
    assert client.get(place).status_code == 404
    again = body(client.post("/owners", json={"id": place[8:], "name": "Anew"}), 201)
    assert body(client.get(place)) == again


def test_what_belongs_to_a_deleted_record_is_gone_too(client: httpx.Client) -> None:
    assert len(body(client.get("/owners/zoe/words"))) == 3, "nobody made zoe, but who asks finds her"
    body(client.post("/owners/zoe/words", json={"word": "hey", "means": "hello"}), 201)
    assert body(client.get("/owners/zoe/words/hey"))["means"] == "hello"
    assert client.delete("/owners/zoe").status_code == 204
    assert client.get("/owners/zoe/words").status_code == 404
    assert client.get("/owners/zoe/words/hey").status_code == 404
    assert client.post("/owners/zoe/words", json={"word": "a"}).status_code == 404
    body(client.post("/owners", json={"id": "zoe", "name": "Zoe"}), 201)
    assert "hey" not in {each["word"] for each in body(client.get("/owners/zoe/words"))}


def test_a_conflict_is_told_where_it_is_documented(client: httpx.Client) -> None:
    for _ in range(2):
        body(client.post("/owners", json={"id": "kim", "name": "Kim"}), 201)
    word = {"word": "same"}
    assert [client.post("/owners/ann/words", json=word).status_code for _ in range(2)] == [201, 409]
    start = body(client.get("/owners/bob/words"))[0]
    assert client.post("/owners/bob/words", json={**start, "means": "x"}).status_code == 201, "that one gives way"
    assert body(client.get(f"/owners/bob/words/{start['word']}"))["means"] == "x"


def test_a_new_key_is_nobodys(client: httpx.Client) -> None:
    for number in range(1, 9):
        body(client.patch(f"/pets/{number}", json={"tag": "taken"}))
    assert client.delete("/pets/9").status_code == 204
    made = [body(client.post("/pets", json={"name": "Rex"}), 201)["id"] for _ in range(3)]
    assert made == [10, 11, 12]


def test_whoever_may_name_a_record_need_not(client: httpx.Client) -> None:
    made = [body(client.post("/notes", json={"text": str(number)})) for number in range(3)]
    assert len({each["id"] for each in made}) == 3
    assert [body(client.get(f"/notes/{each['id']}")) for each in made] == made
    assert body(client.put("/notes", json={"id": made[0]["id"], "text": "new"})) == {"id": made[0]["id"], "text": "new"}
    assert body(client.get(f"/notes/{made[0]['id']}"))["text"] == "new"
    assert client.put("/notes", json={"text": "of none"}).status_code == 200


def test_two_runs_are_the_same(mock: MakeClient) -> None:
    def talk() -> list[bytes]:
        one = mock(SHOP)
        asked = [
            one.get("/pets"),
            one.post("/pets", json={"name": "Rex"}),
            one.get("/pets/77"),
            one.get("/owners/x/words"),
        ]
        return [each.content for each in asked]

    assert talk() == talk()


def test_made_up_bodies_on_demand(mock: MakeClient) -> None:
    names = [each["name"] for each in body(mock(SHOP, bodies=Bodies.GENERATED).get("/owners"))]
    assert len(names) == 3
    assert "Ann" not in names
    client = mock(SHOP)
    assert body(client.get("/owners", headers={"prefer": "dynamic=true"})) != body(client.get("/owners"))
    assert client.get("/owners/gone", headers={"prefer": "code=404"}).status_code == 404


@pytest.mark.parametrize("records", list(Records))
def test_without_inference_every_answer_is_the_documents(
    mock: MakeClient, make_api: Callable[..., Api], records: Records
) -> None:
    api = make_api(SHOP)
    client = mock(api.stateless() if records is Records.INFERRED else api, records=records)
    assert client.delete("/owners/ann").status_code == 204
    assert body(client.get("/owners/ann")) == body(client.get("/owners/bob")) == {"id": "ann", "name": "Ann"}


def test_a_list_that_cannot_show_the_records_is_the_documents(mock: MakeClient) -> None:
    client = mock(SHOP.replace("schema: {type: array, items: &p", "schema: {type: array, minItems: 5, items: &p"))
    assert len(body(client.get("/pets"))) >= 5
    assert client.get("/pets/1").status_code == 200


def test_a_declared_document_holds_what_was_made_and_nothing_else(mock: MakeClient) -> None:
    declared = SHOP + "x-understudy: {resources: {pet: {key: id}}}\n"
    declared = declared.replace(
        "    get: {responses: {'200': &one",
        "    get: {x-understudy: {action: {read: pet, key: $request.path.petId}}, responses: {'200': &one",
    )
    assert mock(declared).get("/pets/4711").status_code == 404


def test_keys_are_as_long_as_they_must_be(mock: MakeClient) -> None:
    text = SHOP.replace("id: {type: integer, format: int64, example: 10}", "id: {type: string, minLength: 26}")
    client = mock(text.replace("schema: {type: integer, format: int64}}]", "schema: {type: string}}]"))
    assert len(body(client.get("/notes"))) == 3
    made = body(client.post("/notes", json={"text": "long"}))
    assert len(made["id"]) >= 26
    assert body(client.get(f"/notes/{made['id']}")) == made


def test_a_long_example_leaves_room_for_what_is_made(mock: MakeClient) -> None:
    many = ", ".join(f"{{id: o{number}, name: O}}" for number in range(9))
    client = mock(SHOP.replace("[{id: ann, name: Ann}, {id: bob, name: Bob}]", f"[{many}]"))
    assert [each["id"] for each in body(client.get("/owners"))] == ["o0", "o1", "o2", "o3", "o4"]
    assert body(client.get("/owners/o8"))["id"] == "o8"
