"""What a move is filled with: bodies, the names of tenants, and keys that nobody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final, final

from understudy.contracts.conversation.moves import Slot
from understudy.contracts.requests.bodies import read_example
from understudy.contracts.requests.composer import Composer
from understudy.specs.documents.document import Json
from understudy.specs.errors import GenerationError
from understudy.specs.model import MISSING, Api, Direction, MediaType, Missing, Operation, Parameter
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["Filler", "typed"]

LETTERS: Final = "Grüße Ωж漢字 🙂"
"""Of one octet, two, three and four in UTF-8."""


@final
@dataclass
class Filler:
    """Draws what isn't about a record.

    Args:
        key: Decides made-up values; what stands before its first slash is the same for the whole run.
    """

    api: Api
    random: Random
    key: str

    def tenants(self, slot: Slot) -> list[str]:
        """The names of the tenants that are used: what the document gives as an example, and one made up."""
        for operation in self.api.operations:
            parameter = _parameter(operation, slot)
            if parameter is not None and parameter.schema is not None:
                seed = self.key.partition("/")[0]
                first = Composer(operation, seed).draft().values.get((parameter.location, parameter.name))
                found = [first] if isinstance(first, (str, int)) else []
                generator = parameter.schema.generator(Direction.REQUEST)
                drawn = (generator.generate(f"{seed}/tenant/{attempt}") for attempt in range(4))
                found += [value for value in drawn if isinstance(value, (str, int)) and value != first and value != ""]
                return [str(value) for value in found[:2]] or [""]
        return [""]

    def nobodys_key(self, operation: Operation, slot: Slot) -> Json | None:
        """A key that nobody has; None where none can be made up."""
        bits = self.random.getrandbits(128)
        parameter = _parameter(operation, slot)
        text = f"{bits:032x}"
        uuid = f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"
        if parameter is None or parameter.schema is None:
            return text[:16] if slot.location is None else None
        validator = parameter.schema.validator(Direction.REQUEST)
        candidates: list[Json] = [text[:16], uuid, 10**9 + bits % 10**6]
        return next((each for each in candidates if validator.is_valid(each)), None)

    def body(self, operation: Operation, number: int) -> tuple[MediaType | None, Json | Missing]:
        described = operation.request_body
        if described is None or not described.content:
            return None, MISSING
        if not described.required and self.random.random() < 0.3:
            return None, MISSING
        content = [each for each in described.content if kind(each.name) is Kind.JSON] or list(described.content)
        media_type = self.random.choice(content)
        examples = [read_example(media_type, each)[0] for each in Composer(operation, "").valid_examples(media_type)]
        examples = [each for each in examples if each is not MISSING]
        if examples and self.random.random() < 0.4:
            example = self.random.choice(examples)
            return media_type, self._varied(example, media_type.schema) if media_type.schema is not None else example
        schema = media_type.schema or media_type.item_schema
        if schema is None:
            return (media_type, examples[0]) if examples else (None, MISSING)
        drawn = self._drawn(schema, f"body/{number}", minimal=self.random.random() < 0.4)
        if drawn == {}:
            drawn = self._drawn(schema, f"body/{number}/full")
        if drawn is MISSING:
            return (media_type, examples[0]) if examples else (None, MISSING)
        drawn = self._varied(drawn, schema)
        return media_type, [drawn] if media_type.schema is None else drawn

    def _varied(self, body: Json, schema: Schema) -> Json:
        """Now and then with what makes a difference: null in the place of a value, letters of any script, a switch."""
        if not isinstance(body, Mapping) or self.random.random() < 0.4:
            return body
        names, validator = sorted(schema.member_names()), schema.validator(Direction.REQUEST)
        change = self.random.choice((_nothing, _letters, _switch))
        for name in self.random.sample(names, len(names)):
            varied = {**body, name: change(body.get(name, MISSING))}
            if varied[name] is not MISSING and varied != body and validator.is_valid(varied):
                return varied
        return body

    def value(self, schema: Schema, place: str) -> Json | Missing:
        """A value that is allowed, another each time; MISSING where none can be made up."""
        return self._drawn(schema, f"{place}/{self.random.getrandbits(32)}")

    def _drawn(self, schema: Schema, key: str, *, minimal: bool = False) -> Json | Missing:
        try:
            return schema.generator(Direction.REQUEST).generate(f"{self.key}/{key}", minimal=minimal)
        except GenerationError:
            return MISSING


def _parameter(operation: Operation, slot: Slot) -> Parameter | None:
    return next(
        (each for each in operation.parameters if each.location is slot.location and each.name == slot.name), None
    )


def typed(operation: Operation, slot: Slot, value: Json) -> Json:
    """A text of a scope as the parameter has it: a number where no text is allowed."""
    parameter = _parameter(operation, slot)
    if not isinstance(value, str) or parameter is None or parameter.schema is None:
        return value
    validator = parameter.schema.validator(Direction.REQUEST)
    is_number = not validator.is_valid(value) and value.lstrip("-").isdigit() and validator.is_valid(int(value))
    return int(value) if is_number else value


def _nothing(_: Json | Missing) -> Json | Missing:
    return None


def _letters(old: Json | Missing) -> Json | Missing:
    return f"{old} {LETTERS}" if isinstance(old, str) else LETTERS if old is MISSING else MISSING


def _switch(old: Json | Missing) -> Json | Missing:
    return True if old is MISSING else not old if isinstance(old, bool) else MISSING
