"""Which headers of HTTP an operation hears and gives besides what is declared: told by what it documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

from understudy.specs.behaviour.inferred_facts import Evidence, Fact
from understudy.specs.behaviour.preconditions import entity_tag
from understudy.specs.model import Direction, Header, Location, Operation, Parameter

__all__ = ["Heard", "heard_by", "heard_evidence"]

_READS: Final = ("GET", "HEAD")
_REPEATED: Final = ("POST", "PATCH")
"""Methods that do something twice when they are sent twice (RFC 9110, section 9.2.2)."""
_KEYS: Final = ("idempotency-key", "x-idempotency-key")


@final
@dataclass(frozen=True, slots=True)
class Heard:
    """What an operation on records makes of headers.

    Attributes:
        gives_tag: Whether a success documents `ETag`.
        match: Whether `If-Match` is heard; ``none_match``: `If-None-Match`.
        is_read: Whether what hasn't changed is answered 304, and not refused.
        key: The header that names an attempt, in lower case; None where attempts have no names.
    """

    gives_tag: bool
    match: bool
    none_match: bool
    is_read: bool
    key: str | None

    @property
    def has_conditions(self) -> bool:
        """Whether the record's tag matters."""
        return self.gives_tag or self.match or self.none_match


@lru_cache(maxsize=4096)
def heard_by(operation: Operation) -> Heard:
    """What an operation hears. One whose `ETag` can't be a strong tag of ours hears no condition."""
    statuses = {each.status for each in operation.responses}
    is_read = operation.method in _READS
    tags = [header for each in operation.responses for header in each.headers if header.name.lower() == "etag"]
    is_ours = all(map(_allows_tag, tags))
    match = is_ours and "412" in statuses
    none_match = is_ours and ("304" in statuses if is_read else match)
    parameter = _key_parameter(operation)
    key = parameter.name.lower() if parameter is not None and operation.method in _REPEATED else None
    return Heard(is_ours and bool(tags), match, none_match, is_read, key)


def heard_evidence(operations: Iterable[Operation]) -> Iterator[Evidence]:
    """What operations on records hear, and from what that is told."""
    for operation in operations:
        heard = heard_by(operation)
        if heard.gives_tag:
            text = "ETag is documented: it is made of what the record shows"
            yield Evidence(operation.label, Fact.ENTITY_TAG, text, ("ETag",))
        if heard.is_read and heard.none_match:
            text = "304 is documented: the answer where If-None-Match has the record's tag"
            yield Evidence(operation.label, Fact.CONDITION, text, ("If-None-Match",))
        if heard.match:
            text = "412 is documented: the answer where If-Match doesn't have the record's tag"
            yield Evidence(operation.label, Fact.CONDITION, text, ("If-Match",))
        if heard.key is not None:
            text = f"{heard.key} names the attempt: the same again is answered as it was, and nothing is done"
            yield Evidence(operation.label, Fact.IDEMPOTENCY_KEY, text, (heard.key,))


def _key_parameter(operation: Operation) -> Parameter | None:
    headers = (each for each in operation.parameters if each.location is Location.HEADER)
    return next((each for each in headers if each.name.lower() in _KEYS), None)


def _allows_tag(header: Header) -> bool:
    schema = header.content.schema if header.content is not None else header.schema
    return schema is None or schema.validator(Direction.RESPONSE).is_valid(entity_tag({}))
