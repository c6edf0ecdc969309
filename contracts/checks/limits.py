"""Do the headers of a rate limit say something that can be true?"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Final

from understudy.contracts.checking import NotJudged, check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.limit_headers import find_limit_headers
from understudy.contracts.observation import Observation
from understudy.specs.behaviour.limits import LimitHeaders, MalformedLimitHeader, ResetForm, read_standing

LIMIT_HEADERS: Final = Claim(
    id="limit-headers-right",
    title="Headers of a rate limit can be true",
    severity=Severity.MEDIUM,
    clause="https://www.rfc-editor.org/rfc/rfc6585.html#section-4",
    documentation=(
        "Where the document declares a limit and its headers, or names `RateLimit-*` headers, they are whole "
        "numbers, no more calls remain than there are, the limit is a declared one, and its window doesn't end before "
        "the answer's own `Date`, nor later "
        "than it lasts. Judged on every answer that has them."
    ),
    owner="checks.limits",
)

SKEW_SECONDS: Final = 2.0
STALE_DATE_SECONDS: Final = 10.0
"""How old a `Date` may be when it is sent: servers make one for many answers, and late when they are busy."""


@check(
    LIMIT_HEADERS,
    applies_to=lambda seen: any(
        seen.answer.header(each.remaining) for each in find_limit_headers(seen.operation) if each.remaining
    ),
    concerns=lambda operation: bool(find_limit_headers(operation)),
)
def limit_headers(seen: Observation) -> Iterator[Failure]:
    """``X-RateLimit-Remaining is 12, more than X-RateLimit-Limit, 10``."""
    now = seen.answer.made_at
    given = {name.lower(): value for name, value in seen.answer.headers}
    longest = max((limit.seconds for limit in seen.operation.limits), default=inf)
    for headers in find_limit_headers(seen.operation):
        try:
            standing = read_standing(headers, given, now or 0.0)
        except MalformedLimitHeader as error:
            yield seen.failure(LIMIT_HEADERS, f"{headers.remaining} form", str(error))
            continue
        declared = {limit.calls for limit in seen.operation.limits if limit.headers == headers}
        if declared and standing.limit is not None and standing.limit not in declared:
            known = ", ".join(map(str, sorted(declared)))
            message = f"{headers.limit} is {standing.limit}; declared is {known}"
            yield seen.failure(LIMIT_HEADERS, f"{headers.limit} declared", message)
        if standing.resets is None:
            continue
        if now is None:
            raise NotJudged("the answer has no Date, so that it can't be told whether the window is over")
        if standing.resets < now - SKEW_SECONDS:
            message = f"{headers.reset} says that the window ended {now - standing.resets:.0f} s ago"
            yield seen.failure(LIMIT_HEADERS, f"{headers.reset} past", message)
        elif standing.resets > now + longest + _slack(headers):
            message = f"{headers.reset} is {standing.resets - now:.0f} s away; a window lasts {longest:g} s"
            yield seen.failure(LIMIT_HEADERS, f"{headers.reset} future", message)


def _slack(headers: LimitHeaders) -> float:
    """What a window may end too late by: more where its end is a time, which only `Date` can be held against."""
    return SKEW_SECONDS if headers.reset_as is ResetForm.DELTA else STALE_DATE_SECONDS
