"""Where a Redis is, as a URL says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, final
from urllib.parse import parse_qsl, unquote, urlsplit

from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError

__all__ = ["ALLOWED", "RedisAddress"]

ALLOWED: Final = "redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE][?prefix=NAME], rediss:// for TLS"
_TLS: Final = frozenset({"ssl_ca_certs", "ssl_certfile", "ssl_keyfile"})
"""Files for TLS that a URL may name in its query."""


@final
@dataclass(frozen=True, slots=True)
class RedisAddress:
    """A Redis server and database.

    Attributes:
        prefix: Keeps several users of one database apart; empty for the one that all share.
        options: For the client library. They hold the password: never to be shown.
    """

    host: str
    port: int
    database: int
    prefix: str
    options: Mapping[str, Json] = field(repr=False)

    def __str__(self) -> str:
        return f"Redis at {self.host}:{self.port}/{self.database}"

    @classmethod
    def from_url(cls, url: str) -> RedisAddress:
        """``redis://localhost:6379/0?prefix=blue`` and the like.

        Raises:
            UsageError: Anything else; the password isn't shown.
        """
        from redis.asyncio import Connection, SSLConnection

        try:
            parts = urlsplit(url)
            host, port, database = parts.hostname or "localhost", parts.port or 6379, int(parts.path.strip("/") or 0)
            query = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
        except ValueError as error:
            raise UsageError("state", _hidden(url), ALLOWED) from error
        files = {name: query.pop(name) for name in _TLS & query.keys() if parts.scheme == "rediss"}
        prefix = query.pop("prefix", "")
        if parts.scheme not in ("redis", "rediss") or database < 0 or query:
            raise UsageError("state", _hidden(url), ALLOWED)
        options = {
            "connection_class": SSLConnection if parts.scheme == "rediss" else Connection,
            "host": host,
            "port": port,
            "db": database,
            "username": unquote(parts.username) if parts.username else None,
            "password": unquote(parts.password) if parts.password else None,
            **files,
        }
        return cls(host, port, database, prefix, options)


def _hidden(url: str) -> str:
    """The URL without what stands before the host."""
    credentials, at, place = url.rpartition("@")
    return f"{credentials.partition('://')[0]}://***{at}{place}" if at else url
