"""What the fuzzer's own checks claim, and which of its findings is which of our claims.

Statuses, media types, schemas, headers and server errors are judged by our own checks, which also serve replay and
streams; the fuzzer's versions of them are off. So is its check of ignored credentials: the probe of authentication
judges that beside a control.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from understudy.contracts.case import Exchange, Phase
from understudy.contracts.claims import Claim, Severity, register

__all__ = [
    "ALLOW_HEADER",
    "CHECKS_ON",
    "CLAIM_OF_FAILURE",
    "CREATED_AVAILABLE",
    "DELETED_GONE",
    "HEADER_REQUIRED",
    "INVALID_REFUSED",
    "METHOD_REFUSED",
    "VALID_ACCEPTED",
    "chain_claims",
    "is_false_alarm",
    "still_shows",
]

_OWNER: Final = "schemathesis"

INVALID_REFUSED: Final = register(
    Claim(
        id="invalid-request-refused",
        title="A request that breaks the document is refused",
        severity=Severity.HIGH,
        clause="https://spec.openapis.org/oas/v3.2.0.html#operation-object",
        documentation=(
            "Requests with one thing wrong (a type, a bound, a pattern, a missing member, a body that isn't JSON) are "
            "refused with a 4xx. Any 4xx counts; whether it is documented is another claim."
        ),
        owner=_OWNER,
    )
)

VALID_ACCEPTED: Final = register(
    Claim(
        id="valid-request-accepted",
        title="A request that keeps to the document is accepted",
        severity=Severity.MEDIUM,
        clause="https://spec.openapis.org/oas/v3.2.0.html#operation-object",
        documentation=(
            "A request that is valid in every part isn't refused for what it contains (400, 405, 406, 415, 422). Other "
            "refusals depend on more than the request: credentials, records, limits. So do those with a status that an "
            "operation itself gives to `resource-not-found` or `conflict`. Rules of its `action` that a request alone "
            "can break are part of what is valid."
        ),
        owner=_OWNER,
    )
)

METHOD_REFUSED: Final = register(
    Claim(
        id="undocumented-method-refused",
        title="A method that the path doesn't have is answered 405 with Allow",
        severity=Severity.LOW,
        clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.6",
        documentation=(
            "A path answers 405 to methods that the document doesn't give it, and names in `Allow` those it has. HEAD "
            "and OPTIONS may be answered otherwise."
        ),
        owner=_OWNER,
    )
)

ALLOW_HEADER: Final = register(
    Claim(
        id="allow-header-complete",
        title="Allow names the methods of the path",
        severity=Severity.LOW,
        clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.1",
        documentation="`Allow` in an answer to OPTIONS has the path's methods, and no others but HEAD and OPTIONS.",
        owner=_OWNER,
    )
)

HEADER_REQUIRED: Final = register(
    Claim(
        id="required-header-enforced",
        title="A request without a required header is refused",
        severity=Severity.MEDIUM,
        clause="https://spec.openapis.org/oas/v3.2.0.html#parameter-object",
        documentation="A request that lacks a required header, and is valid otherwise, is refused with a 4xx.",
        owner=_OWNER,
    )
)

DELETED_GONE: Final = register(
    Claim(
        id="deleted-resource-gone",
        title="What was deleted is gone",
        severity=Severity.CRITICAL,
        clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-9.3.5",
        documentation=(
            "After a successful DELETE the resource isn't served any more. Not judged where the server answers just as "
            "well for a record that never was: it keeps no state."
        ),
        owner=_OWNER,
    )
)

CREATED_AVAILABLE: Final = register(
    Claim(
        id="created-resource-available",
        title="What was created can be used",
        severity=Severity.HIGH,
        clause="https://www.rfc-editor.org/rfc/rfc9110.html#section-9.3.3",
        documentation="A resource that a successful POST gave isn't answered with 404 when the link to it is followed.",
        owner=_OWNER,
    )
)

CHECKS_ON: Final = (
    "negative_data_rejection",
    "positive_data_acceptance",
    "unsupported_method",
    "allow_header_conformance",
    "missing_required_header",
    "use_after_free",
    "ensure_resource_availability",
)
"""The fuzzer's checks that are on."""

CLAIM_OF_FAILURE: Final[Mapping[str, Claim]] = MappingProxyType(
    {
        "AcceptedNegativeData": INVALID_REFUSED,
        "RejectedPositiveData": VALID_ACCEPTED,
        "UnsupportedMethodResponse": METHOD_REFUSED,
        "AllowHeaderMismatch": ALLOW_HEADER,
        "MissingHeaderNotRejected": HEADER_REQUIRED,
        "UseAfterFree": DELETED_GONE,
        "EnsureResourceAvailability": CREATED_AVAILABLE,
    }
)
"""Class of the fuzzer's failure → claim."""

_REFUSED_FOR_CONTENT: Final = frozenset({400, 405, 406, 415, 422})


def is_false_alarm(claim: Claim, exchange: Exchange) -> bool:
    """Whether the fuzzer is stricter than the claim; an exchange without answer shows nothing at all.

    In the middle of a conversation a valid request may rightly be refused for what was done before it.
    """
    if claim is VALID_ACCEPTED and exchange.case.phase is Phase.LINKS:
        return True
    return exchange.answer is None or not still_shows(claim, exchange)


def still_shows(claim: Claim, exchange: Exchange) -> bool:
    """Whether the last exchange of a conversation that broke a claim breaks it (again)."""
    if exchange.answer is None:
        return False
    status = exchange.answer.status
    if claim in (INVALID_REFUSED, HEADER_REQUIRED):
        return status < 400
    if claim is VALID_ACCEPTED:
        return status in _REFUSED_FOR_CONTENT
    if claim is METHOD_REFUSED:
        return status < 400 or (status == 405 and exchange.answer.header("allow") is None)
    if claim is DELETED_GONE:
        return status < 400
    if claim is CREATED_AVAILABLE:
        return status == 404
    return exchange.answer.header("allow") is not None


def chain_claims(conversation: Sequence[Exchange], earlier: Sequence[Exchange]) -> tuple[str, ...]:
    """Which claims about sequences of requests the last one of a conversation puts to the test.

    Args:
        conversation: A request, after those whose links led to it.
        earlier: All that was sent before on the same walk.
    """
    *before, last = conversation
    found = []
    path = _path(last)
    if last.case.method in ("GET", "HEAD") and any(
        each.case.method == "DELETE" and _succeeded(each) and _is_below(path, _path(each)) for each in earlier
    ):
        found.append(DELETED_GONE.id)
    if (
        before
        and before[-1].case.method == "POST"
        and _succeeded(before[-1])
        and path.startswith(f"{_path(before[-1])}/")
    ):
        found.append(CREATED_AVAILABLE.id)
    return tuple(found)


def _path(exchange: Exchange) -> str:
    return exchange.case.target.partition("?")[0].rstrip("/")


def _is_below(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}/")


def _succeeded(exchange: Exchange) -> bool:
    return exchange.answer is not None and 200 <= exchange.answer.status < 300
