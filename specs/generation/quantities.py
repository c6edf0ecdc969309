"""Realistic numbers: in which range a member with a given name lies, where its schema allows it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, NamedTuple

from understudy.specs.generation.moments import find_month
from understudy.specs.member_names import find_by_name, is_identity, words_of

__all__ = ["Range", "chance_of_true", "find_range"]


class Range(NamedTuple):
    """Both ends included; ``digits`` after the decimal point."""

    low: int
    high: int
    digits: int


_DAYS: Final = 28 * 86_400
_INTEGERS: Final[dict[str, tuple[int, int]]] = {
    name: window
    for names, window in {
        ("count", "total", "size", "quantity", "qty", "stock", "length", "views", "likes", "followers"): (1, 250),
        ("page", "page_number"): (1, 5),
        ("limit", "per_page", "page_size", "max_results"): (10, 50),
        ("offset", "skip"): (0, 40),
        ("tokens", "max_tokens", "prompt_tokens", "completion_tokens", "input_tokens", "output_tokens"): (8, 900),
        ("age",): (18, 80),
        ("year",): (2019, 2026),
        ("month",): (1, 12),
        ("day",): (1, 28),
        ("hour",): (0, 23),
        ("minute", "second", "minutes", "seconds"): (0, 59),
        ("port",): (1024, 9999),
        ("status", "status_code", "code", "http_status"): (200, 204),
        ("width", "height"): (240, 1920),
        ("bytes", "size_bytes", "file_size", "content_length"): (1_024, 900_000),
        ("price", "amount", "cost", "cents", "balance", "subtotal"): (5, 5_000),
        ("rating", "stars", "priority", "level"): (1, 5),
        ("percent", "percentage", "progress", "score"): (0, 100),
        ("attempt", "attempts", "retries", "retry_count"): (0, 3),
        ("index", "position", "order", "rank"): (0, 20),
        ("version", "revision"): (1, 9),
        ("ms", "millis", "milliseconds", "latency", "duration_ms"): (20, 4_000),
        ("duration", "timeout", "ttl", "expires_in", "retry_after", "interval"): (30, 3_600),
        ("temperature",): (0, 2),
        ("latitude", "lat"): (-60, 60),
        ("longitude", "lng", "lon"): (-150, 150),
    }.items()
    for name in names
}
_NUMBERS: Final[dict[str, tuple[int, int, int]]] = {
    name: window
    for names, window in {
        ("price", "amount", "cost", "total", "subtotal", "balance", "fee"): (5, 500, 2),
        ("latitude", "lat"): (-60, 60, 5),
        ("longitude", "lng", "lon"): (-150, 150, 5),
        ("rating", "stars"): (1, 5, 1),
        ("percent", "percentage", "progress"): (0, 100, 1),
        ("score", "confidence", "probability", "similarity", "relevance", "top_p", "ratio", "rate", "weight"): (
            0,
            1,
            3,
        ),
        ("temperature",): (0, 2, 1),
        ("embedding", "vector", "embeddings"): (-1, 1, 6),
        ("duration", "elapsed", "seconds"): (1, 600, 1),
    }.items()
    for name in names
}
_TIMES: Final = frozenset({"at", "timestamp", "created", "updated", "modified", "expires", "started", "completed"})
_RARELY: Final = frozenset(
    (
        *("archived", "banned", "blocked", "cancelled", "deleted", "deprecated", "disabled", "error", "expired"),
        *("failed", "hidden", "locked", "removed", "truncated"),
    )
)


def find_range(name: str, *, is_integer: bool) -> Range:
    """The range for a member; one for numbers of no special kind where the name says nothing."""
    words = words_of(name)
    if words and (words[-1] in _TIMES or words[-2:] == ("at", "ms")):
        return _epoch(name, milliseconds=words[-1] == "ms")
    if is_integer:
        if is_identity(name):
            return Range(1_000, 99_999, 0)
        return Range(*(find_by_name(_INTEGERS, name) or (1, 100)), 0)
    number = find_by_name(_NUMBERS, name)
    if number is not None:
        return Range(*number)
    return Range(*(find_by_name(_INTEGERS, name) or (1, 100)), 2)


def chance_of_true(name: str) -> float:
    """How likely a flag with this name is set: most are, those that tell of trouble or an end are not."""
    return 0.1 if _RARELY & {*words_of(name)} else 0.75


def _epoch(name: str, *, milliseconds: bool) -> Range:
    """Seconds since 1970, or milliseconds."""
    year, month = find_month(name)
    start = int(datetime(year, month, 1, tzinfo=UTC).timestamp())
    factor = 1000 if milliseconds else 1
    return Range(start * factor, (start + _DAYS) * factor, 0)
