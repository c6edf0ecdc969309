"""Values that keep what a document only advises, wherever that is allowed."""

from __future__ import annotations

from typing import final

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation.drawing import Accepts
from understudy.specs.generation.generator import Generator
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["AdvisedGenerator"]


@final
class AdvisedGenerator:
    """Values of a schema as it was made stricter; where such a one isn't allowed by the schema itself, of that.

    A discriminator, for one, may name one of several branches of `oneOf` that nothing else tells apart: then a value
    that has the name fits all of them, which is one too many.

    Args:
        advised: Of the stricter schema.
        allowed: Of the schema itself.
        is_allowed: What that says of a value.
    """

    def __init__(self, advised: Generator, allowed: Generator, is_allowed: Accepts) -> None:
        self._advised = advised
        self._allowed = allowed
        self._is_allowed = is_allowed

    @property
    def weight(self) -> int:
        """As of `Generator`."""
        return self._advised.weight + self._allowed.weight

    def generate(self, key: str, *, minimal: bool = False) -> Json:
        """As of `Generator`."""
        try:
            value = self._advised.generate(key, minimal=minimal)
        except GenerationError:
            return self._allowed.generate(key, minimal=minimal)
        return value if self._is_allowed(value) else self._allowed.generate(key, minimal=minimal)

    def write(self, key: str) -> bytes:
        """The JSON text of what `generate` gives."""
        return dump_json(self.generate(key))
