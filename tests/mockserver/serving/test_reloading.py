"""A mock follows its files: real files, real edits; what says that they changed is the test."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from understudy.mockserver.mock import Mock
from understudy.mockserver.serving.mounting import mount
from understudy.mockserver.serving.reloading import Reloading
from understudy.mockserver.serving.watching import MAX_SETTLING, Fingerprint, look, wait_for_change
from understudy.mockserver.settings import Settings
from understudy.mockserver.stores import StoreFull
from understudy.specs.errors import DocumentError

PETS = """
openapi: 3.2.0
info: {title: Pets, version: '1'}
x-understudy:
  resources:
    pet: {key: id, schema: 'parts.yaml#/Pet', seed: [{id: p1, name: Rex}]}
    toy: {key: id, parent: {resource: pet, key: $request.path.id}}
    vet: {key: id, seed: [{id: v1}]}
paths:
  /pets:
    get: &list
      operationId: listPets
      x-understudy: {action: {list: pet}}
      responses: {'200': {description: '', content: {application/json: {schema: {type: array, items: {$ref: 'parts.yaml#/Pet'}}}}}}
    post:
      operationId: createPet
      x-understudy: {action: {create: pet}}
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name]}}}}
      responses: {'201': {description: '', content: {application/json: {schema: {$ref: 'parts.yaml#/Pet'}}}}}
  /pets/{id}/toys:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get: {operationId: listToys, x-understudy: {action: {list: toy}}, responses: {'200': {description: '', content: {application/json: {schema: {type: array}}}}}}
    post: {operationId: createToy, x-understudy: {action: {create: toy}}, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {description: '', content: {application/json: {schema: {type: object}}}}}}
  /vets:
    post: {operationId: createVet, x-understudy: {action: {create: vet}}, requestBody: {content: {application/json: {schema: {type: object}}}}, responses: {'201': {description: '', content: {application/json: {schema: {type: object}}}}}}
    get: {operationId: listVets, x-understudy: {action: {list: vet}}, responses: {'200': {description: '', content: {application/json: {schema: {type: array}}}}}}
  /word: {get: {operationId: readWord, responses: {'200': {description: '', content: {text/plain: {example: one}}}}}}
  /words:
    get:
      operationId: followWords
      responses: {'200': {description: '', content: {text/event-stream: {itemSchema: {type: object, properties: {data: {const: old}}, required: [data]}, example: "data: old\\n\\ndata: old\\n\\ndata: old\\n\\n"}}}}
"""  # noqa: E501 - a document reads better with long lines
PARTS = "Pet: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}}}\n"
URL = "http://localhost"
States = ["memory", "sqlite"]


class Watched:
    """A mock of files in a folder."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.folder = folder
        self.write("pets.yaml", PETS)
        self.write("parts.yaml", PARTS)
        state = settings.get("state", "memory")
        full = {**settings, "state": f"sqlite:///{folder / 'records.db'}" if state == "sqlite" else state, "pace": 0.0}
        made = Settings(**full)  # type: ignore[arg-type]  # by name
        overlays = ("over.yaml",) if (folder / "over.yaml").exists() else ()
        paths = tuple(str(folder / each) for each in overlays)
        self.edits: asyncio.Queue[None] = asyncio.Queue()

        async def changed(seen: Fingerprint) -> None:
            await self.edits.get()

        self.app = Reloading(
            lambda draw: Mock(mount((str(folder / "pets.yaml"),), paths, None), made, None, draw), changed
        )

    def write(self, name: str, text: str) -> None:
        """As editors do: another file takes the name."""
        new = self.folder / f".{name}.new"
        new.write_text(text, encoding="utf-8")
        new.replace(self.folder / name)

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    @property
    def client(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=("127.0.0.1", 4000))
        return httpx.AsyncClient(transport=transport, base_url=URL)

    def run(self, work: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
        async def all_of_it() -> None:
            async with asyncio.timeout(60), self.app._open(), self.client as client:
                await work(client)

        asyncio.run(all_of_it())


def test_a_good_edit_takes_over(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        assert (await client.get("/word")).text == "one"
        mock.edit("pets.yaml", "example: one", "example: two")
        assert await mock.app.reload()
        assert (await client.get("/word")).text == "two"
        assert (await client.get("/__understudy/status")).json() == {"workers": 1, "reloads": 1, "notice": ""}

    with caplog.at_level(logging.INFO, "understudy.mockserver"):
        mock.run(work)
    assert [each.getMessage() for each in caplog.records] == ["reloaded"]


def test_an_edit_is_followed_without_being_asked(tmp_path: Path) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        mock.edit("pets.yaml", "example: one", "example: two")
        before = mock.app.mock
        mock.edits.put_nowait(None)
        async with asyncio.timeout(20):
            while mock.app.mock is before:
                await asyncio.sleep(0)
        assert (await client.get("/word")).text == "two"

    mock.run(work)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("paths:", "paths: [", "pets.yaml:"),
        ("parts.yaml#/Pet", "parts.yaml#/Cat", "/Cat"),
        ("parts.yaml#/Pet", "cats.yaml#/Pet", "cats.yaml"),
        ("{action: {list: pet}}", "{action: {list: pot}}", "pot"),
    ],
)
def test_a_broken_edit_keeps_the_last_good_document_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, old: str, new: str, said: str
) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        await client.post("/pets", json={"name": "Tom"})
        mock.edit("pets.yaml", old, new)
        assert not await mock.app.reload()
        assert not await mock.app.reload()
        assert len((await client.get("/pets")).json()) == 2
        notice = (await client.get("/__understudy/status")).json()["notice"]
        assert notice.startswith("not reloaded, what was is still served: ")
        assert said in notice
        assert "\n" not in notice
        assert caplog.messages == [notice, notice]
        mock.edit("pets.yaml", new, old)
        mock.edit("pets.yaml", "example: one", "example: two")
        assert await mock.app.reload()
        assert (await client.get("/word")).text == "two"
        assert len((await client.get("/pets")).json()) == 2
        assert (await client.get("/__understudy/status")).json()["notice"] == ""

    mock.run(work)


