"""Put credentials on a request where its operation's security schemes want them, and take them off again."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, final
from urllib.parse import quote, quote_plus, unquote_plus

from understudy.contracts.case import Case
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.secrecy.secret_names import find_password_names
from understudy.contracts.settings import EVERY_SCHEME
from understudy.specs.model import (
    Api,
    Direction,
    Location,
    Operation,
    SecurityKind,
    SecurityRequirement,
    SecurityScheme,
)

__all__ = [
    "MADE_UP",
    "MADE_UP_OTHER",
    "NOBODYS",
    "Attachment",
    "attach",
    "credential_attachments",
    "credential_of",
    "is_guarded",
    "redaction_for",
    "scheme_attachment",
    "without_credentials",
]

MADE_UP: Final = "understudy-made-up"
"""Stands for a credential where the user gave none: a server that takes any lets it in, any other says 401."""

MADE_UP_OTHER: Final = "understudy-another"
"""Stands for somebody else's."""


NOBODYS: Final = "invalid.understudy-nobody-has-this"
"""A credential that is well-formed and nobody's; begins with what our own mock refuses, too."""


@final
@dataclass(frozen=True, slots=True)
class Attachment:
    """A credential as it travels: in a header, a query parameter or a cookie."""

    location: Location
    name: str
    value: str


def is_guarded(operation: Operation) -> bool:
    """Whether the operation demands a credential that we could leave out."""
    return bool(operation.security) and all(
        any(scheme.kind is not SecurityKind.MUTUAL_TLS for scheme, _ in requirement.schemes)
        for requirement in operation.security
    )


def credential_attachments(operation: Operation, credentials: Mapping[str, str]) -> tuple[Attachment, ...]:
    """What a request of the operation carries so that it is let in; nothing where nobody needs to be known.

    The first alternative for which the user gave every credential; else, where the operation demands one, the first
    alternative with `MADE_UP` for what is missing.
    """
    for requirement in operation.security:
        values = [find_credential(scheme, credentials) for scheme, _ in requirement.schemes]
        if values and None not in values:
            return _attachments(requirement, credentials)
    if not is_guarded(operation):
        return ()
    return _attachments(operation.security[0], credentials)


def find_credential(scheme: SecurityScheme, credentials: Mapping[str, str]) -> str | None:
    """The user's credential for a scheme, None without one."""
    return credentials.get(scheme.name, credentials.get(EVERY_SCHEME))


