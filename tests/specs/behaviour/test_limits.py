from __future__ import annotations

import pytest

from understudy.specs.behaviour.limits import (
    Bucket,
    Limit,
    LimitHeaders,
    MalformedLimitHeader,
    ResetForm,
    Sender,
    Standing,
    Tally,
    counted,
    find_lapse,
    read_standing,
    retry_after,
    write_standings,
)
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.model import Api, Location

NOW = 1_767_225_600.25
HEADERS = LimitHeaders("X-Limit", "X-Left", "X-Reset", ResetForm.EPOCH)


def bucket(calls: int, seconds: float = 60, headers: LimitHeaders | None = HEADERS, name: str = "few") -> Bucket:
    return Bucket(Limit(name, calls, seconds, (), False, headers), ())


def test_a_window_begins_with_its_first_call_and_ends_on_time() -> None:
    ((first,), _) = counted([bucket(2)], [None], NOW, enforce=False)
    assert first == Tally(1, NOW + 60)
    assert counted([bucket(2)], [first], NOW + 59.9, enforce=False)[0] == (Tally(2, NOW + 60),)
    assert counted([bucket(2)], [first], NOW + 60, enforce=False)[0] == (Tally(1, NOW + 120),)


def test_a_clock_that_is_set_back_does_not_keep_a_window_open() -> None:
    assert counted([bucket(2)], [Tally(2, NOW + 3600)], NOW, enforce=True) == ((Tally(1, NOW + 60),), True)


def test_a_call_over_a_limit_counts_nowhere_where_it_is_enforced() -> None:
    buckets, before = [bucket(1), bucket(5, name="more")], [Tally(1, NOW + 9), Tally(1, NOW + 9)]
    assert counted(buckets, before, NOW, enforce=True) == ((Tally(1, NOW + 9), Tally(1, NOW + 9)), False)
    assert counted(buckets, before, NOW, enforce=False) == ((Tally(2, NOW + 9), Tally(2, NOW + 9)), True)


def test_who_is_refused_waits_for_the_last_limit_that_is_used_up() -> None:
    buckets = [bucket(1), bucket(1, name="long"), bucket(9, name="free")]
    assert retry_after(buckets, [Tally(1, NOW + 2.5), Tally(1, NOW + 7.25), Tally(1, NOW + 99)], NOW) == 8
    assert retry_after(buckets, [Tally(1, NOW + 0.1), Tally(0, NOW + 7), Tally(0, NOW)], NOW) == 1


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (ResetForm.EPOCH, "1767225661"),
        (ResetForm.DELTA, "60"),
        (ResetForm.HTTP_DATE, "Thu, 01 Jan 2026 00:01:01 GMT"),
        (ResetForm.RFC3339, "2026-01-01T00:01:01Z"),
    ],
)
def test_what_is_written_is_read(form: ResetForm, text: str) -> None:
    headers = LimitHeaders("X-Limit", "X-Left", "X-Reset", form)
    said = write_standings([bucket(5, headers=headers)], [Tally(2, NOW + 60)], NOW)
    assert said == {"X-Limit": "5", "X-Left": "3", "X-Reset": text}
    read = read_standing(headers, {name.lower(): value for name, value in said.items()}, NOW)
    assert (read.limit, read.remaining) == (5, 3)
    assert read.resets is not None
    assert 0 <= read.resets - (NOW + 60) < 1


def test_a_shared_header_speaks_for_the_tightest_limit() -> None:
    alone = LimitHeaders("", "X-Day-Left", "", ResetForm.EPOCH)
    buckets = [bucket(100, 3600), bucket(5, name="few"), bucket(50, headers=alone, name="day"), bucket(1, headers=None)]
    tallies = [Tally(1, NOW + 3600), Tally(1, NOW + 60), Tally(9, NOW), Tally(9, NOW)]
    said = write_standings(buckets, tallies, NOW)
    assert said == {"X-Limit": "5", "X-Left": "4", "X-Reset": "1767225661", "X-Day-Left": "41"}
    tallies[0] = Tally(100, NOW + 3600)
    tallies[1] = Tally(8, NOW + 60)
    assert write_standings(buckets, tallies, NOW)["X-Limit"] == "100", "of two that are used up the last to end"


