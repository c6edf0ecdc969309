"""Path templates (OpenAPI 3.2, Path Templating), split into segments that match in linear time.

Text is compared after percent-decoding, a segment at a time, so `%2F` never divides segments and `p%65ts` is `pets`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final
from urllib.parse import unquote_to_bytes

__all__ = ["Segment", "bare_path", "decode_segment", "parse_as_written", "parse_template"]

_BARE: Final = re.compile(r"(?:\{[^{}]*\}|[^?#])*")
_PART: Final = re.compile(r"\{([^{}]+)\}|/|[{}]|[^{}/]+")
_UNIT: Final = re.compile(rb"%[0-9A-Fa-f]{2}|.", re.DOTALL)


def decode_segment(text: str) -> bytes:
    """Percent-decoded once. What is no valid escape stays as it is."""
    return unquote_to_bytes(text)


@final
@dataclass(frozen=True, slots=True)
class Segment:
    """What stands between two slashes of a template: literals around parameters.

    Attributes:
        literals: Decoded; always one more than there are parameters. ``{id}.json`` has ``(b"", b".json")``.
        names: The parameters, from left to right.
    """

    literals: tuple[bytes, ...]
    names: tuple[str, ...]

    @property
    def is_literal(self) -> bool:
        """Whether it has no parameter."""
        return not self.names

    @property
    def is_whole(self) -> bool:
        """Whether one parameter takes all of it."""
        return self.literals == (b"", b"")

    def capture(self, text: str) -> list[str] | None:
        """What each parameter takes of a segment, as it was sent; None where the segment doesn't match.

        The segment is ASCII. Each parameter takes at least one character, and the leftmost ones as few as they can.
        Time is linear in the segment: what a client sends can't make it backtrack.
        """
        if self.is_whole:
            return [text] if text else None
        units = _UNIT.findall(text.encode())
        decoded = b"".join(bytes((int(unit[1:], 16),)) if len(unit) == 3 else unit for unit in units)
        first, *middle, last = self.literals
        end = len(decoded) - len(last)
        if not decoded.startswith(first) or not decoded.endswith(last):
            return None
        starts, ends = [len(first)], []
        for literal in middle:
            found = decoded.find(literal, starts[-1] + 1, end)
            if found < 0:
                return None
            ends.append(found)
            starts.append(found + len(literal))
        ends.append(end)
        if any(start >= stop for start, stop in zip(starts, ends, strict=True)):
            return None
        return [b"".join(units[start:stop]).decode() for start, stop in zip(starts, ends, strict=True)]


def bare_path(template: str) -> str:
    """What a path is for a request: ``/pets/{id}#sell`` and ``/pets/{id}?do=sell`` are ``/pets/{id}``.

    A path has neither query nor fragment. Documents add them where several operations have one path and method.
    """
    found = _BARE.match(template)
    return found.group() if found is not None else template


def parse_template(template: str) -> tuple[Segment, ...]:
    """``/pets/{id}.json`` → a literal segment ``pets`` and one with the parameter ``id``; of the `bare_path`.

    A brace without its partner is a literal. A template without the leading slash is read as if it had one.
    """
    return parse_as_written(bare_path(template))


def parse_as_written(template: str) -> tuple[Segment, ...]:
    """As `parse_template`, but ``?`` and ``#`` are literals, which a request may send as ``%3F`` and ``%23``."""
    return tuple(_segments(template.removeprefix("/")))


def _segments(template: str) -> Iterator[Segment]:
    literals, names = [""], list[str]()
    for part in _PART.finditer(template):
        if part.group() == "/":
            yield Segment(tuple(map(decode_segment, literals)), tuple(names))
            literals, names = [""], []
        elif part.group(1) is not None:
            names.append(part.group(1))
            literals.append("")
        else:
            literals[-1] += part.group()
    yield Segment(tuple(map(decode_segment, literals)), tuple(names))
