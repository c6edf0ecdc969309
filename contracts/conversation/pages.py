"""Order and completeness of lists and of their pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from understudy.contracts.claims import Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.conversation.knowledge import Knowledge
from understudy.contracts.conversation.listing import Listing
from understudy.contracts.conversation.values import is_known, moment_of
from understudy.specs.behaviour import Request
from understudy.specs.behaviour.declarations import Order
from understudy.specs.behaviour.listing import in_order
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING

__all__ = ["find_bad_page", "find_disorder", "find_missing"]


def find_missing(listing: Listing, known: Knowledge, where: Mapping[str, bool | None]) -> Iterator[Failure]:
    """Records of ours that a list has to hold and doesn't; what others made may go at any time.

    Args:
        where: Key → whether the record belongs into the list.
    """
    if not listing.is_whole:
        return
    for key, is_in in where.items():
        name = listing.name(key)
        if is_in is not True or key in listing.shown or name in known.doubted:
            continue
        if name in known.foreign:
            known.memory.drop(name, None)
        elif listing.is_plain:
            yield listing.failure(claimed.LIST_COMPLETE, "missing", f"the list lacks {listing.told(key)}")
        else:
            yield listing.failure(claimed.FILTER_KEPT, "missing", f"the list lacks {listing.told(key)}, which fits")


def find_disorder(listing: Listing, known: Knowledge) -> Iterator[Failure]:
    """Neighbours in the wrong order; without a declared order that is the one in which they were made."""
    order = _order(listing)
    if order:
        rows = [listing.shown[key] for key in listing.keys]
        for one, other in pairwise(rows):
            if _comes_before(other, one, order):
                named = ", ".join(f"{'-' if falls else ''}{member}" for member, falls in order)
                yield listing.failure(claimed.ORDER_KEPT, "order", f"the list isn't ordered by {named}")
                return
        return
    names = [listing.name(key) for key in listing.keys]
    records = [known.memory.find(name) for name in names if name not in known.foreign and name not in known.doubted]
    made = [record.ordinal for record in records if record is not None]
    if made != sorted(made):
        yield listing.failure(claimed.ORDER_KEPT, "order", "the list isn't in the order in which its records were made")


def find_bad_page(listing: Listing, known: Knowledge, expected: Sequence[str], request: Request) -> Iterator[Failure]:
    """A page that has too many records or too few, or others than those whose turn it is.

    Args:
        expected: The keys of all that the list holds, in no order.
    """
    if listing.window is None:
        return
    offset, limit = listing.window
    wanted = max(0, min(limit, len(expected) - offset))
    cut = f"offset {offset}, limit {limit}"
    if len(listing.keys) != wanted:
        told = f"the page ({cut}) has {len(listing.keys)} records instead of {wanted}: there are {len(expected)}"
        yield listing.failure(claimed.PAGING_GAPLESS, "page length", told)
        return
    turn = _in_turn(listing, known, expected)
    if turn is not None and list(listing.keys) != turn[offset : offset + limit]:
        told = f"the page ({cut}) holds others than those whose turn it is"
        yield listing.failure(claimed.PAGING_GAPLESS, "page content", told)
        return
    if listing.action.resource.expires is not None:
        return  # one that ends between two pages moves all behind it
    filters = tuple(sorted((name, str(value)) for name, value in request.query.items() if not _cuts(listing, name)))
    seen = known.positions.setdefault((listing.operation.label, listing.scope, filters), {})
    for index, key in enumerate(listing.keys, start=offset):
        if seen.setdefault(key, index) != index:
            told = f"the page ({cut}) holds a record that another page held at another place"
            yield listing.failure(claimed.PAGING_GAPLESS, "page content", told)
            return


def _cuts(listing: Listing, name: str) -> bool:
    page = listing.action.page
    return page is not None and any(
        f"query.{name}" in str(each.source) for each in (page.limit, page.offset) if each is not None
    )


def _in_turn(listing: Listing, known: Knowledge, expected: Sequence[str]) -> list[str] | None:
    """The keys in the order of the list; None where it leaves two of them in any order, or isn't known."""
    order = _order(listing)
    names = [listing.name(key) for key in expected]
    if not order:
        # Records come out of the memory in the order in which they were made, as far as it was ours.
        return list(expected) if not any(name in known.foreign for name in names) else None
    rows = []
    for key, name in zip(expected, names, strict=True):
        record = known.memory.find(name)
        members = {} if record is None else dict(record.members)
        if not all(is_known(members.get(member, MISSING)) and member in members for member, _ in order):
            return None
        rows.append({**members, "": key})
    rows = in_order(rows, order, lambda row: row)
    if any(_rank(one, order) == _rank(other, order) for one, other in pairwise(rows)):
        return None
    return [str(row[""]) for row in rows]


def _order(listing: Listing) -> Order:
    return listing.action.order or listing.action.resource.order


def _rank(row: Mapping[str, Json], order: Order) -> list[Json]:
    return [row.get(member) for member, _ in order]


def _comes_before(one: Mapping[str, Json], other: Mapping[str, Json], order: Order) -> bool:
    """Whether one certainly stands before the other; not where they are equal, or where a value isn't shown."""
    for member, falls in order:
        left, right = one.get(member, MISSING), other.get(member, MISSING)
        if left is MISSING or right is MISSING:
            return False
        first, second = moment_of(left), moment_of(right)
        if first is not None and second is not None:
            left, right = first, second
        if left == right:
            continue
        if isinstance(left, str) and (left < right) is not (left.casefold() < str(right).casefold()):
            return False  # Servers compare letters in their own ways.
        if type(left) is not type(right) or isinstance(left, (dict, list, bool, type(None))):
            return False
        return bool(left > right) if falls else bool(left < right)
    return False
