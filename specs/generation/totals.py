"""Numbers of one object that must agree: the tokens in total are those of the prompt and of the completion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from understudy.specs.documents.document import Json
from understudy.specs.member_names import words_of

__all__ = ["Total", "find_totals", "settle_total"]

Total = tuple[str, tuple[str, ...]]
"""A member's name, and those of the members that it is the sum of."""

_TOTALS: Final = (
    ("total_tokens", ("prompt_tokens", "completion_tokens")),
    ("total_tokens", ("input_tokens", "output_tokens")),
    ("total", ("subtotal", "tax")),
    ("total_price", ("subtotal", "tax")),
)


def find_totals(names: Iterable[str]) -> tuple[Total, ...]:
    """The sums among members of these names, however they spell them."""
    spelled = {"_".join(words_of(name)): name for name in names}
    return tuple(
        (spelled[total], tuple(spelled[part] for part in parts))
        for total, parts in _TOTALS
        if total in spelled and all(part in spelled for part in parts)
    )


def settle_total(total: Total, members: dict[str, Json]) -> Json:
    """What a total has to be; None where a part is missing or is no integer."""
    name, parts = total
    values = [members.get(part) for part in parts]
    if name not in members or not all(type(value) is int for value in values):
        return None
    return sum(value for value in values if value is not None)
