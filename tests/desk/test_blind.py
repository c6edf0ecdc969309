"""Every variant of a blind round breaks the sentence that it names: it holds for the healthy desk, and not for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.apps.desk.app import DOCUMENT, create_app
from tests.apps.desk.parts import Part
from tests.apps.desk.settings import Settings
from tests.apps.desk.variants import variants
from tests.desk import blind_two
from tests.desk.talk import Hands, Talk

BLIND = {name: variant for name, variant in variants().items() if variant.blind}
SOUTH = "south"
LINES = "application/jsonl"


def empty_members_are_written(talk: Talk) -> bool:
    ticket = talk.ticket(tags=["a"], body="long")
    talk.patch(ticket, {"tags": [], "body": ""})
    value = talk.send("GET", ticket).value
    return (value["tags"], value["body"]) == ([], "")


def minutes_stay(talk: Talk) -> bool:
    estimates = (0, 20, 30, 50, None)
    return [talk.send("GET", talk.ticket(estimate=each)).value["estimate"] for each in estimates] == [*estimates]


def instants_stay(talk: Talk) -> bool:
    return bool(talk.send("GET", talk.ticket(due_at="2026-03-01T12:00:00+02:00")).value["due_at"][-6:] == "+02:00")


def changes_at_the_same_time_are_both_kept(talk: Talk) -> bool:
    ticket = talk.ticket()
    assert [answer.status for answer in talk.patches(ticket, {"estimate": 5}, {"priority": "high"})] == [200, 200]
    value = talk.send("GET", ticket).value
    return (value["estimate"], value["priority"]) == (5, "high")


def numbers_follow_each_other(talk: Talk) -> bool:
    value = {"subject": "a", "requester": "ada@example.org"}
    made = [talk.send("POST", "/tickets", value, workspace=workspace) for workspace in ("north", SOUTH, "north")]
    return [answer.value["number"] for answer in made] == [1, 1, 2]


def refusals_tell_nothing(talk: Talk) -> bool:
    file = talk.path("/files", talk.form(b"x", "image/png", name="salaries.png"))
    answer = talk.send("GET", file, workspace=SOUTH)
    assert answer.status == 404
    return b"salaries" not in answer.body and b"north" not in answer.body


def lists_are_filtered_as_asked(talk: Talk) -> bool:
    for media_type in ("image/png", "text/plain"):
        talk.form(b"x", media_type)
    queries = ("?media_type=image/png", "", "?media_type=application/pdf")
    return [talk.send("GET", "/files" + query).value["total"] for query in queries] == [1, 2, 0]


def totals_do_not_depend_on_pages(talk: Talk) -> bool:
    talk.ticket()
    return [talk.send("GET", f"/tickets?offset={each}").value["total"] for each in (0, 1, 5)] == [1, 1, 1]


def cursors_leave_none_out(talk: Talk) -> bool:
    comments = talk.ticket() + "/comments"
    first, *_ = [talk.send("POST", comments, {"author": "A", "text": text}) for text in "abcd"]
    talk.send("DELETE", talk.path(comments, first))
    page = talk.send("GET", f"{comments}?limit=1").value
    rest = talk.send("GET", f"{comments}?cursor={page['next_cursor']}").value
    return [each["text"] for each in (*page["items"], *rest["items"])] == ["b", "c", "d"]


def tenth_comes_before_ninth(talk: Talk) -> bool:
    for _ in range(11):
        talk.ticket()
    numbers = [ticket["number"] for ticket in talk.send("GET", "/tickets").value["items"]]
    return numbers == sorted(numbers, reverse=True)


def kept_before_it_is_sent(talk: Talk) -> bool:
    session = talk.session()
    question = {"content": "hi", "stream": True}
    talk.send("POST", session + "/messages", question)
    talk.send("POST", session + "/messages", question, leave_after=2)
    return len(talk.send("GET", session + "/messages").value["items"]) == 4


def pieces_are_whole_letters(talk: Talk) -> bool:
    answer = talk.send("POST", talk.session() + "/messages", {"content": "Ωμέγα" * 9, "stream": True})
    return "�" not in answer.body.decode()


def exports_can_be_imported(talk: Talk) -> bool:
    escaped = rb'{"email":"a@b.com","name":"A\u2028B\u0085C"}' + b"\n"
    assert talk.send("POST", "/directory", content=escaped, media_type=LINES).status == 200
    exported = talk.send("GET", "/directory").body
    again = talk.send("POST", "/directory", content=exported, media_type=LINES)
    return bool(again.status == 200 and again.value == {"received": 1, "added": 0})


def listed_as_far_as_they_have_come(talk: Talk) -> bool:
    talk.send("POST", "/reports", {"kind": "daily", "rows": 3})
    listed = []
    for _ in range(3):
        listed.append(talk.send("GET", "/reports").value["items"][0]["status"])
        talk.clock.advance(0.5)
    return listed == ["queued", "running", "completed"]


def failures_count(talk: Talk) -> bool:
    paths = ("/stats", "/tickets/none", "/tickets?limit=0", "/stats")
    left = [int(talk.send("GET", path).headers["ratelimit-remaining"]) for path in paths]
    return [left[0] - each for each in left] == [0, 1, 2, 3]


def equal_files_are_two(talk: Talk) -> bool:
    one, two = (talk.path("/files", talk.form(b"the same", "text/plain")) for _ in range(2))
    talk.send("DELETE", one)
    return talk.send("GET", two + "/content").body == b"the same"


def the_largest_is_taken(talk: Talk) -> bool:
    assert talk.form(b"x" * 65_535, "image/png").status == 201
    assert talk.form(b"x" * 65_537, "image/png").status == 413
    return talk.form(b"x" * 65_536, "image/png").status == 201


def every_method_needs_a_key(talk: Talk) -> bool:
    ticket = talk.ticket()
    assert talk.send("GET", ticket, key=None).status == 401
    return talk.send("HEAD", ticket, key=None).status == 401


def repetitions_have_what_was_made(talk: Talk) -> bool:
    request = {"subject": "a", "requester": "ada@example.org"}
    key = {"Idempotency-Key": "abcdefgh"}
    first = talk.send("POST", "/tickets", request, headers=key)
    talk.patch(talk.path("/tickets", first), {"subject": "b"})
    return bool(talk.send("POST", "/tickets", request, headers=key).value == first.value)


def every_change_has_its_tag(talk: Talk) -> bool:
    ticket = talk.ticket()
    old = talk.send("GET", ticket).headers["etag"]
    talk.send("POST", ticket + "/comments", {"author": "A", "text": "b"})
    return talk.send("GET", ticket, headers={"If-None-Match": old}).status == 200


HOLDS: Mapping[str, Callable[[Talk], bool]] = {
    "patch-skips-empty": empty_members_are_written,
    "estimate-in-hours": minutes_stay,
    "due-drops-offset": instants_stay,
    "lost-update": changes_at_the_same_time_are_both_kept,
    "numbers-shared": numbers_follow_each_other,
    "not-found-tells": refusals_tell_nothing,
    "files-cached-by-path": lists_are_filtered_as_asked,
    "total-of-empty-page": totals_do_not_depend_on_pages,
    "cursor-is-offset": cursors_leave_none_out,
    "numbers-ordered-as-text": tenth_comes_before_ninth,
    "kept-after-stream": kept_before_it_is_sent,
    "pieces-cut-in-letters": pieces_are_whole_letters,
    "lines-end-at-separators": exports_can_be_imported,
    "reports-listed-as-begun": listed_as_far_as_they_have_come,
    "failures-uncounted": failures_count,
    "shared-bytes-go": equal_files_are_two,
    "largest-file-refused": the_largest_is_taken,
    "head-unguarded": every_method_needs_a_key,
    "repetition-is-current": repetitions_have_what_was_made,
    "tag-forgets-comments": every_change_has_its_tag,
    **blind_two.HOLDS,
}
"""Variant → whether what it breaks holds."""


def talk_with(*parts: type[Part]) -> Talk:
    clock = Hands()
    return Talk(create_app(replace(Settings(), piece=0.0), clock=clock, variants=parts), clock)


def test_every_blind_variant_is_held_against_its_sentence() -> None:
    assert list(HOLDS) != []
    assert set(HOLDS) == set(BLIND)


@pytest.mark.parametrize("name", BLIND)
def test_the_sentence_holds_for_the_healthy_desk_alone(name: str) -> None:
    assert HOLDS[name](talk_with())
    assert not HOLDS[name](talk_with(BLIND[name].part))


@pytest.mark.parametrize("name", BLIND)
def test_the_sentence_stands_in_the_document(name: str) -> None:
    text = re.sub(r"\s+", " ", DOCUMENT.read_text(encoding="utf-8"))
    assert BLIND[name].breaks
    assert BLIND[name].breaks in text
