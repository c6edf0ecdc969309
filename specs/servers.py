"""Server Objects: where an API lives, and the base paths it may be reached under."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, product
from urllib.parse import urlsplit

from understudy.specs.document import Json
from understudy.specs.model import Server, ServerVariable

__all__ = ["base_paths", "read_servers"]

MAX_BASE_PATHS = 64


def read_servers(raw: Iterable[Json]) -> tuple[Server, ...]:
    """Server Objects to Servers, in document order; what is no object with a `url` is left out."""
    return tuple(
        Server(
            url=str(server["url"]),
            description=str(server.get("description") or ""),
            variables={
                name: ServerVariable(
                    default=str(variable.get("default", "")),
                    enum=tuple(str(value) for value in variable.get("enum") or ()),
                )
                for name, variable in (server.get("variables") or {}).items()
                if isinstance(variable, dict)
            },
        )
        for server in raw
        if isinstance(server, dict) and "url" in server
    )


def base_paths(server: Server) -> tuple[str, ...]:
    """The paths of a server's URLs, without a final slash: ``/api`` for ``https://h/{prefix}``, prefix `api`.

    One for each combination of the variables' `enum` values, defaults first, at most `MAX_BASE_PATHS`. The root is ``""``.
    """
    choices = [
        [(name, value) for value in dict.fromkeys((variable.default, *variable.enum))]
        for name, variable in server.variables.items()
    ]
    urls = (server.expand(dict(values)) for values in islice(product(*choices), MAX_BASE_PATHS))
    return tuple(dict.fromkeys(urlsplit(url).path.rstrip("/") for url in urls))
