"""Mask secret values in the text of bodies, and leave every other character as it was.

Bodies are scanned, not parsed: what is malformed, cut off, a stream of events or many records is masked all the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote_plus

from understudy.contracts.secrecy.secret_names import is_opaque_key, is_secret_container
from understudy.specs.documents.document import Json

__all__ = ["MASK", "PLACEHOLDER", "Masked", "mask_json", "mask_multipart", "mask_pairs", "mask_value", "mask_xml"]

MASK = "•••"
PLACEHOLDER = re.compile(r"\$(?=[A-Z])(?:[A-Z0-9]+_)*(?:TOKEN|KEY|COOKIE|CREDENTIALS|PASSWORD|SECRET)(?![A-Za-z0-9_])")
"""What stands for a secret in a request: ``$TOKEN``, ``$TENANT_API_KEY``."""
MAX_NESTING = 3
MAX_DEPTH = 100

_TOKEN = re.compile(r'("(?:[^"\\\n]++|\\.|\\\Z)*+"?)(\s*:)?|[\[\]{},]|[^\s"\[\]{},]+', re.DOTALL)
_PAIR = re.compile(r"([^&=;\s]+)=([^&;\s]*)")
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]*)(\s[^<>]*)?>([^<]+)<")
_PART_NAME = re.compile(r'name="([^"\r\n]*)"')


@dataclass(frozen=True, slots=True)
class Masked:
    """The masked text, and the secrets that were in it, decoded, in order of appearance."""

    text: str
    secrets: tuple[str, ...] = ()


IsSecret = Callable[[str], bool]


def mask_json(text: str, is_secret: IsSecret, nesting: int = 0) -> Masked:
    """Mask what stands under secret names in JSON, JSON Lines or a stream of events that carry JSON.

    JSON inside a string is masked too, up to `MAX_NESTING` levels. Empty strings, booleans, null, and numbers under a
    plural name (they count) stay.
    """
    pieces: list[str] = []
    secrets: list[str] = []
    done = 0
    key: str | None = None
    hidden = [False]
    for match in _TOKEN.finditer(text):
        token, string = match.group(0), match.group(1)
        if token in ("{", "["):
            inherits = hidden[-1] or (key is not None and is_secret(key) and (token == "[" or is_secret_container(key)))
            hidden.append(inherits)
            key = None
        elif token in ("}", "]"):
            if len(hidden) > 1:
                hidden.pop()
            key = None
        elif string is not None and match.group(2):
            key = _unquoted(string)
        elif token == ",":
            key = None
        else:
            secret = hidden[-1] or (key is not None and is_secret(key))
            masked = _mask_scalar(token, string, secret, key, is_secret, nesting)
            key = None
            if masked is not None:
                pieces += (text[done : match.start()], masked.text)
                secrets += masked.secrets
                done = match.end()
    return Masked("".join((*pieces, text[done:])), tuple(secrets))


def _mask_scalar(
    token: str, string: str | None, secret: bool, key: str | None, is_secret: IsSecret, nesting: int
) -> Masked | None:
    if string is None:
        counted = key is not None and key.endswith("s") and (token[0].isdigit() or token[0] == "-")
        hides = secret and not counted and token not in ("true", "false", "null")
        return Masked(f'"{MASK}"', (token,)) if hides else None
    value = _unquoted(string)
    if secret or (key is not None and is_opaque_key(key, value)):
        return Masked(f'"{MASK}"', (value,)) if value and value != MASK and not PLACEHOLDER.fullmatch(value) else None
    if nesting < MAX_NESTING and '\\"' in string and value.lstrip()[:1] in ("{", "["):
        inner = mask_json(value, is_secret, nesting + 1)
        if inner.secrets:
            return Masked(json.dumps(inner.text, ensure_ascii=False), inner.secrets)
    return None


def _unquoted(string: str) -> str:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        return string.strip('"')


def mask_pairs(text: str, is_secret: IsSecret, mask: Callable[[str, str], str] | None = None) -> Masked:
    """Mask the values of secret names in ``name=value&…``: a query, a URL, a form.

    Args:
        mask: From name and value, both decoded, to what is written instead; None writes `MASK`.
    """
    secrets: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name, value = unquote_plus(match.group(1).rpartition("?")[2]), unquote_plus(match.group(2))
        if value in ("", MASK) or not is_secret(name):
            return match.group(0)
        shown = mask(name, value) if mask else MASK
        secrets.append(value)
        return f"{match.group(1)}={shown}"

    return Masked(_PAIR.sub(replace, text), tuple(secrets))


def mask_xml(text: str, is_secret: IsSecret) -> Masked:
    """Mask the text of elements with secret names."""
    secrets: list[str] = []

    def replace(match: re.Match[str]) -> str:
        name, attributes, value = match.groups()
        if value.strip() in ("", MASK) or not is_secret(name.rpartition(":")[2]):
            return match.group(0)
        secrets.append(value)
        return f"<{name}{attributes or ''}>{MASK}<"

    return Masked(_ELEMENT.sub(replace, text), tuple(secrets))


def mask_multipart(text: str, boundary: str, is_secret: IsSecret) -> Masked:
    """Mask the content of parts with secret names, and secret members of JSON in the others."""
    secrets: list[str] = []
    parts = text.split(f"--{boundary}")
    for index, part in enumerate(parts):
        head, blank, content = part.partition("\r\n\r\n")
        name = _PART_NAME.search(head)
        if not blank:
            continue
        if name is not None and is_secret(name.group(1)):
            inner = content.removesuffix("\r\n")
            masked = Masked(MASK, (inner,)) if inner not in ("", MASK) else Masked(inner)
            end = content[len(inner) :]
        else:
            masked, end = mask_json(content, is_secret), ""
        secrets += masked.secrets
        parts[index] = head + blank + masked.text + end
    return Masked(f"--{boundary}".join(parts), tuple(secrets))


def mask_value(value: Json, secret: bool, is_secret: IsSecret, mask_text: Callable[[str], str], depth: int = 0) -> Json:
    """A copy of a JSON value with what is secret masked, and what lies deeper than `MAX_DEPTH` left out.

    Args:
        secret: Whether the value itself stands under a secret name.
        mask_text: Applied to every string that isn't secret by its name.
    """
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {
            key: mask_value(
                item,
                secret
                or (is_secret(key) and (not isinstance(item, dict) or is_secret_container(key)))
                or (isinstance(item, str) and is_opaque_key(key, item)),
                is_secret,
                mask_text,
                depth + 1,
            )
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [mask_value(item, secret, is_secret, mask_text, depth + 1) for item in value]
    if isinstance(value, str):
        return MASK if secret and value else mask_text(value)
    if secret and value is not None and not isinstance(value, bool):
        return MASK
    return value
