"""The API under test: cases are dressed for it and sent to it, and somebody notices when it is gone."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final, final
from urllib.parse import urlsplit

from understudy.contracts.case import Answer, Case, Exchange, Mode, Phase
from understudy.contracts.running.tidying import Tidier
from understudy.contracts.sending.credentials import attach, credential_attachments
from understudy.contracts.sending.fixing import fix_parameters
from understudy.contracts.sending.gate import SAFE_METHODS, Gate, Rules, is_loopback
from understudy.contracts.sending.hooks import load_hooks
from understudy.contracts.sending.missing_answers import came_too_late, never_connected, was_cut_off
from understudy.contracts.sending.retry_after import read_retry_after
from understudy.contracts.sending.transport import SYSTEM_CLOCK, Clock, Pace, Patience, Transport
from understudy.contracts.settings import Settings
from understudy.contracts.wording import count
from understudy.specs.errors import TargetError
from understudy.specs.model import Api, Location, Operation, SecurityKind

__all__ = ["Target"]

TOO_MANY: Final = 429
MAX_REFUSALS: Final = 3
"""So often in a row an operation's request is sent again after 429; then its answer is taken as it is."""
MAX_REFUSED: Final = 1_000
"""Refusals that are kept until somebody asks for them."""
UNSAID_REST_SECONDS: Final = 0.5
"""The first rest after a 429 that doesn't say how long; each later one is twice as long."""
READY_ATTEMPTS: Final = 3
READY_WAIT_SECONDS: Final = 0.3
READY_SECONDS: Final = 5.0
MAX_MISSES: Final = 3
"""After so many requests in a row without an answer it is asked whether the target is still there."""
TIMEOUTS_UNTIL_IMPATIENT: Final = 2
IMPATIENT_SECONDS: Final = 1.0
STREAM_SECONDS: Final = 6.0
"""A stream is read so long also in a short run: whether one stalls or is left open takes as long to see."""
STREAM_SHARE: Final = 1 / 10
"""Of the run's time, for which one stream is read at most: one that never ends is asked for three times."""
TIDYING_SECONDS: Final = 10.0
"""What is deleted at the end is deleted in this time."""

_OURS: Final = frozenset({Phase.EXAMPLES, Phase.PROBES})
_FUZZED: Final = frozenset({Phase.COVERAGE, Phase.FUZZING, Phase.LINKS})
"""What these make on this machine is left there: it is a lot, and nobody else's."""


