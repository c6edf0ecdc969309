"""A real Redis on a free loopback port, that tests may stop and start again."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
from types import TracebackType

START_LINES = 200


class RedisServer:
    """Nothing is kept on disk: what was stored is gone when the server is."""

    def __init__(self, program: str, *options: str) -> None:
        self._program = program
        self._options = options
        self._directory = tempfile.TemporaryDirectory(prefix="understudy-redis-")
        self._process: subprocess.Popen[str] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            [*command, "--dir", self._directory.name, *self._options], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        said = []
        for _ in range(START_LINES):
            said.append(self._process.stdout.readline())
            if "Ready to accept connections" in said[-1]:
                return
            if not said[-1]:
                break
        self.stop()
        raise AssertionError(f"redis-server didn't start:\n{''.join(said)}")

    def stop(self) -> None:
        """End it at once, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> RedisServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._directory.cleanup()
