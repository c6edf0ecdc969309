"""Every variant has its bug: the conversation of its family goes otherwise than with the healthy desk."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.apps.desk.app import create_app
from tests.apps.desk.settings import Settings
from tests.apps.desk.variants import FAMILIES, LOW_LIMIT, document, variants
from tests.desk.conversations import CONVERSATIONS
from tests.desk.talk import Hands, Talk

VARIANTS = {name: variant for name, variant in variants().items() if not variant.blind}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Broken desks log their faults; that is no news here."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def said(name: str | None, family: str, settings: Settings) -> list[tuple[object, ...]]:
    """What a desk answers in the conversation of a family; None is the healthy one."""
    clock = Hands()
    parts = [VARIANTS[name].part] if name else []
    talk = Talk(create_app(replace(settings, piece=0.0), clock=clock, variants=parts), clock)
    try:
        CONVERSATIONS[family](talk)
    except (KeyError, ValueError):  # an answer lacks what the conversation goes on with: that, too, is said
        talk.said.append(("broken off",))
    return talk.said


@pytest.mark.parametrize("family", FAMILIES)
def test_the_healthy_desk_says_the_same_each_time(family: str) -> None:
    first, second = (said(None, family, LOW_LIMIT) for _ in range(2))
    assert first == second
    assert ("broken off",) not in first


@pytest.mark.parametrize("name", VARIANTS)
def test_the_bug_shows(name: str) -> None:
    variant = VARIANTS[name]
    shows = said(name, variant.family, variant.settings) != said(None, variant.family, variant.settings)
    assert shows, f"{variant.wrong}: the conversation {variant.family} is that of the healthy desk"


def test_every_family_has_variants() -> None:
    count = Counter(variant.family for variant in VARIANTS.values())
    assert set(count) == set(FAMILIES) == set(CONVERSATIONS)
    assert min(count.values()) >= 3


def test_the_document_states_the_limit_of_the_desk() -> None:
    text = document(LOW_LIMIT)
    assert "const: 150" in text
    assert "150 requests in a window of 3 seconds" in text
    assert "100000" not in text.replace("maximum: 100000", "")
