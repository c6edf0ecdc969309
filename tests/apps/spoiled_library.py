"""A library that keeps its records, spoiled in exactly one way each: what the model has to find."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.apps.spoiling import Answer, Request, Spoiler

LIBRARY = str(Path(__file__).with_name("library.yaml"))
SHELF = r"/shelves/\w+"
BOOK = r"/shelves/\w+/books/\w+"


def _is(request: Request, method: str, pattern: str) -> bool:
    return request.scope["method"] == method and re.fullmatch(pattern, request.scope["path"]) is not None


def on(
    method: str, pattern: str, change: Callable[[Any], object], status: int | None = None
) -> Callable[[Request, Answer], None]:
    """Change the JSON of a success; a change that gives something replaces it."""

    def spoil(request: Request, answer: Answer) -> None:
        if _is(request, method, pattern) and 200 <= answer.status < 300:
            body = json.loads(answer.body) if answer.body else None
            changed = change(body)
            answer.set_json(body if changed is None else changed)

    return spoil


def _status(method: str, pattern: str, old: int, new: int, body: Any = None) -> Callable[[Request, Answer], None]:
    def spoil(request: Request, answer: Answer) -> None:
        if _is(request, method, pattern) and answer.status == old:
            answer.status = new
            answer.set_json(body) if body is not None else setattr(answer, "body", b"")
            answer.set_header(b"content-type", b"application/json" if body is not None else None)
            answer.set_header(b"content-length", str(len(answer.body)).encode())

    return spoil


def _not_deleted(request: Request) -> None:
    if request.scope["method"] == "DELETE":
        request.scope["method"] = "PATCH"
        request.body = b"{}"
        request.set_header(b"content-type", b"application/json")


def _not_changed(request: Request) -> None:
    if request.scope["method"] == "PATCH":
        request.body = b"{}"


def _unfiltered(request: Request) -> None:
    if _is(request, "GET", "/shelves"):
        request.scope["query_string"] = re.sub(rb"name=[^&]*&?", b"", request.scope["query_string"])


def _next_page(request: Request) -> None:
    if _is(request, "GET", "/shelves"):
        request.scope["query_string"] = re.sub(
            rb"offset=(\d+)", lambda found: b"offset=%d" % (int(found[1]) + 1), request.scope["query_string"]
        )


def _refused_yet_done(request: Request, answer: Answer) -> None:
    if request.scope["method"] == "PATCH" and answer.status == 204 and b"rows" in request.body:
        answer.status = 409
        answer.set_json({"title": "no"})
        answer.set_header(b"content-type", b"application/problem+json")
        answer.set_header(b"content-length", str(len(answer.body)).encode())


def _lost_if_named_long(request: Request, answer: Answer) -> None:
    if _is(request, "GET", SHELF) and answer.status == 200 and "rows" in answer.json:
        answer.status = 404
        answer.set_json({"title": "lost"})
        answer.set_header(b"content-type", b"application/problem+json")


class Homes:
    """Everybody is let into everybody's shelves: the tenant is taken from the shelf."""

    def __init__(self) -> None:
        self.tenants: dict[str, bytes] = {}

    def request(self, request: Request) -> None:
        match = re.match(r"/shelves/(\w+)", request.scope["path"])
        if match and match[1] in self.tenants:
            request.set_header(b"x-tenant", self.tenants[match[1]])

    def answer(self, request: Request, answer: Answer) -> None:
        if _is(request, "POST", "/shelves") and answer.status == 201:
            self.tenants[answer.json["id"]] = request.header(b"x-tenant")


class Cached:
    """What was once answered is answered again, for good."""

    def __init__(self, pattern: str, when: int) -> None:
        self.pattern, self.when = pattern, when
        self.answers: dict[str, bytes] = {}

    def answer(self, request: Request, answer: Answer) -> None:
        path = request.scope["path"]
        if not _is(request, "GET", self.pattern):
            return
        if answer.status == 200:
            self.answers[path] = answer.body
        elif answer.status == self.when and path in self.answers:
            answer.status, answer.body = 200, self.answers[path]
            answer.set_header(b"content-type", b"application/json")
            answer.set_header(b"content-length", str(len(answer.body)).encode())


class Ghosts:
    """Deleted shelves stay in the list."""

    def __init__(self) -> None:
        self.shelves: dict[str, Any] = {}
        self.gone: list[Any] = []

    def answer(self, request: Request, answer: Answer) -> None:
        if answer.status == 201 and _is(request, "POST", "/shelves"):
            self.shelves[answer.json["id"]] = answer.json
        elif answer.status == 204 and _is(request, "DELETE", SHELF):
            self.gone += [self.shelves[key] for key in [request.scope["path"].split("/")[2]] if key in self.shelves]
        elif answer.status == 200 and _is(request, "GET", "/shelves"):
            body = answer.json
            body["shelves"] += self.gone
            answer.set_json(body)


class Backwards:
    """A job is told worse each time."""

    def __init__(self, change: Callable[[Any, int], None]) -> None:
        self.seen: dict[str, int] = {}
        self.change = change

    def answer(self, request: Request, answer: Answer) -> None:
        if _is(request, "GET", r"/exports/\w+") and answer.status == 200:
            count = self.seen[request.scope["path"]] = self.seen.get(request.scope["path"], 0) + 1
            body = answer.json
            self.change(body, count)
            answer.set_json(body)


