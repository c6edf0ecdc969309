"""What the parts of a desk have in common: a call to answer, and shelves to keep records on."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from tests.apps.desk.problems import Problem

if TYPE_CHECKING:
    from tests.apps.desk.answers import Answers
    from tests.apps.desk.gate import Gate
    from tests.apps.desk.reading import Reading
    from tests.apps.desk.settings import Clock, Settings

R = TypeVar("R")


@dataclass(slots=True)
class Call:
    """A request that was let in.

    Attributes:
        path: Names in the path → what stands there.
        workspace: Empty for what needs none.
        key: The bearer key; empty where none is needed.
    """

    request: Request
    path: Mapping[str, str]
    workspace: str = ""
    key: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.request.method

    def header(self, name: str) -> str | None:
        return self.request.headers.get(name)


class Shelf(Generic[R]):
    """Records by workspace and id, in the order in which they came."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, R]] = {}

    def all(self, workspace: str) -> list[R]:
        return list(self._records.get(workspace, {}).values())

    def find(self, workspace: str, key: str) -> R | None:
        return self._records.get(workspace, {}).get(key)

    def keep(self, workspace: str, key: str, record: R) -> None:
        self._records.setdefault(workspace, {})[key] = record

    def drop(self, workspace: str, key: str) -> None:
        self._records.get(workspace, {}).pop(key, None)

    def everywhere(self) -> Iterator[tuple[str, R]]:
        """(workspace, record) of all workspaces."""
        for workspace, records in self._records.items():
            for record in list(records.values()):
                yield workspace, record


class Office:
    """What all parts of one desk share."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.settings = settings
        self.clock = clock
        self.parts: dict[str, Part] = {}
        self._random = random.Random(settings.seed)

    def new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


class Part:
    """One part of a desk; what a variant does otherwise, it does in a subclass of one of them."""

    def __init__(self, office: Office) -> None:
        self.office = office

    def now(self) -> Any:
        return self.office.clock()

    @property
    def reading(self) -> Reading:
        part: Any = self.office.parts["reading"]
        return part  # type: ignore[no-any-return]  # the part of that name is of that class

    @property
    def answers(self) -> Answers:
        part: Any = self.office.parts["answers"]
        return part  # type: ignore[no-any-return]  # as above

    @property
    def gate(self) -> Gate:
        part: Any = self.office.parts["gate"]
        return part  # type: ignore[no-any-return]  # as above

    def gone(self, what: str) -> Problem:
        return Problem("not-found", f"there is no such {what} in this workspace")


__all__ = ["Call", "Office", "Part", "Response", "Shelf"]
