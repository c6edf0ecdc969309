"""Bugs of filters, paging, order and counts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.apps.desk.directory import Directory, Figures
from tests.apps.desk.files import File, Files
from tests.apps.desk.parts import Call, Office
from tests.apps.desk.reports import Report, Reports
from tests.apps.desk.sessions import Chat, Message, Session, Sessions
from tests.apps.desk.tickets import Comment, Comments, Filters, Ticket, Tickets
from tests.apps.desk.variants import variant

# -- filters


@variant("filters", "status is ignored", "tickets with another status in the list")
class StatusIgnored(Tickets):
    def matches(self, ticket: Ticket, filters: Filters) -> bool:
        return super().matches(ticket, replace(filters, status=None))


@variant("filters", "filters are joined by OR", "status=closed&priority=high lists open tickets")
class FiltersAreOr(Tickets):
    def matches(self, ticket: Ticket, filters: Filters) -> bool:
        if filters.status is None or filters.priority is None:
            return super().matches(ticket, filters)
        return bool(ticket.status == filters.status or ticket.priority == filters.priority)


@variant("filters", "tag finds parts of tags", "tag=a lists tickets whose tag is ab")
class TagByPart(Tickets):
    def matches(self, ticket: Ticket, filters: Filters) -> bool:
        inner = super().matches(ticket, replace(filters, tag=None))
        return inner and (filters.tag is None or any(filters.tag in tag for tag in ticket.tags))


@variant("filters", "media_type is ignored", "files of other types in the list")
class FileTypeIgnored(Files):
    def matches(self, file: File, media_type: str | None) -> bool:
        return True


@variant("filters", "kind=summary finds nothing", "a summary that was made isn't in the list of summaries")
class SummariesLost(Reports):
    def matches(self, report: Report, kind: str | None) -> bool:
        return kind != "summary" and super().matches(report, kind)


# -- paging


@variant("paging", "the first record of every further page is left out", "limit 1 in steps of 1 never shows the second")
class PagesWithGap(Tickets):
    def page(self, tickets: list[Ticket], offset: int, limit: int) -> list[Ticket]:
        start = offset + 1 if offset else 0
        return tickets[start : start + limit]


@variant("paging", "pages overlap by one", "the last record of a page is the first of the next")
class PagesOverlap(Tickets):
    def page(self, tickets: list[Ticket], offset: int, limit: int) -> list[Ticket]:
        start = max(0, offset - 1)
        return tickets[start : start + limit]


@variant("paging", "limit is ignored", "limit 1 lists twenty")
class LimitIgnored(Tickets):
    def page(self, tickets: list[Ticket], offset: int, limit: int) -> list[Ticket]:
        return super().page(tickets, offset, 20)


@variant("paging", "there is one more than limit", "limit 1 lists two")
class OneMore(Comments):
    def page(self, comments: list[Comment], limit: int) -> list[Comment]:
        return comments[: limit + 1]


@variant("paging", "the cursor leaves one out", "a comment is on no page")
class CursorWithGap(Comments):
    def after(self, comments: list[Comment], position: int) -> list[Comment]:
        return super().after(comments, position + 1 if position else 0)


@variant("paging", "there is always a next cursor", "the last page says that there is another")
class CursorNeverEnds(Comments):
    def next_cursor(self, page: list[Comment], rest: list[Comment]) -> str | None:
        return str(page[-1].position) if page else None


@variant("paging", "the cursor ends after one page", "next_cursor is null, though there are more")
class CursorEndsEarly(Comments):
    def next_cursor(self, page: list[Comment], rest: list[Comment]) -> str | None:
        return None


@variant("paging", "the first page is page 0", "page 1 lacks the newest sessions")
class PagesFromZero(Sessions):
    def page(self, sessions: list[Session], page: int, per_page: int) -> list[Session]:
        return super().page(sessions, page + 1, per_page)


@variant("paging", "the page is cut before what isn't shown is left out", "a page is short, though more would match")
class FilteredAfterCut(Tickets):
    def page(self, tickets: list[Ticket], offset: int, limit: int) -> list[Ticket]:
        # What filters or deletions leave out takes room: each gap in the numbers counts as one.
        first = tickets[0].number if tickets else 0
        return [each for each in tickets if offset <= first - each.number < offset + limit]


# -- order


@variant("order", "tickets are listed oldest first", "the order is the opposite of what is said")
class TicketsOldestFirst(Tickets):
    def ordered(self, tickets: list[Ticket]) -> list[Ticket]:
        return sorted(tickets, key=lambda ticket: ticket.number)


@variant("order", "tickets are listed in another order each time", "two equal requests, two orders")
class TicketsShuffled(Tickets):
    def ordered(self, tickets: list[Ticket]) -> list[Ticket]:
        return random.sample(tickets, len(tickets))


@variant("order", "comments are ordered by author", "position rises and falls in the list")
class CommentsByAuthor(Comments):
    def ordered(self, comments: list[Comment]) -> list[Comment]:
        return sorted(comments, key=lambda comment: str(comment.author))


@variant("order", "sessions are listed oldest first", "created_at rises in the list")
class SessionsOldestFirst(Sessions):
    def living(self, call: Call) -> list[Session]:
        return list(reversed(super().living(call)))


@variant("order", "messages are listed newest first", "the answer stands before its question")
class MessagesBackwards(Chat):
    def history(self, call: Call) -> list[Message]:
        return list(reversed(super().history(call)))


@variant("order", "the newest file is listed first", "files aren't in the order in which they came")
class FilesNewestFirst(Files):
    def all(self, call: Call) -> list[File]:
        return list(reversed(super().all(call)))


# -- counts


@variant("counts", "total counts the page", "total is limit, though there are more")
class TotalOfPage(Tickets):
    def total(self, call: Call, found: Sequence[Ticket], page: Sequence[Ticket]) -> int:
        return len(page)


@variant("counts", "total doesn't know the filters", "status=closed has one item and total 2")
class TotalUnfiltered(Tickets):
    def total(self, call: Call, found: Sequence[Ticket], page: Sequence[Ticket]) -> int:
        return len(self.all(call))


@variant("counts", "total counts deleted sessions", "total is more than all pages have")
class TotalOfEver(Sessions):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.ever: dict[str, set[str]] = {}
        self.here = ""

    def store(self, call: Call, session: Session) -> None:
        self.ever.setdefault(call.workspace, set()).add(session.id)
        super().store(call, session)

    def living(self, call: Call) -> list[Session]:
        self.here = call.workspace
        return super().living(call)

    def total(self, living: list[Session], items: list[dict[str, Any]]) -> int:
        return len(self.ever.get(self.here, ()))


@variant("counts", "comment_count never falls", "comment_count is 1 after the only comment was deleted")
class CountNeverFalls(Comments):
    def count(self, call: Call, ticket: Ticket, by: int) -> None:
        super().count(call, ticket, max(by, 0))


@variant("counts", "open_tickets counts all tickets", "a closed ticket is counted as open")
class AllCountAsOpen(Figures):
    def open_tickets(self, tickets: list[Any]) -> int:
        return len(tickets)


@variant("counts", "message_count counts turns", "1 after a question and its answer")
class TurnsCounted(Sessions):
    def view(self, session: Session) -> dict[str, Any]:
        return {**super().view(session), "message_count": len(session.messages) // 2}


@variant("counts", "an import says that every line was new", "added is 1 for a contact that was there")
class AllAdded(Directory):
    def known(self, call: Call) -> set[str]:
        return set()
