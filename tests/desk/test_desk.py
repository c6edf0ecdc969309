"""The healthy desk does what its document says, told by hand."""

from __future__ import annotations

import json

import pytest

from tests.apps.desk.app import create_app
from tests.apps.desk.settings import Settings
from tests.apps.desk.shapes import is_time
from tests.desk.talk import Answer, Hands, Talk

REQUESTER = {"requester": "ada@example.org"}


@pytest.fixture
def talk() -> Talk:
    clock = Hands()
    return Talk(create_app(Settings(piece=0.0), clock=clock), clock)


def kind(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.value["error"]["kind"]


def test_what_was_written_is_read(talk: Talk) -> None:
    sent = {"subject": "Lärm", **REQUESTER, "tags": ["b", "a"], "estimate": 0, "due_at": "2026-12-31T23:59:60Z"}
    made = talk.send("POST", "/tickets", sent)
    assert made.headers["location"] == f"/tickets/{made.value['id']}"
    read = talk.send("GET", made.headers["location"])
    assert read.value == made.value
    assert sent.items() <= read.value.items()
    assert read.value["priority"] == "normal"
    assert read.value["status"] == "open"


def test_patch_changes_what_is_sent_and_put_all(talk: Talk) -> None:
    ticket = talk.ticket(estimate=5, tags=["a"])
    talk.clock.advance(1)
    patched = talk.patch(ticket, {"status": "closed", "estimate": None}).value
    assert (patched["status"], patched["estimate"], patched["tags"]) == ("closed", None, ["a"])
    assert patched["updated_at"] > patched["created_at"]
    replaced = talk.send("PUT", ticket, {"subject": "B", **REQUESTER, "status": "open"}).value
    assert (replaced["tags"], replaced["created_at"]) == ([], patched["created_at"])
    assert talk.send("GET", ticket).value == replaced


def test_what_is_deleted_is_gone(talk: Talk) -> None:
    ticket = talk.ticket()
    comment = talk.path(ticket + "/comments", talk.send("POST", ticket + "/comments", {"author": "A", "text": "b"}))
    assert talk.send("DELETE", ticket).status == 204
    for method, path in (("GET", ticket), ("DELETE", ticket), ("GET", comment), ("GET", ticket + "/comments")):
        assert kind(talk.send(method, path)) == (404, "not-found")
    assert talk.send("GET", "/tickets").value == {"items": [], "total": 0}


def test_workspaces_see_nothing_of_each_other(talk: Talk) -> None:
    ticket = talk.ticket()
    assert talk.send("GET", ticket, workspace="south").status == 404
    assert talk.send("DELETE", ticket, workspace="south").status == 404
    assert talk.send("GET", "/tickets", workspace="south").value["total"] == 0
    assert talk.send("GET", ticket).status == 200


def test_pages_have_each_ticket_once_newest_first(talk: Talk) -> None:
    for index in range(7):
        talk.ticket(f"Ticket {index}", priority="high" if index % 2 else "low")
    pages = [talk.send("GET", f"/tickets?limit=3&offset={offset}").value for offset in (0, 3, 6)]
    assert [item["number"] for page in pages for item in page["items"]] == [7, 6, 5, 4, 3, 2, 1]
    assert {page["total"] for page in pages} == {7}
    assert talk.send("GET", "/tickets?priority=high").value["total"] == 3


def test_cursors_lead_through_all_comments(talk: Talk) -> None:
    ticket = talk.ticket()
    for index in range(5):
        talk.send("POST", ticket + "/comments", {"author": "A", "text": f"{index}"})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = talk.send("GET", f"{ticket}/comments?limit=2" + (f"&cursor={cursor}" if cursor else "")).value
        seen += [item["text"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == ["0", "1", "2", "3", "4"]
    assert talk.send("GET", ticket).value["comment_count"] == 5


def test_a_session_ends_at_its_time(talk: Talk) -> None:
    session = talk.session(ttl_seconds=10)
    talk.send("POST", session + "/extension", {"seconds": 5})
    talk.clock.advance(14.9)
    assert talk.send("GET", session).status == 200
    talk.clock.advance(0.2)
    assert talk.send("GET", session).status == 404
    assert talk.send("GET", "/sessions").value["total"] == 0


def test_a_stream_is_the_kept_answer(talk: Talk) -> None:
    session = talk.session()
    stream = talk.send("POST", session + "/messages", {"content": "Wo?", "stream": True})
    events = [chunk.decode().removesuffix("\n\n").split("\n") for chunk in stream.chunks]
    names = [lines[0] for lines in events]
    assert names[0] == "event: start"
    assert names[-2:] == ["event: done", "data: [DONE]"]
    assert set(names[1:-2]) == {"event: delta"}
    pieces = [json.loads(lines[1].removeprefix("data: "))["text"] for lines in events[1:-2]]
    kept = talk.send("GET", session + "/messages").value["items"]
    assert [message["role"] for message in kept] == ["user", "assistant"]
    assert "".join(pieces) == kept[1]["content"] == "You asked in 3 characters: Wo?"
    assert stream.ended


def test_a_stream_ends_when_its_client_leaves(talk: Talk) -> None:
    session = talk.session()
    left = talk.send("POST", session + "/messages", {"content": "Wo?", "stream": True}, leave_after=2)
    assert not left.ended
    assert talk.send("GET", "/stats").value["open_streams"] == 0


def test_a_report_goes_forward_and_ends(talk: Talk) -> None:
    report = talk.path("/reports", talk.send("POST", "/reports", {"kind": "weekly", "rows": 2}))
    seen = []
    for _ in range(12):
        talk.clock.advance(0.1)
        seen.append(talk.send("GET", report).value)
    order = ["queued", "running", "completed"]
    states = [order.index(value["status"]) for value in seen]
    assert states == sorted(states)
    assert set(states) == {0, 1, 2}
    progress = [value["progress"] for value in seen]
    assert progress == sorted(progress)
    assert all(("result" in value) == (value["status"] == "completed") for value in seen)
    assert seen[-1]["result"] == {"title": "weekly report", "rows": 2}
    empty = talk.path("/reports", talk.send("POST", "/reports", {"kind": "weekly", "rows": 0}))
    talk.clock.advance(1)
    assert talk.send("GET", empty).value["status"] == "failed"


def test_the_limit_is_kept_and_told() -> None:
    clock = Hands()
    talk = Talk(create_app(Settings(limit=3, window=10), clock=clock), clock)
    left = [int(talk.send("GET", "/stats").headers["ratelimit-remaining"]) for _ in range(3)]
    assert left == [2, 1, 0]
    clock.advance(4)
    refused = talk.send("GET", "/stats")
    assert kind(refused) == (429, "rate-limited")
    assert refused.headers["retry-after"] == "6"
    clock.advance(6)
    assert talk.send("GET", "/stats").status == 200


def test_every_request_counts_whatever_becomes_of_it(talk: Talk) -> None:
    requests = (("GET", "/stats"), ("PUT", "/stats"), ("OPTIONS", "/stats"), ("GET", "/none"), ("GET", "/tickets/none"))
    left = [int(talk.send(*request).headers["ratelimit-remaining"]) for request in requests]
    assert left == [left[0] - index for index in range(5)]


def test_files_come_back_byte_by_byte(talk: Talk) -> None:
    content = bytes(range(256)) + b"\r\n--other\r\n"
    made = talk.form(content, "application/pdf", note="Ωμέγα", name="ö.pdf")
    assert (made.value["name"], made.value["size"], made.value["note"]) == ("ö.pdf", len(content), "Ωμέγα")
    read = talk.send("GET", f"/files/{made.value['id']}/content")
    assert (read.body, read.headers["content-type"]) == (content, "application/pdf")
    assert talk.form(b"x" * 65_536, "text/plain").status == 201
    assert kind(talk.form(b"x" * 65_537, "text/plain")) == (413, "too-large")
    assert kind(talk.form(b"x", "image/gif")) == (415, "unsupported-media-type")


def test_an_import_is_whole_or_not_and_its_export_the_same(talk: Talk) -> None:
    lines = '{"email": "a@b.com", "name": "Ä"}\n{"email": "c@d.org", "name": "C", "phone": "+123456"}\n'.encode()
    brought = talk.send("POST", "/directory", content=lines, media_type="application/jsonl")
    assert brought.value == {"received": 2, "added": 2}
    bad = b'{"email": "x@y.com", "name": "X"}\n{"email": "x"}\n'
    assert talk.send("POST", "/directory", content=bad, media_type="application/jsonl").status == 422
    exported = talk.send("GET", "/directory")
    assert exported.body == lines
    again = talk.send("POST", "/directory", content=exported.body, media_type="application/jsonl")
    assert again.value == {"received": 2, "added": 0}


def test_keys_open_one_workspace_until_they_end(talk: Talk) -> None:
    made = talk.send("POST", "/keys", {"label": "n", "expires_in": 5}).value
    key = f"Bearer {made['key']}"
    assert talk.send("GET", "/whoami", key=key).value["key_id"] == made["id"]
    assert kind(talk.send("GET", "/whoami", key=key, workspace="south")) == (403, "forbidden")
    assert made["key"] not in talk.send("GET", "/keys").body.decode()
    talk.clock.advance(5)
    assert kind(talk.send("GET", "/whoami", key=key)) == (401, "unauthorized")


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Bearer nobody"])
def test_strangers_are_turned_away(talk: Talk, key: str | None) -> None:
    answer = talk.send("GET", "/stats", key=key)
    assert kind(answer) == (401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_idempotency_keys(talk: Talk) -> None:
    key = {"Idempotency-Key": "01234567"}
    first, again = (talk.send("POST", "/tickets", {"subject": "a", **REQUESTER}, headers=key) for _ in range(2))
    assert (again.status, again.value) == (201, first.value)
    assert kind(talk.send("POST", "/tickets", {"subject": "b", **REQUESTER}, headers=key)) == (409, "conflict")
    assert talk.send("GET", "/tickets").value["total"] == 1


def test_conditional_requests(talk: Talk) -> None:
    ticket = talk.ticket()
    old = talk.send("GET", ticket).headers["etag"]
    same = talk.send("GET", ticket, headers={"If-None-Match": old})
    assert (same.status, same.body, same.headers["etag"]) == (304, b"", old)
    assert talk.patch(ticket, {"estimate": 1}, {"If-Match": old}).status == 200
    assert kind(talk.patch(ticket, {"estimate": 2}, {"If-Match": old})) == (412, "precondition-failed")
    assert talk.send("GET", ticket, headers={"If-None-Match": old}).value["estimate"] == 1
    assert talk.send("DELETE", ticket, headers={"If-Match": "*"}).status == 204


def test_methods(talk: Talk) -> None:
    ticket = talk.ticket()
    read, head = talk.send("GET", ticket), talk.send("HEAD", ticket)
    assert (head.body, head.headers["etag"], head.headers["content-length"]) == (
        b"", read.headers["etag"], read.headers["content-length"],
    )  # fmt: skip
    refused = talk.send("POST", ticket, {})
    assert kind(refused) == (405, "method-not-allowed")
    assert refused.headers["allow"] == "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
    assert talk.send("OPTIONS", ticket, key=None).headers["allow"] == refused.headers["allow"]


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"{} {}", "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b'\xef\xbb\xbf{"title": "a"}', "application/json", 400),
        (b'{"title": "\xe9"}', "application/json", 400),
        (b'{"title": "a", "title": "a"}', "application/json", 400),
        (b"[" * 100_0 + b"]" * 100_0, "application/json", 400),
        (b"[" * 30_000, "application/json", 400),
        (b'{"title": "' + b"x" * 70_000 + b'"}', "application/json", 413),
        (b"{}", "text/plain", 415),
        (b"{}", "application/json; charset=latin-1", 415),
        (b"{}", "application/json; charset=UTF-8", 201),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b'{"title": ""}', "application/json", 422),
        (b'{"title": null}', "application/json", 422),
        (b'{"ttl_seconds": true}', "application/json", 422),
        (b'{"ttl_seconds": 1.5}', "application/json", 422),
        (b'{"ttl_seconds": 1e400}', "application/json", 422),
        (b'{"ttl_seconds": 5.0}', "application/json", 201),
        (b'{"unknown": 1}', "application/json", 422),
    ],
)
def test_bodies_are_read_strictly(talk: Talk, content: bytes, media_type: str, status: int) -> None:
    assert talk.send("POST", "/sessions", content=content, media_type=media_type).status == status


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=51", "limit=", "limit=+1", "limit=1.0", "limit=1&limit=1", "status=none", "tag=%C3%84"]
)
def test_parameters_are_read_strictly(talk: Talk, query: str) -> None:
    assert kind(talk.send("GET", f"/tickets?{query}")) == (400, "bad-request")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2026-02-28T00:00:00Z", True),
        ("2024-02-29t23:59:60.5+14:00", True),
        ("0000-01-01T00:00:00-00:00", True),
        ("2026-02-29T00:00:00Z", False),
        ("2026-01-01T24:00:00Z", False),
        ("2026-01-01T00:00:60Z", False),
        ("2026-01-01 00:00:00Z", False),
        ("2026-01-01T00:00:00", False),
        ("2026-01-01T00:00:00Z\n", False),
    ],
)
def test_times(text: str, right: bool) -> None:
    assert is_time(text) is right
