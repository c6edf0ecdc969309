"""The second blind round, continued: limits, uploads, keys, and what becomes of requests."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from tests.apps.desk.broken.blind_two import blind
from tests.apps.desk.files import Files
from tests.apps.desk.forms import FormPart
from tests.apps.desk.gate import Gate, Key, Keys, Window
from tests.apps.desk.parts import Call, Office, Response
from tests.apps.desk.problems import Problem, Violation
from tests.apps.desk.tickets import Comments, Ticket, Tickets

# -- limits, uploads, keys


@blind(
    "limits",
    "requests are counted by key and workspace",
    "RateLimit-Remaining begins anew in another workspace",
    "Every request counts, whatever becomes of it, for the key that it came with.",
)
class LimitPerWorkspace(Gate):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.by_workspace: dict[str, dict[str, Window]] = {}

    def count(self, call: Call) -> None:
        self.windows = self.by_workspace.setdefault(call.header("x-workspace") or "", {})
        super().count(call)


@blind(
    "uploads",
    "a note is measured in bytes",
    "422 for a note of 150 characters beyond ASCII",
    "note: {type: string, maxLength: 200}",
)
class NoteCountedInBytes(Files):
    def note(self, part: FormPart | None) -> str:
        if part is not None and len(part.content) > 200:
            raise Problem("invalid", "/note is too long")
        return super().note(part)


@blind(
    "auth",
    "keys are hashed by something that takes their first 24 characters",
    "a key with another last letter is let in",
    "There is no key, or it isn't valid.",
)
class KeyComparedByStart(Gate):
    def workspaces(self, key: str) -> str | None:
        for workspace, made in self.made.everywhere():
            if made.secret[:24] == key[:24] and self.lives(made):
                return workspace
        return super().workspaces(key)


@blind(
    "schema",
    "the list of keys has null for what isn't there",
    "expires_at is null in the list for keys that don't expire",
    "expires_at: {$ref: '#/components/schemas/Time'}",
)
class ExpiresAtNull(Keys):
    def listed(self, key: Key) -> dict[str, object]:
        return {"expires_at": None, **super().listed(key)}


# -- requests


@blind(
    "headers",
    "Location of a comment leaves out the ticket",
    "404 at the Location of a new comment",
    "The path of what was made.",
)
class CommentLocationShort(Comments):
    async def create(self, call: Call) -> Response:
        response = await super().create(call)
        response.headers["Location"] = "/comments/" + response.headers["Location"].rpartition("/")[2]
        return response


REMOVABLE = {"body": "", "priority": "normal", "status": "open", "tags": []}


def with_removals(value: Any, at: str) -> Iterator[Violation]:
    if isinstance(value, dict):
        value = {name: each for name, each in value.items() if each is not None or name not in REMOVABLE}
    return Tickets.PATCH(value, at)


@blind(
    "negative-data",
    "null in a merge patch takes a member away, whichever it is, and its default comes in its place",
    "200 for a PATCH with a priority of null",
    "`null` is a value of members that can be null.",
)
class MergePatchRemoves(Tickets):
    PATCH = staticmethod(with_removals)

    def patched(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        given = {name: REMOVABLE.get(name) if value is None else value for name, value in body.items()}
        return super().patched(ticket, given)


@blind(
    "idempotency",
    "a ticket takes its Idempotency-Key along when it is deleted",
    "a repetition after DELETE makes a second ticket",
    "the same key and body are answered with the ticket as it was made the first time, and nothing is made",
)
class RepetitionAfterDelete(Tickets):
    def drop(self, call: Call, ticket: Ticket) -> None:
        super().drop(call, ticket)
        self.answered = {key: made for key, made in self.answered.items() if made[1].id != ticket.id}


@blind(
    "conditional",
    "PATCH answers with the ETag of the state before",
    "412 for the ETag that a PATCH was answered with",
    "Names this state; it is another after every change.",
)
class PatchTagOfBefore(Tickets):
    async def patch(self, call: Call) -> Response:
        before = self.tag(self.get(call))
        response = await super().patch(call)
        response.headers["ETag"] = before
        return response


@blind(
    "hanging",
    "the lock of a ticket isn't given back where If-Match doesn't match",
    "a PATCH after one with 412 is never answered",
    "Change members of a ticket",
)
class LockNeverFreed(Tickets):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.locks: dict[str, asyncio.Lock] = {}

    async def patch(self, call: Call) -> Response:
        self.get(call)
        body = await self.reading.json(call, self.PATCH, media_type="application/merge-patch+json")
        lock = self.locks.setdefault(call.path["ticketId"], asyncio.Lock())
        await lock.acquire()
        ticket = self.get(call)
        self.answers.check_match(call, self.view(ticket))
        changed = self.patched(ticket, body)
        self.store(call, changed)
        lock.release()
        return self.changed(call, changed)
