"""What can't be done where several processes serve as one."""

from __future__ import annotations

from understudy.specs.errors import UsageError

__all__ = ["OfOneProcess"]


class OfOneProcess(UsageError):
    """What is asked for belongs to one process, and several serve: whichever were asked, the others wouldn't know."""

    def __init__(self, what: str, workers: int) -> None:
        super().__init__("--workers", workers, f"1 to use {what}, which one process keeps to itself: start the mock so")
