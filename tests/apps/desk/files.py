"""Files that are uploaded, and read again byte by byte."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from tests.apps.desk.forms import FormPart, form_parts
from tests.apps.desk.parts import Call, Office, Part, Shelf
from tests.apps.desk.problems import Problem
from tests.apps.desk.reading import accepted
from tests.apps.desk.settings import stamp

FILE_BYTES = 65_536
FORM_BYTES = 98_304
TYPES = ("text/plain", "image/png", "application/pdf")


@dataclass(frozen=True, slots=True)
class File:
    id: str
    name: str
    media_type: str
    content: bytes
    note: str
    created: datetime

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "media_type": self.media_type,
            "size": len(self.content),
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "note": self.note,
            "created_at": stamp(self.created),
        }


class Files(Part):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf: Shelf[File] = Shelf()

    async def create(self, call: Call) -> Response:
        name, media_type, content, note = await self.form(call)
        self.check_type(media_type)
        self.check_size(content)
        file = File(self.office.new_id(), name, media_type, content, note, self.now())
        self.store(call, file)
        return self.answers.created(self.view(file), f"/files/{file.id}")

    def view(self, file: File) -> dict[str, Any]:
        return file.shown()

    def check_type(self, media_type: str) -> None:
        if media_type not in TYPES:
            raise Problem("unsupported-media-type", f"a file is one of {', '.join(TYPES)}")

    def check_size(self, content: bytes) -> None:
        if len(content) > FILE_BYTES:
            raise Problem("too-large", f"the file has more than {FILE_BYTES} bytes")

    def store(self, call: Call, file: File) -> None:
        self.shelf.keep(call.workspace, file.id, file)

    async def form(self, call: Call) -> tuple[str, str, bytes, str]:
        """Name, media type and octets of the file, and the note (RFC 7578)."""
        given = self.reading.check_media_type(call, "multipart/form-data")
        content = await self.reading.content(call, FORM_BYTES)
        try:
            parts = form_parts(content, str(given.get_param("boundary") or ""))
        except ValueError as error:
            raise Problem("bad-request", "the body is missing or no whole multipart/form-data") from error
        named = {part.name: part for part in parts}
        if len(named) < len(parts):
            raise Problem("invalid", "a part comes twice")
        file, note = named.pop("file", None), named.pop("note", None)
        if file is None:
            raise Problem("invalid", "/file is missing")
        if named:
            raise Problem("invalid", f"/{next(iter(named))} is not known")
        return file.file_name or "unnamed", file.media_type or "text/plain", file.content, self.note(note)

    def note(self, part: FormPart | None) -> str:
        if part is None:
            return ""
        try:
            note = part.content.decode()
        except UnicodeDecodeError as error:
            raise Problem("invalid", "/note is not UTF-8") from error
        if len(note) > 200:
            raise Problem("invalid", "/note has more than 200 characters")
        return note

    def get(self, call: Call) -> File:
        file = self.find(call.workspace, call.path["fileId"])
        if file is None:
            raise self.gone("file")
        return file

    def find(self, workspace: str, key: str) -> File | None:
        return self.shelf.find(workspace, key)

    async def index(self, call: Call) -> Response:
        """In the order in which they came."""
        media_type = self.reading.query_name(call, "media_type", TYPES)
        items = [self.view(file) for file in self.all(call) if self.matches(file, media_type)]
        return self.answers.json(200, {"items": items, "total": len(items)})

    def all(self, call: Call) -> list[File]:
        return self.shelf.all(call.workspace)

    def matches(self, file: File, media_type: str | None) -> bool:
        return media_type is None or file.media_type == media_type

    async def show(self, call: Call) -> Response:
        return self.answers.json(200, self.view(self.get(call)))

    async def content(self, call: Call) -> Response:
        file = self.get(call)
        if accepted(call.header("accept"), [file.media_type]) is None:
            raise Problem("not-acceptable", f"the file is {file.media_type}")
        content, headers = self.sent(file), self.sent_headers(file)
        return self.answers.tagged(call, Response(content, 200, headers))

    def sent(self, file: File) -> bytes:
        return file.content

    def sent_headers(self, file: File) -> dict[str, str]:
        return {
            "Content-Type": file.media_type,
            "Content-Disposition": "attachment",
            "Cache-Control": "private, max-age=60",
        }

    async def remove(self, call: Call) -> Response:
        self.drop(call, self.get(call))
        return self.answers.nothing()

    def drop(self, call: Call, file: File) -> None:
        self.shelf.drop(call.workspace, file.id)
