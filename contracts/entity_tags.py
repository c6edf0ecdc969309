"""Entity tags, and requests that depend on them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from understudy.contracts.case import Case, Exchange
from understudy.contracts.probing import accepted

__all__ = ["another_tag", "body_of", "tag_of", "with_condition"]

_NEVER_GIVEN: Final = '"understudy-never-given"'
_ROTATED: Final = str.maketrans("0123456789abcdefABCDEF", "3456789012bcdefaBCDEFA")
"""Makes another tag of the same form."""


def tag_of(exchange: Exchange) -> str:
    """The ETag of an answer that accepts; empty without one."""
    return (exchange.answer.header("etag") or "") if exchange.answer is not None and accepted(exchange) else ""


def another_tag(tag: str) -> str:
    """A tag of the same form that was never given."""
    never = tag.translate(_ROTATED)
    return never if never != tag else _NEVER_GIVEN


def with_condition(case: Case, name: str, value: str, note: str) -> Case:
    """A case with another value of the header that says its condition."""
    kept = tuple(pair for pair in case.headers if pair[0].lower() != name.lower())
    return replace(case, headers=(*kept, (name, value)), note=note)


def body_of(exchange: Exchange) -> bytes | None:
    """None where it wasn't accepted."""
    return exchange.answer.body if exchange.answer is not None and accepted(exchange) else None
