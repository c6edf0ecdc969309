"""Draw strings that contain something: `contentEncoding`, `contentMediaType`, `contentSchema`."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.drawing import Draw, Drawable, Drawing, Unsatisfied
from understudy.specs.generation.string_shapes import StringShape
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["ContentShape"]

MAX_TRIES: Final = 12
_ENCODERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "base16": base64.b16encode,
    "base32": base64.b32encode,
    "base64": base64.b64encode,
    "base64url": base64.urlsafe_b64encode,
}


@final
@dataclass(frozen=True)
class ContentShape:
    """Strings that hold a value.

    Attributes:
        text: What is said of the string itself.
        media_type: Empty when none is named.
        encoding: Empty for none; those of RFC 4648 are known, any other is taken for none.
        content: The value inside; None when nothing is said of it.
    """

    text: StringShape
    media_type: str
    encoding: str
    content: Drawable | None

    def is_dead(self, levels: int) -> bool:
        """Whether the string's own bounds exclude each other."""
        return self.text.is_dead(levels)

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """A string that has been checked against ``text``; who draws the whole value checks the content."""
        is_free = self.text.is_free and not self.text.formats
        for _ in range(MAX_TRIES):
            drawn = self._write(self._draw_content(drawing, depth))
            if is_free or self.text.contains(drawn):
                return drawn
        raise Unsatisfied(
            "no content was found whose text has the length, pattern and format that the string must have"
        )

    @property
    def swift(self) -> Draw:
        """The same."""
        return self.draw

    @property
    def rests_on(self) -> None:
        """Nothing is known."""

    def height(self, limit: int) -> int | None:
        """As high as the content, which is nested like any other value."""
        if self.content is None:
            return self.text.height(limit)
        return self.content.height(limit)

    def finite(self) -> tuple[Json, ...] | None:
        """The texts of all contents, when those are few."""
        contents = self.content.finite() if self.content is not None else None
        if contents is None or kind(self.media_type) is not Kind.JSON:
            return None
        return tuple(drawn for value in contents if self.text.contains(drawn := self._write(_json(value))))

    def _draw_content(self, drawing: Drawing, depth: int) -> str:
        holds = kind(self.media_type) if self.media_type else None
        if holds not in (Kind.JSON, Kind.JSON_LINES):
            return StringShape(name=self.text.name, owner=self.text.owner).draw(drawing, depth)
        if self.content is None:
            return "{}" if holds is Kind.JSON else "{}\n"
        try:
            value = self.content.draw(drawing, depth + 1)
        except Unsatisfied as error:
            error.trail.append("contentSchema")
            raise
        if holds is Kind.JSON:
            return _json(value)
        return "".join(f"{_json(record)}\n" for record in value) if isinstance(value, list) else _json(value)

    def _write(self, text: str) -> str:
        encode = _ENCODERS.get(self.encoding)
        return encode(text.encode()).decode() if encode is not None else text


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
