"""Is the status described?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation

STATUS_DOCUMENTED: Final = Claim(
    id="status-documented",
    title="Every status is documented",
    severity=Severity.HIGH,
    clause="https://spec.openapis.org/oas/v3.2.0.html#responses-object",
    documentation=(
        "The status of an answer is a key of the operation's `responses`: itself, its range such as `4XX`, or "
        "`default`. A client can't handle what it doesn't know of. Requests that aren't the operation's (another "
        "method, a media type it doesn't take) are not judged."
    ),
    owner="checks.statuses",
)


@check(STATUS_DOCUMENTED, applies_to=lambda seen: seen.is_addressed)
def status_documented(seen: Observation) -> Iterator[Failure]:
    """``418 is not documented; documented are 200, 404``."""
    if seen.response is None:
        known = ", ".join(response.status for response in seen.operation.responses) or "none"
        status = seen.answer.status
        yield seen.failure(STATUS_DOCUMENTED, str(status), f"{status} is not documented; documented are {known}")
