"""A line for each request that was answered, for who watches the mock."""

from __future__ import annotations

from typing import Final

import click

from understudy.mockserver.serving.served import Served

__all__ = ["print_line"]

_COLOURS: Final = {2: "green", 3: "cyan", 4: "yellow", 5: "red"}
MAX_TEXT: Final = 500
"""Characters of a path or a detail that are shown."""


def print_line(served: Served) -> None:
    """Print a request on stdout, in colours on a terminal."""
    status = click.style(str(served.status), fg=_COLOURS.get(served.status // 100, "white"))
    line = f"{served.method:<7} {_printable(served.path)} {status} {served.duration_ms:.1f} ms"
    if served.operation:
        line += f"  {served.operation}"
    if served.problem:
        line += f"  {served.problem}: {_printable(served.detail)}"
    click.echo(line)


def _printable(text: str) -> str:
    """What a client sent must not move the cursor of who reads the log."""
    if text.isprintable():
        return text[:MAX_TEXT]
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text[:MAX_TEXT])
