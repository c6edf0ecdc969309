"""What several workers can't do as one is refused; what they share holds for all."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.mockserver.control.conftest import pets
from understudy.mockserver.app import create_app
from understudy.mockserver.control.one_process import OfOneProcess
from understudy.mockserver.settings import Settings

FROM_HERE: Final = "127.0.0.1"


def worker(tmp_path: Path, *, workers: int = 2, state: str = "", scenario: str = "") -> httpx.AsyncClient:
    """A client of one of so many workers; all of them have one file of records."""
    settings = Settings(state=state or f"sqlite:///{tmp_path / 'records.db'}", scenario=scenario)
    app = create_app([pets()], settings, workers=workers)
    transport = httpx.ASGITransport(app, client=(FROM_HERE, 4000))
    return httpx.AsyncClient(transport=transport, base_url="http://localhost/__understudy")


REFUSED: Final = [
    ("GET", "overrides", None, "overrides"),
    ("POST", "overrides", {"operation": "readWord", "status": 500}, "overrides"),
    ("DELETE", "overrides", None, "overrides"),
    ("DELETE", "overrides/o1", None, "overrides"),
    ("PUT", "scenarios", {"current": "empty"}, "another scenario"),
    ("GET", "requests", None, "the log of requests"),
    ("DELETE", "requests", None, "the log of requests"),
]


@pytest.mark.parametrize(("method", "path", "body", "what"), REFUSED)
def test_what_belongs_to_one_process_is_refused_with_the_remedy(
    tmp_path: Path, method: str, path: str, body: object, what: str
) -> None:
    async def ask() -> tuple[httpx.Response, httpx.Response, httpx.Response]:
        async with worker(tmp_path) as several, worker(tmp_path, workers=1) as alone:
            events = await several.get("/requests", headers={"Accept": "text/event-stream"})
            return (
                await several.request(method, f"/{path}", json=body),
                await alone.request(method, f"/{path}", json=body),
                events,
            )

    several, alone, events = asyncio.run(ask())
    assert several.status_code == events.status_code == 409
    remedy = f"--workers: got 2; allowed: 1 to use {what}, which one process keeps to itself: start the mock so"
    assert several.json()["detail"] == remedy
    assert alone.status_code != 409


def test_what_goes_through_the_store_holds_for_all(tmp_path: Path) -> None:
    async def ask() -> None:
        async with worker(tmp_path) as one, worker(tmp_path) as other:
            await one.post("http://localhost/pets", json={"name": "Tom"})
            assert len((await other.get("http://localhost/pets")).json()) == 2
            await one.post("/clock", json={"by": "2h"})
            assert round((await other.get("/clock")).json()["offsetSeconds"]) == 7200
            kept = (await other.get("/snapshot")).json()
            assert (await other.post("/reset")).status_code == 204
            assert len((await one.get("http://localhost/pets")).json()) == 1
            assert (await one.get("/clock")).json()["offsetSeconds"] == 0
            assert (await one.post("/snapshot", json=kept)).status_code == 204
            assert len((await other.get("http://localhost/pets")).json()) == 2
            assert (await one.get("/status")).json() == {"workers": 2, "reloads": 0, "notice": ""}

    asyncio.run(ask())


def test_in_memory_not_even_the_clock_is_shared(tmp_path: Path) -> None:
    async def ask() -> None:
        async with worker(tmp_path, state="memory") as one:
            answers = [
                await one.post("/clock", json={"by": "2h"}),
                await one.put("/clock", json={"now": "2024-03-04T09:00:00Z"}),
                await one.post("/reset"),
                await one.get("/snapshot"),
            ]
            assert [each.status_code for each in answers] == [409] * 4
            assert (await one.get("/clock")).status_code == 200

    asyncio.run(ask())


def test_a_worker_that_starts_later_undoes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text("scenarios: {nobody: {records: {pet: empty}, overrides: [{operation: readWord, status: 500}]}}")
    state = f"sqlite:///{tmp_path / 'records.db'}"

    async def ask() -> None:
        settings = Settings(state=state, scenario=str(file))
        first, later = (create_app([pets()], settings, workers=count) for count in (1, 2))
        async with first.router.lifespan_context(first):
            pass
        url = "http://localhost"
        async with worker(tmp_path) as one:
            assert (await one.get(f"{url}/pets")).json() == []
            await one.post(f"{url}/pets", json={"name": "Tom"})
            async with (
                later.router.lifespan_context(later),
                httpx.AsyncClient(transport=httpx.ASGITransport(later), base_url=url) as replaced,
            ):
                assert len((await replaced.get("/pets")).json()) == 1
                assert (await replaced.get("/word")).status_code == 500

    asyncio.run(ask())


def test_a_scenario_that_counts_needs_one_process(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text("scenarios: {once: {overrides: [{operation: readWord, status: 500, times: 1}]}}")
    create_app([pets()], Settings(scenario=str(file)))
    with pytest.raises(OfOneProcess, match="`times`"):
        create_app([pets()], Settings(scenario=str(file)), workers=2)
