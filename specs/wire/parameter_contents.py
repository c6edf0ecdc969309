"""Parameters and headers described by `content`: one text in a media type, JSON in a query for one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from understudy.specs.model import Direction, MediaType
from understudy.specs.schemas.allowed_types import AllowedTypes, write_scalar
from understudy.specs.wire import percent
from understudy.specs.wire.forms import compile_form
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json
from understudy.specs.wire.malformed import MalformedContent, UncarriableValue
from understudy.specs.wire.media_types import Kind, kind

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["ReadText", "WriteText", "content_functions"]

ReadText: TypeAlias = "Callable[[str], Json]"
WriteText: TypeAlias = "Callable[[Json], str]"

_NOT_ASCII: Final = re.compile(r"[^\x00-\x7f]")


def content_functions(content: MediaType, direction: Direction) -> tuple[ReadText, WriteText]:
    """How the decoded text of a media type is read and written: JSON, a form, or plain text, which takes scalars.

    The functions raise `MalformedContent` and `UncarriableValue`. JSON is written in ASCII, so that a header takes it.
    """
    if kind(content.name) is Kind.JSON:
        return _read_json, _write_json
    if kind(content.name) is Kind.FORM:
        form = compile_form(content, direction)
        return lambda text: form.parse(text.encode(errors="surrogatepass")), lambda value: form.serialize(
            value
        ).decode()
    types = AllowedTypes(True if content.schema is None else content.schema.standalone(direction))
    return types.read, _write_plain


def _to_octets(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _read_json(text: str) -> Json:
    try:
        return load_json(_to_octets(text))
    except MalformedJson as error:
        # A cookie with JSON in it is commonly percent-encoded as a whole.
        if text.startswith("%"):
            return _read_json(percent.decode(text))
        raise MalformedContent(f"not JSON: column {error.column}: {error.reason}") from error


def _write_json(value: Json) -> str:
    return _NOT_ASCII.sub(_escape, dump_json(value).decode())


def _escape(match: re.Match[str]) -> str:
    octets = match.group().encode("utf-16-be").hex()
    return "".join(f"\\u{octets[start : start + 4]}" for start in range(0, len(octets), 4))


def _write_plain(value: Json) -> str:
    if isinstance(value, dict | list):
        raise UncarriableValue("plain text is no array or object")
    return "" if value is None else write_scalar(value)
