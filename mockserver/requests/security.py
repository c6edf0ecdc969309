"""Whether a request carries the credentials that its operation asks for.

It checks that a credential is there and has the form its scheme demands, and accepts any but those that begin with
``invalid`` (401) or ``forbidden`` (403), so that a client can be shown what a refusal looks like. Which ones are
records is `credentials.py`'s to know.
A client certificate (`mutualTLS`) can't be seen behind a plain socket and counts as shown.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl, unquote

from understudy.mockserver.problems import Objection, Problem
from understudy.mockserver.requests.incoming import Incoming
from understudy.specs.model import Location, SecurityKind, SecurityRequirement, SecurityScheme
from understudy.specs.pointers import JsonPointer, child
from understudy.specs.problems import ProblemKind

__all__ = ["FORBIDDEN", "REFUSED", "find_credential", "find_unmet", "list_shown", "not_known"]

REFUSED: Final = "invalid"
"""A credential (of HTTP Basic: its user or password) that begins with this is not accepted."""

FORBIDDEN: Final = "forbidden"
"""A credential that begins with this is accepted, but may do nothing that asks for one."""

_TOKEN68: Final = re.compile(rb"[A-Za-z0-9._~+/-]+=*")


def find_unmet(requirements: tuple[SecurityRequirement, ...], request: Incoming, realm: str) -> Problem | None:
    """The problem ``unauthorized`` when the request meets none of the requirements, or ``forbidden``; None when it
    meets one.

    Its objections tell what each alternative lacks, in document order; `www-authenticate` has a challenge for every
    scheme that could be used.

    Args:
        requirements: Alternatives; none at all means that no security applies.
        realm: Name of the API, for the challenges.
    """
    objections: list[Objection] = []
    schemes: dict[str, SecurityScheme] = {}
    for requirement in requirements:
        lacking = [(scheme, reason) for scheme, _ in requirement.schemes if (reason := _find_lack(scheme, request))]
        if not lacking:
            return _forbidden(requirement, request)
        for scheme, reason in lacking:
            if scheme.name not in schemes:
                schemes[scheme.name] = scheme
                objections.append(_objection(scheme, reason))
    if not requirements:
        return None
    return _unauthorized(tuple(objections), schemes.values(), realm)


def list_shown(
    requirements: tuple[SecurityRequirement, ...], request: Incoming
) -> list[list[tuple[SecurityScheme, list[str]]]]:
    """What was shown for each requirement that is met: credentials; of HTTP Basic, user and password."""
    met = [[scheme for scheme, _ in each.schemes] for each in requirements]
    return [
        [(scheme, _parts(_shown(scheme, request), scheme)) for scheme in schemes]
        for schemes in met
        if not any(_find_lack(scheme, request) for scheme in schemes)
    ]


def not_known(schemes: Sequence[SecurityScheme], realm: str) -> Problem:
    """The problem of credentials that have the right form, but are nobody's."""
    reason = "the credential is unknown: it was never given out, was withdrawn, or has expired"
    return _unauthorized(tuple(_objection(scheme, reason) for scheme in schemes), schemes, realm)


def _unauthorized(objections: tuple[Objection, ...], schemes: Iterable[SecurityScheme], realm: str) -> Problem:
    challenges = dict.fromkeys(_challenge(scheme, realm) for scheme in schemes)
    return Problem(
        ProblemKind.UNAUTHORIZED,
        detail="; or ".join(dict.fromkeys(objection.message for objection in objections)),
        objections=objections,
        headers=tuple((b"www-authenticate", challenge) for challenge in challenges),
    )


def _forbidden(requirement: SecurityRequirement, request: Incoming) -> Problem | None:
    for scheme, _ in requirement.schemes:
        if any(part.startswith(FORBIDDEN) for part in _parts(_shown(scheme, request), scheme)):
            detail = f"the credential begins with {FORBIDDEN!r}: this mock lets it do nothing (scheme {scheme.name!r})"
            return Problem(ProblemKind.FORBIDDEN, detail)
    return None


def find_credential(requirements: tuple[SecurityRequirement, ...], request: Incoming) -> str:
    """What the caller authenticated with, as it was sent; empty for nobody.

    It tells callers apart, so it is the credential of the first requirement that is met and asks for one.
    """
    for requirement in requirements:
        schemes = [scheme for scheme, _ in requirement.schemes]
        if schemes and not any(_find_lack(scheme, request) for scheme in schemes):
            return " ".join(filter(None, (_shown(scheme, request) for scheme in schemes)))
    return ""


def _shown(scheme: SecurityScheme, request: Incoming) -> str:
    if scheme.kind is SecurityKind.MUTUAL_TLS:
        return ""
    if scheme.kind is not SecurityKind.API_KEY:
        return (request.header(b"authorization") or b"").decode("latin-1").strip().partition(" ")[2].strip()
    match scheme.location:
        case Location.HEADER:
            return (request.header(scheme.parameter.lower().encode("latin-1", "replace")) or b"").decode("latin-1")
        case Location.QUERY:
            return dict(parse_qsl(request.query.decode("latin-1"))).get(scheme.parameter, "")
        case _:
            return _cookies(request).get(scheme.parameter, "")


