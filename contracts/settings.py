"""What a user may have an opinion on when testing: one frozen record of enums and numbers."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final, final

from understudy.contracts.case import Phase
from understudy.specs.errors import UsageError

__all__ = ["BUDGETS", "EVERY_SCHEME", "Budget", "Profile", "Settings", "Tls"]

EVERY_SCHEME: Final = ""
"""The key of a credential that serves every security scheme without one of its own."""


class Profile(Enum):
    """How much is tried."""

    QUICK = "quick"
    STANDARD = "standard"
    DEEP = "deep"


@final
@dataclass(frozen=True, slots=True)
class Budget:
    """What a profile may spend. It decides how many cases are run, never which one is the next.

    Attributes:
        seconds: The whole run.
        turn_examples: Cases that fuzzing draws for an operation before the next one has its turn.
        conversations: How many are held at most, and ``moves`` requests in each, the shortening of failures apart.
        turns: How often fuzzing and links go round all operations; the time may end them earlier.
        stream_seconds: How long a stream is read where it isn't the stream that is asked about.
    """

    seconds: float
    turn_examples: int
    turns: int
    stream_seconds: float
    conversations: int = 0
    moves: int = 24


BUDGETS: Final[Mapping[Profile, Budget]] = MappingProxyType(
    {
        Profile.QUICK: Budget(60, 10, 1, 0.25, 24),
        Profile.STANDARD: Budget(300, 50, 4, 1.0, 90),
        Profile.DEEP: Budget(1800, 200, 100, 5.0, 2000, 40),
    }
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificates, as paths of PEM files.

    Attributes:
        authorities: Whom we trust; None trusts those of the system.
        certificate: What we show of ourselves, with its key behind it unless ``key`` has it; None shows nothing.
        is_checked: False takes any certificate.
    """

    authorities: str | None = None
    certificate: str | None = None
    key: str | None = None
    is_checked: bool = True

    def context(self) -> ssl.SSLContext | None:
        """What connections use; None for the system's defaults.

        Raises:
            UsageError: A file can't be read, or holds no certificate.
        """
        if self == Tls():
            return None
        path = self.authorities
        try:
            context = ssl.create_default_context(cafile=self.authorities)
            if not self.is_checked:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.certificate is not None:
                path = self.certificate
                context.load_cert_chain(self.certificate, self.key)
        except (OSError, ssl.SSLError) as error:
            raise UsageError("certificate", path, f"a readable PEM file ({error})") from error
        return context


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How a run goes about its work.

    Attributes:
        seed: Case *i* of (seed, operation, phase) is always the same.
        max_seconds: The whole run; None takes the profile's.
        rate: Requests a second at most; None sends as fast as answers come.
        include: Patterns (`*`, `?`) over operationId, label, path and tag; empty means every operation.
        exclude: The same; wins over `include`.
        claims: Patterns over claim ids; one that begins with ``!`` takes away. Empty means every claim.
        headers: Sent with every request, in this order.
        credentials: Security scheme's name, or `EVERY_SCHEME`, to the secret: a token, a key, ``user:password``.
        other_credentials: Somebody else's, in the same form: what is the user's must not be seen with them.
        auth_env, other_auth_env: How the user named the variables with them; only told in reports.
        overlays: What was merged into the document, as it was named; only told in reports.
        app: The application that is tested, ``module:attribute``, where there is one; only told in reports.
        request_seconds: The most an answer may take, its body included.
        stream_seconds: The most a stream is read when the stream is what is asked about.
        max_body_bytes: More of an answer isn't read.
        proxy: URL of the proxy; None connects directly.
        tls: How certificates are checked, and which one we show.
        ready_seconds: How long the target may take until it answers at all.
        parameters: Values that path, query and header parameters of these names always have.
        read_only: Only safe methods are sent (RFC 9110, section 9.2.1).
        allow_destructive: Whether requests may change what the run didn't make; None allows it on this machine alone.
        max_calls: Most requests: pattern over operations → number; ``""`` is the whole run.
        probe_limits: Whether as many calls may be sent as a declared limit allows, and one more.
        shard: ``(i, n)``: the i-th of n shares of the operations, from 1; None is all.
        phases: Those that may be run.
        hooks: The user's module of `hooks`, for what is done to each request; empty where there is none.
    """

    seed: int = 0
    profile: Profile = Profile.STANDARD
    max_seconds: float | None = None
    rate: float | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    credentials: Mapping[str, str] = field(default_factory=dict)
    other_credentials: Mapping[str, str] = field(default_factory=dict)
    auth_env: tuple[str, ...] = ()
    other_auth_env: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    app: str = ""
    request_seconds: float = 10.0
    stream_seconds: float = 30.0
    max_body_bytes: int = 16 * 1024 * 1024
    proxy: str | None = None
    tls: Tls = Tls()
    ready_seconds: float = 1.0
    parameters: Mapping[str, str] = field(default_factory=dict)
    read_only: bool = False
    allow_destructive: bool | None = None
    max_calls: Mapping[str, int] = field(default_factory=dict)
    probe_limits: bool = False
    shard: tuple[int, int] | None = None
    phases: frozenset[Phase] = frozenset(Phase)
    hooks: str = ""

    def __post_init__(self) -> None:
        positive = {
            "max_seconds": self.max_seconds,
            "rate": self.rate,
            "request_seconds": self.request_seconds,
            "stream_seconds": self.stream_seconds,
            "max_body_bytes": self.max_body_bytes,
            "ready_seconds": self.ready_seconds,
        }
        for name, value in positive.items():
            if value is not None and not value > 0:
                raise UsageError(name, value, "a number above 0")
        if self.shard is not None and not 1 <= self.shard[0] <= self.shard[1]:
            raise UsageError("shard", "{}/{}".format(*self.shard), "i/n with i from 1 to n")

    @property
    def budget(self) -> Budget:
        """The profile's budget."""
        return BUDGETS[self.profile]

    @property
    def seconds(self) -> float:
        """How long the whole run may take."""
        return self.budget.seconds if self.max_seconds is None else self.max_seconds

    def describe(self) -> Mapping[str, str]:
        """Option → value for the reader of a report; what isn't set is left out, secrets are only named."""
        shown = {
            "overlay": ", ".join(self.overlays),
            "app": self.app,
            "profile": self.profile.value,
            "max-time": f"{self.seconds:g} s",
            "rate": f"{self.rate:g}/s" if self.rate else "",
            "include": ", ".join(self.include),
            "exclude": ", ".join(self.exclude),
            "claims": ", ".join(self.claims),
            "headers": ", ".join(name for name, _ in self.headers),
            "hooks": self.hooks,
            "parameters": ", ".join(f"{name}={value}" for name, value in self.parameters.items()),
            "max-calls": ", ".join(f"{name}={most}" if name else str(most) for name, most in self.max_calls.items()),
            "shard": "{}/{}".format(*self.shard) if self.shard else "",
            "read-only": "yes" if self.read_only else "",
            "allow-destructive": "yes" if self.allow_destructive else "",
            "probe-limits": "yes" if self.probe_limits else "",
            "credentials for": ", ".join(name or "every scheme" for name in self.credentials),
            "auth-env": ", ".join(self.auth_env),
            "other-auth-env": ", ".join(self.other_auth_env),
        }
        return {name: value for name, value in shown.items() if value}
