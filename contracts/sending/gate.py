"""What may be sent to a target that others use, too: the one place that every case passes on its way out."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Final, final
from urllib.parse import quote, urlsplit

from understudy.contracts.case import Case, Exchange
from understudy.contracts.sending.minted_keys import key_names, minted_keys
from understudy.contracts.sending.transport import Unsendable
from understudy.specs.behaviour.declarations import Verb
from understudy.specs.model import Api, Operation
from understudy.specs.path_templates import Segment, parse_template

__all__ = ["SAFE_METHODS", "Gate", "Rules", "Withheld", "is_loopback"]

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"})
"""They ask and change nothing (RFC 9110, section 9.2.1)."""

MAX_OWN: Final = 100_000
"""Paths that are remembered."""

_MAKING: Final = frozenset({Verb.CREATE, Verb.UPSERT})


class Withheld(Unsendable):
    """A case that may not be sent; the reason names the option that would send it."""


@final
@dataclass(frozen=True, slots=True)
class Rules:
    """What a user allows.

    Attributes:
        read_only: Nothing but safe methods.
        is_wider_allowed: Whether requests may change what this run didn't make.
        max_calls: Most requests: pattern over operation's id, label, path or tag → number; ``""`` is the whole run.
        fixed: Parameters that the user gave a value; a record named by them alone is the user's word.
    """

    read_only: bool = False
    is_wider_allowed: bool = True
    max_calls: Mapping[str, int] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)


@final
class Gate:
    """Lets cases out, and learns from the answers which records are ours; may be used by several threads.

    A record is ours when a successful POST gave it a key that wasn't in the request, when `Location` names it, or when
    a PUT was answered 201; so is everything below its path.

    Args:
        base_path: Of the target's base URL, which `Location` may repeat.
    """

    def __init__(self, api: Api, rules: Rules, base_path: str = "") -> None:
        self._rules = rules
        self._base_path = base_path
        self._api = api
        self._key_names: dict[str, frozenset[tuple[str, ...]]] = {}
        self._own: set[str] = set()
        self._calls: Counter[str] = Counter()
        self._withheld: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    @cached_property
    def _templates(self) -> Mapping[str, tuple[Segment, ...]]:
        return {operation.label: parse_template(operation.path) for operation in self._api.operations}

    @property
    def allows_all(self) -> bool:
        """Whether nothing is withheld but for its number."""
        return self._rules.is_wider_allowed and not self._rules.read_only

    @property
    def withheld(self) -> Mapping[tuple[str, str], int]:
        """Operation's label and reason → how many cases were not sent."""
        return dict(self._withheld)

    def admit(self, case: Case) -> None:
        """Count a case that is about to be sent.

        Raises:
            Withheld: It may not be sent.
        """
        with self._lock:
            operation = self._api.find_operation(case.operation)
            reason = self._find_reason(case, operation)
            if reason:
                self._withheld[case.operation, reason] += 1
                raise Withheld(reason)
            for pattern in self._patterns(operation):
                self._calls[pattern] += 1

    def learn(self, exchange: Exchange) -> None:
        """Note what an exchange has made."""
        answer, case = exchange.answer, exchange.case
        if self.allows_all or answer is None or not 200 <= answer.status < 300 or len(self._own) >= MAX_OWN:
            return
        path = case.target.partition("?")[0]
        made: set[str] = set()
        if case.method == "PUT" and answer.status == 201:
            made.add(path)
        if case.method == "POST":
            keys = minted_keys(case, answer, self._names_of_keys(case.operation))
            made.update(f"{path.rstrip('/')}/{quote(key, safe='')}" for key in keys)
        if case.method in ("POST", "PUT") and (location := answer.header("location")):
            made.add(urlsplit(location).path.removeprefix(self._base_path))
        with self._lock:
            self._own |= {each for each in made if each.strip("/")}

    def adopt(self, path: str) -> None:
        """Count a record as ours that was made in a way that answers don't show; its path below the base URL."""
        with self._lock:
            self._own.add(path)

    def _names_of_keys(self, label: str) -> frozenset[tuple[str, ...]]:
        """What the key of a record that an operation makes may be called; empty for one that the document hasn't."""
        names = self._key_names.get(label)
        if names is None:
            operation = self._api.find_operation(label)
            names = key_names(operation.path, self._templates.values()) if operation is not None else frozenset()
            self._key_names[label] = names
        return names

    def _find_reason(self, case: Case, operation: Operation | None) -> str:
        if case.method not in SAFE_METHODS:
            if self._rules.read_only:
                return "--read-only"
            if not self._rules.is_wider_allowed and not self._is_ours(case, operation):
                return f"it may change what this run didn't make; {self._remedy(case, operation)} sends it"
        for pattern in self._patterns(operation):
            if self._calls[pattern] >= self._rules.max_calls[pattern]:
                return f"--max-calls {pattern}={self._rules.max_calls[pattern]}".replace(" =", " ")
        return ""

    def _remedy(self, case: Case, operation: Operation | None) -> str:
        names = {name for segment in self._templates.get(case.operation, ()) for name in segment.names}
        unsaid = sorted(names - self._rules.fixed.keys())
        if operation is not None and case.method == "POST" and unsaid and _makes(operation):
            return " ".join(f"--param {name}=VALUE" for name in unsaid) + " or --allow-destructive"
        return "--allow-destructive"

    def _patterns(self, operation: Operation | None) -> Iterator[str]:
        for pattern in self._rules.max_calls:
            names = (operation.id, operation.label, operation.path, *operation.tags) if operation else ()
            if not pattern or any(fnmatchcase(name, pattern) for name in names):
                yield pattern

    def _is_ours(self, case: Case, operation: Operation | None) -> bool:
        path = case.target.partition("?")[0]
        if any(each in self._own for each in _ancestors(path)):
            return True
        if operation is None or case.method != "POST":
            return False
        return _makes(operation) and self._is_fixed(path, self._templates[operation.label])

    def _is_fixed(self, path: str, template: tuple[Segment, ...]) -> bool:
        """Whether every parameter of a path has the value that the user gave it."""
        texts = path.removeprefix("/").split("/")
        if len(texts) != len(template):
            return False
        for segment, text in zip(template, texts, strict=True):
            values = segment.capture(text) if segment.names else []
            if values is None:
                return False
            for name, value in zip(segment.names, values, strict=True):
                if name not in self._rules.fixed or quote(self._rules.fixed[name], safe="") != value:
                    return False
        return True


def _makes(operation: Operation) -> bool:
    """Whether a POST, as far as is known, makes a record rather than changes one."""
    return operation.action is None or operation.action.verb in _MAKING


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine: what is there is the user's own."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _ancestors(path: str) -> Iterator[str]:
    """A path and everything above it."""
    while path.strip("/"):
        yield path
        path = path.rpartition("/")[0]
