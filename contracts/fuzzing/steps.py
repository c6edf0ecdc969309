"""What the fuzzer is asked to do, and what it tells while it does it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, final

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.claims import Failure
from understudy.contracts.fuzzing.claims import (
    ALLOW_HEADER,
    CHECKS_ON,
    HEADER_REQUIRED,
    INVALID_REFUSED,
    METHOD_REFUSED,
    VALID_ACCEPTED,
)
from understudy.specs.documents.document import Json

MAX_NOTE = 200

__all__ = [
    "FUZZED",
    "Drawing",
    "FuzzPlan",
    "PhaseBegan",
    "PhaseEnded",
    "Sent",
    "Shown",
    "Step",
    "Trouble",
    "exercised",
    "fuzzer_configuration",
    "read_drawing",
    "write_case",
]


FUZZED: Final = frozenset({Phase.COVERAGE, Phase.FUZZING, Phase.LINKS})
"""The phases that schemathesis runs."""


@final
@dataclass(frozen=True, slots=True)
class FuzzPlan:
    """What is sent, how, and for how long.

    Attributes:
        document: In OpenAPI 3.2, as the fuzzer likes it; it may be changed.
        base_url: What every path is below.
        operations: Labels of the operations to try.
        media_types: Every media type that requests and their parts may have.
        seconds: For everything; each operation gets its share.
        turn_examples: Cases drawn for an operation before the next one has its turn.
        turns: How often fuzzing and links go round.
        phases: Those of `FUZZED` that are run.
        dress: Puts on a case what every request carries, except headers of these names (lower case).
        send: Sends a case; raises `Unsendable` for what HTTP can't carry.
    """

    document: dict[str, Json]
    base_url: str
    operations: Sequence[str]
    media_types: Sequence[str]
    seed: int
    seconds: float
    turn_examples: int
    turns: int
    phases: frozenset[Phase]
    dress: Callable[[Case, frozenset[str]], Case]
    send: Callable[[Case], Exchange]


@final
@dataclass(frozen=True, slots=True)
class PhaseBegan:
    phase: Phase


@final
@dataclass(frozen=True, slots=True)
class PhaseEnded:
    phase: Phase


@final
@dataclass(frozen=True, slots=True)
class Sent:
    """An exchange, the last of these, with those that led to it; and which of the fuzzer's claims it tests."""

    exchanges: tuple[Exchange, ...]
    claims: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True)
class Shown:
    """A failure with the conversation that shows it, told as `Sent` before."""

    failure: Failure
    exchanges: tuple[Exchange, ...]


@final
@dataclass(frozen=True, slots=True)
class Trouble:
    """The fuzzer couldn't do a part of its work; ``operation`` is empty when it concerns all."""

    operation: str
    phase: Phase | None
    message: str


Step: TypeAlias = PhaseBegan | PhaseEnded | Sent | Shown | Trouble


@final
@dataclass(frozen=True, slots=True)
class Drawing:
    """How a case was meant.

    Attributes:
        is_odd: It isn't a request of the operation: another method, a media type it doesn't take.
        is_other_method: The method is none of the path's.
        is_missing: A parameter or the body was left out.
        location: Where the fault is: ``query``, ``body``; empty when there is none.
        parameter: Name of the parameter at fault; for bodies the media type.
        pointer: The keyword at fault, in the schema.
        description: The fault in words.
        kinds: The fault in permanent words, without values.
    """

    mode: Mode
    is_odd: bool = False
    is_other_method: bool = False
    is_missing: bool = False
    location: str = ""
    parameter: str = ""
    pointer: str = ""
    description: str = ""
    kinds: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """What is wrong with a negative case, a few words; empty for a positive one."""
        if self.mode is Mode.POSITIVE:
            return ""
        name = f" {self.parameter}" if self.location not in ("", "body") and self.parameter else ""
        return ": ".join(part for part in (self.location + name, self.description) if part)[:MAX_NOTE]

    def place(self, status: int) -> str:
        """The kind of fault and where it is, without values, as places of failures are.

        Every method that an operation doesn't have is one place: a server that takes one mostly takes them all.
        """
        if self.is_other_method:
            return "another method accepted" if status < 400 else "another method refused"
        name = self.parameter if self.location != "body" else ""
        return " ".join(dict.fromkeys(part for part in (self.location, name, self.pointer, *self.kinds) if part))


_OTHER_METHOD = "unspecified_http_method"
_ODD = frozenset({_OTHER_METHOD, "malformed_content_type", "unsupported_content_type"})
_MISSING = "missing_parameter"


