"""Values that the document itself offers: `examples` and `default`.

Examples are the most realistic values there are, but an identity must tell things apart: `"id": "pet_123"` is a
model for ids, so other letters and digits take the place of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.drawing import Drawing
from understudy.specs.generation.formats import draw_uuid
from understudy.specs.generation.words import pick
from understudy.specs.member_names import is_identity
from understudy.specs.schemas.json_values import copy_value

__all__ = ["Samples"]

CHANCE_OF_EXAMPLE: Final = 0.85
CHANCE_OF_DEFAULT: Final = 0.5
CHANCE_OF_WHOLE: Final = 0.6
"""For arrays and objects, whose members may have examples of their own."""
MIN_VARIED: Final = 3

_SEPARATORS: Final = "-_/:. "
# What tools write where nobody wrote an example.
_PLACEHOLDERS: Final = ("string", "", None)


@final
class Samples:
    """Examples and defaults of one place that are allowed there.

    Args:
        examples: In document order.
        defaults: Drawn less often, since a default says little; empty ones never.
        accepts: Whether a value is allowed at the place.
        name: Of the member.
    """

    def __init__(self, examples: list[Json], defaults: list[Json], accepts: Callable[[Json], bool], name: str) -> None:
        self._accepts = accepts
        self._is_identity = is_identity(name)
        self._examples = tuple(value for value in examples if value not in _PLACEHOLDERS and accepts(value))
        self._defaults = tuple(value for value in defaults if value not in ("", None, [], {}) and accepts(value))

    def __bool__(self) -> bool:
        return bool(self._examples or self._defaults)

    def find(self, drawing: Drawing) -> tuple[Json] | None:
        """A sample, alone in a tuple; None when a value should be made up this time."""
        random = drawing.random
        if self._examples:
            chance, values = CHANCE_OF_EXAMPLE, self._examples
        else:
            chance, values = CHANCE_OF_DEFAULT, self._defaults
        if not values or random.random() >= chance:
            return None
        value = pick(random, values)
        if isinstance(value, dict | list):
            if drawing.minimal or random.random() >= CHANCE_OF_WHOLE:
                return None
            return (self._vary(copy_value(value), random),)
        if not self._is_identity:
            return (value,)
        if not isinstance(value, str):
            return None
        varied = _vary_text(value, random)
        return (varied if self._accepts(varied) else value,)

    def _vary(self, value: Json, random: Chance) -> Json:
        """The value with new identities, the same ones for equal ones; unchanged where that isn't allowed."""
        renamed: dict[str, str] = {}
        varied = _rename(value, random, renamed)
        return varied if not renamed or self._accepts(varied) else value


def _rename(value: Json, random: Chance, renamed: dict[str, str]) -> Json:
    if isinstance(value, list):
        return [_rename(item, random, renamed) for item in value]
    if not isinstance(value, dict):
        return value
    out: dict[str, Json] = {}
    for name, item in value.items():
        if isinstance(item, str) and is_identity(name):
            if item not in renamed:
                renamed[item] = _vary_text(item, random)
            out[name] = renamed[item]
        else:
            out[name] = _rename(item, random, renamed)
    return out


def _vary_text(text: str, random: Chance) -> str:
    """Other letters and digits of the same kind in the part after the last separator, if it is long enough."""
    if len(text) == 36 and text.count("-") == 4:
        return draw_uuid(random)
    start = max(text.rfind(separator) for separator in _SEPARATORS) + 1
    tail = text[start:]
    if len(tail) < MIN_VARIED or not tail.isascii() or not tail.isalnum():
        return text
    letters = "abcdef" if all(char in "0123456789abcdef" for char in tail) else "abcdefghijkmnpqrstuvwxyz"
    if any(char.isdigit() for char in tail):
        drawn = (_similar(char, letters, random) for char in tail)
        return text[:start] + "".join(drawn)
    return f"{text}-{random.getrandbits(24):06x}"


def _similar(char: str, letters: str, random: Chance) -> str:
    if char.isdigit():
        return str(1 + int(random.random() * 9))
    similar = letters[int(random.random() * len(letters))]
    return similar.upper() if char.isupper() else similar
