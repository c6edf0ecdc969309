"""What whoever starts a mock is told first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from understudy.mockserver.calling.callbacks import sendable
from understudy.specs.servers import base_paths

if TYPE_CHECKING:
    from socket import socket

    from understudy.mockserver.mock import Mounted
    from understudy.mockserver.settings import Settings

__all__ = ["introduction"]

MAX_NAMES: Final = 5
"""Callbacks and webhooks of a document that are named."""


def introduction(mounted: Sequence[Mounted], settings: Settings, sock: socket, host: str) -> Iterator[str]:
    """Line by line what is served where, and who may look on.

    Args:
        sock: Bound.
    """
    url = f"http://{f'[{host}]' if ':' in host else host}:{sock.getsockname()[1]}"
    for each in mounted:
        yield from _lines(each, url, is_controlled=settings.control is not None)
    if settings.control is not None:
        who = "with the token" if settings.control.token else "from this machine only"
        yield f"  inspector at {url}/__understudy/ {who}"


def _lines(mounted: Mounted, url: str, *, is_controlled: bool) -> Iterator[str]:
    """What is served where, and what in the document was read with a grain of salt."""
    api = mounted.api
    bases = dict.fromkeys(base for server in api.servers for base in base_paths(server) if base)
    urls = ", ".join(f"{url}{mounted.prefix}{base}" for base in ("", *bases))
    yield f"{click.style(api.name, bold=True)}  {api.title} {api.version}  OpenAPI {api.openapi}"
    yield f"  {len(api.operations)} operations at {urls}"
    sent = list(dict.fromkeys(name for _, name, _ in sendable(api)))
    if sent:
        more = f" and {len(sent) - MAX_NAMES} more" if len(sent) > MAX_NAMES else ""
        names = ", ".join(sent[:MAX_NAMES]) + more
        how = "; on demand by the inspector, or POST /__understudy/callbacks/NAME" if is_controlled else ""
        yield f"  sends {names}{how}"
    for quirk in api.quirks:
        yield f"  {click.style('quirk', fg='yellow')} {quirk.origin}: {quirk.message}"
