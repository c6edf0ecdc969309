"""Make values that a schema allows: realistic, the same for the same key, and always checked.

    Generator({"type": "object", "properties": {"email": {"type": "string", "format": "email"}}}).generate("seed/1")

The schema is read lazily (`nodes`, `variants`), values are drawn in one walk (`drawing`), and the whole is checked by
the validator that everything else uses, unless plain keywords alone led to it. A value that isn't allowed is drawn
again, each time with more care; what was drawn before has no influence, so a key always gives the same value.

Modules, from the walk down to the letters: `nodes`, `variants` (places and the choices in them), `conjunctions` and
`demands` (what holds together), `shaping`, `container_shaping`, `scalar_shaping` (what that allows), `object_shapes`,
`free_members`, `array_shapes`, `string_shapes`, `number_shapes`, `content_shapes` (drawing it), `stocks` (what is drawn
once), `canonical_nodes`, `canonical_objects` (the same from the canonical form), `samples`, `realism`, `quantities`
(what it is about), `formats`, `patterns` (strings), `chance` (the dice). `space` holds all places of a schema.

Known limits: where keywords about items or free members must fail (under `not`, or in a branch of `oneOf`) and the
canonical form doesn't model them, no value may be found; there `contentSchema` is lost too. A `pattern` may be what
`specs.regex.parser` reads. Values are at most `MAX_DEPTH` levels deep; content encodings are those of RFC 4648.
"""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import Final, final

import orjson
from jsonschema_rs import canonical

from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.demands import WHOLE
from understudy.specs.generation.drawing import Drawing, Exhausted, Unsatisfied
from understudy.specs.generation.space import Space
from understudy.specs.schemas.parts import Parts
from understudy.specs.schemas.subschemas import UnresolvedSubschema
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["Generator"]

_INVALID: Final = "no value was found that meets all keywords together"


class Care(Enum):
    """How a value is drawn: each attempt with at least as much care as the one before."""

    SWIFT = "swift"
    CAREFUL = "careful"
    CANONICAL = "canonical"
    OTHERWISE = "otherwise"
    """Carefully, and minimal if it wasn't to be, or else not minimal: some value is better than none."""


_ATTEMPTS: Final = (
    *(Care.SWIFT, Care.SWIFT, Care.CAREFUL, Care.CAREFUL, Care.CAREFUL, Care.CAREFUL),
    *(Care.CANONICAL, Care.CANONICAL, Care.CANONICAL, Care.OTHERWISE, Care.OTHERWISE, Care.OTHERWISE),
)


@final
class Generator:
    """Values of one schema; compiled when first used, cheap to call from then on.

    Args:
        schema: A self-contained JSON Schema 2020-12: an object or a Boolean whose references lead into itself.
        place: Where the schema stands, as ``document#/pointer``, for errors.
        name: What the value is called: a parameter's name, a schema's; a hint for realistic values.
        parts: See `Validator`.
    """

    def __init__(self, schema: Json, *, place: str = "", name: str = "", parts: Parts | None = None) -> None:
        self._schema = schema
        self._parts = parts
        self._place = place or "schema"
        self._name = name

    @property
    def weight(self) -> int:
        """About how many octets of memory it takes, which grow with the places that were drawn from."""
        return self._space.weight if "_space" in self.__dict__ else 0

    def generate(self, key: str, *, minimal: bool = False) -> Json:
        """The value for a key: the same for the same schema and key, in every process.

        Args:
            key: Any text; another key gives another value, where the schema has more than one.
            minimal: Required members only and the shortest collections, wherever such a value is found.

        Returns:
            A value that shares nothing with the schema, valid with formats and content keywords asserted.

        Raises:
            GenerationError: The schema isn't valid, allows nothing, or no value was found; the trail leads to the
                place that failed.
        """
        failures: list[Unsatisfied | Exhausted] = []
        is_too_large = False
        for number, care in enumerate(_ATTEMPTS):
            is_minimal = minimal is not (care is Care.OTHERWISE)
            if is_too_large and not is_minimal:
                continue
            try:
                return self._attempt(f"{number}/{key}", care, is_minimal=is_minimal)
            except Unsatisfied as error:
                failures.append(error)
            except Exhausted as error:
                failures.append(error)
                is_too_large |= error.is_too_large
                if error.is_too_large and is_minimal:
                    break
        raise self._explain(failures)

    def write(self, key: str) -> bytes:
        """The JSON text of a value for a key, made for less than `generate` needs: the outermost object is drawn, what
        lies in its members may lie in other texts, too (`stocks`). All else is as `generate` has it."""
        space = self._space
        drawing = Drawing(Chance(key), minimal=False, careful=False, stocks=space.stocks)
        try:
            text = orjson.dumps(space.root.swift(drawing, 0))
        except (Unsatisfied, Exhausted, UnresolvedSubschema, RecursionError, TypeError):
            # What orjson can't write, `dump_json` can.
            return dump_json(self.generate(key))
        if drawing.unproven or not space.is_sure_of_pieces:
            if not space.is_valid(orjson.loads(text)):
                return dump_json(self.generate(key))
            for piece in drawing.unproven:
                piece.is_proven = True
        return text

    def _attempt(self, key: str, care: Care, *, is_minimal: bool) -> Json:
        space = self._space
        drawing = Drawing(Chance(key), minimal=is_minimal, careful=care is not Care.SWIFT)
        place = space.canonical(WHOLE, self._name) if care is Care.CANONICAL else space.root
        if place is None:
            raise Unsatisfied(_INVALID)
        try:
            value = place.swift(drawing, 0) if care is Care.SWIFT else place.draw(drawing, 0)
        except UnresolvedSubschema as error:
            raise Unsatisfied(str(error)) from error
        except RecursionError as error:
            raise Unsatisfied("its references are nested too deeply") from error
        if (care is not Care.SWIFT or not space.is_sure) and not space.is_valid(value):
            raise Unsatisfied(_INVALID)
        return value

    def _explain(self, failures: list[Unsatisfied | Exhausted]) -> GenerationError:
        """The most telling failure: a value that grows too large, else the first reason that names keywords."""

        def rank(failure: Unsatisfied | Exhausted) -> int:
            if isinstance(failure, Exhausted):
                return 0 if failure.is_too_large else 2
            return 3 if failure.reason == _INVALID else 1

        told = min(failures, key=rank)
        trail = tuple(reversed(told.trail)) if isinstance(told, Unsatisfied) else ()
        return GenerationError(self._place, f"no value was made: {told.reason}", trail)

    @property
    def is_sure(self) -> bool:
        """Whether what is made is valid by construction, and so not checked when nothing went wrong on the way.

        Raises:
            GenerationError: The schema isn't valid.
        """
        return self._space.is_sure

    def is_satisfiable(self) -> bool:
        """Whether some value may exist: False only where it is proven that none does.

        Raises:
            GenerationError: The schema isn't valid.
        """
        form = self._space.canonical_form(WHOLE)
        return form is None or form.satisfiability() is not canonical.Satisfiability.NO

    @cached_property
    def _space(self) -> Space:
        try:
            return Space(self._schema, self._name, self._parts)
        except (ValueError, RecursionError) as error:
            reason = next(iter(str(error).splitlines()), "nested too deeply")
            raise GenerationError(self._place, f"is not a schema that can be used: {reason}") from error
