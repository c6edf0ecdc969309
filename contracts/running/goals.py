"""What there is to reach of an operation, and what no request can bring about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.coverage import BODY, Form, Goals, Input
from understudy.contracts.events import OperationPlanned
from understudy.contracts.requests.reading_bodies import can_read
from understudy.specs.model import Direction, Location, MediaType, Missing, Operation, Parameter
from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.styles import ParameterCodec, Raw, compile_parameters

__all__ = ["goals_of", "plan_operation", "why_not_used_up"]

MAX_CALLS: Final = 1_000
"""Larger limits aren't used up."""

_TEXTS: Final = ("x", "7", "-1", "true", "null", " ", "\x7f", "a,b", "x" * 50_000)
"""A schema that takes all of these takes any text, as far as anybody can tell from outside."""

_RARE: Final = {
    "402": "nothing in a document says what isn't paid for",
    "403": "a credential that opens less is needed, and none is known",
    "408": "it is the server's own patience that ends",
}


def plan_operation(operation: Operation, skipped: str = "", *, probes_limits: bool = False) -> OperationPlanned:
    """An operation as a run begins with it; the arguments are those of `OperationPlanned` and `goals_of`."""
    statuses = tuple(response.status for response in operation.responses)
    goals = goals_of(operation, probes_limits=probes_limits)
    return OperationPlanned(operation.label, operation.id, operation.tags, statuses, skipped, goals)


def goals_of(operation: Operation, *, probes_limits: bool) -> Goals:
    """What a run can reach of an operation.

    Args:
        probes_limits: Whether limits are used up.
    """
    statuses = [response.status for response in operation.responses]
    reasons = {status: _why_beyond(operation, status, probes_limits) for status in statuses}
    return Goals(
        inputs=(*_parameters(operation), *_bodies(operation)),
        media_types={
            response.status: tuple(media_type.name for media_type in response.content)
            for response in operation.responses
            if response.content
        },
        beyond={status: reason for status, reason in reasons.items() if reason},
    )


def _why_beyond(operation: Operation, status: str, probes_limits: bool) -> str:
    if status.startswith("5"):
        return "a fault of the server's own, which no request should bring about"
    if status == "429":
        return why_not_used_up(operation, probes_limits)
    if status == "401" and not operation.security:
        return "the operation asks for no credential"
    return _RARE.get(status, "")


def why_not_used_up(operation: Operation, probes_limits: bool) -> str:
    """Why the limits of an operation aren't used up; empty where they are.

    Args:
        probes_limits: Whether that was asked for.
    """
    if not operation.limits:
        return "the document declares no limit that could be used up"
    if not probes_limits:
        return "limits are only used up with --probe-limits"
    least = min(limit.calls for limit in operation.limits)
    if least > MAX_CALLS:
        return f"a limit of {least} calls isn't used up"
    return "" if operation.method == "GET" else "limits are used up by operations that only read"


def _parameters(operation: Operation) -> Iterator[Input]:
    for parameter, codec in zip(operation.parameters, compile_parameters(operation.parameters), strict=True):
        forms = [Form.VALID]
        if not _takes_any_text(parameter, codec):
            forms.append(Form.INVALID)
        if parameter.location is not Location.PATH:
            forms.append(Form.LEFT_OUT)
        yield Input((parameter.location.value, parameter.name), parameter.required, tuple(forms))


def _bodies(operation: Operation) -> Iterator[Input]:
    body = operation.request_body
    for media_type in body.content if body is not None else ():
        forms = [Form.LEFT_OUT]
        if can_read(media_type.name):
            any_octets = not (body and body.max_bytes) and _takes_any_octets(media_type)
            forms = [Form.VALID, *([] if any_octets else [Form.INVALID]), Form.LEFT_OUT]
        yield Input((BODY, media_type.name), body is not None and body.required, tuple(forms))


def _takes_any_text(parameter: Parameter, codec: ParameterCodec) -> bool:
    schema = parameter.content.schema if parameter.content is not None else parameter.schema
    in_pairs = parameter.location in (Location.QUERY, Location.COOKIE)
    for text in _TEXTS:
        raw: Raw = [(parameter.name, text)] if in_pairs else text
        try:
            value = codec.parse(raw)
        except MalformedContent:
            return False
        if isinstance(value, Missing) or not (schema is None or schema.validator(Direction.REQUEST).is_valid(value)):
            return False
    return True


def _takes_any_octets(media_type: MediaType) -> bool:
    if kind(media_type.name) not in (Kind.TEXT, Kind.BINARY):
        return False  # what is malformed is always invalid
    schema = media_type.schema
    return schema is None or all(schema.validator(Direction.REQUEST).is_valid(text) for text in _TEXTS)
