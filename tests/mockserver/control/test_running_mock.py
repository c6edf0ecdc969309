"""A running mock in the hands of a program: no HTTP for what controls it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

import httpx
import pytest

from tests.apps.stores import Backing
from understudy.mockserver.serving.running import RunningMock
from understudy.mockserver.settings import fixed_clock
from understudy.specs.errors import UsageError

pytest_plugins = ["tests.apps.store_fixtures"]

Serve = Callable[..., RunningMock]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_it_is_reset_between_tests(serve: Serve, backing: Backing) -> None:
    mock = serve(state=backing.state)
    httpx.post(f"{mock.url}/pets", json={"name": "Tom"})
    snapshot = mock.snapshot()
    mock.reset()
    assert len(httpx.get(f"{mock.url}/pets").json()) == 1
    mock.restore(snapshot)
    assert len(httpx.get(f"{mock.url}/pets").json()) == 2
    with pytest.raises(UsageError, match="a snapshot of pets"):
        mock.restore({"format": 1, "documents": {"dogs": {}}})


def test_its_clock_is_moved(serve: Serve) -> None:
    mock = serve(clock=fixed_clock(NOON))
    mock.advance(timedelta(hours=1))
    mock.advance(30)
    assert mock.now == NOON + timedelta(hours=1, seconds=30)
    mock.set_clock(datetime(2030, 1, 1))
    assert mock.now == datetime(2030, 1, 1, tzinfo=UTC)
    with pytest.raises(UsageError, match="offset"):
        mock.advance(1e12)


def test_its_requests_are_seen_and_bounded(serve: Serve) -> None:
    mock = serve()
    with httpx.Client(base_url=mock.url) as client:
        for _ in range(1005):
            client.get("/word")
        client.get("/" + "x" * 5000)
    assert len(mock.requests) == 1000
    last = mock.requests[-1]
    assert (last.number, last.method, last.status, len(last.path)) == (1006, "GET", 404, 1000)
    assert mock.requests[0].operation == "readWord"


def test_what_is_wrong_is_raised_where_it_was_said(serve: Serve) -> None:
    mock = serve()
    with pytest.raises(UsageError, match="readPet"):
        mock.override("readPed", status=500)
    with pytest.raises(UsageError, match="--scenario"):
        mock.activate("empty")


def test_without_control_the_program_still_controls_it(serve: Serve) -> None:
    mock = serve(control=None)
    mock.override("readWord", status=500)
    assert httpx.get(f"{mock.url}/word").status_code == 500
    with pytest.raises(UsageError, match="ControlAccess"):
        mock.requests  # noqa: B018  # it is the reading that raises


def test_a_mock_that_has_stopped_says_so(make_api: Callable[..., object]) -> None:
    from tests.mockserver.control.conftest import pets
    from understudy.mockserver.serving.running import running

    with running(pets()) as mock:
        pass
    with pytest.raises(UsageError, match="a mock that runs"):
        mock.reset()


def test_it_stops_at_once_though_somebody_follows_the_log() -> None:
    from tests.mockserver.control.conftest import pets
    from understudy.mockserver.serving.running import GRACE_SECONDS, running

    with httpx.Client() as client:
        with running(pets()) as mock:
            request = client.build_request(
                "GET", f"{mock.url}/__understudy/requests", headers={"Accept": "text/event-stream"}
            )
            log = client.send(request, stream=True)
            reader = log.iter_raw()
            assert next(reader) == b": here\n\n"
            began = monotonic()
        assert monotonic() - began < GRACE_SECONDS
        log.close()


def test_only_so_many_follow(serve: Serve) -> None:
    mock = serve()
    url, wanted = f"{mock.url}/__understudy/requests", {"Accept": "text/event-stream"}
    with httpx.Client() as client:
        open_logs = [client.send(client.build_request("GET", url, headers=wanted), stream=True) for _ in range(16)]
        # Kept, since a reader that is forgotten closes its answer.
        readers = [log.iter_raw() for log in open_logs]
        assert [next(reader) for reader in readers] == [b": here\n\n"] * 16
        assert client.get(url, headers=wanted).status_code == 503
        for log in open_logs:
            log.close()
