"""What in a document won't be served as it stands, said while the server already answers.

To judge every example and every schema takes longer than a server should take to start, and memory that it should not
keep, so a process of its own does it, behind everything else.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import click

from understudy.specs.catalog import load_api
from understudy.specs.errors import SuiteError
from understudy.specs.lint import find_faults

__all__ = ["find_lines", "main", "reporting"]

MAX_SECONDS: Final = 20.0
"""Time spent on one document; what isn't judged by then is judged when it is first met."""
MAX_LINES: Final = 50
"""Findings of one rule that are shown for one document."""
_SAID: Final = {
    "response-missing": "nothing to answer with",
    "schema": "schema",
    "example": "example not served",
    "schema-unsatisfiable": "no value",
}
_COMMAND: Final = "from understudy.mockserver.serving.load_report import main; main()"


def find_lines(spec: str, cache: Path | None, now: Callable[[], float] = time.monotonic) -> Iterator[str]:
    """One line for each finding in a document; its quirks were said when it was loaded.

    Args:
        now: Seconds.
    """
    api, began = load_api(spec, cache_dir=cache), now()
    for rule, said in _SAID.items():
        for number, (origin, message) in enumerate(find_faults(api, rule)):
            if now() - began > MAX_SECONDS:
                yield f"{said}: not all was looked at in time; `understudy specs lint {spec}` does"
                return
            if number >= MAX_LINES:
                yield f"{said}: there are more; `understudy specs lint {spec}` lists them"
                break
            yield f"{said} {origin}: {message}"


@contextmanager
def reporting(specs: Sequence[str], cache: Path | None) -> Iterator[None]:
    """Report on documents to standard output, until all is said or the block is left."""
    command = [sys.executable, "-c", _COMMAND, str(cache or ""), *specs]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def main() -> None:
    """The other process: the cache's folder, or nothing, and the documents."""
    if hasattr(os, "nice"):
        os.nice(10)
    cache, *specs = sys.argv[1:]
    for spec in specs:
        with suppress(SuiteError, BrokenPipeError):
            for line in find_lines(spec, Path(cache) if cache else None):
                click.echo(f"  {click.style('quirk', fg='yellow')} {line}")
