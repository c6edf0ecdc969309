"""JSON as bodies carry it (RFC 8259): read without changing any value, write any value.

Numbers keep their exact value: an integer stays an `int`, whatever its size; a fraction is a `float` where the
shortest form of that float says the same number, and a `Decimal` where it does not. orjson does the work; the
standard library takes over where orjson would round.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from decimal import Decimal
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import TYPE_CHECKING, Final, NoReturn

import orjson

from understudy.specs.pointers import JsonPointer, child
from understudy.specs.wire.json_numbers import parse_fraction, parse_integer, parse_number, write_number
from understudy.specs.wire.malformed import MalformedContent

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["MAX_DEPTH", "MalformedJson", "dump_json", "find_duplicate_keys", "load_json"]

MAX_DEPTH: Final = 256
"""Objects and arrays inside one another, the outermost counted (RFC 8259, section 9, lets a parser set limits)."""

_WORDS: Final = {None: "null", True: "true", False: "false"}
_CONTAINERS: Final = frozenset({dict, list})
_BOM: Final = b"\xef\xbb\xbf"
_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[\[{]|[\]}]|-?Infinity|NaN', re.DOTALL)

# Digits and the point become "0", so that one search finds every number which a double may not hold exactly: a
# decimal number of at most 15 digits always survives (DBL_DIG), unless its power of ten is below the double's.
_SHAPES: Final = bytes.maketrans(b"123456789.E", b"0000000000e")
_LONG: Final = b"0" * 17
_TINY: Final = b"0e-000"


class MalformedJson(MalformedContent):
    """A text is not JSON, or passes a limit of ours.

    Args:
        reason: One sentence without the place.
        line: 1-based.
        column: 1-based, in characters.
    """

    def __init__(self, reason: str, line: int, column: int) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.reason}"


def load_json(body: bytes) -> Json:
    """The value of a JSON text in UTF-8; a leading byte order mark is passed over (RFC 8259, section 8.1).

    Of a key that comes twice in an object the last one counts; `find_duplicate_keys` tells.

    Raises:
        MalformedJson: Empty, not UTF-8, not JSON; half of a surrogate pair; nested more than `MAX_DEPTH` deep;
            a number past `json_numbers.MAX_DIGITS`.
    """
    if body.startswith(_BOM):
        body = body[len(_BOM) :]
    shapes = body.translate(_SHAPES)
    if _LONG in shapes or _TINY in shapes:
        value = _load_exactly(body)
    else:
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            value = _load_exactly(body)
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _is_deep(value):
        _refuse_depth(body.decode())
    return value


def _load_exactly(body: bytes) -> Json:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        before = body[: error.start].decode()
        raise _malformed(f"octet {error.start} is not UTF-8", before, len(before)) from error
    if not text.strip(" \t\r\n"):
        raise MalformedJson("there is no JSON value", 1, 1)
    try:
        value = json.loads(text, parse_int=parse_integer, parse_float=parse_fraction, parse_constant=_refuse_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False, default=str).encode()
    except json.JSONDecodeError as error:
        raise MalformedJson(error.msg, error.lineno, error.colno) from error
    except RecursionError:
        _refuse_depth(text)
    except ValueError as error:
        raise _find_fault(text, str(error)) from error
    return value


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _find_fault(text: str, reason: str) -> MalformedJson:
    """The first token which syntax alone does not refuse."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        try:
            if token[0] == '"':
                str(json.loads(token)).encode()
            elif token[0] in "-0123456789NI":
                parse_number(token)
        except UnicodeEncodeError:
            return _malformed("half of a surrogate pair stands alone in a string", text, match.start())
        except ValueError as error:
            return _malformed(str(error), text, match.start())
    return MalformedJson(reason, 1, 1)


def _refuse_depth(text: str) -> NoReturn:
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match.group(), 0)
        if depth > MAX_DEPTH:
            raise _malformed(f"objects and arrays are nested more than {MAX_DEPTH} deep", text, match.start())
    raise MalformedJson(f"objects and arrays are nested more than {MAX_DEPTH} deep", 1, 1)


def _malformed(reason: str, text: str, position: int) -> MalformedJson:
    line = text.count("\n", 0, position) + 1
    return MalformedJson(reason, line, position - (text.rfind("\n", 0, position) + 1) + 1)


def _is_deep(value: Json) -> bool:
    level = [value] if type(value) in _CONTAINERS else []
    for _ in range(MAX_DEPTH):
        level = [
            below
            for container in level
            for below in (container.values() if type(container) is dict else container)
            if type(below) in _CONTAINERS
        ]
        if not level:
            return False
    return True


def find_duplicate_keys(body: bytes) -> tuple[JsonPointer, ...]:
    """The members whose key comes more than once in its object, in document order, outer before inner.

    Inside a member that a later one replaces nothing is looked for.

    Raises:
        MalformedJson: As for `load_json`.
    """
    load_json(body)
    repeated: dict[int, tuple[dict[str, Json], list[str]]] = {}

    def collect(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            # The object is kept with its keys: an id is only good while the object lives.
            repeated[id(members)] = (members, [key for key in members if counts[key] > 1])
        return members

    found: list[JsonPointer] = []
    root = json.loads(body.removeprefix(_BOM), object_pairs_hook=collect, parse_int=str, parse_float=str)
    level: list[tuple[JsonPointer, Json]] = [(JsonPointer(""), root)] if repeated else []
    while level:
        below: list[tuple[JsonPointer, Json]] = []
        for place, value in level:
            if isinstance(value, dict):
                found += [child(place, key) for key in repeated.get(id(value), (value, []))[1]]
                below += [(child(place, key), member) for key, member in value.items()]
            elif isinstance(value, list):
                below += [(child(place, index), item) for index, item in enumerate(value)]
        level = below
    return tuple(found)


def dump_json(value: Json) -> bytes:
    """The JSON text of a value in UTF-8, without white space, members in their order.

    Integers of any size and Decimals are written with all their digits. Half a surrogate pair is written as its
    escape, so that a text we would refuse can be sent. NaN and the infinities become ``null``.

    Raises:
        TypeError: Something in it is no JSON value, or a key is not a string.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        pieces: list[str] = []
        _write(value, pieces)
        return "".join(pieces).encode()


def _write(value: Json, pieces: list[str]) -> None:
    if isinstance(value, str):
        pieces.append(_quote(value))
    elif value is None or isinstance(value, bool):
        pieces.append(_WORDS[value])
    elif isinstance(value, int | float | Decimal):
        pieces.append(write_number(value))
    elif isinstance(value, list | tuple):
        pieces.append("[")
        for index, item in enumerate(value):
            pieces.append("," if index else "")
            _write(item, pieces)
        pieces.append("]")
    elif isinstance(value, dict):
        pieces.append("{")
        for index, (key, member) in enumerate(value.items()):
            if not isinstance(key, str):
                raise TypeError(f"the key {key!r} is not a string")
            pieces.append(f"{',' if index else ''}{_quote(key)}:")
            _write(member, pieces)
        pieces.append("}")
    else:
        raise TypeError(f"{type(value).__name__} is no JSON value")


def _quote(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return encode_basestring_ascii(text)
    return encode_basestring(text)
