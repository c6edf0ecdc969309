"""What came over the wire cannot be read, or a value cannot go over it: the refusals that all wire formats share.

    MalformedContent (ValueError)   the octets break the format's rules
    ContentTooLarge (ValueError)    the octets pass a limit; raised while reading, nothing beyond it is kept
    UncarriableValue (ValueError)   the format has no way to say this value

They are answers to data, not faults of ours: no `SuiteError`. Each format adds its own, with the place.
"""

from __future__ import annotations

__all__ = ["ContentTooLarge", "MalformedContent", "UncarriableValue"]


class MalformedContent(ValueError):
    """Content breaks the rules of its format. ``reason`` is one sentence without the place."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class ContentTooLarge(ValueError):
    """Content passes a limit.

    Args:
        limit: What is allowed, in octets.
        received_at_least: What had been received when reading stopped, in octets; more may have been on its way.
    """

    def __init__(self, limit: int, received_at_least: int) -> None:
        super().__init__(limit, received_at_least)
        self.limit = limit
        self.received_at_least = received_at_least

    def __str__(self) -> str:
        return f"larger than {self.limit} octets: at least {self.received_at_least}"


class UncarriableValue(ValueError):
    """A value cannot be written in a format so that it would come back as it is. ``reason`` is one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason
