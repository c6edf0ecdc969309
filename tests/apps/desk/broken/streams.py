"""Bugs of the streamed answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from tests.apps.desk.parts import Call, Response
from tests.apps.desk.sessions import DONE, Chat, Message, Session
from tests.apps.desk.variants import variant

Events = Iterator[tuple[str, dict[str, Any]]]
FOREVER = 3600


@variant("streams", "there is no done event", "the stream closes without its terminal event")
class NoDone(Chat):
    def events(self, session: Session, answer: Message) -> Events:
        yield from list(super().events(session, answer))[:-1]


@variant("streams", "there is no [DONE]", "the stream closes without its sentinel")
class NoSentinel(Chat):
    async def chunks(self, session: Session, answer: Message) -> AsyncIterator[bytes]:
        async for chunk in super().chunks(session, answer):
            if chunk != DONE:
                yield chunk


@variant("streams", "a delta comes after done", "an event after the terminal one")
class DeltaAfterDone(Chat):
    def events(self, session: Session, answer: Message) -> Events:
        yield from super().events(session, answer)
        yield "delta", {"text": "and"}


@variant("streams", "done comes twice", "two terminal events")
class DoneTwice(Chat):
    def events(self, session: Session, answer: Message) -> Events:
        whole = list(super().events(session, answer))
        yield from [*whole, whole[-1]]


@variant("streams", "the last piece isn't sent", "the pieces joined aren't the kept answer")
class LastPieceLost(Chat):
    def pieces(self, content: str) -> list[str]:
        return super().pieces(content)[:-1]


@variant("streams", "two pieces change places", "the pieces joined aren't the kept answer")
class PiecesSwapped(Chat):
    def pieces(self, content: str) -> list[str]:
        first, second, *rest = super().pieces(content)
        return [second, first, *rest]


@variant("streams", "the stream is sent all at once", "every event arrives at the end, at one time")
class Buffered(Chat):
    async def chunks(self, session: Session, answer: Message) -> AsyncIterator[bytes]:
        yield b"".join([chunk async for chunk in super().chunks(session, answer)])


@variant("streams", "a piece is a number", "an event isn't as its schema says")
class PieceIsNumber(Chat):
    def events(self, session: Session, answer: Message) -> Events:
        for index, (name, data) in enumerate(super().events(session, answer)):
            yield name, {"text": index} if index == 3 else data


@variant("streams", "the stream is called text/plain", "the media type isn't text/event-stream")
class StreamIsPlain(Chat):
    def stream_headers(self) -> dict[str, str]:
        return {**super().stream_headers(), "Content-Type": "text/plain"}


@variant("streams", "one line break ends an event", "no blank line, so that no event is ever complete")
class NoBlankLine(Chat):
    def frame(self, name: str, data: dict[str, Any]) -> bytes:
        return super().frame(name, data).removesuffix(b"\n")


@variant("streams", "data goes on in lines without a field name", "the data of an event is cut off JSON")
class LinesUnnamed(Chat):
    def frame(self, name: str, data: dict[str, Any]) -> bytes:
        return f"event: {name}\ndata: {json.dumps(data, indent=1)}\n\n".encode()


@variant("streams", "each event begins with a byte order mark", "the field name of later events isn't event")
class MarkBeforeEvents(Chat):
    def frame(self, name: str, data: dict[str, Any]) -> bytes:
        return b"\xef\xbb\xbf" + super().frame(name, data)


@variant("streams", "the stream is Latin-1", "its bytes aren't UTF-8 where the text isn't ASCII")
class StreamIsLatin(Chat):
    def frame(self, name: str, data: dict[str, Any]) -> bytes:
        return super().frame(name, data).decode().encode("latin-1", "replace")


@variant("streams", "the connection stays open after [DONE]", "the stream never ends")
class NeverEnds(Chat):
    async def chunks(self, session: Session, answer: Message) -> AsyncIterator[bytes]:
        async for chunk in super().chunks(session, answer):
            yield chunk
        await asyncio.sleep(FOREVER)


@variant("streams", "the stream stalls after two events", "nothing comes any more, and it doesn't end")
class Stalls(Chat):
    async def chunks(self, session: Session, answer: Message) -> AsyncIterator[bytes]:
        sent = 0
        async for chunk in super().chunks(session, answer):
            yield chunk
            sent += 1
            if sent == 2:
                await asyncio.sleep(FOREVER)


@variant("streams", "the connection breaks after three events", "the chunked body is cut off")
class BreaksOff(Chat):
    async def chunks(self, session: Session, answer: Message) -> AsyncIterator[bytes]:
        sent = 0
        async for chunk in super().chunks(session, answer):
            yield chunk
            sent += 1
            if sent == 3:
                raise ConnectionResetError("the model is gone")


@variant("streams", "a stream whose client left counts as open", "open_streams in GET /stats doesn't fall again")
class GoesOnAlone(Chat):
    async def counted(self, call: Call, session: Session, answer: Message) -> AsyncIterator[bytes]:
        self.open[call.workspace] = self.open.get(call.workspace, 0) + 1
        async for chunk in self.chunks(session, answer):
            yield chunk
        self.close(call)


@variant("streams", "a streamed answer isn't kept", "the messages of the session lack it")
class StreamNotKept(Chat):
    def streamed(self, call: Call, session: Session, answer: Message) -> Response:
        self.sessions.store(call, session)
        return super().streamed(call, session, answer)


@variant("streams", "a delta comes before start", "the first event isn't start")
class DeltaBeforeStart(Chat):
    def events(self, session: Session, answer: Message) -> Events:
        start, first, *rest = super().events(session, answer)
        yield from [first, start, *rest]


@variant("streams", "stream: true is answered whole", "the media type is application/json")
class StreamIgnored(Chat):
    def streamed(self, call: Call, session: Session, answer: Message) -> Response:
        return self.whole(answer)
