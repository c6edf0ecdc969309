"""Spans of time as users write them: ``20ms``, ``1.5s``, ``20ms..80ms``, ``1h30m``."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MAX_DURATION", "parse_duration", "parse_range", "parse_span"]

MAX_DURATION: Final = 3600.0
"""The longest span that is accepted, in seconds."""

_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s)")
_UNITS: Final = {"ms": 0.001, "s": 1.0}
_SPANS: Final = {**_UNITS, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_STEP: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|[smhd])")
_SPAN: Final = re.compile(rf"(?:{_STEP.pattern})+")


def parse_duration(text: str) -> float:
    """``"250ms"`` → 0.25 seconds. ``"0"`` needs no unit.

    Raises:
        ValueError: No unit or another one, not a number, negative, or longer than `MAX_DURATION`.
    """
    if text.strip() == "0":
        return 0.0
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration; write a number with a unit, such as 250ms or 1.5s")
    seconds = float(match.group(1)) * _UNITS[match.group(2)]
    if seconds > MAX_DURATION:
        raise ValueError(f"{text!r} is longer than {MAX_DURATION:.0f}s")
    return seconds


def parse_range(text: str) -> tuple[float, float]:
    """``"20ms..80ms"`` → (0.02, 0.08) seconds; one duration alone is both ends.

    Raises:
        ValueError: As for `parse_duration`, or the second end is below the first.
    """
    low, separator, high = text.partition("..")
    bounds = parse_duration(low), parse_duration(high if separator else low)
    if bounds[1] < bounds[0]:
        raise ValueError(f"{text!r} ends before it begins")
    return bounds


def parse_span(text: str) -> float:
    """``"90s"``, ``"1h30m"``, ``"2d"`` → seconds: how far a clock is moved. A minus before it moves it back.

    Raises:
        ValueError: Anything else.
    """
    stripped = text.strip()
    steps = stripped.removeprefix("-")
    if not _SPAN.fullmatch(steps):
        raise ValueError(f"{text[:50]!r} is no span of time; write numbers with units, such as 90s, 1h30m or 2d")
    seconds = sum(float(number) * _SPANS[unit] for number, unit in _STEP.findall(steps))
    return -seconds if stripped.startswith("-") else seconds
