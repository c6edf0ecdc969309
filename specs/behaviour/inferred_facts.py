"""What can be inferred of an API's behaviour, and how much each kind of it says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias, final

from understudy.specs.behaviour.declarations import Action

__all__ = ["Evidence", "Fact", "Inferred", "Uncertain", "Weight"]


class Weight(Enum):
    """What it means when a live API does otherwise."""

    FAILURE = "Failure"
    NOTE = "note"


class Fact(Enum):
    """A kind of inferred fact, as the table in VOCABULARY.md lists them: its name and its weight."""

    RESOURCE = ("resource", Weight.NOTE)
    KEY = ("key", Weight.NOTE)
    SCOPE = ("scope", Weight.NOTE)
    PARENT = ("parent", Weight.NOTE)
    CREATE = ("create", Weight.FAILURE)
    READ = ("read", Weight.FAILURE)
    DELETE = ("delete", Weight.FAILURE)
    READ_BACK = ("read-back", Weight.FAILURE)
    TAKEN = ("taken", Weight.NOTE)
    CLIENT_KEY = ("client-key", Weight.NOTE)
    LOCATION = ("location", Weight.NOTE)
    LIST = ("list", Weight.NOTE)
    FILTER = ("filter", Weight.NOTE)
    PAGE = ("page", Weight.NOTE)
    COUNT = ("count", Weight.NOTE)
    REPLACE = ("replace", Weight.NOTE)
    UPDATE = ("update", Weight.NOTE)
    MERGE = ("merge", Weight.NOTE)
    UPSERT = ("upsert", Weight.NOTE)
    ENTITY_TAG = ("entity-tag", Weight.NOTE)
    CONDITION = ("condition", Weight.NOTE)
    IDEMPOTENCY_KEY = ("idempotency-key", Weight.NOTE)

    @property
    def title(self) -> str:
        """As the table and the command line write it."""
        return self.value[0]

    @property
    def weight(self) -> Weight:
        """Whether a live API that does otherwise fails, or is only noted."""
        return self.value[1]


@final
@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that was inferred, or that was not, and why.

    Attributes:
        about: The resource's name or the operation's label.
        fact: None for what was not inferred.
        text: A sentence that goes on from what it is about; it names paths, methods, schemas and links.
        names: The members, or the parameters, that it is about.
    """

    about: str
    fact: Fact | None
    text: str
    names: tuple[str, ...] = ()


Inferred: TypeAlias = tuple[Action, tuple[Evidence, ...]]
"""What an operation does, and what tells it."""


class Uncertain(Exception):
    """Something can't be told for certain; the message is a sentence that says why. Never leaves the inference."""
