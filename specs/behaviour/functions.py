"""The functions that expressions may call besides CEL's own. The list is documented in VOCABULARY.md and final."""

from __future__ import annotations

import hashlib
import math
import re
import shlex
import struct
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from understudy.specs.behaviour.file_functions import from_base64, is_text, media_type_of, path_of, to_base64
from understudy.specs.documents.document import Json
from understudy.specs.wire.jsonl import MalformedRecord, Parser

__all__ = ["FUNCTIONS", "number_of"]

MAX_RESULT: Final = 20_000
_EXACT: Final = 2**53
_INTEGERS: Final = 2**63
_WORD: Final = re.compile(r"\w+")


def number_of(value: float) -> float:
    """In JSON 1.0 is 1, and an integer may have any size; CEL's have 64 bits."""
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _EXACT else value
    if -_INTEGERS <= value < _INTEGERS:
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _sum(values: list[Json]) -> Json:
    return math.fsum(values) if any(isinstance(value, float) for value in values) else sum(values)


def _join(values: list[str], separator: str) -> str:
    return separator.join(str(value) for value in values)


def _split(text: str, separator: str) -> list[str]:
    return text.split(separator) if separator else list(text)


def _sorted(values: list[Json]) -> list[Json]:
    return sorted(values, key=lambda value: (str(type(value)), value) if not isinstance(value, dict) else ("", 0))


def _distinct(values: list[Json]) -> list[Json]:
    seen: list[Json] = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen


def _first(values: list[Json], otherwise: Json) -> Json:
    return values[0] if values else otherwise


def _get(value: Json, key: str, otherwise: Json) -> Json:
    return value.get(key, otherwise) if isinstance(value, Mapping) else otherwise


def _whole(number: Json) -> int:
    """A number of things: JSON's ``4.0`` is 4 (JSON Schema Core, section 4.2.3)."""
    if isinstance(number, float) and number.is_integer():
        return int(number)
    if isinstance(number, bool) or not isinstance(number, int):
        raise ValueError(f"a whole number is needed, not {number!r}")
    return number


def _take(values: Json, count: Json) -> Json:
    return values[: max(_whole(count), 0)]


def _drop(values: Json, count: Json) -> Json:
    return values[max(_whole(count), 0) :]


def _merge(first: Mapping[str, Json], second: Mapping[str, Json]) -> dict[str, Json]:
    return {**first, **second}


def _object(names: list[str], values: list[Json]) -> dict[str, Json]:
    if len(names) != len(values):
        raise ValueError(f"object of {len(names)} names and {len(values)} values")
    return dict(zip(names, values, strict=True))


def _until(text: str, ends: list[str]) -> str:
    """The text before the first of some others that are in it."""
    places = [text.find(end) for end in ends if end]
    return text[: min((place for place in places if place >= 0), default=len(text))]


def _range(count: Json) -> list[int]:
    count = _whole(count)
    if count > MAX_RESULT:
        raise ValueError(f"range({count}): at most {MAX_RESULT}")
    return list(range(count))


def _repeat(value: Json, count: Json) -> list[Json]:
    return [value for _ in _range(count)]


def _words(text: str) -> int:
    """How many tokens a text has, as a stand-in for a model's own count: words and marks."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def _vector(text: str, dimension: Json, unit: bool) -> list[float]:
    """Numbers that depend on the text alone, each in -1…1; of length 1 when ``unit``."""
    dimension = _whole(dimension)
    if not 0 < dimension <= MAX_RESULT:
        raise ValueError(f"vector of {dimension} numbers: 1 to {MAX_RESULT}")
    octets = hashlib.shake_128(text.encode()).digest(dimension * 4)
    numbers = [number / 2**31 - 1 for number in struct.unpack(f">{dimension}I", octets)]
    length = math.sqrt(math.fsum(number * number for number in numbers)) or 1.0
    return [round(number / length, 9) if unit else round(number, 6) for number in numbers]


def _similarity(first: str, second: str) -> float:
    """How many words two texts share, 0…1 (Dice's coefficient over lower-case words)."""
    a, b = set(_WORD.findall(first.lower())), set(_WORD.findall(second.lower()))
    return round(2 * len(a & b) / (len(a) + len(b)), 6) if a or b else 0.0


def _coverage(text: str, sought: str) -> float:
    """The share of one text's words that are in another, 0…1; letter case doesn't matter."""
    wanted = set(_WORD.findall(sought.lower()))
    return round(len(wanted & set(_WORD.findall(text.lower()))) / len(wanted), 6) if wanted else 0.0


def _arguments(line: str) -> list[str]:
    """The words of a line as a shell splits it: quotes hold together. A quote that nothing closes is a mark."""
    try:
        return shlex.split(line)
    except ValueError:
        return line.split()


def _having(values: list[Json], name: str, value: Json) -> list[Json]:
    """The objects of a list with this value at a member; CEL's own filter takes long for long lists."""
    return [each for each in values if isinstance(each, Mapping) and name in each and each[name] == value]


def _tally(values: list[Json], name: str) -> dict[str, int]:
    """How many objects of a list have each text at a member."""
    return dict(Counter(_text(each[name]) for each in values if isinstance(each, Mapping) and name in each))


def _text(value: Json) -> str:
    return str(number_of(value) if type(value) is float else value)


def _json_lines(text: str) -> list[Json]:
    """The values of a text in JSON Lines. Raises ValueError where a line is none."""
    parser = Parser()
    values = []
    for record in (*parser.feed(text.encode()), *parser.close()):
        if isinstance(record, MalformedRecord):
            raise ValueError(f"line {record.line}: {record.reason}")
        values.append(record.value)
    return values


def _unix(moment: Json) -> int:
    """Whole seconds since 1970 of a timestamp, or of its text."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return int(moment.timestamp())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


FUNCTIONS: Final[Mapping[str, Callable[..., Json]]] = MappingProxyType(
    {
        "sum": _sum,
        "join": _join,
        "split": _split,
        "sorted": _sorted,
        "distinct": _distinct,
        "first": _first,
        "get": _get,
        "take": _take,
        "drop": _drop,
        "merge": _merge,
        "object": _object,
        "until": _until,
        "range": _range,
        "repeat": _repeat,
        "length": len,
        "lower": lambda text: text.lower(),
        "upper": lambda text: text.upper(),
        "trim": lambda text: text.strip(),
        "tokens": _words,
        "vector": _vector,
        "similarity": _similarity,
        "coverage": _coverage,
        "arguments": _arguments,
        "jsonLines": _json_lines,
        "having": _having,
        "tally": _tally,
        "unix": _unix,
        "digest": _digest,
        "base64": to_base64,
        "octets": from_base64,
        "isText": is_text,
        "path": path_of,
        "mediaType": media_type_of,
    }
)
"""Name → function. `sum(list)`, `join(list, text)`, …: VOCABULARY.md has each with an example."""