@pytest.mark.parametrize(
    ("form", "given", "reason"),
    [
        (ResetForm.EPOCH, {"x-left": "-1"}, "X-Left is '-1', no whole number"),
        (ResetForm.EPOCH, {"x-limit": "ten"}, "X-Limit is 'ten', no whole number"),
        (ResetForm.EPOCH, {"x-limit": "1e3"}, "X-Limit is '1e3'"),
        (ResetForm.EPOCH, {"x-limit": "9" * 5000}, "no whole number"),
        (ResetForm.EPOCH, {"x-limit": "5", "x-left": "6"}, "X-Left is 6, more than X-Limit, 5"),
        (ResetForm.EPOCH, {"x-reset": "soon"}, "X-Reset is 'soon', no whole number of seconds"),
        (ResetForm.DELTA, {"x-reset": "1.5"}, "X-Reset is '1.5', no whole number of seconds"),
        (ResetForm.HTTP_DATE, {"x-reset": "2026-01-01"}, "no http-date"),
        (ResetForm.RFC3339, {"x-reset": "2026-01-01T00:00:00"}, "it has no zone"),
    ],
)
def test_a_malformed_header_is_told(form: ResetForm, given: dict[str, str], reason: str) -> None:
    with pytest.raises(MalformedLimitHeader) as caught:
        read_standing(LimitHeaders("X-Limit", "X-Left", "X-Reset", form), given, NOW)
    assert reason in str(caught.value)


def test_what_is_not_sent_is_not_known() -> None:
    assert read_standing(HEADERS, {}, NOW) == Standing(None, None, None)


@pytest.mark.parametrize(
    ("before", "after", "alone", "lapse"),
    [
        (Standing(5, 4, NOW), Standing(5, 3, NOW), True, ""),
        (Standing(5, 4, NOW), Standing(5, 4, NOW), True, "are 4 after another one"),
        (Standing(5, 4, NOW), Standing(5, 5, NOW), False, "are 5 after another one"),
        (Standing(5, 4, NOW), Standing(5, 1, NOW), True, "one call took 3"),
        (Standing(5, 4, NOW), Standing(5, 1, NOW), False, ""),
        (Standing(5, 0, NOW), Standing(5, 0, NOW), True, ""),
        (Standing(5, 0, NOW), Standing(5, 4, NOW + 60), True, ""),  # another window
        (Standing(5, 4, NOW), Standing(100, 99, NOW), True, ""),  # another limit
        (Standing(5, 4, None), Standing(5, 4, None), True, ""),
        (Standing(5, None, NOW), Standing(5, 4, NOW), True, ""),
    ],
)
def test_calls_that_remain_fall(before: Standing, after: Standing, alone: bool, lapse: str) -> None:
    found = find_lapse(before, after, alone=alone)
    assert lapse in found
    assert bool(found) is bool(lapse)


DOCUMENT = """
openapi: 3.2.0
info: {title: t, version: '1'}
x-understudy:
  limits:
    all: {limit: 9, window: 1h, scope: [credential, address, $request.path.id, $request.header.X-Team], default: true}
    few: {limit: 2, window: 1.5s, headers: {remaining: X-Left}}
paths:
  /a: {get: {responses: {}}, put: {x-understudy: {limits: LIMITS}, responses: {}}}
"""


def build(limits: str) -> Api:
    return build_api(parse_document(DOCUMENT.replace("LIMITS", limits).encode(), "/doc.yaml"))


def test_limits_are_read() -> None:
    api = build("[few]")
    few = Limit("few", 2, 1.5, (), False, LimitHeaders("", "X-Left", "", ResetForm.EPOCH))
    scope = (Sender.CREDENTIAL, Sender.ADDRESS, (Location.PATH, "id"), (Location.HEADER, "X-Team"))
    assert api.limits == {"all": Limit("all", 9, 3600, scope, True, None), "few": few}
    assert [operation.limits for operation in api.operations] == [(api.limits["all"],), (few,)]
    assert build("[]").operations[1].limits == ()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ("[fwe]", "no limit 'fwe' is declared at the document's root; there: all, few"),
        ("few", 'not of type "array"'),
    ],
)
def test_what_names_no_limit_is_refused(limits: str, reason: str) -> None:
    with pytest.raises(UnsupportedKeyword) as caught:
        build(limits)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("limit: 9", "limit: 0", "less than the minimum"),
        ("window: 1h", "window: hourly", "does not match"),
        ("scope: [credential", "scope: [tenant", "does not match"),
        ("headers: {remaining: X-Left}", "headers: {reset: X-Reset}", "resetAs"),
        ("remaining: X-Left", "remaining: 'X Left'", "does not match"),
    ],
)
def test_an_ill_formed_limit_is_refused(old: str, new: str, reason: str) -> None:
    assert old in DOCUMENT
    with pytest.raises(UnsupportedKeyword) as caught:
        build_api(parse_document(DOCUMENT.replace(old, new).replace("LIMITS", "[]").encode(), "/doc.yaml"))
    assert reason in str(caught.value)
