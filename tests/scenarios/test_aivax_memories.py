"""Memories of AIVAX: what holds between requests, against the mock in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.apps.mocked_api import MockedApi
from understudy.specs.documents.document import Json

MEMORIES: Final = "/api/v1/memories"
NOTE: Final = "019cb3c8-4d91-7e06-ae2f-b7105c8d3f69"
REMINDER: Final = "019cb3ca-0b66-7f42-8d17-c3e95a60b281"
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"


@pytest.fixture
def mock() -> Iterator[MockedApi]:
    with MockedApi("aivax") as opened:
        yield opened


def ids(mock: MockedApi, query: str = "") -> list[str]:
    return [each["id"] for each in mock.get(f"{MEMORIES}{query}")]


def deleted(mock: MockedApi, query: str) -> Json:
    return mock.ask("DELETE", f"{MEMORIES}?{query}")


def refused(mock: MockedApi, query: str) -> int:
    return mock.send("DELETE", f"{MEMORIES}?{query}").status_code


def test_i4_a_deleted_memory_is_not_found(mock: MockedApi) -> None:
    assert mock.get(f"{MEMORIES}/{NOTE}")["externalUserId"] == "customer-204"
    deleted(mock, f"id={NOTE}")
    assert mock.send("GET", f"{MEMORIES}/{NOTE}").status_code == 404
    assert ids(mock) == [REMINDER]


def test_i5_a_memory_is_deleted_once(mock: MockedApi) -> None:
    assert deleted(mock, f"id={NOTE}")["removedCount"] == 1
    assert refused(mock, f"id={NOTE}") == 404


@pytest.mark.parametrize(
    "query",
    [
        "",
        "format=Text",
        f"id={NOTE}&externalUserId=customer-204",
        f"id={NOTE}&externalUserId=customer-204&format=Text",
        "externalUserId=customer-204",
        "externalUserId=customer-204&format=Song",
        "externalUserId=&format=Text",
        f"id={NOTE}&format=Song",
        "id=7",
    ],
)
def test_i26_one_selector_is_needed(mock: MockedApi, query: str) -> None:
    assert refused(mock, query) == 400
    assert ids(mock) == [REMINDER, NOTE]


def test_i26_an_unknown_memory_is_not_found(mock: MockedApi) -> None:
    assert refused(mock, f"id={UNKNOWN}") == 404
    assert mock.send("GET", f"{MEMORIES}/{UNKNOWN}").status_code == 404
    assert ids(mock) == [REMINDER, NOTE]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("externalUserId=customer-204&format=Text", [REMINDER]),
        ("externalUserId=customer-204&format=DateReminder", [NOTE]),
        ("externalUserId=customer&format=Text", [REMINDER]),
        ("externalUserId=customer-204%40shop.example&format=Text", [REMINDER]),
        ("externalUserId=customer-2041&format=Text", [REMINDER, NOTE]),
        ("externalUserId=ustomer-204&format=Text", [REMINDER, NOTE]),
        (f"id={REMINDER}", [NOTE]),
    ],
)
def test_i27_only_that_format_of_that_user_is_removed(mock: MockedApi, query: str, left: list[str]) -> None:
    answer = deleted(mock, query)
    assert ids(mock) == left
    assert answer["removedCount"] == 2 - len(left)
    asked = dict(part.split("=") for part in query.replace("%40", "@").split("&"))
    assert {name: answer.get(name) for name in ("externalUserId", "format")} == {
        name: asked.get(name) for name in ("externalUserId", "format")
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?format=Text", [NOTE]),
        ("?format=DateReminder", [REMINDER]),
        ("?filter=PAPERBACKS", [NOTE]),
        (f"?filter={REMINDER[:12]}", [REMINDER]),
        ("?filter=customer-204", [REMINDER, NOTE]),
        ("?filter=customer-204&format=Text", [NOTE]),
        ("?filter=atlas&format=Text", []),
    ],
)
def test_i28_filters_narrow_the_list_of_memories(mock: MockedApi, query: str, found: list[str]) -> None:
    assert ids(mock, query) == found


def test_i28_an_unknown_format_is_refused(mock: MockedApi) -> None:
    assert mock.send("GET", f"{MEMORIES}?format=Song").status_code == 400


def test_i28_an_expired_memory_is_neither_listed_nor_found(mock: MockedApi) -> None:
    mock.wait(days=365 * 80)
    assert ids(mock) == [NOTE]
    assert mock.send("GET", f"{MEMORIES}/{REMINDER}").status_code == 404
    assert refused(mock, f"id={REMINDER}") == 404
