"""Bugs of single answers: schema, statuses, headers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.apps.desk.answers import Answers
from tests.apps.desk.files import File, Files
from tests.apps.desk.gate import Gate
from tests.apps.desk.parts import Call, Response
from tests.apps.desk.problems import Problem
from tests.apps.desk.reading import Reading
from tests.apps.desk.reports import Report, Reports
from tests.apps.desk.sessions import Session, Sessions
from tests.apps.desk.tickets import Comment, Comments, Ticket, Tickets
from tests.apps.desk.variants import variant

# -- schema


@variant("schema", "number is a string", "a member has another type")
class NumberIsText(Tickets):
    def view(self, ticket: Ticket) -> dict[str, Any]:
        return {**super().view(ticket), "number": str(ticket.number)}


@variant("schema", "updated_at is missing", "a required member isn't there")
class UpdatedMissing(Tickets):
    def view(self, ticket: Ticket) -> dict[str, Any]:
        return {name: value for name, value in super().view(ticket).items() if name != "updated_at"}


@variant("schema", "created_at has a space", "a time isn't RFC 3339")
class TimeWithSpace(Comments):
    def view(self, comment: Comment) -> dict[str, Any]:
        value = super().view(comment)
        return {**value, "created_at": value["created_at"].replace("T", " ").removesuffix("Z")}


@variant("schema", "a member that isn't described", "one more member in a closed object")
class OneMemberMore(Sessions):
    def view(self, session: Session) -> dict[str, Any]:
        return {**super().view(session), "_owner": "desk"}


@variant("schema", "a file without note has null", "null where a string is said")
class NoteIsNull(Files):
    def view(self, file: File) -> dict[str, Any]:
        return {**super().view(file), "note": file.note or None}


@variant("schema", "a new report is pending", "a status that isn't in the enum")
class StatusPending(Reports):
    def shown(self, report: Report) -> dict[str, Any]:
        value = super().shown(report)
        return {**value, "status": "pending"} if value["status"] == "queued" else value


@variant("schema", "an empty list is null", "items is null where nothing is found")
class EmptyIsNull(Answers):
    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        if isinstance(value, dict) and value.get("items") == []:
            value = {**value, "items": None}
        return super().json(status, value, headers)


@variant("schema", "positions begin with 0", "a number below its minimum")
class PositionFromZero(Comments):
    def view(self, comment: Comment) -> dict[str, Any]:
        return {**super().view(comment), "position": comment.position - 1}


@variant("schema", "errors have a body of their own", "message at the top, no error")
class FlatErrors(Answers):
    def problem(self, problem: Problem) -> Response:
        return self.json(problem.status, {"message": problem.message}, problem.headers)


# -- statuses


@variant("statuses", "a new ticket is answered 200", "200, where 201 is said")
class MadeWith200(Tickets):
    def made(self, ticket: Ticket) -> Response:
        response = super().made(ticket)
        response.status_code = 200
        return response


@variant("statuses", "a deletion is answered 200", "200 with a body, where 204 is said")
class DeletedWith200(Answers):
    def nothing(self) -> Response:
        return self.json(200, {"deleted": True})


@variant("statuses", "an unknown report is answered 410", "a status that isn't described")
class UnknownIsGone(Answers):
    def problem(self, problem: Problem) -> Response:
        response = super().problem(problem)
        if problem.message.startswith("there is no such report"):
            response.status_code = 410
        return response


@variant("statuses", "letters beyond ASCII in a title break the desk", "500 for a title in Greek")
class BreaksOnLetters(Sessions):
    def store(self, call: Call, session: Session) -> None:
        str(session.title).encode("ascii")
        super().store(call, session)


@variant("statuses", "an empty list of tags breaks the desk", "500 for tags: []")
class BreaksOnEmpty(Tickets):
    def make(self, call: Call, body: dict[str, Any]) -> Ticket:
        if "tags" in body:
            body["tags"][0]
        return super().make(call, body)


@variant("statuses", "a large body breaks the desk", "500, where 413 is said")
class BreaksOnLarge(Reading):
    def check_size(self, size: int, most: int) -> None:
        if size > most:
            raise MemoryError


@variant("statuses", "deep nesting breaks the desk", "500 for a body that is nested deeply")
class BreaksOnDepth(Reading):
    def check_depth(self, value: Any, depth: int = 0) -> None:
        if depth > 32:
            raise RuntimeError("too deep")
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self.check_depth(each, depth + 1)


@variant("statuses", "null breaks the desk", "500 for due_at: null")
class BreaksOnNull(Tickets):
    def make(self, call: Call, body: dict[str, Any]) -> Ticket:
        len(body.get("due_at", ""))
        return super().make(call, body)


@variant("statuses", "an id that is no UUID breaks the desk", "500 for GET /files/x, where 404 is said")
class BreaksOnId(Files):
    def find(self, workspace: str, key: str) -> File | None:
        if len(key) != 36:
            raise ValueError("badly formed hexadecimal UUID string")
        return super().find(workspace, key)


@variant("statuses", "an unknown comment is answered 200", "200 and null, where 404 is said")
class UnknownIsNull(Comments):
    async def show(self, call: Call) -> Response:
        try:
            return await super().show(call)
        except Problem:
            return self.answers.json(200, None)


# -- headers


@variant("headers", "Location is missing", "a header that is said to be there isn't")
class NoLocation(Answers):
    def created(self, value: Any, location: str, headers: Mapping[str, str] | None = None) -> Response:
        return self.json(201, value, headers)


@variant("headers", "Location names another place", "404 at the Location of a new ticket")
class WrongLocation(Tickets):
    def location(self, ticket: Ticket) -> str:
        return f"/tickets/{ticket.number}"


@variant("headers", "figures are called text/html", "the media type isn't application/json")
class FiguresAreHtml(Answers):
    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        html = isinstance(value, dict) and "open_streams" in value
        return super().json(status, value, {**(headers or {}), **({"Content-Type": "text/html"} if html else {})})


@variant("headers", "the ETag isn't quoted", "a header isn't as its schema says")
class TagUnquoted(Answers):
    def tag(self, content: bytes) -> str:
        return super().tag(content).strip('"')


@variant("headers", "downloads may be kept by everybody", "Cache-Control isn't what is said")
class PublicDownloads(Files):
    def sent_headers(self, file: File) -> dict[str, str]:
        return {**super().sent_headers(file), "Cache-Control": "public, max-age=60"}


@variant("headers", "401 has no WWW-Authenticate", "a header that is said to be there isn't")
class NoChallenge(Gate):
    def stranger(self) -> Problem:
        return Problem("unauthorized", "send a valid key as a bearer token")
