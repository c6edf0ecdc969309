"""What a user may have an opinion on: one frozen record of enums and numbers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Final, final

from understudy.mockserver.calling.outgoing import Callbacks

__all__ = [
    "RANDOM",
    "SYSTEM_CLOCK",
    "Bodies",
    "Callbacks",
    "Clock",
    "ControlAccess",
    "Cors",
    "ErrorBodies",
    "Limits",
    "RateLimits",
    "Records",
    "Seed",
    "Settings",
    "Validation",
    "fixed_clock",
]


@final
class Seed(Enum):
    """The seed that is no number."""

    RANDOM = "random"


RANDOM: Final = Seed.RANDOM
"""Every request is another draw; the draw is named in the answer, so that it can be asked for again."""


class Validation(Enum):
    """What becomes of a request that disagrees with the document. One that can't be decoded is always refused."""

    REJECT = "reject"
    """It is answered with the problem."""
    REPORT = "report"
    """It is answered as if it were valid; the problem is named in a header."""
    OFF = "off"
    """It is answered as if it were valid, and nobody is told."""


class Bodies(Enum):
    """Where the body of a success comes from."""

    EXAMPLES = "examples"
    """The document's example, and only without one a generated body."""
    GENERATED = "generated"
    """A generated body, whatever examples there are."""


class ErrorBodies(Enum):
    """How a request that disagrees with the document is answered."""

    DOCUMENTED = "documented"
    """With the error that the API's document describes."""
    DELIBERATE = "deliberate"
    """With an `application/problem+json` of our own that lists every violation, whatever the document describes."""


class RateLimits(Enum):
    """What becomes of a call that passes a limit. Calls are counted either way, and headers say how many are left."""

    REPORT = "report"
    """It is answered as any other."""
    ENFORCE = "enforce"
    """It is refused: 429 and `Retry-After`."""


class Records(Enum):
    """Which documents have records."""

    INFERRED = "inferred"
    """Those that declare any; of others, what paths, methods and schemas make plain."""
    DECLARED = "declared"
    """Those that declare any."""
    NONE = "none"
    """None: every answer is its document's."""


class Cors(Enum):
    """What browsers of other origins may do."""

    REFLECT = "reflect"
    """Everything: the origin, method and headers that are asked for are allowed."""
    OFF = "off"
    """Nothing is said about other origins."""


@final
@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from.

    Attributes:
        now: The time, with its zone.
        sleep: Wait for so many seconds.
    """

    now: Callable[[], datetime]
    sleep: Callable[[float], Awaitable[None]]


SYSTEM_CLOCK: Final = Clock(lambda: datetime.now(UTC), asyncio.sleep)


def fixed_clock(at: datetime) -> Clock:
    """A clock that always shows the same time, while waiting still takes as long as it takes."""
    return Clock(lambda: at, asyncio.sleep)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that is read of one request, in octets.

    Attributes:
        body_bytes: A body of any kind, whatever the document allows.
        json_bytes: A body that is held and parsed as a whole (JSON, forms, text) where the document sets no `maxBytes`.
        path_bytes: The path, as it was sent.
    """

    body_bytes: int = 100 * 1024 * 1024
    json_bytes: int = 16 * 1024 * 1024
    path_bytes: int = 8 * 1024


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAccess:
    """Who may control the running mock under `/__understudy/`.

    Attributes:
        token: What a client must show, as a bearer token; empty lets everybody on this machine in, and nobody else.
    """

    token: str = field(default="", repr=False)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the mock behaves.

    Attributes:
        seed: Together with the operation and the request it decides every made-up value.
        latency: Shortest and longest time before an answer, in seconds.
        pace: Time between two items of a stream, in seconds; 0 waits for nothing.
        state: Where records are kept, as `stores.open_store` reads it.
        control: Who may control it while it runs; None is nobody.
        scenario: ``FILE#NAME``, or ``FILE`` for its first scenario; empty for none.
    """

    seed: int | Seed = 0
    clock: Clock = SYSTEM_CLOCK
    latency: tuple[float, float] = (0.0, 0.0)
    pace: float = 0.02
    state: str = "memory"
    validation: Validation = Validation.REJECT
    bodies: Bodies = Bodies.EXAMPLES
    errors: ErrorBodies = ErrorBodies.DOCUMENTED
    cors: Cors = Cors.REFLECT
    limits: Limits = Limits()
    rate_limits: RateLimits = RateLimits.REPORT
    records: Records = Records.INFERRED
    control: ControlAccess | None = ControlAccess()
    scenario: str = ""
    callbacks: Callbacks = Callbacks.LOOPBACK
