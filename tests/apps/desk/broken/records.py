"""Bugs of state, cascade and expiry."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.apps.desk.files import File, Files
from tests.apps.desk.parts import Call, Office, Response
from tests.apps.desk.sessions import Chat, Message, Session, Sessions
from tests.apps.desk.tickets import Comment, Comments, Ticket, Tickets
from tests.apps.desk.variants import variant

# -- state


@variant("state", "a new ticket is answered and not kept", "404 for the ticket that was just made")
class TicketNotKept(Tickets):
    def store(self, call: Call, ticket: Ticket) -> None:
        if self.shelf.find(call.workspace, ticket.id) is not None:
            super().store(call, ticket)


@variant("state", "PUT is answered and not kept", "GET has the old ticket")
class PutNotKept(Tickets):
    def store(self, call: Call, ticket: Ticket) -> None:
        if call.method != "PUT":
            super().store(call, ticket)


@variant("state", "PATCH is answered and not kept", "GET has the old ticket")
class PatchNotKept(Tickets):
    def store(self, call: Call, ticket: Ticket) -> None:
        if call.method != "PATCH":
            super().store(call, ticket)


@variant("state", "GET is one change behind", "GET after PUT or PATCH has the ticket as it was before")
class StaleRead(Tickets):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.before: dict[str, Ticket] = {}

    def store(self, call: Call, ticket: Ticket) -> None:
        self.before[ticket.id] = self.shelf.find(call.workspace, ticket.id) or ticket
        super().store(call, ticket)

    async def show(self, call: Call) -> Response:
        ticket = self.before.get(self.get(call).id, self.get(call))
        return self.answers.tagged(call, self.answers.json(200, self.view(ticket)))


@variant("state", "PATCH sets what isn't sent back to its default", "a member that wasn't sent is another")
class PatchResets(Tickets):
    def patched(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        known = {"subject": ticket.subject, "requester": ticket.requester, "status": ticket.status}
        return self.replaced(ticket, {**known, **body})


@variant("state", "PATCH leaves out members that are null", "estimate stays after it was set to null")
class PatchSkipsNull(Tickets):
    def patched(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        return super().patched(ticket, {name: value for name, value in body.items() if value is not None})


@variant("state", "PUT leaves what isn't sent as it was", "an estimate is still there after a PUT without it")
class PutMerges(Tickets):
    def replaced(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        return self.patched(ticket, body)


@variant("state", "DELETE is answered 204 and deletes nothing", "the ticket can still be read")
class TicketStays(Tickets):
    def drop(self, call: Call, ticket: Ticket) -> None:
        pass


@variant("state", "a session that is gone can be deleted again", "204 for the second DELETE, where 404 is said")
class DoubleDelete(Sessions):
    async def remove(self, call: Call) -> Response:
        self.shelf.drop(call.workspace, call.path["sessionId"])
        return self.answers.nothing()


@variant("state", "the body is kept in lower case", "what is read isn't what was written")
class BodyLowered(Tickets):
    def store(self, call: Call, ticket: Ticket) -> None:
        super().store(call, replace(ticket, body=str(ticket.body).lower()))


@variant("state", "a deleted file stays in the list", "the list has a file that can't be read")
class DeletedFileListed(Files):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.ghosts: list[tuple[str, File]] = []

    def drop(self, call: Call, file: File) -> None:
        self.ghosts.append((call.workspace, file))
        super().drop(call, file)

    def all(self, call: Call) -> list[File]:
        return [*super().all(call), *(file for workspace, file in self.ghosts if workspace == call.workspace)]


@variant("state", "an extension empties the session", "the messages are gone, and message_count is 0")
class ExtensionForgets(Sessions):
    def extended(self, session: Session, by: timedelta) -> Session:
        return replace(super().extended(session, by), messages=())


@variant("state", "every change sets created_at anew", "created_at after PATCH is another")
class CreatedMoves(Tickets):
    def patched(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        changed = super().patched(ticket, body)
        return replace(changed, created=changed.updated)


@variant("state", "letters beyond ASCII are kept as question marks", "a comment in Greek reads ????")
class LettersLost(Comments):
    def store(self, call: Call, comment: Comment) -> None:
        words = str(comment.text).encode("ascii", "replace").decode()
        super().store(call, replace(comment, text=words))


@variant("state", "the question isn't kept, only the answer", "the messages of a session lack what was asked")
class QuestionNotKept(Chat):
    def keep(self, call: Call, session: Session, question: Message, answer: Message) -> None:
        self.sessions.store(call, replace(session, messages=(*session.messages, answer)))


# -- cascade


@variant("cascade", "comments outlive their ticket", "a comment of a deleted ticket can still be read")
class CommentsOutlive(Comments):
    def cascade(self, call: Call, ticket: Ticket) -> None:
        pass

    def get(self, call: Call) -> Comment:
        comment = self.shelf.find(call.workspace, call.path["commentId"])
        if comment is None or comment.ticket != call.path["ticketId"]:
            raise self.gone("comment")
        return comment


@variant("cascade", "the comments of a deleted ticket are still listed", "200 for the list, where 404 is said")
class CommentsStillListed(Comments):
    async def index(self, call: Call) -> Response:
        left = [each for each in self.shelf.all(call.workspace) if each.ticket == call.path["ticketId"]]
        if self.tickets.find(call.workspace, call.path["ticketId"]) is not None or not left:
            return await super().index(call)
        return self.answers.json(200, {"items": [self.view(each) for each in left], "next_cursor": None})

    def cascade(self, call: Call, ticket: Ticket) -> None:
        pass


@variant("cascade", "deleting a ticket deletes all comments", "the comments of other tickets are gone")
class CascadeTooWide(Comments):
    def cascade(self, call: Call, ticket: Ticket) -> None:
        for comment in self.shelf.all(call.workspace):
            self.shelf.drop(call.workspace, comment.id)


@variant("cascade", "the messages of a deleted session stay", "GET of its messages is still answered 200")
class MessagesOutlive(Chat):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.known: dict[tuple[str, str], list[Message]] = {}

    def history(self, call: Call) -> list[Message]:
        key = call.path["sessionId"]
        session = self.sessions.find(call.workspace, key)
        if session is not None:
            self.known[call.workspace, key] = list(session.messages)
        elif (call.workspace, key) in self.known:
            return self.known[call.workspace, key]
        return super().history(call)


# -- expiry


@variant("expiry", "an expired session can be read", "200 after expires_at, where 404 is said")
class SessionNeverExpires(Sessions):
    def lives(self, session: Session) -> bool:
        return True


@variant("expiry", "expired sessions are listed", "the list has a session after its expires_at")
class ExpiredListed(Sessions):
    def living(self, call: Call) -> list[Session]:
        return list(reversed(self.shelf.all(call.workspace)))


@variant("expiry", "a session is gone after half its time", "404 before expires_at")
class ExpiresEarly(Sessions):
    def lives(self, session: Session) -> bool:
        return bool(self.now() < session.created + (session.expires - session.created) / 2)


@variant("expiry", "seconds are taken for minutes", "expires_at lies 60 times as far off as asked for")
class SecondsAreMinutes(Sessions):
    def lifetime(self, body: dict[str, Any]) -> int:
        return 60 * super().lifetime(body)


@variant("expiry", "an extension counts from now", "expires_at isn't the old one and so many seconds")
class ExtensionFromNow(Sessions):
    def extended(self, session: Session, by: timedelta) -> Session:
        now: datetime = self.now()
        return replace(session, expires=now + by)


@variant("expiry", "reading a session puts off its end", "expires_at is another at each GET")
class ReadingExtends(Sessions):
    async def show(self, call: Call) -> Response:
        session = self.get(call)
        self.store(call, replace(session, expires=session.expires + timedelta(seconds=30)))
        return await super().show(call)
