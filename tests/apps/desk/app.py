"""The desk as an ASGI application: routes, methods, negotiation, errors.

To run it by hand: ``uvicorn tests.apps.desk.app:app``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.apps.desk.answers import Answers
from tests.apps.desk.directory import Directory, Figures
from tests.apps.desk.files import Files
from tests.apps.desk.gate import Gate, Keys
from tests.apps.desk.parts import Call, Office, Part
from tests.apps.desk.problems import Problem
from tests.apps.desk.reading import Reading, accepted
from tests.apps.desk.reports import Reports
from tests.apps.desk.sessions import Chat, Sessions
from tests.apps.desk.settings import Clock, Settings, wall_clock
from tests.apps.desk.tickets import Comments, Tickets

DOCUMENT = Path(__file__).with_name("openapi.yaml")

ROUTES: Mapping[str, Mapping[str, str]] = {
    "/health": {"GET": "figures.health"},
    "/stats": {"GET": "figures.stats"},
    "/whoami": {"GET": "keys.whoami"},
    "/keys": {"GET": "keys.index", "POST": "keys.create"},
    "/keys/{keyId}": {"GET": "keys.show", "DELETE": "keys.remove"},
    "/tickets": {"GET": "tickets.index", "POST": "tickets.create"},
    "/tickets/{ticketId}": {
        "GET": "tickets.show",
        "PUT": "tickets.replace",
        "PATCH": "tickets.patch",
        "DELETE": "tickets.remove",
    },
    "/tickets/{ticketId}/comments": {"GET": "comments.index", "POST": "comments.create"},
    "/tickets/{ticketId}/comments/{commentId}": {"GET": "comments.show", "DELETE": "comments.remove"},
    "/sessions": {"GET": "sessions.index", "POST": "sessions.create"},
    "/sessions/{sessionId}": {"GET": "sessions.show", "DELETE": "sessions.remove"},
    "/sessions/{sessionId}/extension": {"POST": "sessions.extend"},
    "/sessions/{sessionId}/messages": {"GET": "chat.index", "POST": "chat.send"},
    "/files": {"GET": "files.index", "POST": "files.create"},
    "/files/{fileId}": {"GET": "files.show", "DELETE": "files.remove"},
    "/files/{fileId}/content": {"GET": "files.content"},
    "/reports": {"GET": "reports.index", "POST": "reports.create"},
    "/reports/{reportId}": {"GET": "reports.show", "DELETE": "reports.remove"},
    "/directory": {"GET": "directory.export", "POST": "directory.bring", "DELETE": "directory.clear"},
}
"""Path → method → part and its method. HEAD goes with GET, OPTIONS with all."""

OPEN = frozenset({"/health"})
"""Paths that need neither key nor workspace."""

OTHERS: Mapping[tuple[str, str], Sequence[str]] = {
    ("GET", "/directory"): ["application/jsonl"],
    ("POST", "/sessions/{sessionId}/messages"): ["application/json", "text/event-stream"],
    ("GET", "/files/{fileId}/content"): ["*/*"],
}
"""What is answered other than JSON."""


class Routing(Part):
    """From a path and a method to what answers them."""

    PATTERNS = tuple((template, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template))) for template in ROUTES)

    def route(self, path: str) -> tuple[str, dict[str, str]]:
        for template, pattern in self.PATTERNS:
            match = pattern.fullmatch(path)
            if match is not None:
                return template, match.groupdict()
        raise Problem("not-found", f"nothing is at {path!r}")

    def methods(self, template: str) -> list[str]:
        return [*ROUTES[template], *(["HEAD"] if "GET" in ROUTES[template] else []), "OPTIONS"]

    def not_allowed(self, template: str) -> Problem:
        allow = ", ".join(self.methods(template))
        return Problem("method-not-allowed", "another method is needed", headers={"Allow": allow})

    def options(self, template: str) -> Response:
        return Response(status_code=204, headers={"Allow": ", ".join(self.methods(template))})

    async def answer(self, call: Call) -> Response:
        target: str = call.request.scope["path"]
        if target not in OPEN:
            self.gate.count(call)
        template, call.path = self.route(target)
        if call.method == "OPTIONS":
            return self.options(template)
        if call.method not in self.methods(template):
            raise self.not_allowed(template)
        if template not in OPEN:
            self.gate.admit(call)
        method = "GET" if call.method == "HEAD" else call.method
        self.negotiate(call, OTHERS.get((method, template), ["application/json"]))
        return await self.handle(call, template, method)

    def negotiate(self, call: Call, offers: Sequence[str]) -> None:
        accept = call.header("accept")
        if "*/*" not in offers and accepted(accept, offers) is None:
            raise Problem("not-acceptable", f"the answer is {' or '.join(offers)}")

    async def handle(self, call: Call, template: str, method: str) -> Response:
        part, _, name = ROUTES[template][method].partition(".")
        endpoint: Any = getattr(self.office.parts[part], name)
        response: Response = await endpoint(call)
        return self.headed(call, response)

    def headed(self, call: Call, response: Response) -> Response:
        """HEAD's answer: that of GET without content."""
        if call.method == "HEAD" and not isinstance(response, StreamingResponse):
            return self.answers.without_content(response)
        return response


PARTS: Mapping[str, type[Part]] = {
    "answers": Answers,
    "chat": Chat,
    "comments": Comments,
    "directory": Directory,
    "figures": Figures,
    "files": Files,
    "gate": Gate,
    "keys": Keys,
    "reading": Reading,
    "reports": Reports,
    "routing": Routing,
    "sessions": Sessions,
    "tickets": Tickets,
}


def create_app(
    settings: Settings | None = None, *, clock: Clock = wall_clock, variants: Sequence[type[Part]] = ()
) -> ASGIApp:
    """A desk; each of the `variants` takes the place of the part that it is a subclass of."""
    office = Office(settings or Settings(), clock)
    for name, part in PARTS.items():
        office.parts[name] = next((each for each in variants if issubclass(each, part)), part)(office)
    routing, answers = office.parts["routing"], office.parts["answers"]
    assert isinstance(routing, Routing)
    assert isinstance(answers, Answers)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        call = Call(Request(scope, receive), {})
        try:
            response = await routing.answer(call)
        except Problem as problem:
            response = routing.headed(call, answers.problem(problem))
        except ClientDisconnect:
            return
        except Exception:
            logging.getLogger("desk").exception("a fault of the desk")
            response = Response("Internal Server Error", 500, {"Content-Type": "text/plain"})
        await answers.finish(call, response)(scope, receive, send)

    return app


app = create_app()
