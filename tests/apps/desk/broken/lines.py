"""Bugs of what is sent and read as JSON Lines."""

from __future__ import annotations

import json
from typing import Any

from tests.apps.desk.directory import MOST_BYTES, Directory
from tests.apps.desk.parts import Call, Response
from tests.apps.desk.problems import Problem
from tests.apps.desk.variants import variant


@variant("json-lines", "the export is one array", "the first line isn't a contact")
class ExportIsArray(Directory):
    def write(self, contacts: list[dict[str, Any]]) -> bytes:
        return json.dumps(contacts).encode()


@variant("json-lines", "lines end without line break", "two contacts stand in one line")
class LinesRunOn(Directory):
    def line(self, contact: dict[str, Any]) -> str:
        return super().line(contact).strip()


@variant("json-lines", "a contact is spread over lines", "a line isn't JSON")
class LinesSpread(Directory):
    def line(self, contact: dict[str, Any]) -> str:
        return json.dumps(contact, indent=2) + "\n"


@variant("json-lines", "a contact with a phone is exported without name", "a line isn't as its schema says")
class NameLost(Directory):
    def exported(self, call: Call) -> list[dict[str, Any]]:
        kept = super().exported(call)
        return [{name: each[name] for name in each if name != "name" or "phone" not in each} for each in kept]


@variant("json-lines", "the phone isn't exported", "what comes back isn't what was brought")
class PhoneLost(Directory):
    def exported(self, call: Call) -> list[dict[str, Any]]:
        return [{name: each[name] for name in each if name != "phone"} for each in super().exported(call)]


@variant("json-lines", "the last line of an import is lost", "the last contact isn't in the export")
class LastLineLost(Directory):
    def taken(self, contacts: list[Any]) -> list[Any]:
        return contacts[:-1]


@variant("json-lines", "an import with a bad line keeps the lines before it", "a contact of a refused import is there")
class HalfTaken(Directory):
    async def bring(self, call: Call) -> Response:
        for line in (await call.request.body()).split(b"\n")[:20]:
            try:
                contact = self.reading.parse(line)
                self.reading.check(self.CONTACT, contact)
            except Problem:
                break
            self.shelf.keep(call.workspace, contact["email"], contact)
        return await super().bring(call)


@variant("json-lines", "lines that aren't right are passed over", "200 for an import with a bad line")
class BadLinesSkipped(Directory):
    async def bring(self, call: Call) -> Response:
        self.reading.check_media_type(call, "application/jsonl")
        taken = 0
        for line in (await self.reading.content(call, MOST_BYTES)).split(b"\n"):
            try:
                contact = self.reading.line(self.CONTACT, line, 0)
            except Problem:
                continue
            self.shelf.keep(call.workspace, contact["email"], contact)
            taken += 1
        return self.answers.json(200, {"received": max(1, taken), "added": taken})


@variant("json-lines", "the export is called application/json", "the media type isn't application/jsonl")
class ExportIsJson(Directory):
    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json"}


@variant("json-lines", "the export begins with a byte order mark", "the first line isn't JSON")
class ExportMarked(Directory):
    def write(self, contacts: list[dict[str, Any]]) -> bytes:
        return b"\xef\xbb\xbf" + super().write(contacts)
