"""Several processes that serve as one, over real sockets; and what becomes of it when one of them ends."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from understudy.mockserver.app import create_app
from understudy.mockserver.mock import Mock
from understudy.mockserver.serving.workers import check_workers, count_workers
from understudy.mockserver.settings import Records, Settings
from understudy.specs.errors import UsageError
from understudy.specs.model import Api

MakeApi = Callable[..., Api]

THINGS = """
paths:
  /things:
    post:
      requestBody: {required: true, content: {application/json: {schema: &thing {$ref: '#/components/schemas/Thing'}}}}
      responses: {'201': {description: Made., content: {application/json: {schema: *thing}}}}
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer, minimum: 1}}]
    get:
      responses:
        '200': {description: One., content: {application/json: {schema: *thing}}}
        '404': {description: None.}
  /made/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get:
      responses:
        '200':
          description: Made up.
          content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string, format: uuid}}}}}
components:
  schemas:
    Thing: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}, name: {type: string}}}
"""  # noqa: E501 - a document reads better with long lines


@contextmanager
def started(tmp_path: Path, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    document = tmp_path / "things.yaml"
    document.write_text("openapi: 3.2.0\ninfo: {title: Things, version: '1'}\n" + THINGS, encoding="utf-8")
    code = "from understudy.contracts.cli import main; main()"
    options = ["--port", "0", "--no-cache", "--log-level", "error", *arguments]
    process = subprocess.Popen(
        [sys.executable, "-c", code, "mock", str(document), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            found = re.search(r"operations at (http://[^,\s]+)", line)
            if found:
                yield found.group(1), process
                return
        pytest.fail(f"it didn't start: {''.join(lines)}")
    finally:
        process.kill()
        process.communicate()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


needs_proc = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")


def test_all_workers_answer_alike_and_end_together(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "3", "--stateless") as (url, process):
        # Another connection each time, so that it is not always the same worker.
        bodies = {httpx.get(f"{url}/made/a").text for _ in range(30)}
        assert len(bodies) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        with pytest.raises(httpx.ConnectError):
            httpx.get(url)


@pytest.mark.parametrize("seed", ["5", "random"])
def test_records_are_shared_by_all_workers(tmp_path: Path, seed: str) -> None:
    state = f"sqlite:///{tmp_path / 'records.db'}"
    with started(tmp_path, "--workers", "3", "--state", state, "--seed", seed) as (url, _):
        made = [httpx.post(f"{url}/things", json={"name": f"thing {index}"}) for index in range(12)]
        assert [each.status_code for each in made] == [201] * 12
        first = made[0].json()["id"]
        assert [each.json()["id"] for each in made] == list(range(first, first + 12))
        for each in made:
            for _ in range(2):
                assert httpx.get(f"{url}/things/{each.json()['id']}").json() == each.json()


def test_control_holds_for_all_workers_or_is_refused(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "3", "--state", f"sqlite:///{tmp_path / 'records.db'}") as (url, _):
        control = f"{url}/__understudy"
        # Another connection each time, so that it is not always the same worker.
        assert httpx.post(f"{control}/clock", json={"by": "2h"}).status_code == 200
        moved = {round(httpx.get(f"{control}/clock").json()["offsetSeconds"]) for _ in range(12)}
        assert moved == {7200}
        made = httpx.post(f"{url}/things", json={"name": "one"}).json()["id"]
        assert httpx.post(f"{control}/reset").status_code == 204
        assert {round(httpx.get(f"{control}/clock").json()["offsetSeconds"]) for _ in range(12)} == {0}
        assert made == httpx.post(f"{url}/things", json={"name": "one"}).json()["id"]
        forced = {"operation": "*", "status": 503}
        assert {httpx.post(f"{control}/overrides", json=forced).status_code for _ in range(6)} == {409}
        assert {httpx.get(f"{url}/made/a").status_code for _ in range(6)} == {200}
        assert httpx.get(f"{control}/status").json() == {"workers": 3, "reloads": 0, "notice": ""}


@needs_proc
def test_a_worker_that_ends_is_replaced(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "2", "--stateless") as (url, process):
        assert httpx.get(f"{url}/made/a").status_code == 200
        before = workers_of(process)
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        assert next(line for line in lines if "worker" in line) == (
            f"worker {before[0]} ended (by signal SIGKILL) and is replaced\n"
        )
        assert {httpx.get(f"{url}/made/{index}").status_code for index in range(10)} == {200}
        after = workers_of(process)
        assert len(after) == 2
        assert before[0] not in after


@needs_proc
def test_workers_follow_when_the_first_process_is_killed(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "2", "--stateless") as (url, process):
        assert httpx.get(f"{url}/made/a").status_code == 200
        workers = [os.pidfd_open(pid) for pid in workers_of(process)]
        process.kill()
        process.wait()
        try:
            for each in workers:
                assert _ends(each)
        finally:
            for each in workers:
                os.close(each)


def _ends(descriptor: int) -> bool:
    return bool(select.select([descriptor], [], [], 10)[0])


def test_workers_that_cannot_start_end_everything() -> None:
    code = (
        "from understudy.mockserver.serving.workers import run_workers\n"
        "from understudy.specs.errors import SuiteError\n"
        "def work(when_orphaned): raise ValueError('no luck')\n"
        "try: run_workers(2, work, print)\n"
        "except SuiteError as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert "the workers: they ended 6 times in a row within 2 s of their start" in done.stdout
    assert "ValueError: no luck" in done.stderr


def keeping(api: Api, records: Records) -> tuple[str, ...]:
    mock = create_app([api], Settings(records=records)).state.mock
    assert isinstance(mock, Mock)
    return mock.keeping


def test_records_in_memory_cannot_be_shared(make_api: MakeApi) -> None:
    names = keeping(make_api(THINGS), Records.INFERRED)
    with pytest.raises(UsageError, match=r"--workers: got 2; .*--state sqlite:///FILE .*--stateless"):
        check_workers(2, names, Settings())
    check_workers(1, names, Settings())
    check_workers(2, names, Settings(state="sqlite:////tmp/x"))
    check_workers(2, keeping(make_api(THINGS), Records.NONE), Settings())


def test_as_many_as_there_are_processors_where_nothing_is_kept(
    make_api: MakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert count_workers(keeping(make_api(THINGS), Records.NONE), Settings()) == 7
    assert count_workers(keeping(make_api(THINGS), Records.INFERRED), Settings()) == 1


def test_prisms_flag_is_taken_and_told(tmp_path: Path) -> None:
    code = "from understudy.contracts.cli import main; main()"
    document = tmp_path / "things.yaml"
    document.write_text("openapi: 3.2.0\ninfo: {title: Things, version: '1'}\n" + THINGS, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", code, "mock", str(document), "-m", "-p", "0", "--no-cache"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "--multiprocess: 1 worker; --workers says how many\n"
    finally:
        process.kill()
        process.communicate()
