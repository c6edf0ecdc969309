"""What a request makes depend on the record's entity tag, where the document says that it is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from understudy.specs.behaviour.heard_headers import heard_by
from understudy.specs.behaviour.preconditions import Conditions, read_tags

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.specs.model import Operation

__all__ = ["conditions_of"]


def conditions_of(operation: Operation, request: Incoming) -> Conditions | None:
    """The conditions of a request; None where the operation neither gives tags nor hears conditions."""
    heard = heard_by(operation)
    if not heard.has_conditions:
        return None
    match = _tags(b"if-match", request) if heard.match else None
    none_match = _tags(b"if-none-match", request) if heard.none_match else None
    return Conditions(match, none_match, heard.is_read)


def _tags(name: bytes, request: Incoming) -> tuple[str, ...] | None:
    value = request.header(name)
    return read_tags(value.decode("latin-1")) if value is not None else None
