"""What is put on the bench: every variant of the desk, and the healthy desks beside which they are judged."""

from __future__ import annotations

from collections.abc import Mapping

from tests.apps.desk.parts import Part
from tests.apps.desk.settings import Settings
from tests.apps.desk.variants import LOW_LIMIT, Variant, variants

HEALTHY = "healthy"
HEALTHY_LOW = "healthy-low-limit"

CONTROLS: Mapping[str, Variant] = {
    HEALTHY: Variant(HEALTHY, HEALTHY, "nothing", "nothing", Part, Settings()),
    HEALTHY_LOW: Variant(HEALTHY_LOW, HEALTHY, "nothing", "429 after a few requests", Part, LOW_LIMIT),
}
"""Desks without a bug. `Part` itself takes no part's place."""


def subject(name: str) -> Variant:
    """A desk by its name.

    Raises:
        KeyError: There is none of that name.
    """
    return CONTROLS[name] if name in CONTROLS else variants()[name]


def control(variant: Variant) -> str:
    """The healthy desk with the same settings."""
    return HEALTHY_LOW if variant.settings == LOW_LIMIT else HEALTHY
