"""`Retry-After` (RFC 9110, section 10.2.3): seconds, or a date."""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Final

__all__ = ["read_retry_after"]

_SECONDS: Final = re.compile(r"[0-9]{1,9}")


def read_retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds to wait, at least 0; None where nothing is said that can be read.

    Args:
        date: The answer's `Date`, which a date is compared with: the target's clock counts, not ours.
    """
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return float(value)
    try:
        seconds = (parsedate_to_datetime(value) - parsedate_to_datetime(date or "")).total_seconds()
    except (ValueError, TypeError):
        return None
    return max(0.0, seconds)
