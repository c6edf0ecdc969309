"""Tickets and, below them, comments."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.responses import Response

from tests.apps.desk.parts import Call, Office, Part, Shelf
from tests.apps.desk.problems import Problem
from tests.apps.desk.settings import stamp
from tests.apps.desk.shapes import array, integer, members, nullable, one_of, text

PRIORITIES = ("low", "normal", "high", "urgent")
STATUSES = ("open", "pending", "closed")
TAG = r"[a-z0-9-]{1,20}"

_SUBJECT = {"subject": text(1, 120)}
_REQUESTER = {"requester": text(1, 80, form="email")}
_STATUS = {"status": one_of(*STATUSES)}
_OTHERS = {
    "body": text(0, 2000),
    "priority": one_of(*PRIORITIES),
    "tags": array(text(1, 20, pattern=TAG), 8),
    "estimate": nullable(integer(0, 1000)),
    "due_at": nullable(text(0, 80, form="date-time")),
    "assignee": nullable(text(0, 36, form="uuid")),
}


@dataclass(frozen=True, slots=True)
class Ticket:
    id: str
    number: int
    subject: Any
    requester: Any
    created: datetime
    updated: datetime
    body: Any = ""
    priority: Any = "normal"
    status: Any = "open"
    tags: Any = ()
    estimate: Any = None
    due_at: Any = None
    assignee: Any = None
    comment_count: int = 0

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "number": self.number,
            "subject": self.subject,
            "body": self.body,
            "requester": self.requester,
            "priority": self.priority,
            "status": self.status,
            "tags": list(self.tags) if isinstance(self.tags, tuple) else self.tags,
            "estimate": self.estimate,
            "due_at": self.due_at,
            "assignee": self.assignee,
            "comment_count": self.comment_count,
            "created_at": stamp(self.created),
            "updated_at": stamp(self.updated),
        }


@dataclass(frozen=True, slots=True)
class Comment:
    id: str
    ticket: str
    position: int
    author: Any
    text: Any
    created: datetime

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "position": self.position,
            "author": self.author,
            "text": self.text,
            "created_at": stamp(self.created),
        }


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None lets all through."""

    status: str | None = None
    priority: str | None = None
    tag: str | None = None