@final
class Target:
    """Sends cases; may be used by several threads.

    Attributes:
        lost: Why the target is gone; empty while it is there. Nothing is sent to a target that is gone.
        gate: Decides what may be sent.
    """

    def __init__(self, api: Api, url: str, settings: Settings, clock: Clock = SYSTEM_CLOCK) -> None:
        self.lost = ""
        self._api = api
        self._settings = settings
        self._clock = clock
        stream_seconds = min(settings.stream_seconds, max(STREAM_SECONDS, settings.seconds * STREAM_SHARE))
        patience = Patience(settings.request_seconds, stream_seconds, settings.max_body_bytes)
        pace = Pace(settings.rate, clock)
        self._pace = pace
        tls = settings.tls.context()
        self._transport = Transport(url, patience=patience, proxy=settings.proxy, tls=tls, pace=pace, clock=clock)
        self._deadline = clock.now() + settings.seconds
        self.gate = Gate(api, _rules(settings, url), urlsplit(self.url).path)
        self._tidier = Tidier(api, urlsplit(self.url).path)
        self._tidied = _OURS if is_loopback(url) else _OURS | _FUZZED
        self._refusals: dict[str, int] = {}
        self._refused: deque[Exchange] = deque(maxlen=MAX_REFUSED)
        self._noted: Counter[tuple[str, str, str]] = Counter()
        self._prepare = load_hooks(settings.hooks).prepare if settings.hooks else None
        self._patience = patience
        self._hasty = replace(patience, stream_seconds=settings.budget.stream_seconds)
        self._lock = threading.Lock()
        self._misses = 0
        self._timeouts: dict[str, int] = {}

    def __enter__(self) -> Target:
        return self

    def __exit__(self, *exception: object) -> None:
        self._transport.close()

    @property
    def url(self) -> str:
        """The base URL, without a final slash."""
        return self._transport.base_url

    def check_ready(self) -> None:
        """Come back when the target answers anything in HTTP.

        Raises:
            TargetError: It doesn't, at several attempts.
        """
        until = self._clock.now() + self._settings.ready_seconds
        while reason := self._ask():
            if self._clock.now() + READY_WAIT_SECONDS > until:
                raise TargetError(self.url, reason + self._way())
            self._clock.sleep(READY_WAIT_SECONDS)

    def dress(self, case: Case, excluded: frozenset[str] = frozenset()) -> Case:
        """The case with what every request carries: the user's headers, and the operation's credentials.

        Args:
            excluded: Names, lower case, of headers that the case is about and that may not be added.
        """
        names = excluded | {name.lower() for name, _ in case.headers}
        added = tuple((name, value) for name, value in self._settings.headers if name.lower() not in names)
        case = replace(case, headers=(*case.headers, *added))
        operation = self._api.find_operation(case.operation)
        if operation is None:
            return case
        if self._settings.parameters:
            case = fix_parameters(case, operation, self._settings.parameters)
        attachments = credential_attachments(operation, self._settings.credentials)
        return attach(case, tuple(each for each in attachments if each.name.lower() not in excluded))

    def notes(self) -> Iterator[str]:
        """What a reader should know: what was not sent, which answers were not as they should be, what is left."""
        for (label, reason), times in self.gate.withheld.items():
            yield f"{label}: {count(times, 'request')} not sent: {reason}"
        for (label, noun, what), times in self._noted.items():
            yield f"{label}: {count(times, noun)} {what}"
        yield from self._tidier.notes()

    def tidy(self) -> None:
        """Delete what single requests have made; a conversation has deleted its own. Another interrupt ends it."""
        until = self._clock.now() + TIDYING_SECONDS
        with suppress(KeyboardInterrupt):
            self._tidier.tidy(self.send, lambda: bool(self.lost) or self._clock.now() > until)

    def has_credentials(self, operation: Operation) -> bool:
        """Whether the user gave a credential for the operation, as a credential or as a header."""
        headers = {name.lower() for name, _ in self._settings.headers}
        for requirement in operation.security:
            for scheme, _ in requirement.schemes:
                is_key = scheme.kind is SecurityKind.API_KEY and scheme.location is Location.HEADER
                name = scheme.parameter.lower() if is_key else "authorization"
                if name in headers or self._has(scheme.name, self._settings.credentials):
                    return True
        return False

    def send(self, case: Case) -> Exchange:
        """Send a case once, with all the patience that there is for streams; raises `Unsendable`."""
        return self._send(case, self._patience)

    def send_hastily(self, case: Case) -> Exchange:
        """As `send`, where streams are only looked into."""
        return self._send(case, self._hasty)

    def _send(self, case: Case, patience: Patience) -> Exchange:
        if self.lost:
            return Exchange(case, None, f"the target is gone: {self.lost}")
        self.gate.admit(case)
        exchange = self._send_now(case, patience)
        while (seconds := self._rest(exchange)) is not None:
            self._refused.append(exchange)
            self._pace.rest(seconds)
            exchange = self._send_now(case, patience)
        self.gate.learn(exchange)
        if case.phase in self._tidied:
            with self._lock:
                self._tidier.learn(exchange)
        return exchange

    def take_refused(self) -> Iterator[Exchange]:
        """The refusals (429) after which the same was sent again, since they were last asked for; each once."""
        while self._refused:
            yield self._refused.popleft()

    def _rest(self, exchange: Exchange) -> float | None:
        """How long the target asks to be left alone before the request is sent again (RFC 6585, section 4); None when
        it doesn't ask, when that is longer than the run lasts, or when it has asked too often."""
        label = exchange.case.operation
        if exchange.answer is None or exchange.answer.status != TOO_MANY or not exchange.case.waits:
            self._refusals.pop(label, None)
            return None
        asked = self._refusals[label] = self._refusals.get(label, 0) + 1
        seconds = read_retry_after(exchange.answer.header("retry-after"), exchange.answer.header("date"))
        if seconds is None:
            seconds = UNSAID_REST_SECONDS * 2 ** min(asked - 1, 4)
        if asked > MAX_REFUSALS or self._clock.now() + seconds >= self._deadline:
            self._note(exchange.case, "request", "answered 429 to the end: rate-limited")
            return None
        return seconds

    def _send_now(self, case: Case, patience: Patience) -> Exchange:
        if self._timeouts.get(case.operation, 0) >= TIMEOUTS_UNTIL_IMPATIENT:
            patience = replace(patience, seconds=min(patience.seconds, IMPATIENT_SECONDS))
        exchange = self._send_once(case, patience)
        if never_connected(exchange) or (was_cut_off(exchange) and case.method in SAFE_METHODS):
            exchange = self._send_over(exchange, patience)
        elif exchange.answer is not None and _is_cut(exchange.answer, patience):
            limit = f"{patience.max_bytes / 1024**2:.3g} MiB"
            self._note(case, "answer", f"longer than {limit}: the rest was not read, the body not judged")
        with self._lock:
            timed_out = came_too_late(exchange)
            self._timeouts[case.operation] = self._timeouts.get(case.operation, 0) + 1 if timed_out else 0
            self._misses = self._misses + 1 if exchange.answer is None else 0
            ask = self._misses >= MAX_MISSES
        if ask:
            self._look_for_target()
        return exchange

    def _send_once(self, case: Case, patience: Patience) -> Exchange:
        """What the user's hook puts on is for this one time: neither sent again with the case nor told in reports."""
        if self._prepare is None:
            return self._transport.send(case, patience)
        return replace(self._transport.send(self._prepare(case), patience), case=case)

    def _send_over(self, lost: Exchange, patience: Patience) -> Exchange:
        """Send once more what had no effect, as RFC 9110 (section 9.2.2) allows after a failure of the connection."""
        exchange = self._send_once(lost.case, patience)
        if exchange.answer is not None:
            self._note(lost.case, "request", "answered only when sent again: there was no connection, or it was closed")
        return exchange

    def _way(self) -> str:
        """That a proxy stands between, which nobody may have thought of."""
        proxy = self._settings.proxy
        return f" (by way of the proxy {urlsplit(proxy).hostname}, see HTTP_PROXY and NO_PROXY)" if proxy else ""

    def _note(self, case: Case, noun: str, what: str) -> None:
        self._noted[case.operation, noun, what] += 1

    def _look_for_target(self) -> None:
        reason = ""
        for attempt in range(READY_ATTEMPTS):
            if attempt:
                self._clock.sleep(READY_WAIT_SECONDS)
            reason = self._ask()
            if not reason:
                self._misses = 0
                return
        self.lost = reason

    def _ask(self) -> str:
        """Why the target doesn't answer; empty when it does."""
        case = Case("", "GET", "/", self._settings.headers, None, Mode.POSITIVE, Phase.PROBES, "is it there")
        seconds = min(READY_SECONDS, self._settings.request_seconds)
        exchange = self._transport.send(case, replace(self._patience, seconds=seconds, stream_seconds=0.1))
        return exchange.error if exchange.answer is None else ""

    def _has(self, name: str, credentials: Mapping[str, str]) -> bool:
        return name in credentials or "" in credentials


def _is_cut(answer: Answer, patience: Patience) -> bool:
    return not answer.complete and len(answer.body) >= patience.max_bytes


def _rules(settings: Settings, url: str) -> Rules:
    wider = is_loopback(url) if settings.allow_destructive is None else settings.allow_destructive
    return Rules(settings.read_only, wider, settings.max_calls, settings.parameters)
