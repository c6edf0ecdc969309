"""Take secrets out of what is shown: no report, log or recording may have a credential.

What is secret is known in three ways: by name (`secret_names`, and the names that the document marks), by exact
value (the credentials the user gave, and what answers carried under a secret name), and by its look (a JWT). In
requests a secret becomes a shell variable, so that a curl line still runs (``Authorization: Bearer $TOKEN``); in
answers and bodies it becomes ``•••``. Redacting twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import quote

from understudy.contracts.case import Answer, Case
from understudy.contracts.replaying.bindings import bind
from understudy.contracts.secrecy.masking import (
    MASK,
    PLACEHOLDER,
    Masked,
    mask_json,
    mask_multipart,
    mask_pairs,
    mask_value,
    mask_xml,
)
from understudy.contracts.secrecy.secret_names import is_secret_name, words
from understudy.specs.errors import UsageError
from understudy.specs.pointers import tokens
from understudy.specs.schemas.validation import Violation

__all__ = ["PLACEHOLDER", "Redaction", "variable_for"]

MIN_EXACT = 4
"""Exact values with fewer characters are masked only where their name tells: they would occur everywhere."""

MADE_UP_PREFIX = "understudy-"
"""Values that begin so are ours and open nothing: shown, so that a reader sees with what a request was let in."""

MIN_LEARNT = 8
MAX_LEARNT = 200

_LOOKS_SECRET = re.compile(
    r"(?i:(?<=\bbearer )|(?<=\bbasic ))(?!(?:realm|error|scope|charset)=)(?=[^\s\"]*[0-9=])[\w.~+/=-]{6,}"
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*|\b(?:sk|pk|rk|ghp|gho|ghs|glpat|xox[abprs])[-_][A-Za-z0-9_-]{16,}"
)
# One of these occurs wherever the pattern matches; looking for them first is thirty times faster on large bodies.
_HINTS = ("bearer ", "basic ", "eyj", "sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "ghp", "gho", "ghs", "glpat", "xox")
_USERINFO = re.compile(r"(?<=://)[^/?#@\s]+@")
_BOUNDARY = re.compile(r'boundary="?([^";,\s]+)', re.IGNORECASE)
# The registered schemes of HTTP authentication and what is used beside them; another word may be the credential itself.
_SCHEMES = frozenset(
    {"api-key", "apikey", "aws4-hmac-sha256", "basic", "bearer", "digest", "dpop", "gnap", "hoba", "key", "mutual"}
    | {"negotiate", "ntlm", "oauth", "privatetoken", "scram-sha-1", "scram-sha-256", "token", "vapid"}
)
_SUFFIXES = ("TOKEN", "KEY", "COOKIE", "CREDENTIALS", "PASSWORD", "SECRET")


@dataclass(frozen=True)
class Redaction:
    """What counts as secret, beyond names that tell by themselves.

    Attributes:
        credentials: Exact value → name of its shell variable, without the ``$``: ``{"sk-1": "TOKEN"}``.
        names: Names of headers, parameters and members that the document makes secret: those of ``apiKey`` schemes
            and of what has ``format: password``. Compared without case.
        learnt: Exact values that answers carried under a secret name, or that a request took for a credential.
        bound: Those of them that a conversation's requests took from its answers → name of the variable.

    Raises:
        UsageError: A variable's name doesn't look like `PLACEHOLDER`.
    """

    credentials: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    learnt: frozenset[str] = frozenset()
    bound: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.credentials.values():
            if not PLACEHOLDER.fullmatch(f"${name}"):
                raise UsageError("credential name", name, "upper-case words, the last one " + ", ".join(_SUFFIXES))

    def is_secret(self, name: str) -> bool:
        """Whether values of this name are masked."""
        return name.lower() in self._names or is_secret_name(name)

    def text(self, text: str) -> str:
        """Prose, a path, a header's value: exact values, credentials in URLs and what looks like one are masked."""
        return self._mask_exact(_USERINFO.sub(f"{MASK}@", text), lambda name: f"${name}" if name else MASK)

    def request_text(self, text: str) -> str:
        """As `text`, for what is sent: every secret becomes a variable, ``$SECRET`` where it has no name."""
        return self._mask_exact(text, lambda name: f"${name or 'SECRET'}")

    def target(self, target: str) -> str:
        """A request target: values of secret query parameters become variables, the rest is as for `request_text`."""
        path, mark, query = target.partition("?")
        query = mask_pairs(query, self.is_secret, lambda name, value: self._placeholder(value, variable_for(name))).text
        return self.request_text(path) + mark + self.request_text(query)

    def request_header(self, name: str, value: str) -> str:
        """``Authorization: Bearer sk-1`` → ``Bearer $TOKEN``; a value that isn't a known credential → ``$OTHER_TOKEN``.

        Without known credentials there is nothing to compare with, and every value becomes ``$TOKEN``.
        """
        lower = name.lower()
        if lower == "cookie":
            return "; ".join(self._cookie(pair) for pair in value.split("; "))
        if not value or not self.is_secret(name):
            return self.request_text(value)
        scheme, _, credential = value.partition(" ")
        if not lower.endswith("authorization") or scheme.lower() not in _SCHEMES:
            return self._placeholder(value, variable_for(name))
        variable = variable_for(name) if scheme.lower() == "bearer" else "CREDENTIALS"
        return f"{scheme} {self._placeholder(credential, variable)}".rstrip()

    def answer_header(self, name: str, value: str) -> str:
        """``Set-Cookie: sid=1; Path=/`` → ``sid=•••; Path=/``; other secret headers → ``•••``."""
        if name.lower() == "set-cookie":
            pair, mark, attributes = value.partition(";")
            return f"{pair.partition('=')[0]}={MASK}{mark}{attributes}"
        if value and self.is_secret(name):
            return MASK
        return self.text(mask_pairs(value, self.is_secret).text if "=" in value else value)

    def body(self, body: bytes, media_type: str | None) -> bytes:
        """The octets with secrets masked; the same octets where there are none."""
        text = body.decode("utf-8", "surrogateescape")
        masked = self._mask_exact(self._mask_body(text, media_type).text, lambda _: MASK)
        return body if masked == text else masked.encode("utf-8", "surrogateescape")

    def violation(self, violation: Violation) -> Violation:
        """Mask the actual value by the names on its pointer, and every secret in the message."""
        secret = any(self.is_secret(token) for token in tokens(violation.pointer))
        actual = mask_value(violation.actual, secret, self.is_secret, self.text)
        message = violation.message
        if secret and isinstance(violation.actual, str) and violation.actual:
            message = message.replace(violation.actual, MASK)
        expected = mask_value(violation.expected, False, lambda _: False, self.text)
        return violation._replace(expected=expected, actual=actual, message=self.text(message))

    def case(self, case: Case) -> Case:
        """The case as it may be shown; it still says which headers there were."""
        case = bind(case, self.bound)
        media_type = next((value for name, value in case.headers if name.lower() == "content-type"), None)
        return replace(
            case,
            target=self.target(case.target),
            headers=tuple((name, self.request_header(name, value)) for name, value in case.headers),
            body=None if case.body is None else self.body(case.body, media_type),
            note=self.text(case.note),
        )

    def answer(self, answer: Answer) -> Answer:
        """The answer as it may be shown, without its chunks: the timeline has what they tell."""
        return replace(
            answer,
            reason=self.text(answer.reason),
            headers=tuple((name, self.answer_header(name, value)) for name, value in answer.headers),
            body=self.body(answer.body, answer.header("content-type")),
            chunks=(),
        )

    def learning(self, answers: Iterable[Answer]) -> Redaction:
        """This redaction, which also masks what these answers carry under secret names wherever it occurs."""
        learnt = dict.fromkeys(sorted(self.learnt))
        for answer in answers:
            if len(learnt) >= MAX_LEARNT:
                break
            text = answer.body.decode("utf-8", "surrogateescape")
            found = self._mask_body(text, answer.header("content-type")).secrets
            cookies = [value for name, value in answer.headers if name.lower() == "set-cookie"]
            found += tuple(cookie.partition(";")[0].partition("=")[2] for cookie in cookies)
            learnt |= dict.fromkeys(secret for secret in found if len(secret) >= MIN_LEARNT and MASK not in secret)
        return replace(self, learnt=frozenset([*learnt][:MAX_LEARNT]))

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name.lower() for name in self.names)

    @cached_property
    def _exact(self) -> Mapping[str, str]:
        """Every spelling of an exact value → its variable, empty where it has none; longest first."""
        named: dict[str, str] = {}
        for value, name in (*self.credentials.items(), *((value, "") for value in sorted(self.learnt))):
            if len(value) >= MIN_EXACT:
                for spelling in (value, quote(value, safe=""), value.replace("\\", "\\\\").replace('"', '\\"')):
                    named.setdefault(spelling, name)
        return dict(sorted(named.items(), key=lambda item: (-len(item[0]), item[0])))

    def _mask_exact(self, text: str, shown: Callable[[str], str]) -> str:
        # Searching for each value first is far faster than one pattern of hundreds of alternatives.
        present = [spelling for spelling in self._exact if spelling in text]
        if present:
            pattern = "|".join(re.escape(spelling) for spelling in present)
            text = re.sub(pattern, lambda match: shown(self._exact[match.group(0)]), text)
        lower = text.lower()
        if not any(hint in lower for hint in _HINTS):
            return text
        return _LOOKS_SECRET.sub(lambda _: shown(""), text)

    def _mask_body(self, text: str, media_type: str | None) -> Masked:
        name = (media_type or "").partition(";")[0].strip().lower()
        if name == "application/x-www-form-urlencoded":
            return mask_pairs(text, self.is_secret)
        if name.startswith("multipart/") and (boundary := _BOUNDARY.search(media_type or "")):
            return mask_multipart(text, boundary.group(1), self.is_secret)
        if name.endswith("xml"):
            return mask_xml(text, self.is_secret)
        return mask_json(text, self.is_secret)

    def _cookie(self, pair: str) -> str:
        name, mark, value = pair.partition("=")
        return f"{self.request_text(name)}{mark}{self._placeholder(value, variable_for(f'{name} cookie'))}"

    def _placeholder(self, value: str, variable: str) -> str:
        if not value.strip() or PLACEHOLDER.fullmatch(value):
            return value
        if value in self.credentials:
            return f"${self.credentials[value]}"
        if value.startswith(MADE_UP_PREFIX):
            return value
        return f"$OTHER_{variable}" if self.credentials else f"${variable}"


def variable_for(name: str) -> str:
    """What stands for a secret of this name: ``X-API-Key`` → ``API_KEY``; ``Authorization`` → ``TOKEN``; ``appid`` →
    ``APPID_SECRET``."""
    parts = [word.upper() for word in words(name)]
    if parts[:1] == ["X"]:
        del parts[0]
    if not parts or parts[-1] == "AUTHORIZATION":
        return "TOKEN"
    if parts == ["APIKEY"]:
        return "API_KEY"
    if parts[0].isdigit():
        parts.insert(0, "P")
    return "_".join(parts if parts[-1] in _SUFFIXES else [*parts, "SECRET"])
