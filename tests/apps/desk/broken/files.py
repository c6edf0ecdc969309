"""Bugs of uploads and downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.apps.desk.files import File, Files
from tests.apps.desk.parts import Call
from tests.apps.desk.variants import variant


@variant("uploads", "the size of a file isn't limited", "201 for more than 65,536 bytes, where 413 is said")
class AnySize(Files):
    def check_size(self, content: bytes) -> None:
        pass


@variant("uploads", "the type of a file isn't looked at", "201 for an image/gif, where 415 is said")
class AnyType(Files):
    def check_type(self, media_type: str) -> None:
        pass

    def view(self, file: File) -> dict[str, Any]:
        known = file.media_type in ("text/plain", "image/png", "application/pdf")
        return {**super().view(file), **({} if known else {"media_type": "text/plain"})}


@variant("uploads", "line breaks are translated", "CRLF in a file comes back as LF")
class BreaksTranslated(Files):
    def sent(self, file: File) -> bytes:
        return file.content.replace(b"\r\n", b"\n")


@variant("uploads", "the last byte is lost", "a file comes back one byte short")
class LastByteLost(Files):
    def store(self, call: Call, file: File) -> None:
        super().store(call, replace(file, content=file.content[:-1]))


@variant("uploads", "bytes that aren't ASCII are altered", "a picture comes back with question marks")
class BytesAltered(Files):
    def sent(self, file: File) -> bytes:
        return bytes(byte if byte < 128 else 63 for byte in file.content)


@variant("uploads", "size counts characters", "size isn't the number of bytes")
class SizeInCharacters(Files):
    def view(self, file: File) -> dict[str, Any]:
        return {**super().view(file), "size": len(file.content.decode(errors="ignore"))}


@variant("uploads", "every download is an octet stream", "the media type isn't that of the upload")
class TypeForgotten(Files):
    def sent_headers(self, file: File) -> dict[str, str]:
        return {**super().sent_headers(file), "Content-Type": "application/octet-stream"}


@variant("uploads", "the note isn't kept", "note is empty after an upload with one")
class NoteLost(Files):
    def store(self, call: Call, file: File) -> None:
        super().store(call, replace(file, note=""))


@variant("uploads", "every file is listed as text", "media_type in the list isn't that of the upload")
class ListedAsText(Files):
    def store(self, call: Call, file: File) -> None:
        super().store(call, replace(file, media_type="text/plain"))
