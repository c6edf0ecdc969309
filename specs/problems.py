"""The kinds of problems that a server can have with a request, as VOCABULARY.md lists them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

__all__ = ["DEFAULT_STATUSES", "ProblemKind"]


class ProblemKind(Enum):
    """What went wrong, independent of how one API says it. The values are permanent: documents have them."""

    MALFORMED_REQUEST = "malformed-request"
    MALFORMED_BODY = "malformed-body"
    MISSING_BODY = "missing-body"
    MISSING_MEMBER = "missing-member"
    INVALID_BODY = "invalid-body"
    MISSING_PARAMETER = "missing-parameter"
    INVALID_PARAMETER = "invalid-parameter"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    INVALID_FILE = "invalid-file"
    BODY_TOO_LARGE = "body-too-large"
    NOT_ACCEPTABLE = "not-acceptable"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    ROUTE_NOT_FOUND = "route-not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    RESOURCE_NOT_FOUND = "resource-not-found"
    CONFLICT = "conflict"
    PRECONDITION_FAILED = "precondition-failed"
    RATE_LIMITED = "rate-limited"
    UNAVAILABLE = "unavailable"
    NO_RESPONSE = "no-response"
    INTERNAL = "internal"

    @property
    def statuses(self) -> tuple[int, ...]:
        """The statuses to answer with, where the document names none; the first that is documented wins."""
        return DEFAULT_STATUSES[self]


DEFAULT_STATUSES: Final[Mapping[ProblemKind, tuple[int, ...]]] = {
    ProblemKind.MALFORMED_REQUEST: (400, 422),
    ProblemKind.MALFORMED_BODY: (400, 422),
    ProblemKind.MISSING_BODY: (400, 422),
    ProblemKind.MISSING_MEMBER: (422, 400),
    ProblemKind.INVALID_BODY: (422, 400),
    ProblemKind.MISSING_PARAMETER: (422, 400),
    ProblemKind.INVALID_PARAMETER: (422, 400),
    ProblemKind.UNSUPPORTED_MEDIA_TYPE: (415, 400, 422),
    ProblemKind.INVALID_FILE: (415, 400, 422),
    ProblemKind.BODY_TOO_LARGE: (413, 400, 422),
    ProblemKind.NOT_ACCEPTABLE: (406, 400),
    ProblemKind.UNAUTHORIZED: (401, 403),
    ProblemKind.FORBIDDEN: (403, 401),
    ProblemKind.ROUTE_NOT_FOUND: (404,),
    ProblemKind.METHOD_NOT_ALLOWED: (405,),
    ProblemKind.RESOURCE_NOT_FOUND: (404, 410),
    ProblemKind.CONFLICT: (409, 400, 422),
    ProblemKind.PRECONDITION_FAILED: (412, 409),
    ProblemKind.RATE_LIMITED: (429, 503),
    ProblemKind.UNAVAILABLE: (503, 500),
    ProblemKind.NO_RESPONSE: (501, 500),
    ProblemKind.INTERNAL: (500, 503),
}
"""For each kind the statuses by preference."""
