"""Divide operations among machines, so that those about one thing stay together."""

from __future__ import annotations

from collections.abc import Sequence

from understudy.specs.model import Operation
from understudy.specs.path_templates import parse_template

__all__ = ["share_of"]


def share_of(operations: Sequence[Operation], index: int, count: int) -> frozenset[str]:
    """Labels of the operations in one of so many shares; shares are disjoint, and together they are all.

    Operations stay together that act on the same resource or, where none is known, whose paths begin alike: what is
    created in one is read in the other. Larger groups are given out first, each to the smallest share so far.

    Args:
        index: From 1.
    """
    groups: dict[str, list[str]] = {}
    for operation in operations:
        groups.setdefault(_subject(operation), []).append(operation.label)
    shares: list[list[str]] = [[] for _ in range(count)]
    for _, labels in sorted(groups.items(), key=lambda group: (-len(group[1]), group[0])):
        min(shares, key=len).extend(labels)
    return frozenset(shares[index - 1])


def _subject(operation: Operation) -> str:
    if operation.action is not None:
        resource = operation.action.resource
        while resource.parent is not None:
            resource = resource.parent.resource
        return f"resource {resource.name}"
    literals = [segment.literals[0].decode("utf-8", "replace") for segment in parse_template(operation.path)]
    return next((text for text in literals if text), "")
