"""Read `limits` from `x-understudy`: the document's by name, and the names that operations give."""

from __future__ import annotations

from typing import final

from understudy.specs.behaviour.jobs import seconds_of
from understudy.specs.behaviour.limits import CallerPart, Limit, LimitHeaders, ResetForm, Sender
from understudy.specs.documents.node import Node
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.model import Location

__all__ = ["LimitReader"]


@final
class LimitReader:
    """The document's limits.

    Args:
        limits: The node of `limits`; None when the document declares none.
    """

    def __init__(self, limits: Node | None) -> None:
        self.limits = {} if limits is None else {name: _limit(name, limits.member(name)) for name in limits.value}
        self._default = tuple(limit for limit in self.limits.values() if limit.is_default)

    def named(self, names: Node | None) -> tuple[Limit, ...]:
        """The limits of an operation.

        Args:
            names: The node of the operation's `limits`; None when it names none: those that are default.

        Raises:
            UnsupportedKeyword: No limit has that name.
        """
        if names is None:
            return self._default
        for index, name in enumerate(names.value):
            if name not in self.limits:
                known = ", ".join(self.limits) or "none"
                origin = names.member(index).origin
                reason = f"no limit {name!r} is declared at the document's root; there: {known}"
                raise UnsupportedKeyword(origin.uri, reason, pointer=origin.pointer)
        return tuple(self.limits[name] for name in dict.fromkeys(names.value))


def _limit(name: str, node: Node) -> Limit:
    raw = node.value
    headers = raw.get("headers")
    return Limit(
        name=name,
        calls=raw["limit"],
        seconds=max(seconds_of(raw["window"]), 0.001),
        scope=tuple(_part(each) for each in raw.get("scope", ())),
        is_default=raw.get("default") is True,
        headers=None
        if headers is None
        else LimitHeaders(
            limit=headers.get("limit", ""),
            remaining=headers.get("remaining", ""),
            reset=headers.get("reset", ""),
            reset_as=ResetForm(headers.get("resetAs", ResetForm.EPOCH.value)),
        ),
    )


def _part(text: str) -> CallerPart:
    if not text.startswith("$"):
        return Sender(text)
    _, place, name = text.split(".", 2)
    return Location(place), name
