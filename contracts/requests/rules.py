"""Rules that a document's actions add to what its schemas say of requests."""

from __future__ import annotations

from collections.abc import Mapping

from understudy.specs.behaviour import Request
from understudy.specs.behaviour.declarations import Requirement
from understudy.specs.behaviour.requirements import find_unmet_by
from understudy.specs.documents.document import Json
from understudy.specs.model import Location, Missing, Operation

__all__ = ["find_broken_rule"]


def find_broken_rule(
    operation: Operation, values: Mapping[tuple[Location, str], Json], body: Json | Missing
) -> Requirement | None:
    """The first rule that a request breaks whatever the records are; None where it keeps to all, or there are none.

    Args:
        values: The parameters that are sent, by location and name.

    Raises:
        ValueFailed: A rule doesn't fit the request.
    """
    if operation.action is None:
        return None
    parts: dict[Location, dict[str, Json]] = {location: {} for location in Location}
    for (location, name), value in values.items():
        parts[location][name.lower() if location is Location.HEADER else name] = value
    path, query, header, cookie = (
        parts[each] for each in (Location.PATH, Location.QUERY, Location.HEADER, Location.COOKIE)
    )
    return find_unmet_by(operation.action, Request(operation, path, query, header, cookie, body, ""))
