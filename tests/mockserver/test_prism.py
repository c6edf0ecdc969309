from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from understudy.mockserver import prism
from understudy.mockserver.prism import INSTALL, find_prism, run_prism, running_prism
from understudy.mockserver.settings import Bodies, Cors, ErrorBodies, Limits, Settings, Validation
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.errors import TargetError, UsageError
from understudy.specs.model import Api

DOCUMENT = b"""
openapi: 3.2.0
info: {title: Harbour, version: '1'}
paths:
  /boats:
    get:
      responses:
        '200':
          description: All boats
          content:
            application/json:
              schema: {type: array, items: {type: object, required: [name], properties: {name: {type: string}}}}
              examples: {two: {value: [{name: Gannet}, {name: Tern}]}}
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the stand-ins for Prism are shell scripts")


@pytest.fixture
def api() -> Api:
    return build_api(parse_document(DOCUMENT, "/api.yaml"))


@pytest.fixture
def stand_in(tmp_path: Path) -> Callable[[str], str]:
    """A program that takes Prism's place where Prism has to fail."""

    def make(script: str) -> str:
        program = tmp_path / "prism"
        program.write_text(f"#!/bin/sh\n{textwrap.dedent(script)}", encoding="utf-8")
        program.chmod(0o755)
        return str(program)

    return make


