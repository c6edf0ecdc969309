"""Requests to values: media types, JSON, JSON Lines, parameters. Strict: what isn't right is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from email.message import Message
from typing import Any

from tests.apps.desk.parts import Call, Part
from tests.apps.desk.problems import Problem, Violation
from tests.apps.desk.shapes import Shape

JSON_BYTES = 65_536
DEEPEST = 32
JSON = "application/json"


class Reading(Part):
    async def json(self, call: Call, shape: Shape, *, media_type: str = JSON) -> Any:
        """The body, a value of that shape."""
        self.check_media_type(call, media_type)
        content = await self.content(call, JSON_BYTES)
        if not content:
            raise Problem("bad-request", "the body is missing")
        value = self.parse(content)
        self.check(shape, value)
        return value

    def check_media_type(self, call: Call, wanted: str) -> Message:
        """The Content-Type, taken apart; a charset other than UTF-8 is refused, too."""
        given = Message()
        given["content-type"] = call.header("content-type") or "none/none"
        if given.get_content_type() != wanted:
            raise Problem("unsupported-media-type", f"send {wanted}")
        self.check_charset(given)
        return given

    def check_charset(self, given: Message) -> None:
        charset = given.get_param("charset")
        if charset is not None and str(charset).lower() not in ("utf-8", "utf8"):
            raise Problem("unsupported-media-type", "send UTF-8")

    async def content(self, call: Call, most: int) -> bytes:
        """The body's octets; no more than `most` are taken."""
        parts: list[bytes] = []
        size = 0
        async for part in call.request.stream():
            size += len(part)
            self.check_size(size, most)
            parts.append(part)
        return b"".join(parts)

    def check_size(self, size: int, most: int) -> None:
        if size > most:
            raise Problem("too-large", f"the body has more than {most} bytes")

    def parse(self, content: bytes) -> Any:
        try:
            value = json.loads(
                self.decode(content), object_pairs_hook=self.object_of, parse_constant=self.refuse_constant
            )
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate can't be written
        except (ValueError, RecursionError) as error:
            raise Problem("bad-request", "the body is not well-formed JSON") from error
        self.check_depth(value)
        return value

    def decode(self, content: bytes) -> str:
        text = content.decode("utf-8")
        if text.startswith("\ufeff"):
            raise ValueError("byte order mark")
        return text

    def object_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("a member comes twice")
        return dict(pairs)

    def refuse_constant(self, name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    def check_depth(self, value: Any, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise Problem("bad-request", f"the body is nested deeper than {DEEPEST}")
        inner: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for each in inner:
            self.check_depth(each, depth + 1)

    def check(self, shape: Shape, value: Any) -> None:
        violations = self.violations(shape, value)
        if violations:
            first = violations[0]
            raise Problem("invalid", f"{first.pointer or '/'} {first.message}", violations=violations)

    def violations(self, shape: Shape, value: Any) -> list[Violation]:
        return list(shape(value, ""))

    async def json_lines(self, call: Call, shape: Shape, *, most_bytes: int, most_lines: int) -> list[Any]:
        """The values of a body of JSON Lines, each of that shape; all must be right."""
        self.check_media_type(call, "application/jsonl")
        content = await self.content(call, most_bytes)
        if not content:
            raise Problem("bad-request", "the body is missing")
        lines = self.lines(content)
        if len(lines) > most_lines:
            raise Problem("too-large", f"there are more than {most_lines} lines")
        return [self.line(shape, line, number) for number, line in enumerate(lines, 1)]

    def lines(self, content: bytes) -> list[bytes]:
        return content.removesuffix(b"\n").split(b"\n")

    def line(self, shape: Shape, line: bytes, number: int) -> Any:
        try:
            value = self.parse(line)
            self.check(shape, value)
        except Problem as problem:
            raise Problem(problem.kind, f"line {number}: {problem.message}", violations=problem.violations) from None
        return value

    def query(self, call: Call, name: str) -> str | None:
        """A parameter that comes at most once; None where it doesn't."""
        values = call.request.query_params.getlist(name)
        if len(values) > 1:
            raise Problem("bad-request", f"the parameter {name} comes {len(values)} times")
        return values[0] if values else None

    def query_integer(self, call: Call, name: str, low: int, high: int, default: int) -> int:
        value = self.query(call, name)
        if value is None:
            return default
        if re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", value, re.ASCII) is None:
            raise Problem("bad-request", f"the parameter {name} must be an integer")
        return self.bounded(name, int(value), low, high)

    def bounded(self, name: str, value: int, low: int, high: int) -> int:
        if not low <= value <= high:
            raise Problem("bad-request", f"the parameter {name} must lie between {low} and {high}")
        return value

    def query_name(self, call: Call, name: str, names: Iterable[str]) -> str | None:
        value = self.query(call, name)
        if value is not None and value not in names:
            raise Problem("bad-request", f"the parameter {name} must be one of {', '.join(names)}")
        return value

    def query_shaped(self, call: Call, name: str, pattern: str) -> str | None:
        value = self.query(call, name)
        if value is not None and re.fullmatch(pattern, value, re.ASCII) is None:
            raise Problem("bad-request", f"the parameter {name} must match {pattern}")
        return value


def accepted(accept: str | None, offers: Iterable[str]) -> str | None:
    """The first offer that an Accept header takes (RFC 9110, 12.5.1); None where it takes none."""
    if accept is None or not accept.strip():
        return next(iter(offers))
    weights: dict[str, float] = {}
    for entry in accept.split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.lower().startswith("q="):
                weight = float(parameter[2:]) if re.fullmatch(r"[01]([.][0-9]{0,3})?", parameter[2:]) else 1.0
        weights[name.lower()] = weight
    return next((offer for offer in offers if _weight(weights, offer) > 0), None)


def _weight(weights: Mapping[str, float], offer: str) -> float:
    for name in (offer, offer.partition("/")[0] + "/*", "*/*"):
        if name in weights:
            return weights[name]
    return 0.0
