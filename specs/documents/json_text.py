"""JSON text (RFC 8259) to a tree, strictly: no key twice in an object, no number that a float cannot hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING, Final

from understudy.specs.documents.places import MAX_DEPTH, Place, excerpt
from understudy.specs.errors import DocumentUnreadable
from understudy.specs.pointers import from_tokens

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["NotJson", "find_places", "looks_like_json", "parse_json"]

_START: Final = re.compile(rb'\s*(?:\{\s*["}]|\[)')
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_TOKEN: Final = re.compile(r'\n|"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s"{}\[\]:,]+')


class NotJson(DocumentUnreadable):
    """The syntax is not JSON's; it may still be YAML's."""


def looks_like_json(source: bytes) -> bool:
    """Whether a text begins as a JSON object or array does; YAML may too."""
    return _START.match(source) is not None


def parse_json(source: bytes, name: str) -> Json:
    """The tree of a JSON text in UTF-8. Integers keep all their digits.

    Raises:
        NotJson: A syntax error, with its line and column.
        DocumentUnreadable: A key twice in an object; NaN, Infinity or a number out of range; half of a surrogate
            pair; nested more than `MAX_DEPTH` deep.
    """
    text = source.decode()
    try:
        tree = json.loads(text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite)
        if _SURROGATE.search(text):
            json.dumps(tree, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        reason = f"is not JSON: column {error.colno}: {error.msg}{excerpt(source, error.lineno)}"
        raise NotJson(name, reason, line=error.lineno) from error
    except RecursionError as error:
        raise DocumentUnreadable(name, f"is nested more than {MAX_DEPTH} deep") from error
    except ValueError as error:
        raise _find_fault(text, name) or DocumentUnreadable(name, str(error)) from error
    if _is_deep(tree):
        raise DocumentUnreadable(name, f"is nested more than {MAX_DEPTH} deep")
    return tree


def find_places(source: bytes) -> Place:
    """Where each place of a JSON text stands; the text has been parsed before."""
    root = Place(1)
    for path, _, line, is_key in _scan(source.decode()):
        place = root
        for token in path[:-1]:
            place = place.below[str(token)]
        if not path:
            root.line = line
        elif is_key or isinstance(path[-1], int):
            place.below.setdefault(str(path[-1]), Place(line))
    return root


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"{text} is no JSON number")
    return number


def _is_deep(tree: Json) -> bool:
    level = [tree]
    for _ in range(MAX_DEPTH):
        level = [
            below
            for node in level
            for below in (node.values() if isinstance(node, dict) else node)
            if isinstance(below, dict | list)
        ]
        if not level:
            return False
    return True


def _find_fault(text: str, name: str) -> DocumentUnreadable | None:
    """What `json` refused without saying where."""
    seen: set[str] = set()
    for path, token, line, is_key in _scan(text):
        pointer = from_tokens(path)
        if is_key:
            if pointer in seen:
                return DocumentUnreadable(name, f"the key {path[-1]!r} comes twice", pointer=pointer, line=line)
            seen.add(pointer)
        elif token.startswith('"'):
            try:
                str(json.loads(token)).encode()
            except UnicodeEncodeError:
                reason = "half of a surrogate pair stands alone, which no UTF-8 text can hold"
                return DocumentUnreadable(name, reason, pointer=pointer, line=line)
        elif token[0] in "-0123456789NI":
            try:
                _finite(token)
                int(token) if token.lstrip("-").isdigit() else None
            except ValueError:
                reason = f"{token[:40]} is no number that JSON can say; quote it if it is meant as text"
                return DocumentUnreadable(name, reason, pointer=pointer, line=line)
    return None


def _scan(text: str) -> Iterator[tuple[list[str | int], str, int, bool]]:
    """Every key and every value: the path to it (one list, reused), the token, its line, whether it is a key."""
    path: list[str | int] = []
    in_object: list[bool] = []
    wants_key = False
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "\n":
            line += 1
        elif token in "}]":
            in_object.pop()
            path.pop()
            wants_key = False
        elif token == ",":
            wants_key = in_object[-1]
            if not wants_key:
                path[-1] = int(path[-1]) + 1
        elif wants_key:
            path[-1] = json.loads(token)
            wants_key = False
            yield path, token, line, True
        else:
            yield path, token, line, False
            if token in "{[":
                wants_key = token == "{"
                in_object.append(wants_key)
                path.append("" if wants_key else 0)
