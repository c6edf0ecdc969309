"""Sessions that expire, and the chat in them: a whole answer or a stream."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response, StreamingResponse

from tests.apps.desk.parts import Call, Office, Part, Shelf
from tests.apps.desk.settings import stamp
from tests.apps.desk.shapes import boolean, integer, members, text

PIECES = 8
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Message:
    role: str
    content: Any
    created: datetime

    def shown(self) -> dict[str, Any]:
        return {"role": self.role, "content": self.content, "created_at": stamp(self.created)}


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    title: Any
    created: datetime
    expires: datetime
    messages: tuple[Message, ...] = ()

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "message_count": len(self.messages),
            "created_at": stamp(self.created),
            "expires_at": stamp(self.expires),
        }


class Sessions(Part):
    NEW = staticmethod(members({}, {"title": text(1, 80), "ttl_seconds": integer(1, 3600)}))
    EXTENSION = staticmethod(members({"seconds": integer(1, 3600)}))

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf: Shelf[Session] = Shelf()

    def lives(self, session: Session) -> bool:
        return bool(self.now() < session.expires)

    async def create(self, call: Call) -> Response:
        body = await self.reading.json(call, self.NEW)
        now = self.now()
        ends = now + timedelta(seconds=self.lifetime(body))
        session = Session(self.office.new_id(), body.get("title", "Untitled"), now, ends)
        self.store(call, session)
        return self.answers.created(self.view(session), f"/sessions/{session.id}")

    def view(self, session: Session) -> dict[str, Any]:
        return session.shown()

    def lifetime(self, body: dict[str, Any]) -> int:
        return int(body.get("ttl_seconds", 600))

    def store(self, call: Call, session: Session) -> None:
        self.shelf.keep(call.workspace, session.id, session)

    def get(self, call: Call) -> Session:
        session = self.find(call.workspace, call.path["sessionId"])
        if session is None or not self.lives(session):
            raise self.gone("session")
        return session

    def find(self, workspace: str, key: str) -> Session | None:
        return self.shelf.find(workspace, key)

    async def show(self, call: Call) -> Response:
        return self.answers.json(200, self.view(self.get(call)))

    async def index(self, call: Call) -> Response:
        """Newest first."""
        page = self.reading.query_integer(call, "page", 1, 10_000, 1)
        per_page = self.reading.query_integer(call, "per_page", 1, 50, 20)
        living = self.living(call)
        items = [self.view(session) for session in self.page(living, page, per_page)]
        return self.answers.json(
            200, {"items": items, "page": page, "per_page": per_page, "total": self.total(living, items)}
        )

    def living(self, call: Call) -> list[Session]:
        return [session for session in reversed(self.shelf.all(call.workspace)) if self.lives(session)]

    def page(self, sessions: list[Session], page: int, per_page: int) -> list[Session]:
        return sessions[(page - 1) * per_page : page * per_page]

    def total(self, living: list[Session], items: list[dict[str, Any]]) -> int:
        return len(living)

    async def remove(self, call: Call) -> Response:
        session = self.get(call)
        self.shelf.drop(call.workspace, session.id)
        return self.answers.nothing()

    async def extend(self, call: Call) -> Response:
        self.get(call)
        body = await self.reading.json(call, self.EXTENSION)
        session = self.get(call)
        longer = self.extended(session, timedelta(seconds=int(body.get("seconds", 60))))
        self.store(call, longer)
        return self.answers.json(200, self.view(longer))

    def extended(self, session: Session, by: timedelta) -> Session:
        return replace(session, expires=session.expires + by)


class Chat(Part):
    NEW = staticmethod(members({"content": text(1, 500)}, {"stream": boolean()}))

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.open: dict[str, int] = {}

    @property
    def sessions(self) -> Sessions:
        part: Any = self.office.parts["sessions"]
        return part  # type: ignore[no-any-return]  # the part of that name is of that class

    async def index(self, call: Call) -> Response:
        """In the order in which they were sent."""
        items = [message.shown() for message in self.history(call)]
        return self.answers.json(200, {"items": items})

    def history(self, call: Call) -> list[Message]:
        return list(self.sessions.get(call).messages)

    async def send(self, call: Call) -> Response:
        """Ask and be answered; both messages are kept before the first byte of the answer."""
        self.sessions.get(call)
        body = await self.reading.json(call, self.NEW)
        session = self.sessions.get(call)
        question = Message("user", body.get("content", ""), self.now())
        answer = Message("assistant", self.prose(question.content), self.now())
        self.keep(call, session, question, answer)
        if body.get("stream", False) is True:
            return self.streamed(call, session, answer)
        return self.whole(answer)

    def prose(self, content: Any) -> str:
        return f"You asked in {len(str(content))} characters: {content}"

    def keep(self, call: Call, session: Session, question: Message, answer: Message) -> None:
        self.sessions.store(call, replace(session, messages=(*session.messages, question, answer)))

    def whole(self, answer: Message) -> Response:
        return self.answers.json(200, answer.shown())

    def streamed(self, call: Call, session: Session, answer: Message) -> Response:
        return StreamingResponse(self.counted(call, session, answer), 200, self.stream_headers())

    def stream_headers(self) -> dict[str, str]:
        return {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}

    async def counted(self, call: Call, session: Session, answer: Message) -> AsyncIterator[bytes]:
        """The stream; while it lasts it counts as open."""
        self.open[call.workspace] = self.open.get(call.workspace, 0) + 1
        try:
            async for chunk in self.chunks(session, answer):
                yield chunk
        finally:
            self.close(call)

    def close(self, call: Call) -> None:
        self.open[call.workspace] -= 1

    async def chunks(self, session: Session, answer: Message) -> AsyncIterator[bytes]:
        for name, data in self.events(session, answer):
            yield self.frame(name, data)
            await self.pause()
        yield DONE

    async def pause(self) -> None:
        await asyncio.sleep(self.office.settings.piece)

    def events(self, session: Session, answer: Message) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "start", {"session_id": session.id}
        for piece in self.pieces(answer.content):
            yield "delta", {"text": piece}
        yield "done", {"length": len(answer.content), "finish_reason": "stop"}

    def pieces(self, content: str) -> list[str]:
        """About equal pieces, cut between characters."""
        size = -(-len(content) // PIECES)
        return [content[start : start + size] for start in range(0, len(content), size)]

    def frame(self, name: str, data: dict[str, Any]) -> bytes:
        return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
