"""Which names carry secrets: headers, parameters, cookies, members of bodies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from understudy.specs.documents.document import Json

__all__ = ["find_password_names", "is_opaque_key", "is_secret_container", "is_secret_name", "words"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# The last word of the name is one of these …
_LAST = frozenset(
    {"authorization", "cookie", "credential", "credentials", "csrf", "jwt", "otp", "pass", "passcode", "passphrase"}
    | {"passwd", "password", "pin", "pwd", "secret", "sig", "signature", "token", "xsrf"}
)
# … and for these two it matters what stands before: a page token opens nothing.
_HARMLESS_BEFORE = {
    "token": frozenset(
        {"bos", "cached", "completion", "continuation", "count", "cursor", "design", "end", "eos", "input", "max"}
        | {
            "min",
            "next",
            "output",
            "pad",
            "page",
            "prev",
            "previous",
            "prompt",
            "reasoning",
            "remaining",
            "special",
            "start",
        }
        | {"stop", "sync", "total", "unk", "used"}
    ),
    "signature": frozenset({"function", "method", "type"}),
}
# "key" alone names a member of a map or an index; one of these before it makes it a credential.
_KEYS = frozenset(
    {"access", "account", "api", "auth", "client", "encryption", "grant", "license", "master", "private", "secret"}
    | {"shared", "signing"}
)
_JOINED = frozenset(
    {"accesskey", "accesstoken", "apikey", "authtoken", "clientsecret", "grantkey", "idtoken", "privatekey"}
    | {"refreshtoken", "secretkey"}
)
_OPAQUE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~+/=-]{20,}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_PLURALS = {"passwords": "password", "secrets": "secret", "tokens": "token", "credentials": "credential"}


def words(name: str) -> tuple[str, ...]:
    """``X-apiKey_v2`` → ``("x", "api", "key", "v", "2")``."""
    return tuple(word.lower() for word in _WORD.findall(name))


def is_secret_name(name: str) -> bool:
    """Whether a value of this name opens doors: ``X-API-Key``, ``access_token``, ``newPassword``; not ``max_tokens``.

    Plural names count: what they hold directly is secret, what objects below them hold is judged by its own name.
    """
    parts = words(name)
    if not parts:
        return False
    last = _PLURALS.get(parts[-1], parts[-1])
    before = parts[-2] if len(parts) > 1 else ""
    if last in _LAST:
        return before not in _HARMLESS_BEFORE.get(last, frozenset())
    if last in ("key", "keys"):
        return before in _KEYS
    return last in _JOINED


def is_secret_container(name: str) -> bool:
    """Whether everything in an object of this name is secret: ``secret: {value: …}``, but not ``apiKeys: {…}``."""
    parts = words(name)
    return is_secret_name(name) and parts[-1] not in _PLURALS and parts[-1] != "keys"


def is_opaque_key(name: str, value: str) -> bool:
    """Whether a ``key``, which may name anything, is long and random enough to be one that opens: ``dk_0d9c…``; a UUID
    names a record."""
    return words(name)[-1:] == ("key",) and _OPAQUE.fullmatch(value) is not None and _UUID.fullmatch(value) is None


def find_password_names(tree: Json) -> frozenset[str]:
    """Names of the properties and parameters that a document, or a schema, marks with ``format: password``.

    Args:
        tree: A parsed OpenAPI document or JSON Schema of any depth, without cycles.
    """
    return frozenset(_password_names(tree))


def _password_names(tree: Json) -> Iterator[str]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(node.values())
            if isinstance(node.get("properties"), dict):
                yield from (name for name, schema in node["properties"].items() if _is_password(schema))
            if isinstance(node.get("name"), str) and "in" in node and _is_password(node.get("schema", node)):
                yield node["name"]


def _is_password(schema: Json) -> bool:
    return isinstance(schema, dict) and schema.get("format") == "password"
