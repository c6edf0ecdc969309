"""Bugs of methods, idempotency and conditional requests; and inputs that hang."""

from __future__ import annotations

import asyncio
import random
import re
from typing import Any

from tests.apps.desk.answers import Answers
from tests.apps.desk.app import Routing
from tests.apps.desk.parts import Call, Response
from tests.apps.desk.problems import Problem
from tests.apps.desk.sessions import Sessions
from tests.apps.desk.tickets import Ticket, Tickets
from tests.apps.desk.variants import variant

# -- methods


@variant("methods", "405 has no Allow", "a header that HTTP demands isn't there")
class NoAllow(Routing):
    def not_allowed(self, template: str) -> Problem:
        return Problem("method-not-allowed", "another method is needed")


@variant("methods", "Allow names a method that isn't allowed", "DELETE /tickets is answered 405 and named in Allow")
class AllowTooMuch(Routing):
    def not_allowed(self, template: str) -> Problem:
        allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        return Problem("method-not-allowed", "another method is needed", headers={"Allow": allow})


@variant("methods", "another method is answered 404", "404 on a path that is there")
class NotAllowedIs404(Routing):
    def not_allowed(self, template: str) -> Problem:
        return Problem("not-found", "nothing is here")


@variant("methods", "PATCH of a session is answered as GET", "200 for a method that isn't described")
class MethodIgnored(Routing):
    def methods(self, template: str) -> list[str]:
        return (
            [*super().methods(template), "PATCH"] if template == "/sessions/{sessionId}" else super().methods(template)
        )

    async def handle(self, call: Call, template: str, method: str) -> Response:
        known = method != "PATCH" or template != "/sessions/{sessionId}"
        return await super().handle(call, template, method if known else "GET")


@variant("methods", "HEAD isn't understood", "405 for HEAD, where GET is described")
class NoHead(Routing):
    def methods(self, template: str) -> list[str]:
        return [method for method in super().methods(template) if method != "HEAD"]


@variant("methods", "HEAD has other headers than GET", "no ETag, and another Content-Type")
class HeadIsBare(Routing):
    def headed(self, call: Call, response: Response) -> Response:
        if call.method != "HEAD":
            return response
        return Response(status_code=response.status_code, headers={"Content-Type": "text/plain"})


@variant("methods", "OPTIONS breaks the desk", "500 for OPTIONS")
class OptionsBreak(Routing):
    def options(self, template: str) -> Response:
        raise NotImplementedError


# -- idempotency


@variant("idempotency", "Idempotency-Key is ignored", "the same request again makes a second ticket")
class KeyIgnored(Tickets):
    def idempotency_key(self, call: Call) -> str | None:
        super().idempotency_key(call)
        return None


@variant("idempotency", "a key may come with another body", "201 with the first ticket, where 409 is said")
class OtherBodyTaken(Tickets):
    def repeated(self, call: Call, earlier: tuple[str, Ticket], digest: str) -> Response:
        return self.made(earlier[1])


@variant("idempotency", "a repetition is answered 409", "409 for the same key and body, where 201 is said")
class RepetitionRefused(Tickets):
    def repeated(self, call: Call, earlier: tuple[str, Ticket], digest: str) -> Response:
        raise Problem("conflict", "this Idempotency-Key was used before")


@variant("idempotency", "all workspaces share the keys", "another workspace is answered with this one's ticket")
class KeysShared(Tickets):
    async def create(self, call: Call) -> Response:
        key = self.idempotency_key(call)
        for (workspace, known), earlier in list(self.answered.items()):
            if known == key and workspace != call.workspace:
                return self.made(earlier[1])
        return await super().create(call)


@variant("idempotency", "PUT adds up tags", "the same PUT twice, two tickets")
class PutAddsUp(Tickets):
    def replaced(self, ticket: Ticket, body: dict[str, Any]) -> Ticket:
        added = [tag for tag in body.get("tags", []) if tag not in ticket.tags]
        return super().replaced(ticket, {**body, "tags": [*ticket.tags, *added][:8]})


# -- conditional


@variant("conditional", "If-None-Match is ignored", "200 for the ETag of what is there, where 304 is said")
class NeverUnchanged(Answers):
    def unchanged(self, call: Call, tag: str) -> bool:
        self.condition(call, "if-none-match")
        return False


@variant("conditional", "any If-None-Match is taken for a match", "304 with the ETag of an older state")
class AlwaysUnchanged(Answers):
    def unchanged(self, call: Call, tag: str) -> bool:
        return self.condition(call, "if-none-match") is not None


@variant("conditional", "If-Match is ignored", "a change with an old ETag is made, where 412 is said")
class MatchIgnored(Answers):
    def check_match(self, call: Call, value: Any) -> None:
        self.condition(call, "if-match")


@variant("conditional", "the ETag stays after a change", "two states, one ETag")
class TagStays(Tickets):
    def tag(self, ticket: Ticket) -> str:
        return self.answers.tag(ticket.id.encode())

    async def show(self, call: Call) -> Response:
        response = self.answers.json(200, self.view(self.get(call)))
        tag = self.tag(self.get(call))
        if self.answers.unchanged(call, tag):
            return Response(status_code=304, headers={"ETag": tag})
        response.headers["ETag"] = tag
        return response


@variant("conditional", "the ETag is another each time", "two GETs, two ETags; If-Match never fits")
class TagMoves(Answers):
    def tag(self, content: bytes) -> str:
        return super().tag(content + random.randbytes(8))


@variant("conditional", "a change with an old ETag is made before it is refused", "412, and the ticket is another")
class RefusedTooLate(Tickets):
    async def patch(self, call: Call) -> Response:
        try:
            return await super().patch(call)
        except Problem as problem:
            if problem.status == 412:
                self.store(call, self.patched(self.get(call), {"status": "closed"}))
            raise


# -- hanging

FOREVER = 3600


@variant("hanging", "a list of fifty never comes", "no answer for limit=50")
class HangsOnFifty(Tickets):
    async def index(self, call: Call) -> Response:
        if call.request.query_params.get("limit") == "50":
            await asyncio.sleep(FOREVER)
        return await super().index(call)


@variant("hanging", "a ticket with an estimate of 0 is never made", "no answer for estimate: 0")
class HangsOnZero(Tickets):
    async def create(self, call: Call) -> Response:
        if re.search(rb'"estimate": ?0[,}]', await call.request.body()):
            await asyncio.sleep(FOREVER)
        return await super().create(call)


@variant("hanging", "a session with a title of 80 characters is never opened", "no answer for the longest title")
class HangsOnLongest(Sessions):
    async def create(self, call: Call) -> Response:
        if re.search(rb'"title": ?"[^"]{80}"', await call.request.body()):
            await asyncio.sleep(FOREVER)
        return await super().create(call)
