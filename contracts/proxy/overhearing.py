"""What is heard of an exchange between others, piece by piece, and what the checks say of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.contracts.case import Answer, Case, Chunk, Exchange
from understudy.contracts.checking import ExchangeCheck, judge
from understudy.contracts.claims import Failure
from understudy.contracts.coverage import Forms
from understudy.contracts.observation import Observation
from understudy.contracts.requests.reading import RequestReader, Validity
from understudy.contracts.sending.content_codings import BrokenCoding, find_decoder

if TYPE_CHECKING:
    from understudy.specs.model import Operation

__all__ = ["MAX_KEPT", "Hearing", "Overheard", "Witness"]

MAX_KEPT: Final = 16 * 1024 * 1024
"""Octets of a body that are kept to be judged; of what is longer the beginning."""
MAX_CHUNKS: Final = 10_000


@final
@dataclass(frozen=True, slots=True)
class Overheard:
    """An exchange between others.

    Attributes:
        operation: None where the document has none for it.
        faults: Kind and sentence: what is wrong with the request.
        forms: How the operation's inputs were sent.
        judged: Ids of the claims that the answer was judged by.
        failures: Where the answer departs from the document.
        seen: The answer beside what the document says of it; None without an answer or an operation.
    """

    exchange: Exchange
    operation: Operation | None
    faults: tuple[tuple[str, str], ...] = ()
    judged: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    seen: Observation | None = None
    forms: Forms = ()

    @property
    def violations(self) -> list[dict[str, str]]:
        """What clients are told of it: where (``request`` or ``response``), a code and a sentence."""
        said = [{"where": "request", "code": code, "message": text} for code, text in self.faults]
        return said + [{"where": "response", "code": each.claim.id, "message": each.message} for each in self.failures]


@final
class Witness:
    """Judges what is heard by the document.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, checks: Sequence[ExchangeCheck], clock: Callable[[], float] = time.perf_counter) -> None:
        self.checks = checks
        self.clock = clock
        self._readers: dict[str, RequestReader] = {}

    def find_faults(self, case: Case, operation: Operation | None) -> tuple[tuple[str, str], ...]:
        """What is wrong with a request; nothing where that can't be told."""
        if operation is None:
            return (("route-not-found", f"the document has no operation for {case.method} {case.target}"),)
        reading = self.reader(operation).read(case)
        return (("invalid-request", reading.reason),) if reading.validity is Validity.INVALID else ()

    def reader(self, operation: Operation) -> RequestReader:
        """What reads the operation's requests."""
        reader = self._readers.get(operation.label)
        if reader is None:
            reader = self._readers[operation.label] = RequestReader(operation)
        return reader


@final
class Hearing:
    """One exchange while it is going on."""

    def __init__(self, witness: Witness, case: Case, operation: Operation | None) -> None:
        self.case = case
        self.heard: Overheard | None = None
        self._witness = witness
        self._operation = operation
        self._started = witness.clock()
        self._first_ms = 0.0
        self._status, self._reason = 0, ""
        self._headers: tuple[tuple[str, str], ...] = ()
        self._pieces: list[tuple[float, bytes]] = []
        self._size = 0

    @cached_property
    def faults(self) -> tuple[tuple[str, str], ...]:
        """What is wrong with the request."""
        return self._witness.find_faults(self.case, self._operation)

    def refused(self) -> Overheard:
        """It went no further."""
        return self._finish(Exchange(self.case, None, "not passed on"))

    def unanswered(self, reason: str) -> Overheard:
        """Nothing came back."""
        return self._finish(Exchange(self.case, None, reason))

    def began(self, status: int, reason: str, headers: Iterable[tuple[str, str]]) -> None:
        """The head of an answer came."""
        self._first_ms = self._now_ms()
        self._status, self._reason, self._headers = status, reason, tuple(headers)

    def take(self, piece: bytes) -> None:
        """A piece of the body came, as it was sent."""
        self._size += len(piece)
        if self._size > MAX_KEPT:
            return
        if len(self._pieces) < MAX_CHUNKS:
            self._pieces.append((self._now_ms(), piece))
        else:
            at_ms, last = self._pieces[-1]
            self._pieces[-1] = (at_ms, last + piece)

    def ended(self, error: str = "") -> Overheard:
        """The body is over.

        Args:
            error: Why it isn't whole; empty when it is.
        """
        chunks, fault = self._decoded()
        answer = Answer(
            status=self._status,
            reason=self._reason,
            headers=self._headers,
            body=b"".join(chunk.data for chunk in chunks),
            elapsed_ms=self._now_ms(),
            first_byte_ms=self._first_ms,
            chunks=chunks,
            complete=not error and not fault and self._size <= MAX_KEPT,
        )
        # Who left early has seen no fault of the API's.
        seen_fault = fault or ("" if error == "the client left" else error)
        return self._finish(Exchange(self.case, answer, seen_fault))

    def _decoded(self) -> tuple[tuple[Chunk, ...], str]:
        coding = next((value for name, value in self._headers if name.lower() == "content-encoding"), None)
        decoder = find_decoder(coding)
        chunks: list[Chunk] = []
        room = MAX_KEPT
        try:
            for at_ms, piece in self._pieces:
                data = decoder.feed(piece, room) if decoder else piece
                room -= len(data)
                chunks.append(Chunk(at_ms, data))
        except BrokenCoding as error:
            return tuple(chunks), str(error)
        return tuple(chunks), ""

    def _finish(self, exchange: Exchange) -> Overheard:
        self.heard = Overheard(exchange, self._operation, self.faults)
        if exchange.answer is not None and self._operation is not None:
            seen = Observation(exchange, self._operation, exchange.answer)
            told = judge(seen, self._witness.checks)
            forms = self._witness.reader(self._operation).forms(self.case)
            self.heard = replace(self.heard, judged=told.judged, failures=told.failures, seen=seen, forms=forms)
        return self.heard

    def _now_ms(self) -> float:
        return (self._witness.clock() - self._started) * 1000
