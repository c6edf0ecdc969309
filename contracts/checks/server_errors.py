"""Does the server fail?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from understudy.contracts.checking import check
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.observation import Observation

SERVER_ERROR: Final = Claim(
    id="no-server-error",
    title="No request makes the server fail",
    severity=Severity.CRITICAL,
    clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.6",
    documentation=(
        "A 5xx answer says that the server erred, so no request may provoke one, however malformed. A documented 501 "
        "or 503 is none: the server says that it can't, which it may."
    ),
    owner="checks.server_errors",
)

_MAY_BE_SAID: Final = (501, 503)


@check(SERVER_ERROR, applies_to=lambda seen: True)
def server_error(seen: Observation) -> Iterator[Failure]:
    """``POST /pets answered 500 Internal Server Error``."""
    status = seen.answer.status
    if status < 500:
        return
    if status in _MAY_BE_SAID and seen.response is not None:
        return
    if status == 501 and not seen.is_addressed:
        return
    note = f" to: {seen.exchange.case.note}" if seen.exchange.case.note else ""
    yield seen.failure(SERVER_ERROR, str(status), f"answered {status} {seen.answer.reason}".rstrip() + note)
