"""Named situations that a mock can be put into, as a file writes them; SCENARIOS.md describes it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from importlib import resources
from typing import Final, TypeAlias, final

import jsonschema_rs
from jsonschema_rs import ValidationError, ValidationErrorKind

from understudy.mockserver.forcing.durations import parse_span
from understudy.mockserver.forcing.forcing import Forcing, read_forcing
from understudy.mockserver.settings import RateLimits
from understudy.specs.documents.document import Document, Json, read_document
from understudy.specs.errors import DocumentError, UsageError
from understudy.specs.pointers import JsonPointer, child

__all__ = ["Records", "Scenario", "ScenarioError", "Scenarios", "StandardRecords", "read_clock", "read_scenarios"]

_TIME: Final = "a time such as 2024-03-04T09:00:00Z, or a span from now such as +2h"


class ScenarioError(DocumentError):
    """A file of scenarios can't be used."""


@final
class StandardRecords(Enum):
    """Records that a scenario begins with, without naming them."""

    SEED = "seed"
    """The document's seed records."""
    EMPTY = "empty"
    """None."""
    KEEP = "keep"
    """Those that there are."""


Records: TypeAlias = StandardRecords | Mapping[str, Json]
"""By resource: a list as the file has it, or ``"empty"``. Resources that aren't named have their seed records."""


@final
@dataclass(frozen=True, slots=True)
class Scenario:
    """A situation.

    Attributes:
        clock: The time that it begins at, or the distance from the mock's clock; None leaves the clock alone.
        limits: What becomes of calls over a rate limit; None leaves it to how the mock was started.
        place: Where in the file it stands.
    """

    name: str
    summary: str
    records: Records
    clock: datetime | timedelta | None
    overrides: tuple[Forcing, ...]
    limits: RateLimits | None
    place: JsonPointer

    def offset_from(self, now: datetime) -> float:
        """By how many seconds it moves a clock that says `now`."""
        if isinstance(self.clock, datetime):
            return (self.clock - now).total_seconds()
        return self.clock.total_seconds() if self.clock is not None else 0.0


@final
@dataclass(frozen=True, slots=True)
class Scenarios:
    """A file of scenarios.

    Attributes:
        start: Name of the one that the mock starts with.
    """

    document: Document
    by_name: Mapping[str, Scenario]
    start: str

    def error(self, reason: str, pointer: str) -> ScenarioError:
        """An error at a place of the file."""
        line = self.document.line(pointer)
        return ScenarioError(self.document.name, reason, pointer=pointer, line=line)

    def get(self, name: str) -> Scenario:
        """The scenario of a name; raises `UsageError` when there is none."""
        found = self.by_name.get(name)
        if found is None:
            raise UsageError("scenario", name, ", ".join(self.by_name))
        return found


def read_scenarios(text: str) -> Scenarios:
    """The scenarios of ``FILE#NAME``; of ``FILE`` alone the first one is the start.

    Raises:
        DocumentError: The file can't be read, or isn't as `scenario.schema.json` has it; names place and line.
        UsageError: It has no scenario of that name.
    """
    file, _, name = text.partition("#")
    document = read_document(file)
    scenarios = Scenarios(document, {}, name)
    errors = sorted(_validator().iter_errors(document.tree), key=_urgency)
    if errors:
        where, reason = _explain(errors[0])
        raise scenarios.error(reason, child("", *where))
    found = {key: _read(key, raw, scenarios) for key, raw in document.tree["scenarios"].items()}
    read = Scenarios(document, found, name or next(iter(found)))
    if read.start not in found:
        raise UsageError("--scenario", text, ", ".join(f"{file}#{known}" for known in found))
    return read


def read_clock(text: str) -> datetime | timedelta:
    """A time, or with a sign before it a span from now.

    Raises:
        UsageError: It is neither.
    """
    try:
        if text[:1] in ("+", "-"):
            return timedelta(seconds=parse_span(text.removeprefix("+")))
        time = datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise UsageError("clock", text[:50], _TIME) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _read(name: str, raw: Mapping[str, Json], scenarios: Scenarios) -> Scenario:
    place = JsonPointer(child("", "scenarios", name))
    said = raw.get("records", "seed")
    overrides = []
    for index, each in enumerate(raw.get("overrides", ())):
        try:
            overrides.append(read_forcing(each))
        except UsageError as error:
            raise scenarios.error(str(error), child(place, "overrides", index)) from error
    try:
        clock = read_clock(raw["clock"]) if "clock" in raw else None
    except UsageError as error:
        raise scenarios.error(str(error), child(place, "clock")) from error
    records = StandardRecords(said) if isinstance(said, str) else said
    limits = RateLimits(raw["limits"]) if "limits" in raw else None
    return Scenario(name, raw.get("summary", ""), records, clock, tuple(overrides), limits, place)


@cache
def _schema() -> Json:
    return json.loads(resources.files(__package__).joinpath("scenario.schema.json").read_text("utf-8"))


@cache
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(_schema(), mask="the value", offline=True)


def _urgency(error: ValidationError) -> tuple[bool, int]:
    return not isinstance(error.kind, ValidationErrorKind.AdditionalProperties), len(error.instance_path)


def _explain(error: ValidationError) -> tuple[list[str | int], str]:
    path = list(error.instance_path)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.AdditionalProperties):
        name = kind.unexpected[0]
        known = _members_at(path)
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
        return [*path, name], f"unknown member {name!r}; {hint}"
    if isinstance(kind, ValidationErrorKind.Required):
        return path, f"the member {kind.property!r} is missing"
    if isinstance(kind, ValidationErrorKind.PropertyNames):
        return path, "the name of a scenario has letters, digits, dots, hyphens and underscores, 100 at most"
    return path, error.message


def _members_at(path: Sequence[str | int]) -> list[str]:
    definitions = _schema()["$defs"]
    if "delay" in path:
        found = definitions["delay"]["then"]
    elif "overrides" in path:
        found = definitions["override"]
    else:
        found = definitions["scenario"] if len(path) > 1 else _schema()
    return list(found["properties"])
