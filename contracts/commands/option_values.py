"""What the values of options mean: durations, rates, headers, credentials, formats, phases."""

from __future__ import annotations

import os
import re
import urllib.request
from typing import Final
from urllib.parse import urlsplit

from understudy.contracts.case import Phase
from understudy.contracts.settings import EVERY_SCHEME
from understudy.specs.errors import UsageError

__all__ = [
    "PHASES",
    "find_proxy",
    "read_credential",
    "read_formats",
    "read_header",
    "read_max_calls",
    "read_parameter",
    "read_phases",
    "read_rate",
    "read_seconds",
    "read_shard",
]

_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_RATE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:/(s|m|h))?")
_NO_REPORT: Final = "none"

PHASES: Final = tuple(phase.value for phase in Phase if phase not in (Phase.REPLAY, Phase.TRAFFIC))
"""Those that a run consists of, in the order they are run."""


def read_seconds(option: str, text: str) -> float:
    """Seconds of ``90``, ``90s``, ``5m``, ``500ms``; above 0.

    Raises:
        UsageError: It is none of these.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError(option, text, "a time above 0: 90, 90s, 5m, 500ms")
    return float(match[1]) * _SECONDS[match[2] or "s"]


def read_rate(text: str) -> float:
    """Requests a second of ``10``, ``10/s``, ``600/m``; above 0.

    Raises:
        UsageError: It is none of these.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None or float(match[1]) == 0:
        raise UsageError("--rate", text, "requests a second, minute or hour: 10, 10/s, 600/m")
    return float(match[1]) / _SECONDS[match[2] or "s"]


def read_header(text: str, option: str = "--header") -> tuple[str, str]:
    """``Name: value`` as a pair.

    Raises:
        UsageError: It isn't one.
    """
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name.strip()):
        # The value may be a secret, so it isn't shown.
        raise UsageError(option, name[:40], "'Name: value'")
    return name.strip(), value.strip()


def read_credential(text: str, option: str = "--auth-env") -> tuple[str, str]:
    """``[SCHEME=]VARIABLE`` as scheme and secret.

    Raises:
        UsageError: The variable isn't set.
    """
    scheme, equals, variable = text.rpartition("=")
    if not os.environ.get(variable):
        raise UsageError(option, variable, "the name of an environment variable that is set")
    return scheme if equals else EVERY_SCHEME, os.environ[variable]


def find_proxy(url: str) -> str | None:
    """The proxy that the environment names for a URL (`HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`); None for none."""
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    proxies = urllib.request.getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def read_formats(text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names of report formats, comma-separated; ``none`` is none of them.

    Raises:
        UsageError: One isn't known.
    """
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if names == (_NO_REPORT,):
        return ()
    for name in names:
        if name not in known:
            raise UsageError("--report", name, ", ".join((*known, _NO_REPORT)))
    return names


def read_phases(text: str) -> frozenset[Phase]:
    """Names of phases, comma-separated.

    Raises:
        UsageError: One isn't known, or there is none.
    """
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names or [""]:
        if name not in PHASES:
            raise UsageError("--phases", name, ", ".join(PHASES))
    return frozenset(map(Phase, names))


def read_parameter(text: str) -> tuple[str, str]:
    """``NAME=VALUE`` as a pair.

    Raises:
        UsageError: It isn't one.
    """
    name, equals, value = text.partition("=")
    if not equals or not name or not value:
        raise UsageError("--param", text, "NAME=VALUE, such as organisation=acme")
    return name, value


def read_max_calls(text: str) -> tuple[str, int]:
    """``PATTERN=N`` as pattern and number; a number alone is for the whole run, the empty pattern.

    Raises:
        UsageError: It isn't one of these.
    """
    pattern, _, number = text.rpartition("=")
    if not number.isascii() or not number.isdigit():
        raise UsageError("--max-calls", text, "a number, or PATTERN=NUMBER such as createImage=5")
    return pattern, int(number)


def read_shard(text: str) -> tuple[int, int]:
    """``2/4`` as the second of four.

    Raises:
        UsageError: It isn't such a pair, or the first is above the second.
    """
    index, slash, count = text.partition("/")
    if not slash or not index.isdigit() or not count.isdigit() or not 1 <= int(index) <= int(count) <= 1000:
        raise UsageError("--shard", text, "I/N with I from 1 to N, such as 1/4")
    return int(index), int(count)
