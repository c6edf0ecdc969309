"""Server processes under measurement: started, watched through /proc, and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

__all__ = ["Server", "find_prism", "free_port", "start"]

ROOT: Final = Path(__file__).parents[2]
_START_SECONDS: Final = 120.0


@final
@dataclass(frozen=True)
class Server:
    """A process that listens.

    Attributes:
        started_after: Wall and CPU seconds from its start to its first 200, imports included.
    """

    name: str
    pid: int
    port: int
    started_after: tuple[float, float]

    def cpu_seconds(self) -> float:
        """CPU time of the process and of its children so far, all threads, user and system."""
        return sum(_cpu_seconds(pid) for pid in _family(self.pid))

    def rss_mib(self) -> float:
        """Resident memory, in MiB."""
        return sum(_rss_mib(pid) for pid in _family(self.pid))


@contextlib.contextmanager
def start(name: str, command: Sequence[str], port: int, probe: bytes, env: dict[str, str]) -> Iterator[Server]:
    """Start a server, wait until it answers the probe with 200, and end it with the block.

    Raises:
        RuntimeError: It ended, or didn't answer in time.
    """
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _answers(port, probe):
            if process.poll() is not None or time.perf_counter() - began > _START_SECONDS:
                raise RuntimeError(f"{name} doesn't answer: {' '.join(command)}")
            time.sleep(0.002)
        wall = time.perf_counter() - began
        cpu = sum(_cpu_seconds(pid) for pid in _family(process.pid))
        yield Server(name, process.pid, port, (wall, cpu))
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(6)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def find_prism() -> str | None:
    """Prism of `make system`; None when it isn't there."""
    program = ROOT / "tests" / "tools" / "node_modules" / ".bin" / "prism"
    return str(program) if program.exists() else None


def understudy(*arguments: str) -> list[str]:
    """The command line of ours."""
    return [sys.executable, "-c", "from understudy.contracts.cli import main; main()", *arguments]


def _answers(port: int, probe: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
            sock.sendall(probe)
            return sock.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def _family(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        for task in _tasks(each):
            with contextlib.suppress(OSError):
                found += [int(child) for child in (task / "children").read_text().split()]
    return found


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _cpu_seconds(pid: int) -> float:
    """The scheduler's own count where there is one, in nanoseconds; else `stat`, in ticks. Ended threads are missing
    from the first and counted by the second, so the larger one is right."""
    exact = 0.0
    for task in _tasks(pid):
        with contextlib.suppress(OSError, ValueError):
            exact += int((task / "schedstat").read_text().split()[0]) / 1e9
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return exact
    ticks = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return exact if exact + 0.1 > ticks else ticks


def _rss_mib(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024**2
