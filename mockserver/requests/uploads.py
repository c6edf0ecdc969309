"""Read multipart bodies: parts to the value that a schema describes, sizes and file types enforced on the way.

A file is a string of the code points 0 to 255, one for each octet, so that `maxLength` counts octets.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, final

from understudy.mockserver.problems import Objection, Problem, ProblemRaised, too_large
from understudy.mockserver.requests.file_members import FileMember, FileMembers
from understudy.mockserver.requests.file_types import is_accepted
from understudy.specs.model import Direction, MediaType
from understudy.specs.pointers import child
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.encoded_parts import find_header_fault, inner_media_type
from understudy.specs.wire.forms import FormCodec, compile_form
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.malformed import MalformedContent
from understudy.specs.wire.media_types import Kind, find_media_type, kind
from understudy.specs.wire.multipart import Limits, Parser, PartTooLarge

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import BodyReader
    from understudy.specs.documents.document import Json
    from understudy.specs.wire.multipart import Part

__all__ = ["UploadReader"]


@final
class UploadReader:
    """The multipart bodies that one Media Type Object describes."""

    def __init__(self, media_type: MediaType) -> None:
        self._media_type = media_type
        self._files = FileMembers(media_type)
        self._has_names = not (media_type.item_schema or media_type.prefix_encoding or media_type.item_encoding)

    async def read(self, body: BodyReader, content_type: str, limit: int) -> Json | None:
        """The value of a body: an object, or an array for parts without names. None when there is no octet.

        Args:
            content_type: With the boundary.
            limit: Octets of the whole body.

        Raises:
            MalformedContent: It isn't multipart, or a part isn't what its `Content-Type` says.
            ContentTooLarge: The whole is too large.
            ProblemRaised: ``body-too-large`` for one part, ``invalid-file``.
            ClientLeft: The connection was closed before the end.
        """
        parts: list[Part] = []
        received = 0
        try:
            with Parser(content_type, Limits(max_part_bytes=self._files.max_bytes)) as parser:
                async for chunk in body.chunks(limit):
                    received += len(chunk)
                    parts += parser.feed(chunk)
                if not received:
                    return None
                parser.close()
            return self._members(parts) if self._has_names else [_positional(part) for part in parts]
        except PartTooLarge as error:
            raise ProblemRaised(too_large(error, "the file", child("", error.name))) from error
        finally:
            for part in parts:
                part.close()

    def read_inside(self, part: Part) -> Json:
        """The value of a part that has parts itself; raises as `read` does."""
        parts: list[Part] = []
        try:
            with Parser(part.media_type or "", Limits(max_part_bytes=self._files.max_bytes)) as parser:
                parts += parser.feed(part.read())
                parser.close()
            return self._members(parts)
        except PartTooLarge as error:
            raise ProblemRaised(too_large(error, "the file", child("", error.name))) from error
        finally:
            for each in parts:
                each.close()

    def _members(self, parts: Iterable[Part]) -> dict[str, Json]:
        by_name: dict[str, list[Part]] = {}
        styled: list[tuple[str, str]] = []
        for part in parts:
            if self._media_type.encoding and part.name not in self._files.by_name and self._form.claims(part.name):
                styled.append((part.name, _text(part)))
            else:
                by_name.setdefault(part.name, []).append(part)
        members = self._form.read_parts(styled) if styled else {}
        return members | {name: self._member(name, each) for name, each in by_name.items()}

    def _member(self, name: str, parts: list[Part]) -> Json:
        for part in parts:
            fault = find_header_fault(self._media_type.encoding.get(name), part.headers, Direction.REQUEST)
            if fault:
                objection = Objection("body", child("", name), "header", fault, name)
                raise ProblemRaised(Problem(ProblemKind.INVALID_BODY, objections=(objection,)))
        inner = inner_media_type(self._media_type, name)
        if (
            inner is not None
            and len(parts) == 1
            and parts[0].media_type
            and kind(parts[0].media_type) is Kind.MULTIPART
        ):
            return UploadReader(inner).read_inside(parts[0])
        member = self._files.by_name.get(name)
        if member is not None:
            return _files(name, member, parts)
        texts = [_text(part) for part in parts]
        if len(parts) == 1 and _is_json(parts[0]):
            return _json(parts[0])
        return self._form.read_member(name, texts)

    @cached_property
    def _form(self) -> FormCodec:
        return compile_form(self._media_type, Direction.REQUEST)


def _files(name: str, member: FileMember, parts: list[Part]) -> Json:
    refused = [part for part in parts if not is_accepted(member.content_types, part.media_type, part.filename)]
    if refused:
        raise ProblemRaised(_invalid_file(name, member, refused[0]))
    contents: list[Json] = [part.read().decode("latin-1") for part in parts]
    return contents if member.is_array or len(contents) > 1 else contents[0]


def _invalid_file(name: str, member: FileMember, part: Part) -> Problem:
    shown = f"{part.media_type or 'a file'}" + (f" ({part.filename[:100]!r})" if part.filename else "")
    message = f"{shown} isn't taken; send {', '.join(member.content_types)}"
    objection = Objection("body", child("", name), "contentType", message, name)
    return Problem(ProblemKind.INVALID_FILE, objections=(objection,))


def _positional(part: Part) -> Json:
    if _is_json(part):
        return _json(part)
    found = kind(part.media_type) if part.media_type else Kind.TEXT
    return part.read().decode("latin-1") if found in (Kind.BINARY, Kind.MULTIPART) else _text(part)


def _is_json(part: Part) -> bool:
    return part.media_type is not None and kind(part.media_type) is Kind.JSON


def _json(part: Part) -> Json:
    try:
        return load_json(part.read())
    except MalformedJson as error:
        raise MalformedContent(f"the part {part.name!r} is not {part.media_type}: {error}") from error


def _text(part: Part) -> str:
    """The text of a part; one that is no text in its charset is taken octet by octet."""
    named = find_media_type(part.media_type) if part.media_type else None
    charset = named.parameters.get("charset", "utf-8") if named is not None else "utf-8"
    content = part.read()
    try:
        return content.decode(charset if charset.lower() in ("utf-8", "us-ascii", "iso-8859-1") else "utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")
