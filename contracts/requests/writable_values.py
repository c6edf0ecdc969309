"""Values that can be sent: a schema allows more than a path, a query or a form can say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from understudy.contracts.requests.bodies import Unwritable, write_body
from understudy.specs.documents.document import Json
from understudy.specs.generation.advised import AdvisedGenerator
from understudy.specs.generation.generator import Generator
from understudy.specs.model import MediaType
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.styles import ParameterCodec

__all__ = ["draw_body", "draw_parameter"]

MAX_DRAWS: Final = 8
"""Values that are made up for one place before the first one is left as it is."""


def draw_parameter(generator: Generator | AdvisedGenerator, key: str, codec: ParameterCodec) -> Json:
    """A value of a parameter, such as its place can say if one is found.

    Raises:
        GenerationError: No value of the schema was found.
    """

    def can_be_said(value: Json) -> bool:
        try:
            codec.serialize(value)
        except UncarriableValue:
            return False
        return True

    return _first(generator.generate(key), lambda number: generator.generate(f"{key}/{number}"), can_be_said)


def draw_body(generator: Generator | AdvisedGenerator, key: str, media_type: MediaType) -> Json:
    """The smallest value of a body or, where a form can't say it because something in it is empty, a fuller one.

    Raises:
        GenerationError: No value of the schema was found.
    """

    def can_be_said(value: Json) -> bool:
        try:
            return value != {} and bool(write_body(media_type, value)[1])
        except Unwritable:
            return False

    smallest = generator.generate(key, minimal=True)
    if kind(media_type.name) not in (Kind.FORM, Kind.MULTIPART):
        return smallest
    return _first(smallest, lambda number: generator.generate(f"{key}/{number}"), can_be_said)


def _first(value: Json, draw: Callable[[int], Json], can_be_said: Callable[[Json], bool]) -> Json:
    if can_be_said(value):
        return value
    others = (draw(number) for number in range(1, MAX_DRAWS))
    return next((other for other in others if can_be_said(other)), value)
