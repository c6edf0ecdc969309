"""What a request took from an earlier answer is taken from the new one."""

from __future__ import annotations

from tests.apps.small_api import answer_of, case_of, operation_of
from understudy.contracts.case import Case, Exchange
from understudy.contracts.replaying.rebinding import of_the_same_form, rebind, with_fresh_idempotency_key

OPERATION = operation_of({})


def exchange(body: bytes, **headers: str) -> Exchange:
    return Exchange(case_of(OPERATION), answer_of(body, headers=tuple(headers.items())))


def rebound(target: str, old: bytes, new: bytes, body: bytes | None = None) -> Case:
    return rebind(case_of(OPERATION, target=target, body=body), [exchange(old)], [exchange(new)])


def test_ids_in_paths_queries_and_bodies_follow() -> None:
    old, new = (
        b'{"id": "a b", "n": 12, "nested": [{"key": "k1"}]}',
        b'{"id": "c/d", "n": 34, "nested": [{"key": "k2"}]}',
    )
    case = rebound("/things/a%20b/12?ref=k1&other=k1x", old, new, b'{"id":"a b","n":12,"deep":["k1"]}')
    assert case.target == "/things/c%2Fd/34?ref=k2&other=k1x"
    assert case.body == b'{"id":"c/d","n":34,"deep":["k2"]}'


def test_nothing_changes_where_nothing_was_taken() -> None:
    case = rebound("/things/fixed", b'{"id": "a1"}', b'{"id": "b2"}', b"not json")
    assert (case.target, case.body) == ("/things/fixed", b"not json")
    assert rebind(case, [], []) == case


def test_single_characters_are_left_alone() -> None:
    assert rebound("/a/b", b'{"id": "a"}', b'{"id": "z"}').target == "/a/b"


def test_the_location_header_counts() -> None:
    before, again = exchange(b"", Location="/things/t-1"), exchange(b"", Location="http://h/things/t-2")
    assert rebind(case_of(OPERATION, target="/things/t-1"), [before], [again]).target == "/things/t-2"


def test_answers_that_are_no_json_bind_nothing() -> None:
    assert rebound("/things/a1", b"a1", b"b2").target == "/things/a1"
    missing = Exchange(case_of(OPERATION), None, "no answer")
    assert rebind(case_of(OPERATION, target="/x"), [missing], [exchange(b"{}")]).target == "/x"


def test_an_idempotency_key_is_another_at_each_turn_and_the_same_in_one() -> None:
    headers = (("Idempotency-Key", "Ab3-f9zz"), ("Accept", "Ab3-f9zz"))
    case = case_of(OPERATION, headers=headers)
    first, again, later = (with_fresh_idempotency_key(case, turn) for turn in (1, 1, 2))
    assert first == again
    assert len({case.headers[0], first.headers[0], later.headers[0]}) == 3
    assert first.headers[1] == headers[1]
    plain = case_of(OPERATION)
    assert with_fresh_idempotency_key(plain, 1) == plain


def test_a_text_of_the_same_form() -> None:
    assert of_the_same_form("pet_7") == "zod_2"
    other = of_the_same_form("00aF-9")
    assert other != "00aF-9"
    assert all(of_the_same_form("0", turn) != "0" for turn in range(1, 40))
    assert set(other) <= set("0123456789abcdefABCDEF-")
