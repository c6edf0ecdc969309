"""Connections of Uvicorn, shortened for answers that wait for nothing: such a one is written as soon as the request is
there as a whole, without a task and a cycle of ASGI messages, which take as long as everything else together.

Whatever is out of the ordinary goes Uvicorn's own way, and so does every answer that takes its time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from understudy.mockserver.answers.answers import Answer

__all__ = ["Promptly", "prompt_connections"]

Promptly: TypeAlias = Callable[[str, bytes, Sequence[tuple[bytes, bytes]], bytes], Answer | None]
"""From method, target, headers and body to an answer; None where it takes its time."""

MAX_BODY: Final = 65_536
"""Octets; a longer body is none that is waited for here."""

_METHODS: Final = frozenset({b"GET", b"POST", b"PUT", b"PATCH", b"DELETE"})
_UNUSUAL: Final = frozenset({b"transfer-encoding", b"expect", b"upgrade", b"origin"})
"""Headers that make a request one for Uvicorn, or for the middleware that answers pages of other origins."""


def prompt_connections(promptly: Promptly) -> type[HttpToolsProtocol]:
    """Connections that ask first for an answer that waits for nothing."""

    class PromptConnection(HttpToolsProtocol):
        held: list[bytes] | None = None
        """What has come of the body of a request that may be answered at once; None where Uvicorn has the request."""

        def on_headers_complete(self) -> None:
            self.held = [] if self.is_usual() else None
            if self.held is None:
                super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            if self.held is None:
                super().on_body(body)
            else:
                self.held.append(body)

        def on_message_complete(self) -> None:
            if self.held is None:
                super().on_message_complete()
                return
            body, self.held = b"".join(self.held), None
            answer = promptly(self.parser.get_method().decode("ascii"), self.url, self.headers, body)
            if answer is not None:
                self.write(answer)
                return
            super().on_headers_complete()
            if body:
                super().on_body(body)
            super().on_message_complete()

        def is_usual(self) -> bool:
            """Whether nothing else is under way, and the request wants no more than an answer."""
            parser = self.parser
            if self.flow.write_paused or (self.cycle is not None and not self.cycle.response_complete):
                return False
            if parser.get_method() not in _METHODS or parser.get_http_version() != "1.1":
                return False
            for name, value in self.headers:
                if name in _UNUSUAL or (name == b"content-length" and int(value) > MAX_BODY):
                    return False
            return parser.should_keep_alive() and self.url.startswith(b"/") and b"#" not in self.url

        def write(self, answer: Answer) -> None:
            lines = [*self.server_state.default_headers, *answer.all_headers]
            head = b"".join([b"%b: %b\r\n" % line for line in lines])
            if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines):
                raise ValueError("a header has a line break in it")
            self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[answer.status], head, answer.body))
            self.on_response_complete()

    return PromptConnection
