"""Bugs of isolation and authentication."""

from __future__ import annotations

from typing import Any

from tests.apps.desk.directory import Directory
from tests.apps.desk.files import File, Files
from tests.apps.desk.gate import Gate, Key, Keys
from tests.apps.desk.parts import Call, Response
from tests.apps.desk.problems import Problem
from tests.apps.desk.reports import Report, Reports
from tests.apps.desk.sessions import Chat, Session, Sessions
from tests.apps.desk.tickets import Comment, Comments, Ticket, Tickets
from tests.apps.desk.variants import variant

# -- isolation


@variant("isolation", "the list has the tickets of all workspaces", "another workspace lists the ticket")
class TicketsListedEverywhere(Tickets):
    def all(self, call: Call) -> list[Ticket]:
        return [ticket for _, ticket in self.shelf.everywhere()]


@variant("isolation", "a ticket can be read from any workspace", "another workspace reads it by its id")
class TicketReadEverywhere(Tickets):
    async def show(self, call: Call) -> Response:
        for workspace, ticket in self.shelf.everywhere():
            if ticket.id == call.path["ticketId"]:
                call.workspace = workspace
        return await super().show(call)


@variant("isolation", "a ticket can be deleted from any workspace", "it is gone after another workspace's DELETE")
class TicketDeletedEverywhere(Tickets):
    async def remove(self, call: Call) -> Response:
        for workspace, ticket in self.shelf.everywhere():
            if ticket.id == call.path["ticketId"]:
                call.workspace = workspace
        return await super().remove(call)


@variant("isolation", "messages can be sent to any session", "another workspace's question is in the session")
class ChatEverywhere(Chat):
    async def send(self, call: Call) -> Response:
        for workspace, session in self.sessions.shelf.everywhere():
            if session.id == call.path["sessionId"]:
                call.workspace = workspace
        return await super().send(call)


@variant("isolation", "a session can be read from any workspace", "another workspace reads it by its id")
class SessionEverywhere(Sessions):
    def find(self, workspace: str, key: str) -> Session | None:
        return next((session for _, session in self.shelf.everywhere() if session.id == key), None)


@variant("isolation", "a report can be read from any workspace", "another workspace reads its result")
class ReportEverywhere(Reports):
    def find(self, workspace: str, key: str) -> Report | None:
        return next((report for _, report in self.shelf.everywhere() if report.id == key), None)


@variant("isolation", "the bytes of a file can be read from any workspace", "another workspace downloads it")
class DownloadEverywhere(Files):
    async def content(self, call: Call) -> Response:
        for workspace, file in self.shelf.everywhere():
            if file.id == call.path["fileId"]:
                call.workspace = workspace
        return await super().content(call)


@variant("isolation", "the list has the files of all workspaces", "another workspace lists the file")
class FilesListedEverywhere(Files):
    def all(self, call: Call) -> list[File]:
        return [file for _, file in self.shelf.everywhere()]


@variant("isolation", "the list has the keys of all workspaces", "another workspace lists the key")
class KeysListedEverywhere(Keys):
    def living(self, call: Call) -> list[Key]:
        return [key for _, key in self.gate.made.everywhere() if self.gate.lives(key)]


@variant("isolation", "a key that was made opens all workspaces", "200 elsewhere, where 403 is said")
class KeyOpensAll(Gate):
    def workspaces(self, key: str) -> str | None:
        super().workspaces(key)
        return None


@variant("isolation", "all workspaces have one address book", "another workspace exports the contact")
class DirectoryShared(Directory):
    def exported(self, call: Call) -> list[dict[str, Any]]:
        return [contact for _, contact in self.shelf.everywhere()]


@variant("isolation", "a comment can be read below any ticket", "it is found below a ticket that it doesn't belong to")
class CommentBelowAny(Comments):
    def belongs(self, comment: Comment, ticket: Ticket) -> bool:
        return True


# -- auth


@variant("auth", "a request without key gets in", "200 without Authorization, where 401 is said")
class NoKeyNeeded(Gate):
    def bearer(self, call: Call) -> str:
        return super().bearer(call) if "authorization" in call.request.headers else "anyone"

    def workspaces(self, key: str) -> str | None:
        return None if key == "anyone" else super().workspaces(key)


@variant("auth", "reading reports needs no key", "200 for GET /reports without Authorization")
class ReportsUnguarded(Gate):
    def bearer(self, call: Call) -> str:
        unguarded = call.method == "GET" and call.request.url.path == "/reports"
        return "anyone" if unguarded and "authorization" not in call.request.headers else super().bearer(call)

    def workspaces(self, key: str) -> str | None:
        return None if key == "anyone" else super().workspaces(key)


@variant("auth", "the scheme isn't looked at", "200 for Authorization: Basic …, where 401 is said")
class AnyScheme(Gate):
    def bearer(self, call: Call) -> str:
        scheme, _, _ = (call.header("authorization") or "").partition(" ")
        return "anyone" if scheme and scheme.lower() != "bearer" else super().bearer(call)

    def workspaces(self, key: str) -> str | None:
        return None if key == "anyone" else super().workspaces(key)


@variant("auth", "any well-formed key gets in", "200 with a key that was never made")
class AnyKey(Gate):
    def workspaces(self, key: str) -> str | None:
        try:
            return super().workspaces(key)
        except Problem:
            return None


@variant("auth", "a deleted key still works", "200 with it, where 401 is said")
class DeletedKeyWorks(Gate):
    def workspaces(self, key: str) -> str | None:
        known: dict[str, str] = self.__dict__.setdefault("known", {})
        known.update({made.secret: workspace for workspace, made in self.made.everywhere()})
        there = any(made.secret == key for _, made in self.made.everywhere())
        return known[key] if key in known and not there else super().workspaces(key)


@variant("auth", "an expired key still works", "200 after its expires_at")
class ExpiredKeyWorks(Gate):
    def workspaces(self, key: str) -> str | None:
        for workspace, made in self.made.everywhere():
            if made.secret == key:
                return workspace
        return super().workspaces(key)


@variant("auth", "lists show whole keys", "masked in GET /keys is the key")
class KeysUnmasked(Keys):
    def listed(self, key: Key) -> dict[str, object]:
        return {**super().listed(key), "masked": key.secret}
