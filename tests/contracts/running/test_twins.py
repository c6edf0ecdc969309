"""One fault is one finding, whoever sees it."""

from __future__ import annotations

import pytest

from understudy.contracts.claims import Claim, Failure
from understudy.contracts.conversation import claims as claimed
from understudy.contracts.fuzzing.claims import CREATED_AVAILABLE, DELETED_GONE
from understudy.contracts.running.twins import Twins


@pytest.mark.parametrize(
    ("told", "where", "claim", "operation", "is_twin"),
    [
        (claimed.MADE_IS_FOUND, "GET /pets/{id}", CREATED_AVAILABLE, "GET /pets/{id}", True),
        (claimed.MADE_IS_FOUND, "POST /pets/{id}/toys", CREATED_AVAILABLE, "GET /pets/{petId}", False),
        (claimed.MADE_IS_FOUND, "POST /pets/{id}/toys", CREATED_AVAILABLE, "PUT /pets/{id}", True),
        (claimed.CASCADE_KEPT, "GET /pets/{id}/toys/{toy}", DELETED_GONE, "GET /pets/{id}", True),
        (claimed.MADE_IS_FOUND, "GET /pets/{id}", DELETED_GONE, "GET /pets/{id}", False),
        (claimed.DELETED_IS_GONE, "GET /pets/{id}", DELETED_GONE, "GET /shops/{id}", False),
        (claimed.READ_AFTER_WRITE, "GET /pets/{id}", CREATED_AVAILABLE, "GET /pets/{id}", False),
    ],
)
def test_what_conversations_told_isnt_told_again(
    told: Claim, where: str, claim: Claim, operation: str, is_twin: bool
) -> None:
    twins = Twins()
    twins.take(Failure(told, where, "a place", "a message"))
    assert twins.is_told(Failure(claim, operation, "another place", "another message")) is is_twin


def test_nothing_was_told_at_first() -> None:
    assert not Twins().is_told(Failure(CREATED_AVAILABLE, "GET /pets/{id}", "", ""))
