"""What a client wishes of the mock: the `Prefer` header (RFC 7240) and the query forms that Prism's users know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn, final
from urllib.parse import parse_qsl

from understudy.mockserver.forcing.durations import parse_duration
from understudy.mockserver.problems import Objection, Problem, ProblemRaised
from understudy.specs.pointers import child
from understudy.specs.problems import ProblemKind

__all__ = ["NO_WISHES", "Preferences", "read_preferences"]

QUERY_FORMS: Final = {"__code": "code", "__example": "example", "__dynamic": "dynamic"}
_WISHES: Final = ("code", "example", "dynamic", "delay", "seed")
MAX_HEADER: Final = 4096
"""Octets of a `Prefer` header that are read; a longer one is refused, since taking it apart isn't linear."""

_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|,|[^",]+|"')
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


@final
class Preferences(NamedTuple):
    """The wishes of one request; None where nothing is wished.

    Attributes:
        code: The status to answer with.
        example: The example to answer with; ``""`` is the one under `example`.
        dynamic: Whether the body is generated although there are examples.
        delay: Seconds before the answer.
        seed: Seed of what is generated.
    """

    code: int | None = None
    example: str | None = None
    dynamic: bool | None = None
    delay: float | None = None
    seed: int | None = None

    @property
    def applied(self) -> bytes:
        """The value of `Preference-Applied`; empty without wishes."""
        wishes = {
            "code": self.code,
            "example": None if self.example is None else _token(self.example),
            "dynamic": None if self.dynamic is None else str(self.dynamic).lower(),
            "delay": None if self.delay is None else f"{round(self.delay * 1000)}ms",
            "seed": self.seed,
        }
        return ", ".join(f"{name}={value}" for name, value in wishes.items() if value is not None).encode("ascii")


NO_WISHES: Final = Preferences()
"""That of nearly all requests, always this one object."""


def read_preferences(header: bytes | None, query: bytes) -> Preferences:
    """The wishes in a `Prefer` header and in a query; of the same wish the header's counts.

    Preferences that the mock doesn't know are ignored (RFC 7240, section 2), of one that comes twice the first counts.

    Raises:
        ProblemRaised: ``malformed-request`` with status 422 for a known wish with a value that it can't have, and for
            a header of more than `MAX_HEADER` octets.
    """
    if header is None and b"__" not in query:
        return NO_WISHES
    if header is not None and len(header) > MAX_HEADER:
        _refuse(("header", "Prefer", f"{header[:20].decode('latin-1')}…"), f"longer than {MAX_HEADER} octets")
    wishes: dict[str, tuple[str, str, str]] = {}
    for name, value in _header_wishes(header or b""):
        wishes.setdefault(name, ("header", "Prefer", value))
    for key, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True) if b"__" in query else ():
        if key in QUERY_FORMS:
            wishes.setdefault(QUERY_FORMS[key], ("query", key, value))
    return Preferences(
        code=_code(wishes.get("code")),
        example=wishes["example"][2] if "example" in wishes else None,
        dynamic=_dynamic(wishes.get("dynamic")),
        delay=_delay(wishes.get("delay")),
        seed=_seed(wishes.get("seed")),
    )


def _header_wishes(header: bytes) -> Iterator[tuple[str, str]]:
    """Name and value of each preference that is a wish of ours; the preferences' own parameters are passed over."""
    for preference in _split(header.decode("latin-1")):
        name, _, rest = preference.partition("=")
        name = name.partition(";")[0].strip().lower()
        if name in _WISHES:
            rest = rest.lstrip()
            quoted = _QUOTED.match(rest)
            yield name, re.sub(r"\\(.)", r"\1", quoted.group(1)) if quoted else rest.partition(";")[0].strip()


def _split(text: str) -> Iterator[str]:
    """The parts between the commas that stand in no quotes."""
    pieces: list[str] = []
    for match in _PIECE.finditer(text):
        if match.group() == ",":
            yield "".join(pieces)
            pieces = []
        else:
            pieces.append(match.group())
    yield "".join(pieces)


def _code(wish: tuple[str, str, str] | None) -> int | None:
    if wish is None:
        return None
    if not re.fullmatch(r"[1-5][0-9][0-9]", wish[2]):
        _refuse(wish, "a status is a number from 100 to 599")
    return int(wish[2])


def _dynamic(wish: tuple[str, str, str] | None) -> bool | None:
    if wish is None:
        return None
    # `Prefer: dynamic` without a value asks for it, as RFC 7240 preferences do.
    if wish[2] not in ("true", "false", ""):
        _refuse(wish, "dynamic is true or false")
    return wish[2] != "false"


def _delay(wish: tuple[str, str, str] | None) -> float | None:
    if wish is None:
        return None
    try:
        return parse_duration(wish[2])
    except ValueError as error:
        _refuse(wish, str(error))


def _seed(wish: tuple[str, str, str] | None) -> int | None:
    if wish is None:
        return None
    if not re.fullmatch(r"[0-9]{1,20}", wish[2]):
        _refuse(wish, "a seed is a whole number of at most 20 digits")
    return int(wish[2])


def _refuse(wish: tuple[str, str, str], reason: str) -> NoReturn:
    location, name, value = wish
    objection = Objection(location, child("", name), "syntax", f"{value!r}: {reason}", name)
    raise ProblemRaised(Problem(ProblemKind.MALFORMED_REQUEST, objections=(objection,), status=422, is_ours=True))


def _token(text: str) -> str:
    if re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", text):
        return text
    escaped = text.encode("ascii", "backslashreplace").decode().replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char for char in escaped if " " <= char <= "~") + '"'
