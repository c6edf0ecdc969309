"""Tell operations apart that have one path and method: `POST /#Action=Start` and `POST /#Action=Stop`.

OpenAPI has no such operations, yet documents do, and write their paths with a fragment or a query. What requests can be
told by is what they must have: query and header parameters, above all those of one value, and the body's media type.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import final

from understudy.specs.model import Location, MediaType, Operation, Parameter
from understudy.specs.wire.media_types import find_content

__all__ = ["Signs"]


@final
@dataclass(frozen=True, slots=True)
class Signs:
    """What a request to an operation can be told by.

    Attributes:
        values: Query and header parameters that have to be there with one value: (place, name, that value).
        required: How many query and header parameters have to be there; these included.
        content: What a body may be; empty where none is described, so that any may come.
        needs_body: Whether one has to come.
    """

    values: tuple[tuple[Location, str, str], ...]
    required: int
    content: tuple[MediaType, ...]
    needs_body: bool

    @classmethod
    def of(cls, operation: Operation) -> Signs:
        """The signs of an operation."""
        places = (Location.QUERY, Location.HEADER)
        required = [each for each in operation.parameters if each.required and each.location in places]
        values = [(each.location, each.name, _only_value(each)) for each in required]
        body = operation.request_body
        return cls(
            tuple((place, name, value) for place, name, value in values if value is not None),
            len(required),
            body.content if body is not None else (),
            body is not None and body.required,
        )

    @property
    def weight(self) -> tuple[int, int, bool]:
        """The more a request must have, the less it can have been meant for another operation."""
        return len(self.values), self.required, bool(self.content)

    def are_in(self, query: Mapping[str, str], find_header: Callable[[str], str | None]) -> bool:
        """Whether a request has them."""
        for place, name, value in self.values:
            if (query.get(name) if place is Location.QUERY else find_header(name)) != value:
                return False
        sent = find_header("Content-Type")
        if not sent:
            return not self.needs_body
        return not self.content or find_content(self.content, sent) is not None


def _only_value(parameter: Parameter) -> str | None:
    raw = parameter.schema.target.raw if parameter.schema is not None else None
    if not isinstance(raw, dict):
        return None
    allowed = raw["enum"] if isinstance(raw.get("enum"), list) else [raw["const"]] if "const" in raw else []
    return allowed[0] if len(allowed) == 1 and isinstance(allowed[0], str) else None
