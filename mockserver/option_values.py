"""What options of `understudy mock` say, beyond what click reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.settings import Seed

__all__ = ["read_option", "read_seed", "read_time"]

T = TypeVar("T")


def read_seed(text: str) -> int | Seed:
    """A seed; raises `UsageError` as the others do."""
    from understudy.mockserver.settings import RANDOM

    if text == RANDOM.value:
        return RANDOM
    try:
        return int(text)
    except ValueError:
        raise UsageError("--seed", text, "a whole number, or random") from None


def read_time(text: str) -> datetime:
    """A time, in UTC where it names no zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("--clock", text, "a time as RFC 3339 writes it, such as 2024-03-04T09:00:00Z") from None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def read_option(name: str, text: str, parse: Callable[[str], T]) -> T:
    """What a function reads of it; its `ValueError` becomes a `UsageError` that names the option."""
    try:
        return parse(text)
    except ValueError as error:
        raise UsageError(name, text, str(error)) from None
