"""The formats of JSON Schema 2020-12 and of OpenAPI's registry: values that have them, and who has them.

Each `Format` draws values, says with a regular expression what a good part of its values look like (so that it can be
combined with `pattern` and lengths), and checks what the validator doesn't: `int32`, `byte` and their kin.
Formats that are not here say nothing about a value.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.words import ADJECTIVES, FAMILY_NAMES, GIVEN_NAMES, NOUNS, pick, slug

__all__ = ["FORMATS", "INTEGER_RANGES", "Format", "draw_bytes", "draw_digits", "draw_uuid", "fits"]

INTEGER_RANGES: Final = {
    "int8": (-(2**7), 2**7 - 1),
    "uint8": (0, 2**8 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "uint16": (0, 2**16 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
"""Formats of numbers and the integers they hold, ends included."""

MAX_FLOAT: Final = 3.4028234663852886e38


@final
@dataclass(frozen=True, slots=True)
class Format:
    """A format of strings.

    Attributes:
        draw: A realistic value.
        pattern: Matches only values of the format, and at least all kinds of lengths that are likely to be wanted;
            None when every string has the format.
    """

    draw: Callable[[Chance], str]
    pattern: str | None


def fits(name: str, value: Json) -> bool:
    """Whether a value agrees with a format that the validator doesn't assert; true for all other formats.

    `int32` and its kin speak of numbers, `float` of numbers that single precision can hold, `byte` of strings in
    base64 (RFC 4648, section 4).
    """
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in INTEGER_RANGES and is_number:
        low, high = INTEGER_RANGES[name]
        return bool(low <= value <= high and value == int(value))
    if name == "float" and is_number:
        return bool(abs(value) <= MAX_FLOAT)
    if name == "byte" and isinstance(value, str):
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            return False
    return True


def draw_uuid(random: Chance) -> str:
    """A version 4 UUID (RFC 9562)."""
    text = f"{random.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) % 4]}{text[17:20]}-{text[20:]}"


def draw_digits(random: Chance, count: int) -> str:
    """So many decimal digits."""
    return f"{int(random.random() * 10**count):0{count}d}"


def draw_bytes(random: Chance) -> str:
    """A short text in base64."""
    return base64.b64encode(slug(random).encode()).decode()


def _date(random: Chance) -> str:
    return f"2026-{1 + int(random.random() * 12):02d}-{1 + int(random.random() * 28):02d}"


def _time(random: Chance) -> str:
    seconds = int(random.random() * 86_400)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}Z"


def _email(random: Chance) -> str:
    return f"{pick(random, GIVEN_NAMES)}.{pick(random, FAMILY_NAMES)}@example.com".lower()


def _host(random: Chance) -> str:
    return f"{pick(random, NOUNS)}.example.com"


def _uri(random: Chance) -> str:
    return f"https://example.com/{pick(random, NOUNS)}/{slug(random)}"


def _duration(random: Chance) -> str:
    return f"PT{1 + int(random.random() * 23)}H{int(random.random() * 60)}M"


def _ipv4(random: Chance) -> str:
    return f"192.0.2.{1 + int(random.random() * 254)}"


def _ipv6(random: Chance) -> str:
    return f"2001:db8::{random.getrandbits(16):x}:{1 + int(random.random() * 65_534):x}"


def _password(random: Chance) -> str:
    return f"example-password-{draw_digits(random, 4)}"


_HOUR: Final = r"([01]\d|2[0-3])"
_DATE: Final = r"(19|20)\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
_TIME: Final = rf"{_HOUR}:[0-5]\d:[0-5]\d(\.\d{{1,6}})?(Z|[+-]{_HOUR}:[0-5]\d)"
# Two hyphens in third and fourth place mark an A-label (RFC 5891, section 4.2.3.1); we never put two in a row.
_HOST: Final = r"([a-z][a-z0-9]{0,60})(-[a-z0-9]{1,20})?(\.([a-z][a-z0-9]{0,60})(-[a-z0-9]{1,20})?)*"
_OCTET: Final = r"(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])"
_QUERY: Final = r"(\?[A-Za-z0-9=&._~-]*)?(#[A-Za-z0-9._~-]*)?"
_REFERENCE: Final = rf"(/[A-Za-z0-9._~-]+)*/?{_QUERY}"
_LOCATION: Final = rf"[a-z][a-z0-9+-]*://{_HOST}(:[1-9]\d{{1,3}})?(/[A-Za-z0-9._~-]*)*{_QUERY}"
_URI: Final = rf"({_LOCATION}|urn:[a-z][a-z0-9]{{1,15}}:[A-Za-z0-9._-]+|mailto:[a-z0-9.]+@{_HOST})"
_EMAIL: Final = rf"[A-Za-z0-9]+([._+-][A-Za-z0-9]+)*@{_HOST}"
_BASE64: Final = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


FORMATS: Final[dict[str, Format]] = {
    "date-time": Format(lambda r: f"{_date(r)}T{_time(r)}", _whole(rf"{_DATE}T{_TIME}")),
    "date": Format(_date, _whole(_DATE)),
    "time": Format(_time, _whole(_TIME)),
    "duration": Format(_duration, _whole(r"P(\d+D(T\d+H)?|T\d+H\d+M|T\d+[HMS]|\d+W|\d+Y\d+M\d+D)")),
    "email": Format(_email, _whole(_EMAIL)),
    "idn-email": Format(_email, _whole(_EMAIL)),
    "hostname": Format(_host, _whole(_HOST)),
    "idn-hostname": Format(_host, _whole(_HOST)),
    "ipv4": Format(_ipv4, _whole(rf"({_OCTET}\.){{3}}{_OCTET}")),
    "ipv6": Format(
        _ipv6, _whole(r"([0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|([0-9a-f]{1,4}:){1,3}:[0-9a-f]{1,4}|::[0-9a-f]{0,4}")
    ),
    "uri": Format(_uri, _whole(_URI)),
    "uri-reference": Format(lambda r: f"/{pick(r, NOUNS)}/{slug(r)}", _whole(rf"{_URI}|{_REFERENCE}")),
    "iri": Format(_uri, _whole(_URI)),
    "iri-reference": Format(lambda r: f"/{pick(r, NOUNS)}/{slug(r)}", _whole(rf"{_URI}|{_REFERENCE}")),
    "uri-template": Format(lambda r: f"/{pick(r, NOUNS)}/{{id}}", _whole(r"(/[a-z0-9-]+|/\{[a-z][a-z0-9]*\})+")),
    "uuid": Format(draw_uuid, _whole(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")),
    "json-pointer": Format(lambda r: f"/{pick(r, NOUNS)}/{int(r.random() * 10)}", _whole(r"(/[A-Za-z0-9_-]*)*")),
    "relative-json-pointer": Format(
        lambda r: f"{int(r.random() * 4)}/{pick(r, NOUNS)}", _whole(r"(0|[1-9]\d*)(#|(/[A-Za-z0-9_-]*)*)")
    ),
    "regex": Format(lambda r: f"^{pick(r, ADJECTIVES)}-[a-z]+$", _whole(r"\^?[a-z0-9]+(\[a-z\][*+])?\$?")),
    "byte": Format(draw_bytes, _whole(_BASE64)),
    "binary": Format(slug, None),
    "password": Format(_password, None),
}
"""By name, as `format` gives it."""
