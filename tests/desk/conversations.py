"""For each family one conversation in which each of its bugs shows itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.desk.talk import Talk

REQUESTER = {"requester": "ada@example.org"}
SOUTH = "south"


def state(talk: Talk) -> None:
    ticket = talk.ticket(body="Loud And Clear", estimate=5, priority="high", tags=["a"])
    talk.send("GET", ticket)
    talk.clock.advance(1)
    talk.patch(ticket, {"status": "closed", "estimate": None})
    talk.send("GET", ticket)
    talk.patch(ticket, {"estimate": 7, "priority": "high"})
    talk.send("PUT", ticket, {"subject": "B", **REQUESTER, "status": "open"})
    talk.send("GET", ticket)
    comment = talk.send("POST", ticket + "/comments", {"author": "Ada", "text": "Ωμέγα"})
    talk.send("GET", talk.path(ticket + "/comments", comment))
    file = talk.path("/files", talk.form(b"x", "image/png"))
    session = talk.session()
    talk.send("POST", session + "/messages", {"content": "hi"})
    talk.send("POST", session + "/extension", {"seconds": 5})
    talk.send("GET", session + "/messages")
    for path in (ticket, file, session):
        talk.send("DELETE", path)
        talk.send("GET", path)
        talk.send("DELETE", path)
    talk.send("GET", "/files")


def isolation(talk: Talk) -> None:
    ticket, other = talk.ticket(), talk.ticket()
    comment = talk.path(ticket + "/comments", talk.send("POST", ticket + "/comments", {"author": "A", "text": "b"}))
    talk.send("GET", comment.replace(ticket, other))
    session = talk.session()
    report = talk.path("/reports", talk.send("POST", "/reports", {"kind": "daily", "rows": 1}))
    file = talk.path("/files", talk.form(b"x", "image/png"))
    key = talk.send("POST", "/keys", {"label": "n"}).value["key"]
    talk.send("POST", "/directory", content=b'{"email":"a@b.com","name":"A"}\n', media_type="application/jsonl")
    for path in (ticket, session, report, file, file + "/content", "/tickets", "/files", "/keys", "/directory"):
        talk.send("GET", path, workspace=SOUTH)
    talk.send("GET", "/whoami", workspace=SOUTH, key=f"Bearer {key}")
    talk.send("POST", session + "/messages", {"content": "hi"}, workspace=SOUTH)
    talk.send("DELETE", ticket, workspace=SOUTH)


def filters(talk: Talk) -> None:
    one, two = talk.ticket(tags=["ab"], priority="high"), talk.ticket(tags=["a"])
    talk.patch(one, {"status": "closed"})
    talk.patch(two, {"status": "closed"})
    talk.ticket(priority="high")
    for query in ("status=open", "status=closed&priority=high", "tag=a", "priority=low"):
        talk.send("GET", f"/tickets?{query}")
    for media_type in ("image/png", "text/plain"):
        talk.form(b"x", media_type)
    talk.send("GET", "/files?media_type=image/png")
    for kind in ("daily", "summary"):
        talk.send("POST", "/reports", {"kind": kind, "rows": 1})
    talk.send("GET", "/reports?kind=summary")


def paging(talk: Talk) -> None:
    tickets = [talk.ticket() for _ in range(4)]
    talk.patch(tickets[2], {"status": "closed"})
    for _ in range(3):
        talk.send("POST", tickets[0] + "/comments", {"author": "A", "text": "b"})
        talk.session()
    for query in ("limit=2", "limit=2&offset=1", "limit=2&offset=2", "limit=2&status=open"):
        talk.send("GET", f"/tickets?{query}")
    for query in ("limit=1", "limit=1&cursor=1", "limit=1&cursor=3", ""):
        talk.send("GET", f"{tickets[0]}/comments?{query}")
    for query in ("page=1&per_page=2", "page=2&per_page=2"):
        talk.send("GET", f"/sessions?{query}")


def order(talk: Talk) -> None:
    tickets = [talk.ticket() for _ in range(8)]
    for author in ("B", "A"):
        talk.send("POST", tickets[0] + "/comments", {"author": author, "text": "b"})
        session = talk.session()
        talk.form(b"x", "image/png")
    talk.send("POST", session + "/messages", {"content": "hi"})
    for path in ("/tickets", tickets[0] + "/comments", "/sessions", session + "/messages", "/files"):
        talk.send("GET", path)


def counts(talk: Talk) -> None:
    one, _ = talk.ticket(), talk.ticket()
    talk.patch(one, {"status": "closed"})
    comment = talk.path(one + "/comments", talk.send("POST", one + "/comments", {"author": "A", "text": "b"}))
    talk.send("DELETE", comment)
    session = talk.session()
    talk.send("DELETE", talk.session())
    talk.send("POST", session + "/messages", {"content": "hi"})
    for path in ("/tickets?limit=1", "/tickets?status=closed", one, "/sessions", "/stats"):
        talk.send("GET", path)
    for _ in range(2):
        line = b'{"email":"a@b.com","name":"A"}'
        talk.send("POST", "/directory", content=line, media_type="application/jsonl")


def cascade(talk: Talk) -> None:
    one, two = talk.ticket(), talk.ticket()
    comments = [
        talk.path(each + "/comments", talk.send("POST", each + "/comments", {"author": "A", "text": "b"}))
        for each in (one, two)
    ]
    session = talk.session()
    talk.send("POST", session + "/messages", {"content": "hi"})
    talk.send("GET", session + "/messages")
    talk.send("DELETE", one)
    talk.send("DELETE", session)
    for path in (*comments, one + "/comments", session + "/messages"):
        talk.send("GET", path)


def expiry(talk: Talk) -> None:
    session, longer = talk.session(ttl_seconds=10), talk.session(ttl_seconds=10)
    talk.clock.advance(3)
    talk.send("POST", longer + "/extension", {"seconds": 100})
    talk.send("GET", session)
    talk.send("GET", session)
    for seconds in (4, 10):
        talk.clock.advance(seconds)
        for path in (session, longer, "/sessions"):
            talk.send("GET", path)


def streams(talk: Talk) -> None:
    session = talk.session()
    talk.send("POST", session + "/messages", {"content": "Wie schön, Ωμέγα", "stream": True})
    talk.send("GET", session + "/messages")
    talk.send("POST", session + "/messages", {"content": "hi", "stream": True}, leave_after=2)
    talk.send("GET", "/stats")


def json_lines(talk: Talk) -> None:
    lines = b'{"email":"a@b.com","name":"A","phone":"+123456"}\n{"email":"b@b.com","name":"B"}\n'
    talk.send("POST", "/directory", content=lines, media_type="application/jsonl")
    talk.send("GET", "/directory")
    bad = b'{"email":"c@b.com","name":"C"}\n{"email":"d"}\n'
    talk.send("POST", "/directory", content=bad, media_type="application/jsonl")
    talk.send("GET", "/directory")


def jobs(talk: Talk) -> None:
    reports = [talk.path("/reports", talk.send("POST", "/reports", {"kind": "daily", "rows": rows})) for rows in (3, 0)]
    for seconds in (0.1, 0.2, 0.3, 0.1, 0.2, 1.0):
        talk.clock.advance(seconds)
        for report in reports:
            talk.send("GET", report)


def limits(talk: Talk) -> None:
    for _ in range(3):
        talk.send("GET", "/stats")
        talk.clock.advance(0.5)
    for _ in range(150):
        talk.send("GET", "/whoami")
    talk.clock.advance(3)
    talk.send("GET", "/whoami")


def uploads(talk: Talk) -> None:
    talk.form(b"x" * 65_537, "image/png")
    talk.form(b"x", "image/gif")
    file = talk.path("/files", talk.form("é\r\n".encode(), "image/png", note="a note"))
    talk.send("GET", file)
    talk.send("GET", file + "/content")


def auth(talk: Talk) -> None:
    for key in (None, "Basic YTpi", "Bearer nobody", "Bearer a b"):
        talk.send("GET", "/reports", key=key)
        talk.send("GET", "/stats", key=key)
    keys = [talk.send("POST", "/keys", {"label": "k", **more}) for more in ({}, {"expires_in": 5})]
    talk.send("GET", "/keys")
    talk.send("DELETE", talk.path("/keys", keys[0]))
    talk.clock.advance(6)
    for key_made in keys:
        talk.send("GET", "/whoami", key=f"Bearer {key_made.value['key']}")


def schema(talk: Talk) -> None:
    talk.send("GET", "/tickets")
    ticket = talk.ticket()
    talk.send("POST", ticket + "/comments", {"author": "A", "text": "b"})
    talk.session()
    talk.form(b"x", "image/png")
    talk.send("POST", "/reports", {"kind": "daily", "rows": 1})
    talk.send("GET", "/nowhere")


def statuses(talk: Talk) -> None:
    ticket = talk.ticket()
    talk.send("GET", f"{ticket}/comments/none")
    talk.send("DELETE", ticket)
    talk.send("POST", "/tickets", {"subject": "a", **REQUESTER, "tags": []})
    talk.send("POST", "/tickets", {"subject": "a", **REQUESTER, "due_at": None})
    talk.send("POST", "/sessions", {"title": "Ωμέγα"})
    talk.send("POST", "/sessions", content=b'{"title":' + b"[" * 40 + b"]" * 40 + b"}")
    talk.send("POST", "/sessions", {"title": "x" * 70_000})
    talk.send("GET", "/reports/none")
    talk.send("GET", "/files/none")


def headers(talk: Talk) -> None:
    talk.ticket()
    talk.send("GET", "/stats")
    talk.send("GET", "/stats", key=None)
    talk.send("GET", talk.path("/files", talk.form(b"x", "image/png")) + "/content")


def negative_data(talk: Talk) -> None:
    least = {"subject": "a", **REQUESTER}
    for more in (
        {"subject": 5},
        {"estimate": 1001},
        {"priority": "none"},
        {"extra": 1},
        {"due_at": "soon"},
        {"tags": ["Ä"]},
        {"tags": ["a", "a"]},
        {"subject": "a" * 121},
    ):
        talk.send("POST", "/tickets", {**least, **more})
    talk.send("POST", "/tickets", {"subject": "a"})
    talk.send("POST", "/reports", {"kind": "daily", "rows": "5"})
    talk.send("POST", "/sessions", {"ttl_seconds": 0})
    for content in (
        b"{} {",
        b'{"title":"a","title":"b"}',
        b'{"title":"\xe9"}',
        b"[]",
        b"",
        b'{"title":"' + b"x" * 70_000,
    ):
        talk.send("POST", "/sessions", content=content)
    for media_type in ("text/plain", "application/json; charset=utf-16"):
        talk.send("POST", "/sessions", {}, media_type=media_type)
    talk.send("GET", "/tickets?limit=0")
    talk.send("GET", "/tickets?status=none")
    talk.send("GET", "/tickets", workspace=None)


def methods(talk: Talk) -> None:
    session, ticket = talk.session(), talk.ticket()
    talk.send("PATCH", session, {})
    talk.send("DELETE", "/tickets")
    talk.send("HEAD", ticket)
    talk.send("OPTIONS", ticket)


def idempotency(talk: Talk) -> None:
    key = {"Idempotency-Key": "abcdefgh"}
    for subject, workspace in (("a", "north"), ("a", "north"), ("b", "north"), ("a", SOUTH)):
        talk.send("POST", "/tickets", {"subject": subject, **REQUESTER}, workspace=workspace, headers=key)
    ticket = talk.ticket(tags=["a"])
    for _ in range(2):
        talk.send("PUT", ticket, {"subject": "b", **REQUESTER, "status": "open", "tags": ["b"]})


def conditional(talk: Talk) -> None:
    ticket = talk.ticket()
    old = talk.send("GET", ticket).headers["etag"]
    talk.send("GET", ticket, headers={"If-None-Match": old})
    talk.patch(ticket, {"estimate": 1})
    talk.send("GET", ticket, headers={"If-None-Match": old})
    talk.patch(ticket, {"estimate": 2}, {"If-Match": old})
    talk.send("GET", ticket)


def hanging(talk: Talk) -> None:
    talk.send("GET", "/tickets?limit=50")
    talk.send("POST", "/tickets", {"subject": "a", **REQUESTER, "estimate": 0})
    talk.send("POST", "/sessions", {"title": "x" * 80})


CONVERSATIONS: Mapping[str, Callable[[Talk], None]] = {
    "state": state,
    "isolation": isolation,
    "filters": filters,
    "paging": paging,
    "order": order,
    "counts": counts,
    "cascade": cascade,
    "expiry": expiry,
    "streams": streams,
    "json-lines": json_lines,
    "jobs": jobs,
    "limits": limits,
    "uploads": uploads,
    "auth": auth,
    "schema": schema,
    "statuses": statuses,
    "headers": headers,
    "negative-data": negative_data,
    "methods": methods,
    "idempotency": idempotency,
    "conditional": conditional,
    "hanging": hanging,
}
"""Family → conversation."""
