"""Run Prism, a mock server that isn't ours, on a document: the second opinion behind `--engine prism`.

Prism (`@stoplight/prism-cli`, npm) is a program of its own and never imported. It reads OpenAPI 3.1, so the document
is converted first; what 3.1 can't say, streams above all, Prism doesn't do.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, final

from understudy.mockserver.serving.running import Running, bind
from understudy.mockserver.settings import Bodies, Cors, ErrorBodies, Seed, Settings, Validation
from understudy.specs.conversion.convert import Target, convert_api
from understudy.specs.errors import TargetError, UsageError
from understudy.specs.model import Api
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["INSTALL", "find_prism", "run_prism", "running_prism"]

INSTALL: Final = "npm install --global @stoplight/prism-cli@5.16.0"
"""The command that installs the version this was tried with."""

START_SECONDS: Final = 60.0
"""How long Prism may take until it listens; a document of some megabytes takes it that long."""
STOP_SECONDS: Final = 5.0
"""How long Prism may take to end before it is killed."""
KEPT_LINES: Final = 20
"""How many of Prism's last lines are shown when it ends on its own."""

_LISTENING: Final = "Prism is listening on"
# Whatever becomes of us, our end of the pipe is closed, and then the whole group ends.
_WATCHED: Final = """\
exec 3<&0
"$@" </dev/null 3<&- & program=$!
{ cat <&3; kill -TERM 0; } >/dev/null 2>&1 & watch=$!
exec 3<&-
wait "$program"; status=$?
kill "$watch"
exit "$status"
"""


def find_prism(program: str | None = None) -> list[str]:
    """The command that starts Prism: the program that is given, else `prism` on the PATH, else by `npx`.

    `npx` runs only what is installed in the project around the working directory; it installs nothing.

    Raises:
        UsageError: There is none; the message has the command that installs it.
    """
    if program is not None:
        found = shutil.which(program)
        if found is None:
            raise UsageError("--prism", program, f"a program that can be run; {INSTALL} installs one")
        return [found]
    found = shutil.which("prism")
    if found is not None:
        return [found]
    npx = shutil.which("npx")
    if npx is not None:
        command = [npx, "--no-install", "prism"]
        known = subprocess.run([*command, "--version"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if known.returncode == 0:
            return command
    raise UsageError("--engine", "prism", f"understudy, or prism once it is installed: {INSTALL}")


@contextmanager
def running_prism(
    api: Api,
    *,
    settings: Settings | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    program: str | None = None,
    observe: Callable[[str], None] | None = None,
) -> Iterator[Running]:
    """Serve a document by Prism until the block is left. It ends with us, also when we are killed (on POSIX).

    Args:
        settings: Prism knows `seed`, `bodies`, `errors` and `cors`; the others have to be the defaults.
        port: 0 takes a free one.
        program: See `find_prism`.
        observe: Is given each line that Prism writes, from another thread.

    Raises:
        UsageError: Prism isn't installed, doesn't know a setting, or the port can't be had.
        DocumentError: The document can't be converted.
        TargetError: Prism ended or didn't listen in time; the message has its last lines.
    """
    with _started(api, settings or Settings(), host, port, program, observe) as prism:
        yield prism.running


def run_prism(
    api: Api,
    host: str,
    port: int,
    *,
    settings: Settings | None = None,
    program: str | None = None,
    observe: Callable[[str], None] | None = None,
) -> None:
    """Serve a document by Prism until it is interrupted; arguments and errors are those of `running_prism`."""
    with _started(api, settings or Settings(), host, port, program, observe) as prism:
        try:
            prism.process.wait()
        except KeyboardInterrupt:
            return
        raise prism.ended()


@contextmanager
def _started(
    api: Api,
    settings: Settings,
    host: str,
    port: int,
    program: str | None,
    observe: Callable[[str], None] | None,
) -> Iterator[_Process]:
    command = [*find_prism(program), "mock", *_options(settings)]
    with bind(host, port) as sock:
        port = sock.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    with TemporaryDirectory(prefix="understudy-prism-") as directory:
        document = Path(directory) / "openapi.json"
        document.write_bytes(dump_json(convert_api(api, Target.V3_1).document))
        command += ["--host", host, "--port", str(port), str(document)]
        prism = _Process(command, Running(f"http://{shown}:{port}", host, port), observe)
        try:
            prism.wait_until_ready()
            yield prism
        finally:
            prism.stop()


def _options(settings: Settings) -> list[str]:
    """The settings as Prism's options.

    Raises:
        UsageError: One that Prism doesn't know isn't the default.
    """
    default = Settings()
    for option, value, usual in (
        ("--latency", settings.latency, default.latency),
        ("--pace", settings.pace, default.pace),
        ("--clock", settings.clock, default.clock),
        ("--validate", settings.validation, Validation.REJECT),
        ("--max-body", settings.limits, default.limits),
        ("--callbacks", settings.callbacks, default.callbacks),
    ):
        if value != usual:
            raise UsageError("--engine", "prism", f"understudy with {option}; Prism has nothing like it")
    options = ["--cors" if settings.cors is Cors.REFLECT else "--no-cors"]
    if settings.bodies is Bodies.GENERATED:
        options.append("--dynamic")
        if not isinstance(settings.seed, Seed):
            options += ["--seed", str(settings.seed)]
    if settings.errors is ErrorBodies.DELIBERATE:
        options.append("--errors")
    return options


@final
class _Process:
    """Prism, running in a process group of its own."""

    def __init__(self, command: Sequence[str], running: Running, observe: Callable[[str], None] | None) -> None:
        self.running = running
        self._observe = observe
        self._last_lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._settled = threading.Event()
        self._is_ready = False
        watched = ["/bin/sh", "-c", _WATCHED, "sh", *command] if os.name == "posix" else list(command)
        self.process = subprocess.Popen(
            watched,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "0"},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read_lines, name="understudy-prism", daemon=True)
        self._reader.start()

    def wait_until_ready(self) -> None:
        """Raises TargetError when Prism ends first, or takes longer than `START_SECONDS`."""
        if not self._settled.wait(START_SECONDS):
            raise TargetError(self.running.url, f"Prism doesn't listen after {START_SECONDS:g} seconds")
        if not self._is_ready:
            raise self.ended()

    def ended(self) -> TargetError:
        """What to raise when Prism has ended on its own."""
        self._reader.join(STOP_SECONDS)
        status = self.process.wait()
        lines = "\n  ".join(self._last_lines) or "it said nothing"
        return TargetError(self.running.url, f"Prism ended with status {status}; its last lines were\n  {lines}")

    def stop(self) -> None:
        """End it and all that it has started; kill what doesn't end in time."""
        self._signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if os.name == "posix":
                self._signal(signal.SIGKILL)
            self.process.kill()
            self.process.wait()
            self._reader.join(STOP_SECONDS)
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    pipe.close()

    def _signal(self, number: int) -> None:
        """To the whole group; a group that is gone is no fault."""
        try:
            if os.name == "posix":
                os.killpg(self.process.pid, number)
            else:
                self.process.terminate()
        except ProcessLookupError:
            pass

    def _read_lines(self) -> None:
        """Its output is read to the end, or a full pipe would stop it."""
        assert self.process.stdout is not None
        for octets in self.process.stdout:
            line = octets.decode(errors="replace").rstrip()
            self._last_lines.append(line)
            if self._observe is not None:
                self._observe(line)
            if not self._is_ready and _LISTENING in line:
                self._is_ready = True
                self._settled.set()
        self._settled.set()
