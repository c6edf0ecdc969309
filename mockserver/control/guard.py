"""Who may control a mock: a page of another site must not, nor anybody on the network who wasn't given the token.

A browser sends requests of any page to loopback addresses. Against a page that reads answers stands the missing CORS;
against one that only sends (a form, an image) `Origin` and `Sec-Fetch-Site`; against one whose host name was bound anew
to a loopback address (DNS rebinding) `Host`, since it still says the attacker's name.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, final
from urllib.parse import urlsplit

from starlette.types import Scope

from understudy.mockserver.settings import ControlAccess

__all__ = ["Refusal", "find_refusal"]

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data", "text/plain")
"""What a page of another site can send without asking (Fetch, CORS-safelisted request-header values)."""
_REMEDY: Final = "start the mock with --control-token TOKEN and send it as `Authorization: Bearer TOKEN`"


@final
@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request isn't let in."""

    status: int
    detail: str


def find_refusal(scope: Scope, access: ControlAccess, *, is_public: bool) -> Refusal | None:
    """Why a request may not control the mock; None when it may.

    Args:
        is_public: It asks for a file of the inspector, which says nothing about the mock: needs no token, and may be
            come to by a link.
    """
    headers: dict[bytes, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name, []).append(value.decode("latin-1"))
    refusal = None
    if not access.token:
        refusal = _foreign(scope, headers)
    elif not is_public:
        refusal = _unauthorised(headers, access.token)
    return refusal or _cross_site(headers, is_public=is_public) or _form(scope, headers)


def _foreign(scope: Scope, headers: dict[bytes, list[str]]) -> Refusal | None:
    client = scope.get("client")
    if client is not None and not _is_loopback(str(client[0])):
        return Refusal(403, f"only this machine may control the mock, and {client[0]} isn't; {_REMEDY}")
    hosts = headers.get(b"host", [])
    if not hosts or not all(_is_loopback(_name(host)) for host in hosts):
        shown = ", ".join(hosts)[:100] or "none"
        return Refusal(403, f"the Host {shown} is no name of this machine's loopback; use localhost, or {_REMEDY}")
    return None


def _unauthorised(headers: dict[bytes, list[str]], token: str) -> Refusal | None:
    shown = headers.get(b"authorization", [""])
    scheme, _, given = shown[0].strip().partition(" ")
    is_right = hmac.compare_digest(given.strip().encode("utf-8"), token.encode("utf-8"))
    if len(shown) == 1 and scheme.lower() == "bearer" and is_right:
        return None
    return Refusal(401, "send the token of --control-token as `Authorization: Bearer TOKEN`")


def _cross_site(headers: dict[bytes, list[str]], *, is_public: bool) -> Refusal | None:
    hosts = headers.get(b"host", [""])
    for origin in headers.get(b"origin", []):
        parts = urlsplit(origin) if origin.count("/") == 2 else None
        if parts is None or parts.scheme not in ("http", "https") or parts.netloc.lower() != hosts[0].lower():
            return Refusal(
                403, f"pages of {origin[:100]} may not control the mock; use the inspector, or a test's own client"
            )
    sites = headers.get(b"sec-fetch-site", [])
    if any(site not in ("same-origin", "none") for site in sites) and not is_public:
        return Refusal(403, "pages of other sites may not control the mock; use the inspector, or a test's own client")
    return None


def _form(scope: Scope, headers: dict[bytes, list[str]]) -> Refusal | None:
    types = [each.partition(";")[0].strip().lower() for each in headers.get(b"content-type", [])]
    if scope["method"] in ("GET", "HEAD") or not any(each in _FORMS for each in types):
        return None
    return Refusal(415, "send JSON with `Content-Type: application/json`; what a form can send is never taken")


def _name(host: str) -> str:
    """``localhost:4010`` → ``localhost``, ``[::1]:4010`` → ``::1``."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]


def _is_loopback(name: str) -> bool:
    name = name.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