def test_a_fault_of_our_own_is_no_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mock = Watched(tmp_path)

    def fail(_: str) -> Mock:
        raise RecursionError("deep")

    async def work(client: httpx.AsyncClient) -> None:
        monkeypatch.setattr(mock.app, "_load", fail)
        assert not await mock.app.reload()
        assert (await client.get("/word")).text == "one"
        assert "RecursionError: deep" in mock.app.mock.controls.notice

    mock.run(work)


def names(mock: Watched) -> set[str]:
    return {Path(each).name for each in mock.app.seen}


def test_every_file_that_is_read_is_watched_also_one_that_is_missing(tmp_path: Path) -> None:
    (tmp_path / "over.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: '', version: '1'}\nactions: [{target: $.info, update: {title: Other}}]"
    )
    scenarios = tmp_path / "scenarios.yaml"
    scenarios.write_text("scenarios: {usual: {}}")
    mock = Watched(tmp_path, scenario=str(scenarios))
    assert names(mock) == {"pets.yaml", "parts.yaml", "over.yaml", "scenarios.yaml"}

    async def work(client: httpx.AsyncClient) -> None:
        mock.edit("pets.yaml", "parts.yaml", "animals.yaml")
        assert not await mock.app.reload()
        assert names(mock) == {"pets.yaml", "parts.yaml", "animals.yaml", "over.yaml", "scenarios.yaml"}
        before = look(mock.app.seen)
        mock.write("animals.yaml", PARTS)
        assert look(before) != before
        assert await mock.app.reload()
        assert names(mock) == {"pets.yaml", "animals.yaml", "over.yaml", "scenarios.yaml"}

    mock.run(work)


def test_a_deleted_file_is_told_and_its_return_noticed(tmp_path: Path) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        for name, text in (("parts.yaml", PARTS), ("pets.yaml", PETS)):
            (tmp_path / name).unlink()
            assert not await mock.app.reload()
            assert name in mock.app.mock.controls.notice
            assert (await client.get("/word")).text == "one"
            gone = look(mock.app.seen)
            mock.write(name, text)
            assert look(gone) != gone
            assert await mock.app.reload()

    mock.run(work)


def test_a_mock_whose_first_document_is_broken_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        Reloading(lambda draw: Mock(mount((str(tmp_path / "none.yaml"),), (), None), Settings(), None, draw))


@pytest.mark.parametrize("state", States)
def test_records_are_kept_where_resources_are_the_same(tmp_path: Path, state: str) -> None:
    mock = Watched(tmp_path, state=state)

    async def work(client: httpx.AsyncClient) -> None:
        pet = (await client.post("/pets", json={"name": "Tom"})).json()["id"]
        await client.post(f"/pets/{pet}/toys", json={"id": "ball"})
        await client.post("/vets", json={"id": "v2"})
        await client.post("/__understudy/clock", json={"by": "2h"})
        mock.edit("pets.yaml", "example: one", "example: two")
        assert await mock.app.reload()
        assert [each["name"] for each in (await client.get("/pets")).json()] == ["Rex", "Tom"]
        assert mock.app.mock.controls.notice == ""
        # A schema in another file says something else: these records, and those below them, begin anew.
        mock.edit("parts.yaml", "required: [id, name]", "required: [id]")
        assert await mock.app.reload()
        assert [each["name"] for each in (await client.get("/pets")).json()] == ["Rex"]
        assert (await client.get(f"/pets/{pet}/toys")).status_code == 404
        assert len((await client.get("/vets")).json()) == 2
        assert round((await client.get("/__understudy/clock")).json()["offsetSeconds"]) == 7200
        said = (await client.get("/__understudy/status")).json()["notice"]
        assert said == "records of pet, toy begin anew, since what the document says of them was changed"

    mock.run(work)