def scheme_attachment(scheme: SecurityScheme, secret: str) -> Attachment | None:
    """A secret as a scheme wants it; None for client certificates, which don't travel in a request."""
    match scheme.kind:
        case SecurityKind.MUTUAL_TLS:
            return None
        case SecurityKind.API_KEY:
            return Attachment(scheme.location or Location.HEADER, scheme.parameter, secret)
        case SecurityKind.HTTP if scheme.scheme == "basic":
            pair = secret if ":" in secret else f"{secret}:{secret}"
            return Attachment(Location.HEADER, "Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
        case SecurityKind.HTTP:
            return Attachment(Location.HEADER, "Authorization", f"{scheme.scheme.capitalize()} {secret}")
        case _:
            return Attachment(Location.HEADER, "Authorization", f"Bearer {secret}")


def attach(case: Case, attachments: tuple[Attachment, ...]) -> Case:
    """The case with these credentials; one that it has under the same name stays."""
    for attachment in attachments:
        case = _attach(case, attachment)
    return case


def without_credentials(case: Case, operation: Operation) -> Case:
    """The case without anything that one of the operation's security schemes would look at."""
    for requirement in operation.security:
        for scheme, _ in requirement.schemes:
            found = scheme_attachment(scheme, "")
            if found is not None:
                case = _detach(case, found.location, found.name)
    return case


def credential_of(case: Case, operation: Operation) -> str:
    """What the sender of a case authenticates with: of the first alternative for which it has everything."""
    for requirement in operation.security:
        wanted = [scheme_attachment(scheme, "") for scheme, _ in requirement.schemes]
        found = [_sent(case, each) for each in wanted if each is not None]
        if found and all(found):
            return " ".join(found)
    return ""


def redaction_for(
    api: Api,
    credentials: Mapping[str, str],
    headers: tuple[tuple[str, str], ...] = (),
    others: Mapping[str, str] = MappingProxyType({}),
) -> Redaction:
    """What is secret in a run against an API: the user's credentials, somebody else's, and the names that the document
    makes secret."""
    schemes = api.security_schemes.values()
    keys = {scheme.parameter for scheme in schemes if scheme.kind is SecurityKind.API_KEY}
    # Where the user gave none, what we made up stands where theirs would.
    values: dict[str, str] = {} if credentials else {MADE_UP: "TOKEN", MADE_UP_OTHER: "SECOND_TOKEN"}
    values |= dict.fromkeys(others.values(), "SECOND_TOKEN")
    for name, secret in credentials.items():
        variable = _variable(name, schemes={scheme.name: scheme for scheme in schemes})
        values[secret] = variable
        if ":" in secret:
            values[base64.b64encode(secret.encode()).decode()] = variable
            values[secret.partition(":")[2]] = "PASSWORD"
    declared = {each.credential.member for each in api.resources.values() if each.credential is not None}
    redaction = Redaction(names=frozenset(keys | declared | _password_names(api)))
    for name, value in headers:
        if redaction.is_secret(name):
            values.setdefault(value.rpartition(" ")[2], _upper(name, "SECRET"))
    return replace(redaction, credentials={value: name for value, name in values.items() if value})


def _attachments(requirement: SecurityRequirement, credentials: Mapping[str, str]) -> tuple[Attachment, ...]:
    # A key that travels in `Authorization` goes where a scheme with a form of its own puts its credential.
    schemes = sorted((scheme for scheme, _ in requirement.schemes), key=lambda each: each.kind is SecurityKind.API_KEY)
    found: dict[tuple[Location, str], Attachment] = {}
    for scheme in schemes:
        attachment = scheme_attachment(scheme, find_credential(scheme, credentials) or MADE_UP)
        if attachment is not None:
            found.setdefault((attachment.location, attachment.name.lower()), attachment)
    return tuple(found.values())


def _attach(case: Case, attachment: Attachment) -> Case:
    match attachment.location:
        case Location.QUERY:
            path, _, query = case.target.partition("?")
            if any(unquote_plus(pair.partition("=")[0]) == attachment.name for pair in query.split("&")):
                return case
            pair = f"{quote_plus(attachment.name)}={quote(attachment.value, safe='')}"
            return replace(case, target=f"{path}?{query}&{pair}" if query else f"{path}?{pair}")
        case Location.COOKIE:
            pair = f"{attachment.name}={attachment.value}"
            cookies = [value for name, value in case.headers if name.lower() == "cookie"]
            if any(part.strip().startswith(f"{attachment.name}=") for value in cookies for part in value.split(";")):
                return case
            others = tuple((name, value) for name, value in case.headers if name.lower() != "cookie")
            return replace(case, headers=(*others, ("Cookie", "; ".join([*cookies, pair]))))
        case _:
            if any(name.lower() == attachment.name.lower() for name, _ in case.headers):
                return case
            return replace(case, headers=(*case.headers, (attachment.name, attachment.value)))


def _sent(case: Case, wanted: Attachment) -> str:
    """What a case has where a credential travels; without the word before it in `Authorization`."""
    match wanted.location:
        case Location.QUERY:
            pairs = (pair.partition("=") for pair in case.target.partition("?")[2].split("&"))
            return next((unquote_plus(value) for name, _, value in pairs if unquote_plus(name) == wanted.name), "")
        case Location.COOKIE:
            cookies = (
                part.strip() for name, value in case.headers if name.lower() == "cookie" for part in value.split(";")
            )
            return next((part.partition("=")[2] for part in cookies if part.partition("=")[0] == wanted.name), "")
        case _:
            value = next((value for name, value in case.headers if name.lower() == wanted.name.lower()), "")
            return value.partition(" ")[2].strip() if wanted.name == "Authorization" else value


def _detach(case: Case, location: Location, wanted: str) -> Case:
    match location:
        case Location.QUERY:
            path, _, query = case.target.partition("?")
            kept = [pair for pair in query.split("&") if pair and unquote_plus(pair.partition("=")[0]) != wanted]
            return replace(case, target=f"{path}?{'&'.join(kept)}" if kept else path)
        case Location.COOKIE:
            headers = []
            for name, value in case.headers:
                if name.lower() == "cookie":
                    value = "; ".join(p.strip() for p in value.split(";") if p.partition("=")[0].strip() != wanted)
                    if not value:
                        continue
                headers.append((name, value))
            return replace(case, headers=tuple(headers))
        case _:
            return replace(case, headers=tuple(pair for pair in case.headers if pair[0].lower() != wanted.lower()))


def _variable(name: str, schemes: Mapping[str, SecurityScheme]) -> str:
    scheme = schemes.get(name)
    if scheme is None:
        return "TOKEN"
    if scheme.kind is SecurityKind.API_KEY:
        return _upper(name, "KEY")
    return _upper(name, "CREDENTIALS" if scheme.scheme == "basic" else "TOKEN")


def _upper(name: str, last: str) -> str:
    word = re.sub(r"[^A-Z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()).strip("_")
    word = word if word and not word[0].isdigit() else f"S_{word}"
    return word if word == last or word.endswith(f"_{last}") else f"{word}_{last}"


def _password_names(api: Api) -> frozenset[str]:
    """Names of what the document marks with `format: password`: parameters, and members of any body."""
    names: set[str] = set()
    for operation in api.operations:
        for parameter in operation.parameters:
            raw = parameter.schema.target.raw if parameter.schema else None
            if isinstance(raw, dict) and raw.get("format") == "password":
                names.add(parameter.name)
        bodies = [(operation.request_body.content, Direction.REQUEST)] if operation.request_body else []
        bodies += [(response.content, Direction.RESPONSE) for response in operation.responses]
        for content, direction in bodies:
            for media_type in content:
                for schema in (media_type.schema, media_type.item_schema):
                    names |= find_password_names(schema.standalone(direction)) if schema is not None else frozenset()
    return frozenset(names)
