"""Desks with one bug each: name → family, what is wrong, what a client could see of it, and the part that has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from starlette.types import ASGIApp

from tests.apps.desk.app import DOCUMENT, create_app
from tests.apps.desk.parts import Part
from tests.apps.desk.settings import Clock, Settings, wall_clock

FAMILIES = (
    "state", "isolation", "filters", "paging", "order", "counts", "cascade", "expiry", "streams", "json-lines", "jobs",
    "limits", "uploads", "auth", "schema", "statuses", "headers", "negative-data", "methods", "idempotency",
    "conditional", "hanging",
)  # fmt: skip

_MODULES = (
    "records",
    "lists",
    "tenants",
    "streams",
    "lines",
    "jobs",
    "limits",
    "files",
    "answers",
    "requests",
    "input",
    "blind_one",
    "blind_one_requests",
    "blind_two",
    "blind_two_requests",
)

LOW_LIMIT = Settings(limit=150, window=3.0)
"""A limit that a test can reach."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One bug.

    Attributes:
        sees: What gives it away to a client that knows the document.
        part: Takes the place of the part that it is a subclass of.
        settings: With which the desk opens.
        breaks: The sentence of openapi.yaml that isn't true of it; said of blind ones only.
        blind: n for those of the n-th blind round, which were run before anybody had tuned a check to them; 0 for those
            of no such round.
    """

    name: str
    family: str
    wrong: str
    sees: str
    part: type[Part]
    settings: Settings
    breaks: str = ""
    blind: int = 0

    def app(self, clock: Clock = wall_clock) -> ASGIApp:
        return create_app(self.settings, clock=clock, variants=[self.part])

    def document(self) -> str:
        return document(self.settings)


_VARIANTS: dict[str, Variant] = {}


def variant(
    family: str, wrong: str, sees: str, settings: Settings | None = None, *, breaks: str = "", blind: int = 0
) -> Callable[[type[Part]], type[Part]]:
    """Register a part as a variant; its name is that of the class in kebab-case."""

    def register(part: type[Part]) -> type[Part]:
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", part.__name__).lower()
        if family not in FAMILIES or name in _VARIANTS:
            raise ValueError(f"{name}: unknown family {family}, or a name twice")
        _VARIANTS[name] = Variant(name, family, wrong, sees, part, settings or Settings(), breaks, blind)
        return part

    return register


def variants() -> Mapping[str, Variant]:
    """Name → variant, family by family."""
    for module in _MODULES:
        import_module(f"tests.apps.desk.broken.{module}")
    ordered = sorted(_VARIANTS.values(), key=lambda each: FAMILIES.index(each.family))
    return {each.name: each for each in ordered}


def document(settings: Settings) -> str:
    """openapi.yaml of a desk with these settings: the limit and its window are the ones that it states."""
    text = DOCUMENT.read_text(encoding="utf-8")
    window = f"{settings.window:g} seconds"
    stated = {
        "limit: 100000": f"limit: {settings.limit}",
        "window: 60s": f"window: {settings.window:g}s",
        "const: 100000": f"const: {settings.limit}",
        "100,000 requests in a window of 60 seconds": f"{settings.limit:,} requests in a window of {window}",
    }
    for old, new in stated.items():
        if old not in text:
            raise ValueError(f"openapi.yaml doesn't say {old!r} any more")
        text = text.replace(old, new)
    return text