def _find_lack(scheme: SecurityScheme, request: Incoming) -> str:
    """What the request lacks for one scheme; empty when it has all."""
    lack = _CHECKS[scheme.kind](scheme, request)
    if not lack and any(part.startswith(REFUSED) for part in _parts(_shown(scheme, request), scheme)):
        return f"the credential begins with {REFUSED!r}, which this mock never accepts (scheme {scheme.name!r})"
    return lack


def _parts(credential: str, scheme: SecurityScheme) -> list[str]:
    """The credential, or the user and the password of one for HTTP Basic."""
    if scheme.kind is SecurityKind.HTTP and scheme.scheme == "basic":
        return base64.b64decode(credential).decode("utf-8", "replace").split(":", 1)
    return [credential]


def _lack_of_key(scheme: SecurityScheme, request: Incoming) -> str:
    name = scheme.parameter
    match scheme.location:
        case Location.HEADER:
            value = request.header(name.lower().encode("latin-1", "replace")) or b""
            return "" if value.strip() else f"the header {name} is missing (API key, scheme {scheme.name!r})"
        case Location.QUERY:
            pairs = parse_qsl(request.query.decode("latin-1"))
            found = any(key == name for key, _ in pairs)
            return "" if found else f"the query parameter {name} is missing (API key, scheme {scheme.name!r})"
        case _:
            found = bool(_cookies(request).get(name))
            return "" if found else f"the cookie {name} is missing (API key, scheme {scheme.name!r})"


def _lack_of_authorization(scheme: SecurityScheme, request: Incoming) -> str:
    wanted = scheme.scheme if scheme.kind is SecurityKind.HTTP else "bearer"
    shown = f"Authorization: {wanted.capitalize()} …"
    value = request.header(b"authorization")
    if value is None:
        return f"the header {shown} is missing (scheme {scheme.name!r})"
    name, _, credentials = value.strip().partition(b" ")
    credentials = credentials.strip()
    if name.lower() != wanted.encode("latin-1", "replace"):
        return f"the header Authorization should be {shown} (scheme {scheme.name!r})"
    if wanted == "basic" and not _is_basic(credentials):
        return f"the credentials of {shown} should be base64 of user:password (scheme {scheme.name!r})"
    if wanted == "bearer" and not _TOKEN68.fullmatch(credentials):
        return f"the token of {shown} is missing or isn't one (RFC 6750; scheme {scheme.name!r})"
    return "" if credentials else f"{shown} has no credentials (scheme {scheme.name!r})"


def _lack_of_certificate(scheme: SecurityScheme, request: Incoming) -> str:
    return ""


_CHECKS: Final[Mapping[SecurityKind, Callable[[SecurityScheme, Incoming], str]]] = {
    SecurityKind.API_KEY: _lack_of_key,
    SecurityKind.HTTP: _lack_of_authorization,
    SecurityKind.OAUTH2: _lack_of_authorization,
    SecurityKind.OPEN_ID_CONNECT: _lack_of_authorization,
    SecurityKind.MUTUAL_TLS: _lack_of_certificate,
}


def _is_basic(credentials: bytes) -> bool:
    try:
        return b":" in base64.b64decode(credentials, validate=True)
    except (binascii.Error, ValueError):
        return False


def _cookies(request: Incoming) -> dict[str, str]:
    header = (request.header(b"cookie") or b"").decode("latin-1")
    pairs = (part.partition("=") for part in header.split(";"))
    return {unquote(name.strip()): value.strip() for name, _, value in pairs}


def _objection(scheme: SecurityScheme, reason: str) -> Objection:
    if scheme.kind is SecurityKind.API_KEY and scheme.location is not None:
        return Objection(scheme.location.value, child("", scheme.parameter), "security", reason, scheme.parameter)
    return Objection("header", JsonPointer("/Authorization"), "security", reason, "Authorization")


def _challenge(scheme: SecurityScheme, realm: str) -> bytes:
    """RFC 9110, section 11.6.1: a 401 has a challenge. There is no registered one for API keys, so we name our own."""
    quoted = _quote(realm)
    if scheme.kind is SecurityKind.API_KEY:
        place = scheme.location.value if scheme.location else "header"
        return f'ApiKey realm="{quoted}", in="{place}", name="{_quote(scheme.parameter)}"'.encode("ascii")
    name = scheme.scheme.capitalize() if scheme.kind is SecurityKind.HTTP and scheme.scheme else "Bearer"
    extra = ', charset="UTF-8"' if name == "Basic" else ""
    return f'{_quote(name)} realm="{quoted}"{extra}'.encode("ascii")


def _quote(text: str) -> str:
    plain = "".join(char for char in text if " " <= char <= "~")
    return plain.replace("\\", "\\\\").replace('"', '\\"')