def _forward_then_back(body: Any, count: int) -> None:
    body.pop("url", None)
    body.update(status="queued" if count > 1 else "running")


def _falling(body: Any, count: int) -> None:
    body.pop("url", None)
    body.update(status="running", percent=max(0, 90 - count))


def _ever_new_result(body: Any, count: int) -> None:
    body.update(status="done", percent=100, url=f"https://example.com/{count}")


def _retitled(body: Any) -> None:
    body["name"] += "!"


def _listed_otherwise(body: Any) -> None:
    for shelf in body["shelves"]:
        shelf["name"] += "!"


def _one_less(body: Any) -> None:
    body["shelves"] = body["shelves"][:-1]


def _one_more(body: Any) -> None:
    body["total"] += 1


def _long_due(body: Any) -> None:
    body["due_at"] = "2099" + body["due_at"][4:]


def _old_update(body: Any) -> None:
    body["updated_at"] = "2001" + body["updated_at"][4:]


def _other_word(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
    return [] if piece is None else [re.sub(rb'(word\\?"\s*:\s*\\?")', rb"\1x", piece)]


def _failed_in_the_end(body: Any) -> None:
    if body["status"] == "done":
        body.pop("url")
        body["status"] = "failed"


def _bare_result(body: Any) -> None:
    body.update(status="queued", percent=0, url="https://example.com/early")


def _spoiler(
    name: str,
    claim: str,
    *,
    request: Callable[[Request], None] | None = None,
    answer: Callable[[Request, Answer], None] | None = None,
    events: Callable[[bytes | None, list[bytes]], list[bytes]] | None = None,
) -> Spoiler:
    return Spoiler(name, LIBRARY, claim, (), request, answer, events)


HOMES = Homes()
FAKE = {"id": "0123456789abcdef", "name": "a", "open": True} | dict.fromkeys(
    ("created_at", "updated_at"), "2024-01-01T00:00:00Z"
)

LIBRARY_SPOILERS: tuple[Spoiler, ...] = (
    _spoiler("read-otherwise", "read-after-write", answer=on("GET", SHELF, _retitled)),
    _spoiler("change-dropped", "update-persisted", request=_not_changed),
    _spoiler("refused-yet-done", "refused-unchanged", answer=_refused_yet_done),
    _spoiler("made-then-lost", "made-is-found", answer=_lost_if_named_long),
    _spoiler("kept-after-delete", "deleted-is-gone", request=_not_deleted),
    _spoiler("deleted-twice", "double-delete-refused", answer=_status("DELETE", SHELF, 404, 204)),
    _spoiler("ghost-in-list", "gone-from-lists", answer=Ghosts().answer),
    _spoiler("orphan-served", "cascade-kept", answer=Cached(BOOK, 404).answer),
    _spoiler("expires-late", "expiry-kept", answer=on("POST", r"/shelves/\w+/books", _long_due)),
    _spoiler("tenant-ignored", "tenant-isolation", request=HOMES.request, answer=HOMES.answer),
    _spoiler("anything-found", "unknown-refused", answer=_status("GET", SHELF, 404, 200, FAKE)),
    _spoiler(
        "rule-ignored",
        "rule-kept",
        answer=_status("POST", rf"{SHELF}/close", 409, 200, {"message": "The shelf is closed"}),
    ),
    _spoiler("list-short", "list-complete", answer=on("GET", "/shelves", _one_less)),
    _spoiler("list-otherwise", "list-agrees", answer=on("GET", "/shelves", _listed_otherwise)),
    _spoiler("filter-ignored", "filter-kept", request=_unfiltered),
    _spoiler("page-shifted", "paging-gapless", request=_next_page),
    _spoiler("list-reversed", "order-kept", answer=on("GET", r"/shelves/\w+/books", lambda body: body[::-1])),
    _spoiler("count-off", "count-kept", answer=on("GET", "/shelves", _one_more)),
    _spoiler("created-otherwise", "create-answer", answer=on("POST", "/shelves", _retitled)),
    _spoiler("updated-otherwise", "update-answer", answer=on("PUT", SHELF, _retitled)),
    _spoiler("answer-otherwise", "answer-declared", answer=on("POST", rf"{SHELF}/close", lambda _: {"message": "Bye"})),
    _spoiler("streamed-otherwise", "stream-text-stored", events=_other_word),
    _spoiler("old-time", "time-kept", answer=on("PUT", SHELF, _old_update)),
    _spoiler("job-back", "job-forward", answer=Backwards(_forward_then_back).answer),
    _spoiler("job-falling", "job-progress", answer=Backwards(_falling).answer),
    _spoiler("job-reborn", "job-final", answer=Backwards(_ever_new_result).answer),
    _spoiler("job-fails", "job-end", answer=on("GET", r"/exports/\w+", _failed_in_the_end)),
    _spoiler("job-early", "job-members", answer=on("GET", r"/exports/\w+", _bare_result)),
)
"""One for each claim of the model, and in this order."""
