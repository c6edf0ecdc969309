"""Which headers tell of a rate limit: those that the document declares, else those that it names by custom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.specs.behaviour.limits import LimitHeaders, ResetForm
from understudy.specs.model import Operation

__all__ = ["find_limit_headers"]

_PREFIX: Final = "ratelimit-"
"""Of draft-ietf-httpapi-ratelimit-headers (up to its version 06), whose reset is in seconds from now. Headers with
``X-`` are no standard, and their reset may be anything: they count where they are declared."""


def find_limit_headers(operation: Operation) -> tuple[LimitHeaders, ...]:
    """In the order of the document, each once."""
    if operation.limits:
        return tuple(dict.fromkeys(limit.headers for limit in operation.limits if limit.headers is not None))
    return tuple(dict.fromkeys(_customary(operation)))


def _customary(operation: Operation) -> Iterator[LimitHeaders]:
    for response in operation.responses:
        named = {header.name.lower(): header.name for header in response.headers if response.is_success}
        limit, remaining, reset = (named.get(_PREFIX + part, "") for part in ("limit", "remaining", "reset"))
        if limit and remaining and reset:
            yield LimitHeaders(limit, remaining, reset, ResetForm.DELTA)
