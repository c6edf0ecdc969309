"""The second blind round: further bugs that were thought of from openapi.yaml alone, by somebody who had read no check.

What is wrong with records, lists, streams, lines and jobs; the rest of the round is in blind_two_requests.py. Each says
which sentence of openapi.yaml it breaks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from datetime import timedelta
from typing import Any

from tests.apps.desk.directory import Directory
from tests.apps.desk.parts import Call, Office, Part, Response, Shelf
from tests.apps.desk.reports import Report, Reports
from tests.apps.desk.sessions import Chat, Message, Session, Sessions
from tests.apps.desk.tickets import PRIORITIES, Comment, Comments, Filters, Ticket, Tickets
from tests.apps.desk.variants import variant

KEPT = "What is written is there at once, for all who may see it."


def blind(family: str, wrong: str, sees: str, breaks: str) -> Callable[[type[Part]], type[Part]]:
    return variant(family, wrong, sees, breaks=breaks, blind=2)


# -- state, isolation


@blind(
    "state",
    "PUT leaves the table of tags alone where none are sent",
    "tags are there after a PUT without",
    "What isn't sent is as in a new ticket.",
)
class PutKeepsTags(Tickets):
    def replaced(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        return super().replaced(ticket, {"tags": ticket.tags, **body})


@blind("state", "comments are trimmed", "blanks around a text, or its last line break, are gone", KEPT)
class CommentTrimmed(Comments):
    def make(self, ticket: Ticket, position: int, body: dict[str, Any]) -> Comment:
        return super().make(ticket, position, {**body, "text": body["text"].strip() or body["text"]})


@blind(
    "isolation",
    "emptying an address book forgets to ask whose",
    "contacts are gone after a DELETE in another workspace",
    "sees nothing of others",
)
class ClearEmptiesAll(Directory):
    async def clear(self, call: Call) -> Response:
        for workspace, contact in list(self.shelf.everywhere()):
            self.shelf.drop(workspace, contact["email"])
        return self.answers.nothing()


# -- filters, paging, order, counts


@blind(
    "filters",
    "a priority is asked for as the least one",
    "urgent tickets are listed with priority=high",
    "record.priority == request.query.priority",
)
class PriorityAtLeast(Tickets):
    def matches(self, ticket: Ticket, filters: Filters) -> bool:
        others = Filters(filters.status, None, filters.tag)
        least = filters.priority or PRIORITIES[0]
        return PRIORITIES.index(ticket.priority) >= PRIORITIES.index(least) and super().matches(ticket, others)


@blind(
    "paging",
    "a full page is never taken for the last",
    "next_cursor leads to an empty page where the limit divides the comments",
    "`next_cursor` is the `cursor` of the next page, and null on the last.",
)
class CursorOnFullPage(Comments):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.limit = 0

    def page(self, comments: list[Comment], limit: int) -> list[Comment]:
        self.limit = limit
        return super().page(comments, limit)

    def next_cursor(self, page: list[Comment], rest: list[Comment]) -> str | None:
        return str(page[-1].position) if len(page) == self.limit else None


@blind("order", "tickets are listed as they were changed", "an old ticket comes first after a PATCH", "newest first")
class TicketsByChange(Tickets):
    def ordered(self, tickets: list[Ticket]) -> list[Ticket]:
        return sorted(tickets, key=lambda ticket: (ticket.updated, ticket.number), reverse=True)


@blind(
    "counts",
    "a stream is taken off the count only where it ends by itself",
    "open_streams stays above 0 after a client left",
    "Streams of answers that have neither ended nor lost their client.",
)
class OpenStreamsLeak(Chat):
    async def counted(self, call: Call, session: Session, answer: Message) -> AsyncIterator[bytes]:
        self.open[call.workspace] = self.open.get(call.workspace, 0) + 1
        async for chunk in self.chunks(session, answer):
            yield chunk
        self.close(call)


# -- expiry, streams, lines, jobs


@blind(
    "expiry",
    "an extension doesn't ask whether the session still lives",
    "a session that is gone is there again",
    "It is gone `ttl_seconds` after it was opened.",
)
class ExpiredCanBeExtended(Sessions):
    async def extend(self, call: Call) -> Response:
        session = self.find(call.workspace, call.path["sessionId"])
        if session is None:
            raise self.gone("session")
        body = await self.reading.json(call, self.EXTENSION)
        longer = self.extended(session, timedelta(seconds=int(body["seconds"])))
        self.store(call, longer)
        return self.answers.json(200, self.view(longer))


@blind(
    "streams",
    "length is counted in bytes",
    "length is above that of the pieces for letters beyond ASCII",
    "The answer is whole; `length` is that of all pieces, in characters.",
)
class LengthInBytes(Chat):
    def events(self, session: Session, answer: Message) -> Iterator[tuple[str, dict[str, Any]]]:
        for name, data in super().events(session, answer):
            yield name, {**data, "length": len(answer.content.encode())} if name == "done" else data


class Merging(Shelf[dict[str, Any]]):
    def keep(self, workspace: str, key: str, record: dict[str, Any]) -> None:
        super().keep(workspace, key, {**(self.find(workspace, key) or {}), **record})


@blind(
    "json-lines",
    "an import updates the members that a line has",
    "a contact that is sent without phone still has the old one",
    "A contact whose address is known takes the old one's place",
)
class ImportMerges(Directory):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf = Merging()


@blind(
    "jobs",
    "what makes a report saves it when it is done, deleted or not",
    "a report that was deleted while it ran is back when it would have ended",
    "It is gone.",
)
class DeletedReportReturns(Reports):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.going: list[tuple[str, Report]] = []

    async def remove(self, call: Call) -> Response:
        report = self.get(call)
        if self.status(report) in ("queued", "running"):
            self.going.append((call.workspace, report))
        return await super().remove(call)

    def save(self) -> None:
        for workspace, report in [each for each in self.going if self.status(each[1]) in ("completed", "failed")]:
            self.shelf.keep(workspace, report.id, report)
            self.going.remove((workspace, report))

    def find(self, workspace: str, key: str) -> Report | None:
        self.save()
        return super().find(workspace, key)

    async def index(self, call: Call) -> Response:
        self.save()
        return await super().index(call)
