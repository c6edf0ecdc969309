"""The first blind round: bugs that were thought of from openapi.yaml alone, by somebody who had not read the checks.

What is wrong with records, lists, streams, lines and jobs; the rest of the round is in blind_one_requests.py. Each says
which sentence of openapi.yaml it breaks.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import StreamingResponse

from tests.apps.desk.files import File, Files
from tests.apps.desk.parts import Call, Office, Part, Response
from tests.apps.desk.problems import Problem
from tests.apps.desk.reading import Reading
from tests.apps.desk.reports import Report, Reports
from tests.apps.desk.sessions import PIECES, Chat, Message, Session
from tests.apps.desk.tickets import Comment, Comments, Ticket, Tickets
from tests.apps.desk.variants import variant

KEPT = "What is written is there at once, for all who may see it."


def blind(family: str, wrong: str, sees: str, breaks: str) -> Callable[[type[Part]], type[Part]]:
    return variant(family, wrong, sees, breaks=breaks, blind=1)


# -- state


@blind("state", "PATCH takes '' and [] for not sent", "tags stay after a PATCH with []", KEPT)
class PatchSkipsEmpty(Tickets):
    def patched(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        return super().patched(ticket, {name: value for name, value in body.items() if value not in ("", [])})


@blind("state", "an estimate is kept in hours, with two decimals", "50 minutes come back as 49", KEPT)
class EstimateInHours(Tickets):
    def view(self, ticket: Ticket) -> dict[str, Any]:
        estimate = ticket.estimate
        return super().view(replace(ticket, estimate=estimate and int(round(estimate / 60, 2) * 60)))


@blind("state", "the offset of due_at is lost", "12:00+02:00 comes back as 12:00Z, two hours later", KEPT)
class DueDropsOffset(Tickets):
    def view(self, ticket: Ticket) -> dict[str, Any]:
        return super().view(replace(ticket, due_at=ticket.due_at and re.sub(r"[+-]\d\d:\d\d$", "Z", ticket.due_at)))


@blind(
    "state",
    "PATCH reads the ticket, waits for the database, and writes all of it",
    "of two at the same time, one is lost",
    "What isn't sent stays as it is",
)
class LostUpdate(Tickets):
    async def patch(self, call: Call) -> Response:
        self.get(call)
        body = await self.reading.json(call, self.PATCH, media_type="application/merge-patch+json")
        ticket = self.get(call)
        self.answers.check_match(call, self.view(ticket))
        await asyncio.sleep(0.005)
        changed = self.patched(ticket, body)
        self.store(call, changed)
        return self.changed(call, changed)


# -- isolation


@blind(
    "isolation",
    "all workspaces number their tickets together",
    "the second ticket of a workspace isn't number 2",
    "One more than that of the ticket before, in this workspace.",
)
class NumbersShared(Tickets):
    def next_number(self, workspace: str) -> int:
        return super().next_number("")


@blind(
    "isolation",
    "404 says where the file is",
    "the name of a file of another workspace stands in the message",
    "sees nothing of others",
)
class NotFoundTells(Files):
    def get(self, call: Call) -> File:
        for workspace, file in self.shelf.everywhere():
            if file.id == call.path["fileId"] and workspace != call.workspace:
                raise Problem("not-found", f"{file.name} belongs to the workspace {workspace}")
        return super().get(call)


# -- filters, paging, order, counts


@blind(
    "filters",
    "the list of files is cached, whatever was asked for",
    "the same list without filter as just before with one",
    "where: = !has(request.query.media_type) || record.media_type == request.query.media_type",
)
class FilesCachedByPath(Files):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.cached: dict[str, bytes] = {}

    async def index(self, call: Call) -> Response:
        fresh = await super().index(call)
        content = self.cached.setdefault(call.workspace, bytes(fresh.body))
        return Response(content, 200, {"Content-Type": "application/json"})

    def store(self, call: Call, file: File) -> None:
        self.cached.pop(call.workspace, None)
        super().store(call, file)

    def drop(self, call: Call, file: File) -> None:
        self.cached.pop(call.workspace, None)
        super().drop(call, file)


@blind(
    "counts",
    "a page without items has a total of 0, for total comes with the rows",
    "total falls to 0 behind the last page",
    "`total` counts what the filters let through, before the page is cut.",
)
class TotalOfEmptyPage(Tickets):
    def total(self, call: Call, found: Sequence[Ticket], page: Sequence[Ticket]) -> int:
        return super().total(call, found, page) if page else 0


@blind(
    "paging",
    "the cursor is taken for a number of comments to pass over",
    "after a comment was deleted, a page leaves one out",
    "`next_cursor` is the `cursor` of the next page",
)
class CursorIsOffset(Comments):
    def after(self, comments: list[Comment], position: int) -> list[Comment]:
        return comments[position:]


@blind("order", "numbers are ordered as text", "number 9 is listed before number 10", "Tickets, newest first")
class NumbersOrderedAsText(Tickets):
    def ordered(self, tickets: list[Ticket]) -> list[Ticket]:
        return sorted(tickets, key=lambda ticket: str(ticket.number), reverse=True)


# -- streams, lines, jobs


@blind(
    "streams",
    "a streamed answer is kept when the stream has ended",
    "nothing is kept where the client leaves early",
    "Question and answer are kept, as two messages, before the answer is sent.",
)
class KeptAfterStream(Chat):
    def streamed(self, call: Call, session: Session, answer: Message) -> Response:
        question = self.sessions.get(call).messages[-2]
        self.sessions.store(call, session)
        return StreamingResponse(self.kept(call, session, question, answer), 200, self.stream_headers())

    async def kept(self, call: Call, session: Session, question: Message, answer: Message) -> AsyncIterator[bytes]:
        async for chunk in self.counted(call, session, answer):
            yield chunk
        lasting = self.sessions.find(call.workspace, session.id)
        if lasting is not None:
            self.keep(call, lasting, question, answer)


@blind(
    "streams",
    "pieces are cut between bytes",
    "a letter beyond ASCII that is cut comes as two U+FFFD",
    "the pieces joined are the kept answer",
)
class PiecesCutInLetters(Chat):
    def pieces(self, content: str) -> list[str]:
        octets = content.encode()
        size = -(-len(octets) // PIECES)
        return [octets[start : start + size].decode(errors="replace") for start in range(0, len(octets), size)]


@blind(
    "json-lines",
    "lines of an import end wherever Unicode breaks lines",
    "400 for a name with U+2028 in it, which the export has",
    "What is exported can be imported again, and changes nothing.",
)
class LinesEndAtSeparators(Reading):
    def lines(self, content: bytes) -> list[bytes]:
        lines = content.decode(errors="surrogateescape").splitlines()
        return [line.encode(errors="surrogateescape") for line in lines]


@blind(
    "jobs",
    "the list has reports as they were begun",
    "a report that is completed is listed as queued",
    "It waits for 0.2 seconds (`queued`), takes 0.6 seconds (`running`), and is then `completed` with a `result`",
)
class ReportsListedAsBegun(Reports):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.begun: dict[str, dict[str, Any]] = {}

    def store(self, call: Call, report: Report) -> None:
        super().store(call, report)
        self.begun[report.id] = self.shown(report)

    def listed(self, report: Report) -> dict[str, Any]:
        return self.begun[report.id]