class Tickets(Part):
    NEW = staticmethod(members({**_SUBJECT, **_REQUESTER}, _OTHERS))
    WHOLE = staticmethod(members({**_SUBJECT, **_REQUESTER, **_STATUS}, _OTHERS))
    PATCH = staticmethod(members({}, {**_SUBJECT, **_REQUESTER, **_STATUS, **_OTHERS}))

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf: Shelf[Ticket] = Shelf()
        self.numbers: dict[str, int] = {}
        self.answered: dict[tuple[str, str], tuple[str, Ticket]] = {}

    # -- one ticket

    async def create(self, call: Call) -> Response:
        key = self.idempotency_key(call)
        body = await self.reading.json(call, self.NEW)
        digest = hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()
        earlier = self.answered.get((call.workspace, key)) if key else None
        if earlier is not None:
            return self.repeated(call, earlier, digest)
        ticket = self.make(call, body)
        self.store(call, ticket)
        if key:
            self.answered[call.workspace, key] = digest, ticket
        return self.made(ticket)

    def idempotency_key(self, call: Call) -> str | None:
        key = call.header("idempotency-key")
        if key is not None and re.fullmatch(r"[A-Za-z0-9-]{8,64}", key, re.ASCII) is None:
            raise Problem("bad-request", "the header Idempotency-Key has 8 to 64 letters, digits and hyphens")
        return key

    def repeated(self, call: Call, earlier: tuple[str, Ticket], digest: str) -> Response:
        if earlier[0] != digest:
            raise Problem("conflict", "this Idempotency-Key came with another body")
        return self.made(earlier[1])

    def made(self, ticket: Ticket) -> Response:
        return self.answers.created(self.view(ticket), self.location(ticket), {"ETag": self.tag(ticket)})

    def view(self, ticket: Ticket) -> dict[str, Any]:
        return ticket.shown()

    def location(self, ticket: Ticket) -> str:
        return f"/tickets/{ticket.id}"

    def tag(self, ticket: Ticket) -> str:
        return self.answers.tag(self.answers.write(self.view(ticket)))

    def make(self, call: Call, body: dict[str, Any]) -> Ticket:
        now = self.now()
        number = self.next_number(call.workspace)
        given = {name: value for name, value in body.items() if name in Ticket.__slots__}
        return Ticket(
            self.office.new_id(), number, given.pop("subject", ""), given.pop("requester", ""), now, now, **given
        )

    def next_number(self, workspace: str) -> int:
        self.numbers[workspace] = self.numbers.get(workspace, 0) + 1
        return self.numbers[workspace]

    def store(self, call: Call, ticket: Ticket) -> None:
        self.shelf.keep(call.workspace, ticket.id, ticket)

    def get(self, call: Call) -> Ticket:
        ticket = self.find(call.workspace, call.path["ticketId"])
        if ticket is None:
            raise self.gone("ticket")
        return ticket

    def find(self, workspace: str, key: str) -> Ticket | None:
        return self.shelf.find(workspace, key)

    async def show(self, call: Call) -> Response:
        return self.answers.tagged(call, self.answers.json(200, self.view(self.get(call))))

    async def replace(self, call: Call) -> Response:
        self.get(call)
        body = await self.reading.json(call, self.WHOLE)
        ticket = self.get(call)
        self.answers.check_match(call, self.view(ticket))
        changed = self.replaced(ticket, body)
        self.store(call, changed)
        return self.changed(call, changed)

    def replaced(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        """The ticket with this content; what isn't sent is as in a new one."""
        bare = Ticket(ticket.id, ticket.number, "", "", ticket.created, self.now(), comment_count=ticket.comment_count)
        return self.with_members(bare, body)

    async def patch(self, call: Call) -> Response:
        self.get(call)
        body = await self.reading.json(call, self.PATCH, media_type="application/merge-patch+json")
        ticket = self.get(call)
        self.answers.check_match(call, self.view(ticket))
        changed = self.patched(ticket, body)
        self.store(call, changed)
        return self.changed(call, changed)

    def patched(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        return self.with_members(replace(ticket, updated=self.now()), body)

    def with_members(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        return replace(ticket, **{name: value for name, value in body.items() if name in Ticket.__slots__})

    def changed(self, call: Call, ticket: Ticket) -> Response:
        return self.answers.json(200, self.view(ticket), {"ETag": self.tag(ticket)})

    async def remove(self, call: Call) -> Response:
        ticket = self.get(call)
        self.answers.check_match(call, self.view(ticket))
        self.drop(call, ticket)
        return self.answers.nothing()

    def drop(self, call: Call, ticket: Ticket) -> None:
        self.shelf.drop(call.workspace, ticket.id)
        self.drop_comments(call, ticket)

    def drop_comments(self, call: Call, ticket: Ticket) -> None:
        comments: Any = self.office.parts["comments"]
        comments.cascade(call, ticket)

    # -- lists

    async def index(self, call: Call) -> Response:
        """Newest first."""
        reading = self.reading
        limit = reading.query_integer(call, "limit", 1, 50, 20)
        offset = reading.query_integer(call, "offset", 0, 100_000, 0)
        filters = self.filters(call)
        found = [ticket for ticket in self.all(call) if self.matches(ticket, filters)]
        ordered = self.ordered(found)
        page = self.page(ordered, offset, limit)
        items = [self.view(ticket) for ticket in page]
        return self.answers.json(200, {"items": items, "total": self.total(call, found, page)})

    def all(self, call: Call) -> list[Ticket]:
        return self.shelf.all(call.workspace)

    def filters(self, call: Call) -> Filters:
        reading = self.reading
        return Filters(
            reading.query_name(call, "status", STATUSES),
            reading.query_name(call, "priority", PRIORITIES),
            reading.query_shaped(call, "tag", TAG),
        )

    def matches(self, ticket: Ticket, filters: Filters) -> bool:
        return (
            filters.status in (None, ticket.status)
            and filters.priority in (None, ticket.priority)
            and (filters.tag is None or filters.tag in ticket.tags)
        )

    def ordered(self, tickets: list[Ticket]) -> list[Ticket]:
        return sorted(tickets, key=lambda ticket: -ticket.number)

    def page(self, tickets: list[Ticket], offset: int, limit: int) -> list[Ticket]:
        return tickets[offset : offset + limit]

    def total(self, call: Call, found: Sequence[Ticket], page: Sequence[Ticket]) -> int:
        return len(found)


class Comments(Part):
    NEW = staticmethod(members({"author": text(1, 60), "text": text(1, 1000)}))

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf: Shelf[Comment] = Shelf()

    @property
    def tickets(self) -> Tickets:
        part: Any = self.office.parts["tickets"]
        return part  # type: ignore[no-any-return]  # the part of that name is of that class

    def of(self, call: Call, ticket: Ticket) -> list[Comment]:
        return [comment for comment in self.shelf.all(call.workspace) if comment.ticket == ticket.id]

    async def create(self, call: Call) -> Response:
        self.tickets.get(call)
        body = await self.reading.json(call, self.NEW)
        ticket = self.tickets.get(call)
        last = max((comment.position for comment in self.of(call, ticket)), default=0)
        comment = self.make(ticket, last + 1, body)
        self.store(call, comment)
        self.count(call, ticket, 1)
        return self.answers.created(self.view(comment), f"/tickets/{ticket.id}/comments/{comment.id}")

    def make(self, ticket: Ticket, position: int, body: dict[str, Any]) -> Comment:
        author, words = body.get("author", ""), body.get("text", "")
        return Comment(self.office.new_id(), ticket.id, position, author, words, self.now())

    def store(self, call: Call, comment: Comment) -> None:
        self.shelf.keep(call.workspace, comment.id, comment)

    def count(self, call: Call, ticket: Ticket, by: int) -> None:
        self.tickets.shelf.keep(call.workspace, ticket.id, replace(ticket, comment_count=ticket.comment_count + by))

    def view(self, comment: Comment) -> dict[str, Any]:
        return comment.shown()

    async def index(self, call: Call) -> Response:
        """In the order in which they were written; the cursor is the position of the last that was shown."""
        ticket = self.tickets.get(call)
        limit = self.reading.query_integer(call, "limit", 1, 50, 20)
        cursor = self.reading.query_shaped(call, "cursor", r"[0-9]{1,9}")
        rest = self.after(self.ordered(self.of(call, ticket)), 0 if cursor is None else int(cursor))
        page = self.page(rest, limit)
        value = {"items": [self.view(comment) for comment in page], "next_cursor": self.next_cursor(page, rest)}
        return self.answers.json(200, value)

    def ordered(self, comments: list[Comment]) -> list[Comment]:
        return sorted(comments, key=lambda comment: comment.position)

    def after(self, comments: list[Comment], position: int) -> list[Comment]:
        return [comment for comment in comments if comment.position > position]

    def page(self, comments: list[Comment], limit: int) -> list[Comment]:
        return comments[:limit]

    def next_cursor(self, page: list[Comment], rest: list[Comment]) -> str | None:
        return str(page[-1].position) if len(rest) > len(page) else None

    def get(self, call: Call) -> Comment:
        ticket = self.tickets.get(call)
        comment = self.shelf.find(call.workspace, call.path["commentId"])
        if comment is None or not self.belongs(comment, ticket):
            raise self.gone("comment")
        return comment

    def belongs(self, comment: Comment, ticket: Ticket) -> bool:
        return comment.ticket == ticket.id

    async def show(self, call: Call) -> Response:
        return self.answers.json(200, self.view(self.get(call)))

    async def remove(self, call: Call) -> Response:
        comment = self.get(call)
        self.shelf.drop(call.workspace, comment.id)
        self.count(call, self.tickets.get(call), -1)
        return self.answers.nothing()

    def cascade(self, call: Call, ticket: Ticket) -> None:
        for comment in self.of(call, ticket):
            self.shelf.drop(call.workspace, comment.id)
