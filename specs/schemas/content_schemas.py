"""Assert what a string contains: `contentEncoding`, `contentMediaType`, `contentSchema`.

JSON Schema leaves these unasserted (Validation, section 8), and so do its libraries; OpenAPI 3.2 uses them to say
what JSON lies in the `data` of an event, so here they count.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Final, Protocol

from understudy.specs.documents.document import Json
from understudy.specs.wire.json_bodies import MalformedJson, load_json
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["KEYWORDS", "ContentKeyword", "UndecodableContent", "decode_content"]

KEYWORDS: Final = ("contentEncoding", "contentMediaType", "contentSchema")


class _Inner(Protocol):
    def is_valid(self, value: Json) -> bool: ...


class UndecodableContent(ValueError):
    """A string isn't what a keyword says; ``keyword`` is the first of `KEYWORDS` that it isn't."""

    def __init__(self, keyword: str, reason: str) -> None:
        super().__init__(reason)
        self.keyword = keyword


def decode_content(schema: Json, text: str) -> Json:
    """The JSON value that a string holds according to its schema's `contentEncoding` and `contentMediaType`.

    Returns:
        The value; for JSON Lines the array of records; the text itself where the media type is neither.

    Raises:
        UndecodableContent: The text is not what the keywords say, in one sentence.
    """
    data: bytes | str = text
    if schema.get("contentEncoding") == "base64":
        try:
            data = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise UndecodableContent("contentEncoding", f"not base64: {error}") from error
    media_type = schema.get("contentMediaType")
    content = kind(media_type) if isinstance(media_type, str) else None
    if content not in (Kind.JSON, Kind.JSON_LINES):
        return text
    octets = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    try:
        if content is Kind.JSON:
            return load_json(octets)
        return [load_json(line) for line in octets.splitlines() if line.strip()]
    except MalformedJson as error:
        raise UndecodableContent("contentMediaType", f"not {media_type}: {error}") from error


class ContentKeyword:
    """One of `KEYWORDS` as a custom keyword of the validator, which takes a class per schema.

    ``compile`` gives the validator of the schema inside; it is called when the first string is seen, so that a
    schema may contain itself.
    """

    compile: Callable[[Json], _Inner]

    def __init__(self, parent_schema: dict[str, Json], value: Json, schema_path: list[str | int]) -> None:
        self._parent = parent_schema
        # The last of the three keywords speaks for all, so that a string is decoded once.
        self._speaks = schema_path[-1] == next(key for key in reversed(KEYWORDS) if key in parent_schema)
        self._inner: _Inner | None = None

    def validate(self, instance: Json) -> None:
        """Raises ValueError when the string isn't what the keywords say."""
        if not self._speaks or not isinstance(instance, str):
            return
        value = decode_content(self._parent, instance)
        if "contentSchema" in self._parent and "contentMediaType" in self._parent:
            if self._inner is None:
                self._inner = type(self).compile(self._parent["contentSchema"])
            if not self._inner.is_valid(value):
                raise ValueError("the content disagrees with contentSchema")
