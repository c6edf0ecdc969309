"""Server Objects: where an API lives, and the base paths it may be reached under."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from urllib.parse import urljoin, urlsplit

from understudy.specs.documents.document import Json
from understudy.specs.model import Server, ServerVariable

__all__ = ["base_paths", "find_url_beside", "read_servers"]

MAX_BASE_PATHS = 64


def read_servers(raw: Json) -> tuple[Server, ...]:
    """An array of Server Objects to Servers, in document order; what is no object with a `url` is left out."""
    return tuple(
        Server(
            url=str(server["url"]),
            description=str(server.get("description") or ""),
            variables=dict(_read_variables(server.get("variables"))),
        )
        for server in (raw if isinstance(raw, list) else ())
        if isinstance(server, dict) and "url" in server
    )


def _read_variables(raw: Json) -> Iterator[tuple[str, ServerVariable]]:
    for name, variable in raw.items() if isinstance(raw, dict) else ():
        if isinstance(variable, dict):
            enum = variable.get("enum")
            values = tuple(str(value) for value in enum) if isinstance(enum, list) else ()
            yield name, ServerVariable(default=str(variable.get("default", "")), enum=values)


def base_paths(server: Server) -> tuple[str, ...]:
    """The paths of a server's URLs, without a final slash: ``/api`` for ``https://h/{prefix}``, prefix `api`.

    One for each combination of the variables' `enum` values, defaults first, at most `MAX_BASE_PATHS`. The root is
    ``""``.
    """
    choices = [
        [(name, value) for value in dict.fromkeys((variable.default, *variable.enum))]
        for name, variable in server.variables.items()
    ]
    urls = (server.expand(dict(values)) for values in islice(product(*choices), MAX_BASE_PATHS))
    return tuple(dict.fromkeys(_path(url) for url in urls))


def find_url_beside(document: str, servers: Iterable[Server]) -> str | None:
    """The base URL of an API that gives out its own document: of the first server on the document's host and port.

    A relative server URL is relative to the document's (OpenAPI 3.2, 4.6.1).

    Args:
        document: Where the document was read; a path or a name has no host.
    """
    origin = _origin(document)
    if origin is None:
        return None
    for server in servers:
        try:
            url = urljoin(document, server.expand())
        except ValueError:  # `http://[`
            continue
        if _origin(url) == origin:
            return url.rstrip("/")
    return None


def _origin(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return (parts.scheme, parts.netloc.lower()) if parts.scheme in ("http", "https") and parts.netloc else None


def _path(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/")
    except ValueError:  # `http://[` has no path, and nobody can call it
        return ""