class TestRunning:
    def test_prism_serves_the_document(self, api: Api, find_tool: Callable[[str], str]) -> None:
        lines: list[str] = []
        with running_prism(api, program=find_tool("prism"), observe=lines.append) as running:
            assert httpx.get(f"{running.url}/boats").json() == [{"name": "Gannet"}, {"name": "Tern"}]
            assert httpx.get(f"{running.url}/nowhere").status_code == 404
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{running.url}/boats")
        assert any("Prism is listening" in line for line in lines)

    def test_its_options_are_ours(self, api: Api, find_tool: Callable[[str], str]) -> None:
        settings = Settings(bodies=Bodies.GENERATED, seed=7, cors=Cors.OFF)
        bodies = []
        for _ in range(2):
            with running_prism(api, settings=settings, program=find_tool("prism")) as running:
                answer = httpx.get(f"{running.url}/boats", headers={"Origin": "https://page.test"})
                assert "access-control-allow-origin" not in answer.headers
                bodies.append(answer.json())
        assert bodies[0] == bodies[1] != [{"name": "Gannet"}, {"name": "Tern"}]

    def test_a_server_runs_until_it_is_interrupted(
        self, api: Api, find_tool: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As the command line does it: Ctrl-C in the terminal."""
        port = free_port()
        answers: list[int] = []

        def interrupt(_: object) -> int:
            answers.append(httpx.get(f"http://127.0.0.1:{port}/boats").status_code)
            raise KeyboardInterrupt

        monkeypatch.setattr(subprocess.Popen, "wait", once(interrupt, subprocess.Popen.wait))
        run_prism(api, "127.0.0.1", port, program=find_tool("prism"))
        assert answers == [200]
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/boats")


def once(first: Callable[[object], int], then: Callable[..., int]) -> Callable[..., int]:
    """A method that does something else when it is first called."""
    left = [first]
    return lambda self, *arguments: left.pop()(self) if left else then(self, *arguments)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


class TestOptions:
    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            (Settings(), ["--cors"]),
            (Settings(seed=3), ["--cors"]),
            (Settings(bodies=Bodies.GENERATED), ["--cors", "--dynamic", "--seed", "0"]),
            (Settings(errors=ErrorBodies.DELIBERATE, cors=Cors.OFF), ["--no-cors", "--errors"]),
        ],
    )
    def test_settings_are_written_as_prisms(
        self, settings: Settings, expected: list[str], api: Api, stand_in: Callable[[str], str], tmp_path: Path
    ) -> None:
        program = stand_in(f'echo "$@" > {tmp_path}/arguments; echo Prism is listening on x; exec tail -f /dev/null')
        with running_prism(api, settings=settings, program=program, port=free_port()) as running:
            arguments = (tmp_path / "arguments").read_text().split()
            assert Path(arguments[-1]).read_bytes().startswith(b'{"openapi":"3.1')
        assert arguments[:-1] == ["mock", *expected, "--host", "127.0.0.1", "--port", str(running.port)]
        assert not Path(arguments[-1]).exists()

    @pytest.mark.parametrize(
        ("settings", "option"),
        [
            (Settings(latency=(0.1, 0.2)), "--latency"),
            (Settings(pace=1.0), "--pace"),
            (Settings(validation=Validation.OFF), "--validate"),
            (Settings(limits=Limits(body_bytes=1)), "--max-body"),
        ],
    )
    def test_what_prism_does_not_know_is_refused(
        self, settings: Settings, option: str, api: Api, stand_in: Callable[[str], str]
    ) -> None:
        with pytest.raises(UsageError, match=option), running_prism(api, settings=settings, program=stand_in("")):
            pass


class TestFinding:
    def test_a_program_that_is_not_there_is_told_with_the_remedy(self) -> None:
        with pytest.raises(UsageError) as caught:
            find_prism("/nowhere/prism")
        assert INSTALL in str(caught.value)

    def test_without_prism_and_npx_the_message_says_how_to_install_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(UsageError) as caught:
            find_prism()
        assert (caught.value.name, caught.value.value) == ("--engine", "prism")
        assert INSTALL in str(caught.value)

    def test_the_path_is_searched(self, stand_in: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> None:
        program = stand_in("")
        monkeypatch.setenv("PATH", str(Path(program).parent))
        assert find_prism() == [program]

    def test_npx_finds_what_a_project_has_installed(
        self, find_tool: Callable[[str], str], api: Api, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        installed = Path(find_tool("prism"))
        if "node_modules" not in installed.parts:
            pytest.skip("Prism isn't installed in a project")
        monkeypatch.chdir(installed.parent.parent.parent)
        tools = [str(Path(path).parent) for path in (shutil.which("node"), shutil.which("npx")) if path]
        monkeypatch.setenv("PATH", os.pathsep.join([*tools, "/usr/bin", "/bin"]))
        if shutil.which("prism"):
            pytest.skip("Prism is on the PATH, which goes before npx")
        assert find_prism()[1:] == ["--no-install", "prism"]
        with running_prism(api) as running:
            assert httpx.get(f"{running.url}/boats").status_code == 200

    def test_npx_installs_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "npx").write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (tmp_path / "npx").chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UsageError, match="npm install"):
            find_prism()


class TestFailing:
    def test_a_port_that_is_taken_is_told_before_prism_starts(self, api: Api, stand_in: Callable[[str], str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with pytest.raises(UsageError, match="--port"), running_prism(api, port=port, program=stand_in("exit 9")):
                pass

    def test_one_that_ends_at_once_shows_its_last_lines(self, api: Api, stand_in: Callable[[str], str]) -> None:
        program = stand_in("echo the first line; echo no such thing >&2; exit 3")
        with pytest.raises(TargetError) as caught, running_prism(api, program=program):
            pass
        assert "Prism ended with status 3" in caught.value.reason
        assert "the first line\n  no such thing" in caught.value.reason

    def test_one_that_ends_later_ends_the_server(self, api: Api, stand_in: Callable[[str], str]) -> None:
        program = stand_in("echo Prism is listening on x; echo and broke down; exit 4")
        with pytest.raises(TargetError, match="ended with status 4") as caught:
            run_prism(api, "127.0.0.1", 0, program=program)
        assert "and broke down" in caught.value.reason

    def test_one_that_never_listens_is_given_up(
        self, api: Api, stand_in: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(prism, "START_SECONDS", 0.05)
        program = stand_in("exec tail -f /dev/null")
        with (
            pytest.raises(TargetError, match=r"doesn't listen after 0\.05 seconds"),
            running_prism(api, program=program),
        ):
            pass


class TestStopping:
    """The program keeps a pipe open; that the other end reads to its end means that the program is gone."""

    @pytest.mark.parametrize(
        "script",
        [
            "echo Prism is listening on x; exec tail -f /dev/null",
            "echo Prism is listening on x; tail -f /dev/null & wait",
            "trap '' TERM; echo Prism is listening on x; while :; do tail -f /dev/null; done",
        ],
    )
    @pytest.mark.parametrize("fails", [False, True])
    def test_it_ends_with_the_block(
        self,
        script: str,
        fails: bool,
        api: Api,
        stand_in: Callable[[str], str],
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
    ) -> None:
        monkeypatch.setattr(prism, "STOP_SECONDS", 0.2)
        os.mkfifo(tmp_path / "pipe")
        reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(reader, True)
        program = stand_in(f"exec 9> {tmp_path}/pipe\necho here >&9\n{script}")
        try:
            with running_prism(api, program=program):
                assert os.read(reader, 100) == b"here\n"
                if fails:
                    raise RuntimeError("a fault in the block")
        except RuntimeError:
            assert fails
        assert os.read(reader, 100) == b""
        os.close(reader)

    def test_it_ends_when_we_are_killed(self, stand_in: Callable[[str], str], tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        os.set_blocking(reader, True)
        program = stand_in(
            f"exec 9> {tmp_path}/pipe\necho here >&9\necho Prism is listening on x\nexec tail -f /dev/null"
        )
        (tmp_path / "api.yaml").write_bytes(DOCUMENT)
        code = f"""
            import os, signal
            from understudy.mockserver.prism import running_prism
            from understudy.specs.catalog import load_api
            with running_prism(load_api({str(tmp_path / "api.yaml")!r}), program={program!r}):
                os.kill(os.getpid(), signal.SIGKILL)
        """
        environment = {**os.environ, "TMPDIR": str(tmp_path)}  # what it leaves behind goes with the test's directory
        ours = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False, timeout=60, env=environment)
        assert ours.returncode == -signal.SIGKILL
        assert os.read(reader, 100) == b"here\n"
        assert os.read(reader, 100) == b""
        os.close(reader)
