from __future__ import annotations

import re

import pytest

from understudy.specs.generation.chance import Chance
from understudy.specs.generation.moments import find_month
from understudy.specs.generation.quantities import chance_of_true, find_range
from understudy.specs.generation.realism import texts_for
from understudy.specs.generation.totals import find_totals, settle_total
from understudy.specs.member_names import find_by_name, is_identity, owner_of, singular, words_of


def draw(name: str, owner: str = "", text_format: str = "") -> str:
    return texts_for(name, owner, text_format)[0](Chance("5"))


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("email", r".+@example\.com"),
        ("contactEmail", r".+@example\.com"),
        ("homepage_url", "https://.+"),
        ("avatar", r"https://example\.com/images/.+\.png"),
        ("created_at", r"2026-01-\d\dT\d\d:\d\d:\d\dZ"),
        ("updatedAt", r"2026-04-\d\dT.+Z"),
        ("expires", r"2027-.+Z"),
        ("birth-date", r"2026-\d\d-\d\d"),
        ("user_id", "user_[0-9a-f]{12}"),
        ("uuid", "[0-9a-f]{8}-.{27}"),
        ("first_name", "[A-Z][a-z]+"),
        ("country_code", "[A-Z]{2}"),
        ("currency", "[A-Z]{3}"),
        ("phoneNumber", r"\+1202555\d{4}"),
        ("zip", r"\d{5}"),
        ("price", r"\d+\.\d\d"),
        ("slug", "[a-z]+-[a-z]+"),
        ("color", "#[0-9a-f]{6}"),
        ("html", "<p>.+</p>"),
        ("ip", r"192\.0\.2\.\d+"),
        ("userAgent", ".+/.+"),
        ("fileName", r".+\.(pdf|png|txt|csv|docx)"),
        ("mime-type", ".+/.+"),
        ("latitude", r"-?\d+\.\d{5}"),
        ("language", "[a-z]{2}"),
        ("status", "active|pending|completed"),
        ("message", r"[A-Z].+\."),
        ("next_page_token", "[0-9a-f]{16}"),
        ("access_token", "example-access-token-[0-9a-f]{6}"),
        ("client-secret", "example-client-secret-.+"),
    ],
)
def test_texts_suit_their_names(name: str, pattern: str) -> None:
    assert re.fullmatch(pattern, draw(name)), draw(name)


def test_names_belong_to_what_has_them() -> None:
    assert re.fullmatch("[A-Z][a-z]+ [A-Z][a-z]+", draw("name", "User"))
    assert draw("name", "UploadedFile").count(".") == 1
    assert draw("id", "SessionSummary").startswith("session_")
    assert draw("id", "") != draw("id", "Session")


def test_the_format_comes_before_the_name() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", draw("email", text_format="date"))
    assert draw("avatar", text_format="uri").endswith(".png")
    assert draw("grantKey", text_format="password").startswith("example-grant-key-")


def test_second_choices_are_shorter() -> None:
    assert [len(text(Chance("1"))) for text in texts_for("country", "", "")][1] == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("createdAt", ("created", "at")),
        ("created_at", ("created", "at")),
        ("X-Request-ID", ("x", "request", "id")),
        ("IPAddress", ("ip", "address")),
        ("base64Data", ("base", "64", "data")),
        ("", ()),
        ("日本", ()),
    ],
)
def test_words_of_names(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


def test_the_most_of_the_last_words_is_looked_up() -> None:
    table = {"email_address": 1, "address": 2}
    assert find_by_name(table, "userEmailAddress") == 1
    assert find_by_name(table, "home_address") == 2
    assert find_by_name(table, "addressed") is None


def test_identities() -> None:
    assert all(map(is_identity, ("id", "userId", "file_uuid", "X-Trace-ID")))
    assert not any(map(is_identity, ("idea", "paid", "", "ids")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("tags", "tag"), ("categories", "category"), ("boxes", "box"), ("status", "status"), ("news", "news"), ("x", "x")],
)
def test_singular(name: str, expected: str) -> None:
    assert singular(name) == expected


def test_owners() -> None:
    assert owner_of("/$defs/User/properties/name", "") == "User"
    assert owner_of("/properties/users/items/properties/name", "") == "users"
    assert owner_of("/$defs/Pet/allOf/1/properties/name", "") == "Pet"
    assert owner_of("/properties/name", "Body") == "Body"
    assert owner_of("", "Body") == "Body"


def test_ranges_by_name() -> None:
    assert find_range("page", is_integer=True).high <= 10
    assert find_range("statusCode", is_integer=True).low == 200
    assert find_range("latitude", is_integer=False).digits == 5
    assert find_range("userId", is_integer=True).low >= 1_000
    created, expires = find_range("created", is_integer=True), find_range("expires", is_integer=True)
    assert 10**9 < created.low < created.high < expires.low < 10**10
    assert find_range("created_at_ms", is_integer=True).low > 10**12
    assert find_range("", is_integer=False).digits == 2


def test_moments_are_ordered() -> None:
    names = ["createdAt", "startedAt", "completedAt", "updatedAt", "expiresAt"]
    months = [find_month(name) for name in names]
    assert months == sorted(set(months))


def test_flags_that_tell_of_trouble_are_rarely_set() -> None:
    assert chance_of_true("is_deleted") < 0.5 < chance_of_true("is_active")


def test_totals_are_found_however_they_are_spelled() -> None:
    (total,) = find_totals(["totalTokens", "promptTokens", "completionTokens", "other"])
    assert settle_total(total, {"totalTokens": 0, "promptTokens": 2, "completionTokens": 3}) == 5
    assert settle_total(total, {"totalTokens": 0, "promptTokens": 2}) is None
    assert settle_total(total, {"promptTokens": 2, "completionTokens": 3}) is None
    assert find_totals(["total_tokens", "prompt_tokens"]) == ()
