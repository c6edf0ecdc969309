"""Bugs that let in what should be refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from email.message import Message
from typing import Any

from tests.apps.desk.gate import Gate
from tests.apps.desk.parts import Call
from tests.apps.desk.problems import Problem, Violation
from tests.apps.desk.reading import Reading
from tests.apps.desk.shapes import Shape
from tests.apps.desk.variants import variant


class Mending(Reading):
    """Mends an object before it is checked, so that what was wrong with it is let in and answered well."""

    def mend(self, value: dict[str, Any]) -> None:
        raise NotImplementedError

    def violations(self, shape: Shape, value: Any) -> list[Violation]:
        if isinstance(value, dict):
            self.mend(value)
        return super().violations(shape, value)


@variant("negative-data", "numbers are taken for strings", "201 for subject: 5, where 422 is said")
class NumbersAreText(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("subject"), int | float):
            value["subject"] = str(value["subject"])


@variant("negative-data", "strings are taken for numbers", "202 for rows: '5', where 422 is said")
class TextIsNumber(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("rows"), str):
            value["rows"] = int(value["rows"]) if value["rows"].isascii() and value["rows"].isdigit() else 0


@variant("negative-data", "an estimate above 1000 is cut", "201 for estimate: 1001, where 422 is said")
class EstimateCut(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("estimate"), int) and value["estimate"] > 1000:
            value["estimate"] = 1000


@variant("negative-data", "a ttl below 1 is raised", "201 for ttl_seconds: 0, where 422 is said")
class TimeRaised(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("ttl_seconds"), int) and value["ttl_seconds"] < 1:
            value["ttl_seconds"] = 1


@variant("negative-data", "unknown priorities are normal", "201 for priority: none, where 422 is said")
class PriorityUnchecked(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if value.get("priority") not in (None, "low", "normal", "high", "urgent"):
            value["priority"] = "normal"


@variant("negative-data", "a ticket needs no requester", "201 without requester, where 422 is said")
class RequesterOptional(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if "subject" in value:
            value.setdefault("requester", "nobody@example.org")


@variant("negative-data", "unknown members are let in", "201 for a body with one member more, where 422 is said")
class MembersUnchecked(Reading):
    def violations(self, shape: Shape, value: Any) -> list[Violation]:
        return [each for each in super().violations(shape, value) if each.keyword != "additionalProperties"]


@variant("negative-data", "due_at can be any text", "201 for due_at: soon, where 422 is said")
class DueUnchecked(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("due_at"), str) and "T" not in value["due_at"]:
            value["due_at"] = None


@variant("negative-data", "tags of other letters are left out", "201 for tags: ['Ä'], where 422 is said")
class TagsCleaned(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("tags"), list):
            value["tags"] = [tag for tag in value["tags"] if not isinstance(tag, str) or tag.isascii()]


@variant("negative-data", "a tag that comes twice counts once", "201 for tags: [a, a], where 422 is said")
class TagsMadeUnique(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("tags"), list) and all(isinstance(tag, str) for tag in value["tags"]):
            value["tags"] = list(dict.fromkeys(value["tags"]))


@variant("negative-data", "a long subject is cut", "201 for 121 characters, where 422 is said")
class SubjectCut(Mending):
    def mend(self, value: dict[str, Any]) -> None:
        if isinstance(value.get("subject"), str):
            value["subject"] = value["subject"][:120]


@variant("negative-data", "any media type is read as JSON", "201 for text/plain, where 415 is said")
class TypeUnchecked(Reading):
    def check_media_type(self, call: Call, wanted: str) -> Message:
        if wanted == "application/json":
            return Message()
        return super().check_media_type(call, wanted)


@variant("negative-data", "what follows the JSON isn't read", "201 for {…} and garbage, where 400 is said")
class GarbageIgnored(Reading):
    def parse(self, content: bytes) -> Any:
        try:
            decoder = json.JSONDecoder(object_pairs_hook=self.object_of, parse_constant=self.refuse_constant)
            value, _ = decoder.raw_decode(self.decode(content).lstrip())
        except (ValueError, RecursionError) as error:
            raise Problem("bad-request", "the body is not well-formed JSON") from error
        self.check_depth(value)
        return value


@variant("negative-data", "of a member that comes twice the last counts", "201, where 400 is said")
class LastMemberCounts(Reading):
    def object_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return dict(pairs)


@variant("negative-data", "charsets aren't looked at", "201 for charset=utf-16, where 415 is said")
class CharsetUnchecked(Reading):
    def check_charset(self, given: Message) -> None:
        pass


@variant("negative-data", "bytes that aren't UTF-8 are replaced", "201 for Latin-1, where 400 is said")
class BytesReplaced(Reading):
    def decode(self, content: bytes) -> str:
        return content.decode("utf-8", "replace")


@variant("negative-data", "bodies may be of any size", "an answer other than 413 for 70,000 bytes")
class SizeUnchecked(Reading):
    def check_size(self, size: int, most: int) -> None:
        pass


@variant("negative-data", "a limit beyond its bounds is cut", "200 for limit=0, where 400 is said")
class LimitCut(Reading):
    def bounded(self, name: str, value: int, low: int, high: int) -> int:
        return min(max(value, low), high)


@variant("negative-data", "unknown values of filters are ignored", "200 for status=none, where 400 is said")
class FilterUnchecked(Reading):
    def query_name(self, call: Call, name: str, names: Iterable[str]) -> str | None:
        value = self.query(call, name)
        return value if value is not None and value in names else None


@variant("negative-data", "a missing body counts as {}", "201 for POST /sessions without body, where 400 is said")
class BodyOptional(Reading):
    async def content(self, call: Call, most: int) -> bytes:
        return await super().content(call, most) or b"{}"


@variant("negative-data", "an array counts as {}", "201 for POST /sessions with [], where 422 is said")
class ArrayIsObject(Reading):
    def parse(self, content: bytes) -> Any:
        value = super().parse(content)
        return {} if isinstance(value, list) else value


@variant("negative-data", "X-Workspace may be missing", "200 without it, where 400 is said")
class WorkspaceOptional(Gate):
    def workspace(self, call: Call) -> str:
        return super().workspace(call) if "x-workspace" in call.request.headers else "common"