def read_drawing(meta: Json) -> Drawing:
    """How a case was meant, from what schemathesis notes on it; None for a case that it knows nothing of."""
    if meta is None:
        return Drawing(Mode.POSITIVE)
    data = meta.phase.data
    scenario = str(getattr(data, "scenario", ""))
    kinds = [scenario]
    for mutation in data.mutations:
        kinds += [mutation.parameter, mutation.operator.value, *sorted(mutation.keywords)]
    return Drawing(
        mode=Mode.NEGATIVE if meta.generation.mode.is_negative or scenario in _ODD else Mode.POSITIVE,
        is_odd=scenario in _ODD,
        is_other_method=scenario == _OTHER_METHOD,
        is_missing=scenario == _MISSING,
        location=data.parameter_location.value if data.parameter_location else "",
        parameter=data.parameter or "",
        pointer=data.location or "",
        description=data.description or "",
        kinds=tuple(kind for kind in kinds if kind),
    )


_SAYS_NOTHING = frozenset({401, 403, 404, 429})


def exercised(drawing: Drawing, exchange: Exchange) -> tuple[str, ...]:
    """Ids of the fuzzer's claims that an exchange puts to the test.

    An answer that depends on who asks, on what there is or on how much was asked says nothing about the request.
    """
    answer = exchange.answer
    if answer is None:
        return ()
    if drawing.is_other_method:
        is_options = exchange.case.method == "OPTIONS"
        claim = ALLOW_HEADER if is_options and answer.header("allow") is not None else METHOD_REFUSED
        return () if is_options and claim is METHOD_REFUSED else (claim.id,)
    if drawing.is_odd or answer.status >= 500 or answer.status in _SAYS_NOTHING:
        return ()
    if drawing.is_missing and drawing.location == "header":
        return (HEADER_REQUIRED.id,)
    return (INVALID_REFUSED.id if drawing.mode is Mode.NEGATIVE else VALID_ACCEPTED.id,)


_DRAWN_BOUNDARY = re.compile(rb"--([0-9a-f]{32})(?:\r\n|--)")


def with_steady_boundary(content_type: str, body: bytes) -> tuple[str, bytes]:
    """A multipart body under a boundary that depends on nothing but its content, so that a case stays what it is."""
    match = _DRAWN_BOUNDARY.match(body)
    if match is None:
        return content_type, body
    drawn = match.group(1)
    steady = hashlib.sha256(body.replace(drawn, b"")).hexdigest()[:32]
    return content_type.replace(drawn.decode(), steady), body.replace(drawn, steady.encode())


def fuzzer_configuration(plan: FuzzPlan) -> dict[str, Json]:
    """What schemathesis is told, as its configuration file would say it."""
    return {
        "seed": plan.seed,
        "base-url": plan.base_url,
        "workers": 1,
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "auth": {"auto-signup": False},
        "suppress-health-check": ["all"],
        "warnings": False,
        # It would take constants from the Python modules that happen to be loaded.
        "analysis": {"constants": {"enabled": False}},
        "generation": {
            "database": "none",
            "no-shrink": True,
            "max-examples": plan.turn_examples,
            "with-security-parameters": False,
        },
        "phases": {
            "examples": {"enabled": False},
            # What is learnt from answers would make a case depend on how many were sent before it.
            "coverage": {"enabled": Phase.COVERAGE in plan.phases, "extra-data-sources": {"responses": False}},
            # A link that is only guessed proves nothing when it leads nowhere.
            "stateful": {"enabled": Phase.LINKS in plan.phases, "inference": {"algorithms": []}},
            "fuzzing": {
                "enabled": Phase.FUZZING in plan.phases,
                "error-feedback": {"enabled": False},
                "extra-data-sources": {"responses": False},
            },
        },
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS_ON}},
    }


_NOT_OURS = frozenset({"user-agent", "accept-encoding", "connection", "content-length", "x-schemathesis-testcaseid"})


def write_case(
    drawing: Drawing,
    plan: FuzzPlan,
    *,
    operation: str,
    phase: Phase,
    method: str,
    url: str,
    headers: Mapping[str, str | bytes],
    body: bytes | str | None,
    excluded: frozenset[str],
) -> Case:
    """A drawn request as a case, with what every request carries.

    Args:
        excluded: Names, lower case, of headers that the case is about and that may not be added.
    """
    assert url.startswith(plan.base_url)
    octets = body.encode() if isinstance(body, str) else body
    kept = {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in headers.items()
        if name.lower() not in _NOT_OURS
    }
    if "Content-Type" in kept and octets is not None:
        kept["Content-Type"], octets = with_steady_boundary(kept["Content-Type"], octets)
    target = url[len(plan.base_url) :] or "/"
    case = Case(operation, method, target, tuple(kept.items()), octets, drawing.mode, phase, drawing.note)
    return plan.dress(case, excluded)
