"""What requests took from answers is named, kept in variables by the commands that are told, and filled in again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.apps.small_api import answer_of, api_of, case_of
from understudy.contracts.case import Exchange
from understudy.contracts.replaying.bindings import ETAG, LOCATION, Binding, bind, fill, find_bindings, find_value
from understudy.contracts.replaying.origins import MAX_MADE, MAX_VALUES, Origins
from understudy.contracts.replaying.story import tell

OPERATION = api_of({"/things": {"post": {"responses": {"200": {"description": ""}}}}}).operations[0]
URL = "http://127.0.0.1:1"
KEY = "0d9c4b6f21aa"


def exchange(target: str = "/things", body: bytes = b"{}", **others: Any) -> Exchange:
    sent = {name: others.pop(name) for name in ("method", "headers") if name in others}
    case = case_of(OPERATION, target=target, body=others.pop("sent", None), **sent)
    return Exchange(case, answer_of(body, headers=tuple(others.pop("head", ())), **others))


MADE = exchange(body=b'{"id": "0d9c4b6f21aa", "size": 7}', sent=b'{"name":"thing-12"}')


@pytest.mark.parametrize(
    ("later", "names"),
    [
        (exchange(f"/things/{KEY}"), {"THING_ID"}),
        (exchange(f"/things?after={KEY}"), {"THING_ID"}),
        (exchange("/others", headers=(("X-Thing", KEY),)), {"THING_ID"}),
        (exchange("/others", sent=b'{"things":["0d9c4b6f21aa"]}'), {"THING_ID"}),
        (exchange("/things/thing-12"), set()),  # we made that up ourselves
        (exchange("/things/7"), set()),  # too little to be told from another seven
        (exchange("/things/0d9c4b6f21aaa"), set()),
    ],
)
def test_what_came_from_an_answer_is_bound(later: Exchange, names: set[str]) -> None:
    assert {binding.name for binding, _ in find_bindings([MADE, later])} == names


def test_short_keys_count_where_the_member_says_so() -> None:
    made = exchange(body=b'{"data": {"thingId": 7}}')
    ((binding, value),) = find_bindings([made, exchange("/things/7")])
    assert (binding, value) == (Binding("THING_ID", 0, "/data/thingId"), "7")
    assert find_value(answer_of(b'{"data": {"thingId": 8}}'), binding.place) == "8"


def test_heads_count_too() -> None:
    made = exchange(body=b"", head=(("Location", "http://h/things/t-1?x=1"), ("ETag", '"v1"')))
    later = exchange("/things/t-1", headers=(("If-Match", '"v1"'),))
    assert [binding for binding, _ in find_bindings([made, later])] == [
        Binding("THING_ID", 0, LOCATION),
        Binding("ETAG", 0, ETAG),
    ]


def test_names_are_told_apart() -> None:
    second = exchange(body=b'{"id": "77aa77aa"}')
    story = [MADE, second, exchange(f"/things/{KEY}/77aa77aa")]
    assert [binding.name for binding, _ in find_bindings(story)] == ["THING_ID", "THING_ID_2"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/things/{thingId}", "THING_ID"),
        ("/things/{id}", "THING_ID"),
        ("/things/{path}", "PATH_VALUE"),
        ("/things/{uid}", "UID_VALUE"),
        ("/things/{http-proxy}", "HTTP_PROXY_VALUE"),
        ("/things/{$(reboot)}", "REBOOT"),
        ("/things/{9}", "V_9"),
    ],
)
def test_a_name_is_the_parameters_and_harmless(path: str, name: str) -> None:
    later = exchange(f"/things/{KEY}")
    later = replace(later, case=replace(later.case, operation=f"GET {path}"))
    assert [binding.name for binding, _ in find_bindings([MADE, later])] == [name]


def test_only_whole_values_are_replaced_and_put_back() -> None:
    case = case_of(
        OPERATION,
        target=f"/a/{KEY}/{KEY}x?b={KEY}&c=x{KEY}",
        headers=(("Authorization", f"Bearer {KEY}"), ("X", f"{KEY}y")),
        body=b'{"0d9c4b6f21aa":"0d9c4b6f21aa","n":"0d9c4b6f21aa0"}',
    )
    bound = bind(case, {KEY: "THING_ID"})
    assert bound.target == f"/a/$THING_ID/{KEY}x?b=$THING_ID&c=x{KEY}"
    assert bound.headers == (("Authorization", "Bearer $THING_ID"), ("X", f"{KEY}y"))
    assert bound.body == b'{"$THING_ID":"$THING_ID","n":"0d9c4b6f21aa0"}'
    assert fill(bound, {"THING_ID": KEY, "THING": "no"}) == case


def test_a_value_that_a_url_would_write_otherwise_stays() -> None:
    case = case_of(OPERATION, target="/a/b%20c")
    assert bind(case, {"b c": "THING_ID"}) == case


def commands(*story: Exchange) -> list[str]:
    return [each.text for each in tell(story, [binding for binding, _ in find_bindings(story)], URL)]


def test_a_story_keeps_what_it_needs() -> None:
    first, second = commands(MADE, exchange(f"/things/{KEY}", sent=b'{"of":"0d9c4b6f21aa","by":"$HOME `x`"}'))
    assert first.startswith("curl -sS -X POST ")
    assert first.endswith("| tee answer1.json\nTHING_ID=$(jq -r .id answer1.json)")
    assert f'"{URL}/things/$THING_ID"' in second
    assert """'{"of":"'"$THING_ID"'","by":"$HOME `x`"}'""" in second
    assert second.startswith("curl -i ")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"id": "0d9c4b6f21aa"}', ".id"),
        (b'[{"a b": {"key": "0d9c4b6f21aa"}}]', "'.[0][\"a b\"].key'"),
        (b'{"$(reboot)": "0d9c4b6f21aa"}', "'.[\"$(reboot)\"]'"),
    ],
)
def test_paths_are_jqs(body: bytes, place: str) -> None:
    assert f"=$(jq -r {place} answer1.json)" in commands(exchange(body=body), exchange(f"/things/{KEY}"))[0]


def test_who_asks_again_waits() -> None:
    asked = [
        exchange("/jobs/1", body=body, method="GET", head=(("Date", f"Fri, 20 Nov 2026 10:00:{second:02} GMT"),))
        for body, second in ((b'"queued"', 0), (b'"queued"', 0), (b'"running"', 0), (b'"done"', 9))
    ]
    assert [each.wait for each in tell(asked, (), URL)] == [0, 0, 1, 8]


def test_a_failure_is_told_with_what_made_its_records() -> None:
    origins = Origins()
    parent = exchange("/things", body=b'{"id": "aa11"}')
    child = exchange("/things/aa11/parts", body=b'{"id": "bb22"}')
    refused = exchange("/things", body=b'{"id": "cc33"}', status=400)
    for each in (parent, exchange("/others", body=b'{"id": "dd44"}'), child, refused):
        origins.watch(each)
    last = exchange("/parts/bb22", method="GET")
    assert origins.complete([last]) == (parent, child, last)
    assert origins.complete([child, last]) == (parent, child, last)
    assert origins.complete([exchange("/things/cc33", method="GET")])[0].case.target == "/things/cc33"


def test_of_lists_only_short_ones_are_made() -> None:
    origins = Origins()
    made = [exchange(body=f'{{"id": "k{number}"}}'.encode()) for number in range(MAX_MADE + 1)]
    for each in made:
        origins.watch(each)
    short, long = (
        exchange(method="GET", body=b"[" + b",".join(b'{"id": "k%d"}' % number for number in range(count)) + b"]")
        for count in (3, MAX_MADE + 1)
    )
    assert origins.complete([short]) == (*made[:3], short)
    assert origins.complete([long]) == (long,)
    assert origins.complete([long], MAX_MADE + 1) == (*made, long)


def test_what_is_remembered_is_bounded() -> None:
    origins = Origins()
    for number in range(MAX_VALUES + 10):
        origins.watch(exchange(body=f'{{"id": "k{number}"}}'.encode()))
    assert len(origins.complete([exchange("/things/k5")])) == 1
    assert len(origins.complete([exchange(f"/things/k{MAX_VALUES}")])) == 2
