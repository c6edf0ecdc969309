"""What the variants of the second blind round break: variant → whether it holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from tests.desk.talk import Talk

SOUTH = "south"
LINES = "application/jsonl"


def put_begins_anew(talk: Talk) -> bool:
    ticket = talk.ticket(tags=["a"], estimate=5)
    value = {"subject": "b", "requester": "ada@example.org", "status": "open"}
    assert talk.send("PUT", ticket, value).value["estimate"] is None
    return bool(talk.send("GET", ticket).value["tags"] == [])


def texts_stay(talk: Talk) -> bool:
    comments = talk.ticket() + "/comments"
    made = talk.send("POST", comments, {"author": "A", "text": " b\n"})
    return bool(talk.send("GET", talk.path(comments, made)).value["text"] == " b\n")


def others_keep_their_contacts(talk: Talk) -> bool:
    line = b'{"email":"a@b.com","name":"A"}\n'
    talk.send("POST", "/directory", content=line, media_type=LINES)
    assert talk.send("DELETE", "/directory", workspace=SOUTH).status == 204
    return talk.send("GET", "/directory").body != b""


def priorities_are_matched(talk: Talk) -> bool:
    for priority in ("low", "high", "urgent"):
        talk.ticket(priority=priority)
    found = talk.send("GET", "/tickets?priority=high").value
    assert talk.send("GET", "/tickets").value["total"] == 3
    return [ticket["priority"] for ticket in found["items"]] == ["high"]


def the_last_page_has_no_next(talk: Talk) -> bool:
    comments = talk.ticket() + "/comments"
    for text in "abcd":
        talk.send("POST", comments, {"author": "A", "text": text})
    first = talk.send("GET", f"{comments}?limit=2").value["next_cursor"]
    assert first == "2"
    return talk.send("GET", f"{comments}?limit=2&cursor={first}").value["next_cursor"] is None


def changes_leave_the_order(talk: Talk) -> bool:
    old, _ = talk.ticket(), talk.ticket()
    talk.clock.advance(1)
    talk.patch(old, {"estimate": 5})
    return [ticket["number"] for ticket in talk.send("GET", "/tickets").value["items"]] == [2, 1]


def streams_end_with_their_client(talk: Talk) -> bool:
    messages = talk.session() + "/messages"
    question = {"content": "hi", "stream": True}
    assert talk.send("POST", messages, question).ended
    assert talk.send("GET", "/stats").value["open_streams"] == 0
    talk.send("POST", messages, question, leave_after=2)
    return bool(talk.send("GET", "/stats").value["open_streams"] == 0)


def gone_is_gone(talk: Talk) -> bool:
    session = talk.session(ttl_seconds=1)
    talk.clock.advance(2)
    assert talk.send("GET", session).status == 404
    return talk.send("POST", session + "/extension", {"seconds": 60}).status == 404


def length_is_that_of_the_pieces(talk: Talk) -> bool:
    answer = talk.send("POST", talk.session() + "/messages", {"content": "Ωμέγα", "stream": True})
    frames = [frame.split("\ndata: ") for frame in answer.body.decode().split("\n\n") if frame.startswith("event")]
    told = [(name, json.loads(data)) for name, data in frames]
    pieces = "".join(data["text"] for name, data in told if name == "event: delta")
    return bool(told[-1] == ("event: done", {"length": len(pieces), "finish_reason": "stop"}))


def contacts_take_the_place_of_old_ones(talk: Talk) -> bool:
    for line in (b'{"email":"a@b.com","name":"A","phone":"+4930123456"}', b'{"email":"a@b.com","name":"B"}'):
        assert talk.send("POST", "/directory", content=line, media_type=LINES).status == 200
    return bool(talk.send("GET", "/directory").value == {"email": "a@b.com", "name": "B"})


def deleted_reports_stay_away(talk: Talk) -> bool:
    report = talk.path("/reports", talk.send("POST", "/reports", {"kind": "daily", "rows": 3}))
    talk.clock.advance(0.5)
    talk.send("DELETE", report)
    assert talk.send("GET", report).status == 404
    talk.clock.advance(0.5)
    return talk.send("GET", report).status == 404 and talk.send("GET", "/reports").value["total"] == 0


def keys_are_counted_over_all_workspaces(talk: Talk) -> bool:
    workspaces = ("north", SOUTH, "north")
    left = [int(talk.send("GET", "/stats", workspace=each).headers["ratelimit-remaining"]) for each in workspaces]
    return [left[0] - each for each in left] == [0, 1, 2]


def notes_are_measured_in_characters(talk: Talk) -> bool:
    assert talk.form(b"x", "image/png", "n" * 200).status == 201
    assert talk.form(b"x", "image/png", "ü" * 201).status == 422
    return talk.form(b"x", "image/png", "ü" * 200).status == 201


def whole_keys_open(talk: Talk) -> bool:
    secret = talk.send("POST", "/keys", {"label": "a"}).value["key"]
    other = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    assert talk.send("GET", "/stats", key="Bearer " + secret).status == 200
    return talk.send("GET", "/stats", key="Bearer " + other).status == 401


def what_is_not_there_is_left_out(talk: Talk) -> bool:
    talk.send("POST", "/keys", {"label": "a"})
    return "expires_at" not in talk.send("GET", "/keys").value["items"][0]


def locations_lead_there(talk: Talk) -> bool:
    made = talk.send("POST", talk.ticket() + "/comments", {"author": "A", "text": "b"})
    return talk.send("GET", made.headers["location"]).status == 200


def null_is_for_those_that_can_be_null(talk: Talk) -> bool:
    ticket = talk.ticket(priority="high", estimate=5)
    assert talk.patch(ticket, {"estimate": None}).status == 200
    assert talk.patch(ticket, {"subject": None}).status == 422
    return talk.patch(ticket, {"priority": None}).status == 422


def repetitions_make_nothing(talk: Talk) -> bool:
    request = {"subject": "a", "requester": "ada@example.org"}
    key = {"Idempotency-Key": "abcdefgh"}
    first = talk.send("POST", "/tickets", request, headers=key)
    assert talk.send("POST", "/tickets", request, headers=key).value == first.value
    talk.send("DELETE", talk.path("/tickets", first))
    again = talk.send("POST", "/tickets", request, headers=key)
    return bool(again.value == first.value and talk.send("GET", "/tickets").value["total"] == 0)


def patches_name_the_new_state(talk: Talk) -> bool:
    ticket = talk.ticket()
    tag = talk.patch(ticket, {"estimate": 5}).headers["etag"]
    return talk.patch(ticket, {"estimate": 6}, {"If-Match": tag}).status == 200


def refused_changes_leave_the_ticket_free(talk: Talk) -> bool:
    ticket = talk.ticket()
    assert talk.patch(ticket, {"estimate": 4}).status == 200
    assert talk.patch(ticket, {"estimate": 5}, {"If-Match": '"0123456789abcdef"'}).status == 412
    return talk.patch(ticket, {"estimate": 6}).status == 200


HOLDS: Mapping[str, Callable[[Talk], bool]] = {
    "put-keeps-tags": put_begins_anew,
    "comment-trimmed": texts_stay,
    "clear-empties-all": others_keep_their_contacts,
    "priority-at-least": priorities_are_matched,
    "cursor-on-full-page": the_last_page_has_no_next,
    "tickets-by-change": changes_leave_the_order,
    "open-streams-leak": streams_end_with_their_client,
    "expired-can-be-extended": gone_is_gone,
    "length-in-bytes": length_is_that_of_the_pieces,
    "import-merges": contacts_take_the_place_of_old_ones,
    "deleted-report-returns": deleted_reports_stay_away,
    "limit-per-workspace": keys_are_counted_over_all_workspaces,
    "note-counted-in-bytes": notes_are_measured_in_characters,
    "key-compared-by-start": whole_keys_open,
    "expires-at-null": what_is_not_there_is_left_out,
    "comment-location-short": locations_lead_there,
    "merge-patch-removes": null_is_for_those_that_can_be_null,
    "repetition-after-delete": repetitions_make_nothing,
    "patch-tag-of-before": patches_name_the_new_state,
    "lock-never-freed": refused_changes_leave_the_ticket_free,
}
