"""The first blind round, continued: limits, uploads, keys, and what becomes of requests."""

from __future__ import annotations

import hashlib
import re

from tests.apps.desk.answers import Answers
from tests.apps.desk.app import Routing
from tests.apps.desk.broken.blind_one import blind
from tests.apps.desk.files import FILE_BYTES, File, Files
from tests.apps.desk.gate import Gate
from tests.apps.desk.parts import Call, Office, Response
from tests.apps.desk.problems import Problem
from tests.apps.desk.tickets import Ticket, Tickets

# -- limits


@blind(
    "limits",
    "a request that fails is taken off the count again",
    "RateLimit-Remaining is the same after a 404",
    "Every request counts, whatever becomes of it, for the key that it came with.",
)
class FailuresUncounted(Routing):
    async def handle(self, call: Call, template: str, method: str) -> Response:
        try:
            return await super().handle(call, template, method)
        except Problem:
            window = self.gate.windows.get(call.header("authorization") or "")
            if window is not None:
                window.used -= 1
            raise


# -- uploads


@blind(
    "uploads",
    "the same bytes are stored once, and go with the first file that is deleted",
    "404 for the bytes of a file that is there",
    "The bytes of a file, as they were uploaded",
)
class SharedBytesGo(Files):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.stored: dict[bytes, bytes] = {}

    def store(self, call: Call, file: File) -> None:
        self.stored[hashlib.sha256(file.content).digest()] = file.content
        super().store(call, file)

    def sent(self, file: File) -> bytes:
        content = self.stored.get(hashlib.sha256(file.content).digest())
        if content is None:
            raise self.gone("file")
        return content

    def drop(self, call: Call, file: File) -> None:
        self.stored.pop(hashlib.sha256(file.content).digest(), None)
        super().drop(call, file)


@blind(
    "uploads",
    "the largest file is too large",
    "413 for a file of 65,536 bytes",
    "A file has at most 65,536 bytes, the whole form 98,304.",
)
class LargestFileRefused(Files):
    def check_size(self, content: bytes) -> None:
        if len(content) == FILE_BYTES:
            raise Problem("too-large", f"the file has {FILE_BYTES} bytes or more")
        super().check_size(content)


# -- keys, repetitions, conditions


@blind(
    "auth",
    "only the methods that were thought of ask for a key, and HEAD isn't one of them",
    "HEAD without key is answered 200",
    "There is no key, or it isn't valid.",
)
class HeadUnguarded(Gate):
    def admit(self, call: Call) -> None:
        if call.method == "HEAD":
            call.workspace = self.workspace(call)
        else:
            super().admit(call)


@blind(
    "idempotency",
    "a repetition is answered with the ticket as it is now",
    "the repetition after a PATCH has what was patched",
    "the same key and body are answered with the ticket as it was made the first time",
)
class RepetitionIsCurrent(Tickets):
    def repeated(self, call: Call, earlier: tuple[str, Ticket], digest: str) -> Response:
        made = earlier[1]
        return super().repeated(call, (earlier[0], self.find(call.workspace, made.id) or made), digest)


@blind(
    "conditional",
    "the ETag is made without comment_count, which is counted elsewhere",
    "304 after a comment was written",
    "Names this state; it is another after every change.",
)
class TagForgetsComments(Answers):
    def tag(self, content: bytes) -> str:
        return super().tag(re.sub(rb'"comment_count":\d+', b"", content))