@pytest.mark.parametrize("error", [StoreFull("no room"), KeyError("a fault of ours")])
def test_a_mock_that_cannot_take_over_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    mock = Watched(tmp_path, state="sqlite")

    async def fail(*_: object) -> list[str]:
        raise error

    async def work(client: httpx.AsyncClient) -> None:
        await client.post("/pets", json={"name": "Tom"})
        mock.edit("pets.yaml", "example: one", "example: two")
        # The last thing to be done, when the store is common to both already.
        monkeypatch.setattr("understudy.mockserver.control.controls.Controls.take_over", fail)
        assert not await mock.app.reload()
        assert len((await client.get("/pets")).json()) == 2
        assert (await client.post("/pets", json={"name": "Kit"})).status_code == 201
        assert (await client.get("/word")).text == "one"
        monkeypatch.undo()
        assert await mock.app.reload()
        assert len((await client.get("/pets")).json()) == 3

    mock.run(work)


def test_new_quirks_are_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        mock.edit("pets.yaml", "  /word:", "  word:")
        assert await mock.app.reload()
        assert await mock.app.reload()

    mock.run(work)
    (quirk,) = [each for each in caplog.messages if each.startswith("quirk ")]
    assert "pets.yaml#/paths/word" in quirk


def test_overrides_and_the_log_go_on(tmp_path: Path) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        await client.post("/__understudy/overrides", json={"operation": "readWord", "status": 200, "delay": "1ms"})
        await client.post("/__understudy/overrides", json={"operation": "listVets", "delay": "1ms", "times": 2})
        await client.get("/vets")
        mock.edit("pets.yaml", "operationId: readWord", "operationId: sayWord")
        assert await mock.app.reload()
        assert "override o1 is over, since readWord is gone" in mock.app.mock.controls.notice
        (left,) = (await client.get("/__understudy/overrides")).json()["overrides"]
        assert (left["id"], left["hits"]) == ("o2", 1)
        await client.get("/word")
        logged = (await client.get("/__understudy/requests")).json()["requests"]
        assert [(each["number"], each["operation"]) for each in logged] == [(1, "listVets"), (2, "sayWord")]

    mock.run(work)


def test_a_scenario_that_was_changed_is_loaded_again(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text("scenarios: {usual: {}}")
    mock = Watched(tmp_path, scenario=str(file))

    async def work(client: httpx.AsyncClient) -> None:
        await client.post("/pets", json={"name": "Tom"})
        mock.edit("pets.yaml", "example: one", "example: two")
        assert await mock.app.reload()
        assert len((await client.get("/pets")).json()) == 2
        mock.write("scenarios.yaml", "scenarios: {usual: {records: {pet: empty}}}")
        assert await mock.app.reload()
        assert (await client.get("/pets")).json() == []
        assert "scenario usual was loaded again" in mock.app.mock.controls.notice
        mock.write("scenarios.yaml", "scenarios: {usual: {records: {pot: empty}}}")
        assert not await mock.app.reload()
        assert "scenarios.yaml:1" in mock.app.mock.controls.notice

    mock.run(work)


def test_a_stream_under_way_ends_with_the_document_it_began_with(tmp_path: Path) -> None:
    mock = Watched(tmp_path)

    async def work(client: httpx.AsyncClient) -> None:
        begun, go_on = asyncio.Event(), asyncio.Event()
        sent: list[bytes] = []

        async def send(message: object) -> None:
            assert isinstance(message, dict)
            sent.append(message.get("body", b""))
            if message["type"] == "http.response.body" and not begun.is_set():
                begun.set()
                await go_on.wait()

        async def receive() -> dict[str, object]:
            await asyncio.Event().wait()
            return {}

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/words",
            "raw_path": b"/words",
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1),
            "server": ("localhost", 80),
            "scheme": "http",
            "http_version": "1.1",
        }
        stream = asyncio.create_task(mock.app(scope, receive, send))
        await begun.wait()
        mock.edit("pets.yaml", "old", "new")
        assert await mock.app.reload()
        assert "data: new" in (await client.get("/words")).text
        assert len(mock.app._leaving) == 1
        go_on.set()
        await stream
        assert b"".join(sent).count(b"data: old") == 3
        assert b"new" not in b"".join(sent)
        for task in tuple(mock.app._leaving):
            await task
        await asyncio.sleep(0)
        assert not mock.app._leaving

    mock.run(work)


def test_a_change_counts_once_it_has_settled(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) in (3, 4):
            file.write_text("2" * len(waits))

    asyncio.run(wait_for_change(look([str(file)]), sleep))
    # Two quiet looks; the change, one more, and one look at which nothing was new.
    assert len(waits) == 5


def test_a_file_that_never_settles_counts_all_the_same(tmp_path: Path) -> None:
    file = tmp_path / "log"
    looks = 0

    async def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        file.write_text("x" * looks)

    asyncio.run(wait_for_change(look([str(file)]), sleep))
    assert looks == MAX_SETTLING + 1


def test_what_changed_while_it_was_read_is_suspected(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text("1")
    changed = file.stat().st_mtime_ns
    names = [str(file), str(tmp_path / "none"), "\0"]
    assert look(names, changed) != look(names)
    assert look(names, changed + 1) == look(names)
    assert look(names)[names[1]] is None
