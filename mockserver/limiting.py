"""Count a call towards the limits of its operation, say so in headers, and refuse it where that is wished."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, unquote

from understudy.mockserver.problems import Problem, ProblemRaised
from understudy.mockserver.requests.security import find_credential
from understudy.mockserver.stores import StoreUnavailable
from understudy.specs.behaviour.limits import Bucket, CallerPart, Limit, Sender, Tally, retry_after, write_standings
from understudy.specs.model import Location
from understudy.specs.problems import ProblemKind

if TYPE_CHECKING:
    from datetime import datetime

    from understudy.mockserver.answers.answers import Headers
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.mockserver.requests.incoming import Incoming

__all__ = ["count_call", "with_told"]

MAX_PART: Final = 200
"""Characters of what tells a caller apart; of a longer text a digest is kept."""


async def count_call(
    operation: CompiledOperation,
    request: Incoming,
    captured: Mapping[str, str],
    now: datetime,
    *,
    enforce: bool,
    used_up: bool = False,
) -> tuple[Headers, Problem | None]:
    """Count a call, whatever becomes of it.

    Args:
        captured: What the template's expressions took of the path, still percent-encoded.
        now: Without the offset of the store.
        used_up: Whether the limit whose window ends first counts as used up, whatever was called before.

    Returns:
        What every answer to it says of the limits, names in lower case; and the problem of one that is used up.

    Raises:
        ProblemRaised: The calls can't be counted.
    """
    declared = operation.operation
    store = operation.api.store
    buckets = [Bucket(limit, _caller(limit, operation, request, captured)) for limit in declared.limits]
    try:
        moment = (now + timedelta(seconds=await store.get_offset())).timestamp()
        tallies, is_admitted = await store.count(buckets, moment, enforce=enforce)
    except StoreUnavailable as error:
        raise ProblemRaised(Problem(ProblemKind.UNAVAILABLE, str(error))) from error
    if used_up:
        first = min(tallies, key=lambda each: each.ends)
        tallies = tuple(
            tally._replace(used=bucket.limit.calls) if tally is first else tally
            for bucket, tally in zip(buckets, tallies, strict=True)
        )
        is_admitted = False
    said = write_standings(buckets, tallies, moment)
    headers = tuple((name.lower().encode("latin-1"), text.encode("latin-1")) for name, text in said.items())
    return headers, None if is_admitted else _used_up(buckets, tallies, moment)


def with_told(headers: Headers, told: Headers) -> Headers:
    """The headers of an answer, those of the same names replaced by what is told of limits."""
    names = {name for name, _ in told}
    return (*(each for each in headers if each[0] not in names), *told)


def _used_up(buckets: list[Bucket], tallies: tuple[Tally, ...], now: float) -> Problem:
    full = [bucket.limit for bucket, tally in zip(buckets, tallies, strict=True) if tally.used >= bucket.limit.calls]
    text = _text(full[0])
    seconds = retry_after(buckets, tallies, now)
    return Problem(
        ProblemKind.RATE_LIMITED,
        f"the limit {full[0].name!r} of {text} is used up; another call is answered in {seconds} seconds",
        headers=((b"retry-after", b"%d" % seconds),),
        limit=text,
        received=f"{full[0].calls + 1} requests",
        retry_after=seconds,
    )


def _text(limit: Limit) -> str:
    """``100 requests per hour``."""
    for name, seconds in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        count = limit.seconds / seconds
        if count >= 1 and count.is_integer():
            return f"{limit.calls} requests per {name if count == 1 else f'{count:.0f} {name}s'}"
    return f"{limit.calls} requests per {limit.seconds:g} seconds"


def _caller(
    limit: Limit, operation: CompiledOperation, request: Incoming, captured: Mapping[str, str]
) -> tuple[str, ...]:
    return tuple(_short(_part(part, operation, request, captured)) for part in limit.scope)


def _part(part: CallerPart, operation: CompiledOperation, request: Incoming, captured: Mapping[str, str]) -> str:
    """What is sent, as it is: a request that can't be decoded counts too. Empty where nothing is."""
    if part is Sender.ADDRESS:
        return request.address
    if isinstance(part, Sender):
        return find_credential(operation.operation.security, request)
    location, name = part
    match location:
        case Location.PATH:
            return unquote(captured.get(name, ""))
        case Location.QUERY:
            return parse_qs(request.query.decode("latin-1")).get(name, [""])[0]
        case _:
            return (request.header(name.lower().encode("latin-1", "replace")) or b"").decode("latin-1")


def _short(text: str) -> str:
    return text if len(text) <= MAX_PART else blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
