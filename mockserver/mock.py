"""The mock of one or more documents: what answers a request, and the one handler of problems."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from random import Random
from typing import Final, final

from starlette.types import Receive, Scope, Send

from understudy.mockserver.answers.answers import Answer, AnyAnswer, StreamedAnswer
from understudy.mockserver.answers.concretion import Maker
from understudy.mockserver.answers.error_bodies import problem_json
from understudy.mockserver.answers.repeating import attempt_resources
from understudy.mockserver.answers.sending import send_answer
from understudy.mockserver.answers.streaming import items_after
from understudy.mockserver.assumptions import Assumptions
from understudy.mockserver.calling.callbacks import after_answer
from understudy.mockserver.calling.outgoing import Refused, Sender
from understudy.mockserver.compiled import CompiledApi
from understudy.mockserver.control.controls import Controls
from understudy.mockserver.control.endpoint import CONTROL_PATH
from understudy.mockserver.control.journal import Journal
from understudy.mockserver.control.scenarios import read_scenarios
from understudy.mockserver.forcing.forced_answers import send_forced
from understudy.mockserver.limiting import with_told
from understudy.mockserver.pipeline import Trace, answer_request
from understudy.mockserver.problems import Problem, ProblemRaised
from understudy.mockserver.requests.incoming import ClientLeft, Incoming
from understudy.mockserver.routing import Routes
from understudy.mockserver.serving.prompt import find_prompt
from understudy.mockserver.serving.served import Observer, served_as
from understudy.mockserver.settings import RANDOM, Callbacks, Records, Settings
from understudy.mockserver.stores import StoreUnavailable
from understudy.mockserver.stores.opening import open_store
from understudy.specs.documents.document import Json
from understudy.specs.model import Api
from understudy.specs.problems import ProblemKind

__all__ = ["Mock", "Mounted"]

_LOG: Final = logging.getLogger("understudy.mockserver")


@final
@dataclass(frozen=True, slots=True)
class Mounted:
    """A document, and the path below which all of it is served; empty for none, else ``/`` and no slash at the end."""

    api: Api
    prefix: str = ""


@final
class Mock:
    """A plain ASGI callable for HTTP scopes.

    Attributes:
        controls: What can be done to it while it runs.
        draw: What records are made from.
        journal: The log; None keeps none.
        loop: The event loop that serves it; None before it is served.
    """

    def __init__(
        self,
        apis: Sequence[Api | Mounted],
        settings: Settings,
        observer: Observer | None = None,
        draw: str = "",
        workers: int = 1,
    ) -> None:
        mounted = [each if isinstance(each, Mounted) else Mounted(each) for each in apis]
        seed = RANDOM.value if settings.seed is RANDOM else str(settings.seed)
        drawn = (draw or secrets.token_hex(8)) if settings.seed is RANDOM else seed
        compiled = [_compile(each, settings, Maker(drawn)) for each in mounted]
        self.draw = drawn
        self.routes = Routes(compiled, settings.limits, seed)
        self.settings = self._settings = settings
        self._observer = observer
        credentials = [scheme.parameter for each in mounted for scheme in each.api.security_schemes.values()]
        self.journal = Journal(settings.clock, credentials) if settings.control and workers == 1 else None
        self._is_watched = observer is not None or self.journal is not None
        if settings.control is not None:
            self.routes.refuse_below(CONTROL_PATH)
        scenarios = read_scenarios(settings.scenario) if settings.scenario else None
        self.sender = Sender(settings.callbacks)
        shares = settings.state != "memory"
        self.controls = Controls(
            compiled,
            self.routes.operations,
            settings.clock,
            drawn,
            self.journal,
            scenarios,
            workers,
            sender=self.sender,
            shares_records=shares,
        )
        self._finds_records = workers > 1 and shares
        self._latency = Random(seed)
        self._is_late = settings.latency[1] > 0
        self._is_prompt = settings.state == "memory" and not self._is_late
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def keeping(self) -> tuple[str, ...]:
        """Names of the documents that keep records or count calls."""
        active = [each for each in self.routes.operations if each.operation.action is not None or each.operation.limits]
        return tuple(dict.fromkeys(each.api.api.name for each in active))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter() if self._is_watched else 0.0
        request = Incoming.from_asgi(scope, receive)
        trace = Trace()
        status = 499
        try:
            answering = answer_request(self.routes, request, self._settings, trace)
            answer = await self._handled(answering, request, trace)
            if trace.limits:
                answer = answer._replace(headers=with_told(answer.headers, trace.limits))
            status = answer.status
            if self._is_late or trace.wish.delay is not None or trace.override is not None:
                await self._wait(trace)
            if trace.override is not None:
                await send_forced(answer, trace.override, request, self._settings, receive, send)
                return
            if isinstance(answer, StreamedAnswer) and answer.resumes:
                answer = answer._replace(items=tuple(items_after(answer.items, request.header(b"last-event-id"))))
            await send_answer(answer, request.method, self._settings, receive, send)
            self._call_back(request, trace, answer)
        except ClientLeft:
            pass
        finally:
            if self._is_watched:
                self._tell_of(request, status, trace, began)

    def promptly(self, request: Incoming) -> Answer | None:
        """The answer to a request, where nothing has to be waited for; else None, and nothing has been done."""
        began = time.perf_counter() if self._is_watched else 0.0
        trace = Trace()
        answer = find_prompt(self.routes, request, self._settings, trace, self._handled) if self._is_prompt else None
        if answer is not None and self._is_watched:
            self._tell_of(request, answer.status, trace, began)
        return answer

    def stop_following(self) -> None:
        """Let go of those who follow the log, or a server could not stop."""
        if self.journal is not None:
            self.journal.close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """While the server runs; lets go of the stores when it ends."""
        self.loop = asyncio.get_running_loop()
        try:
            # Of several workers none may undo what others have changed: the first process has loaded the records.
            await self.controls.start(keep=self._finds_records)
            yield
        finally:
            await self.sender.close()
            for each in self.controls.apis:
                await each.store.close()

    def _tell_of(self, request: Incoming, status: int, trace: Trace, began: float) -> None:
        ended = time.perf_counter()
        if self.journal is not None:
            self.journal.add(request, status, trace, began, ended)
        if self._observer:
            self._observer(served_as(request, status, trace, ended - began))

    def _call_back(self, request: Incoming, trace: Trace, answer: AnyAnswer) -> None:
        """Send what the document says the API sends after this answer."""
        if trace.decoded is None or trace.is_repeated or self._settings.callbacks is Callbacks.OFF:
            return
        seed = str(self._settings.seed)
        for made in after_answer(trace.decoded.operation, request, trace.decoded, answer, seed):
            if isinstance(made, Refused):
                _LOG.warning("%s", made)
            else:
                self.sender.send_later(made)

    async def _handled(self, answering: Coroutine[Json, Json, AnyAnswer], request: Incoming, trace: Trace) -> AnyAnswer:
        """The one handler of problems: whatever goes wrong becomes an answer."""
        try:
            return await answering
        except ProblemRaised as raised:
            trace.problem = raised.problem
        except ClientLeft:
            raise
        except Exception as error:
            _LOG.exception("%s %s", request.method, request.path.decode("latin-1"))
            detail = f"{type(error).__name__} while answering; the log of the mock server has the rest"
            trace.problem = Problem(ProblemKind.INTERNAL, detail)
        return await self._tell(trace.problem, trace)

    async def _tell(self, problem: Problem, trace: Trace) -> Answer:
        if trace.api is None:
            return problem_json(problem, problem.status or problem.kind.statuses[0])
        offset = 0.0
        if trace.api.errors.tells_time and problem.kind is not ProblemKind.UNAVAILABLE:
            # A store that doesn't answer has nothing to say about an error that has another reason.
            with suppress(StoreUnavailable):
                offset = await trace.api.store.get_offset()

        def now() -> str:
            """As `$now` gives it."""
            moment = self._settings.clock.now() + timedelta(seconds=offset)
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

        return trace.api.errors.write(problem, trace.operation, lambda: trace.message, now, self._settings.errors)

    async def _wait(self, trace: Trace) -> None:
        low, high = self._settings.latency
        seconds = low + (high - low) * self._latency.random() if high else 0.0
        if trace.wish.delay is not None:
            seconds = trace.wish.delay
        if trace.override is not None and trace.override.forcing.delay is not None:
            seconds = trace.override.forcing.delay.draw(trace.override.random)
        if seconds:
            await self._settings.clock.sleep(seconds)


def _compile(mounted: Mounted, settings: Settings, maker: Maker) -> CompiledApi:
    """A document with its records, as far as the settings leave it any."""
    api = mounted.api if settings.records is not Records.NONE else mounted.api.stateless()
    inferred = api
    if settings.records is Records.INFERRED:
        from understudy.specs.behaviour.inference import with_inferred

        inferred = with_inferred(api)
    assumptions = Assumptions(inferred, maker, settings.bodies) if inferred is not api else None
    declared = assumptions.resources(inferred) if assumptions is not None else api.resources.values()
    resources = [*declared, *attempt_resources(inferred)]
    store = open_store(settings.state, resources, document=api.name + mounted.prefix)
    return CompiledApi(inferred, mounted.prefix, store, resources, maker, assumptions)
