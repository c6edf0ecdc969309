"""What lists are asked for: filters that fit some records and not others, pages, and the cursors that answers tell."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeAlias, final

from understudy.contracts.conversation.knowledge import Knowledge
from understudy.specs.behaviour import Record
from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.mentions import mentions_of
from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Direction, Location, Missing, Operation, Parameter
from understudy.specs.schemas.schema import Schema

__all__ = ["Places", "Questions", "is_of_page"]

Places: TypeAlias = dict[tuple[Location, str], Json]
"""Query parameters by location and name."""

SMALL: Final = (1, 2, 3, 0)
"""Pages of so many, and beginning there: a list of a few records has several."""
_WORD: Final = re.compile(r"[A-Za-z][a-z]{3,}")


def is_of_page(action: Action, name: str) -> bool:
    """Whether a query parameter says how a list is cut, not what is in it."""
    page = action.page
    values = [each for each in (page.limit, page.offset) if each is not None] if page is not None else []
    return any(f"query.{name}" in str(each.source) or f"'{name}'" in str(each.source) for each in values)


@final
@dataclass(frozen=True, slots=True)
class Questions:
    """Draws what the optional query parameters of an operation are set to.

    Args:
        make_up: A value by a schema, for a place; MISSING where none can be made up.
    """

    random: Random
    make_up: Callable[[Schema, str], Json | Missing]

    def some(self, operation: Operation, action: Action, known: Knowledge) -> Places:
        """Any of them, or none."""
        if self.random.random() < 0.4:
            return {}
        chosen = self.page(operation, action) if self.random.random() < 0.6 else {}
        for parameter in _optional(operation):
            if not is_of_page(action, parameter.name) and self.random.random() < 0.35:
                chosen |= self.about(operation, action, parameter, known)
        return chosen

    def page(self, operation: Operation, action: Action) -> Places:
        """A small page, somewhere near the beginning."""
        chosen: Places = {}
        for parameter in _optional(operation):
            fitting = (
                [each for each in SMALL if _is_valid(parameter, each)] if is_of_page(action, parameter.name) else []
            )
            if fitting:
                chosen[parameter.location, parameter.name] = self.random.choice(fitting)
        return chosen

    def filters(self, operation: Operation, action: Action) -> Sequence[Parameter]:
        """The parameters that may say what is in the list."""
        return [each for each in _optional(operation) if not is_of_page(action, each.name)]

    def continued(self, operation: Operation, parameters: Sequence[Parameter], known: Knowledge) -> list[Parameter]:
        """The parameters that take what an answer told last: cursors."""
        told = known.told.get(operation.label, {})
        return [each for each in parameters if any(_is_named_alike(name, each.name) for name in told)]

    def about(
        self, operation: Operation, action: Action, parameter: Parameter, known: Knowledge, *, part: float = 0.2
    ) -> Places:
        """One parameter with a cursor that an answer told, else with what a record has, else made up.

        Args:
            part: How likely it is only the beginning of what a record has.
        """
        assert parameter.schema is not None
        told = known.told.get(operation.label, {})
        values = [value for name, value in told.items() if _is_named_alike(name, parameter.name)]
        if not values:
            values = list(_values_of(parameter, action, known))
            if self.random.random() < part:
                values = [value[: len(value) // 2] for value in values if isinstance(value, str) and len(value) > 1]
        fitting = [each for each in values if _is_valid(parameter, each)]
        if fitting and self.random.random() < 0.9:
            return {(parameter.location, parameter.name): self.random.choice(fitting)}
        value = self.make_up(parameter.schema, parameter.name)
        return {} if value is MISSING else {(parameter.location, parameter.name): value}


def _optional(operation: Operation) -> list[Parameter]:
    found = [each for each in operation.parameters if each.location is Location.QUERY and not each.required]
    return [each for each in found if each.schema is not None]


def _is_valid(parameter: Parameter, value: Json) -> bool:
    return parameter.schema is not None and parameter.schema.validator(Direction.REQUEST).is_valid(value)


def _is_named_alike(name: str, other: str) -> bool:
    """Whether two names share a word: ``next_cursor`` and ``cursor``."""
    words = {word.lower() for word in _WORD.findall(name)}
    return bool(words & {word.lower() for word in _WORD.findall(other)})


def _values_of(parameter: Parameter, action: Action, known: Knowledge) -> Iterator[str | int]:
    """What records of ours have where the list's condition may look for the parameter."""
    mentioned = mentions_of(str(action.where.source), "record") if action.where is not None else {}
    names = [parameter.name] if not isinstance(mentioned, Mapping) else [parameter.name, *mentioned]
    for name in dict.fromkeys(names):
        for record in _records(action, known):
            value = record.members.get(name)
            for item in value if isinstance(value, (list, tuple)) else [value]:
                if isinstance(item, (str, int)) and not isinstance(item, bool):
                    yield item
        if name == parameter.name and any(name in record.members for record in _records(action, known)):
            return


def _records(action: Action, known: Knowledge) -> Iterator[Record]:
    for _, made in known.alive(action.resource.name):
        record = known.memory.find(made.name)
        if record is not None:
            yield record
