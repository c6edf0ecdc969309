"""Drive schemathesis: its generation and its checks, our sending and our claims. The only room that imports it.

The engine runs in threads of its own and tells what it did at the end of an operation. Exchanges are taken where they
happen instead, in the transport that we give it, so that they can be judged as they come. Its failures are taken in a
hook that drops them on its side: it doesn't shrink, and one fault doesn't hide the next. Its plan is cut to the phases
that test: no sign-up on its own, no cache, no database of examples.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Generator
from contextlib import suppress
from typing import Final, final

import requests
import schemathesis
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure as Finding
from schemathesis.core.transport import Response
from schemathesis.engine.core import Engine, ExecutionPlan
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.generation.case import Case as Drawn
from schemathesis.hooks import HookContext
from schemathesis.openapi.checks import AllowHeaderMismatch
from schemathesis.specs.openapi.schemas import OpenApiSchema
from schemathesis.transport import SerializationContext
from schemathesis.transport.prepare import get_exclude_headers
from schemathesis.transport.requests import REQUESTS_TRANSPORT, RequestsTransport
from schemathesis.transport.serialization import serialize_binary
from typing_extensions import override

from understudy.contracts.case import Answer, Case, Exchange, Phase
from understudy.contracts.claims import Failure
from understudy.contracts.fuzzing.claims import CLAIM_OF_FAILURE, chain_claims, is_false_alarm
from understudy.contracts.fuzzing.events import PHASES, listen
from understudy.contracts.fuzzing.hypothesis_guest import as_a_guest
from understudy.contracts.fuzzing.steps import (
    FuzzPlan,
    Sent,
    Shown,
    Step,
    exercised,
    fuzzer_configuration,
    read_drawing,
    write_case,
)
from understudy.contracts.sending.transport import Unsendable
from understudy.specs.documents.document import Json
from understudy.specs.wire.jsonl import encode_line

__all__ = ["fuzz"]

NO_ANSWER: Final = 599
"""What the engine is told where there was no answer: a server error, of which none of its checks that are on speaks."""

MAX_WAITING: Final = 100  # steps that nobody has taken yet; the engine waits when there are more
PATIENCE_SECONDS: Final = 15.0  # for the engine's threads at the end; the request under way has its own deadline


def fuzz(plan: FuzzPlan) -> Generator[Step, None, None]:
    """Run coverage, fuzzing and links, and tell what happens as it happens. Closing the generator ends the engine.

    Args:
        plan: What to send, how, and for how long.
    """
    steps: queue.Queue[Step | None] = queue.Queue(MAX_WAITING)
    with as_a_guest():
        schema = _Schema.load(plan, steps)
        stream = _Engine(schema=schema).execute()
        listening = (stream, plan, steps.put, schema.wire.tell_conversations)
        thread = threading.Thread(target=listen, args=listening, daemon=True)
        thread.start()
        try:
            while (step := steps.get()) is not None:
                yield step
        finally:
            stream.stop()
            until = time.monotonic() + PATIENCE_SECONDS
            # Whoever waits to tell something has to be let go first.
            while thread.is_alive() and time.monotonic() < until:
                with suppress(queue.Empty):
                    steps.get(timeout=0.05)


@final
class _Engine(Engine):
    """The engine without the phases that probe the server and sign up to it."""

    @override
    def _create_execution_plan(self) -> ExecutionPlan:
        plan = super()._create_execution_plan()
        plan.phases = [phase for phase in plan.phases if phase.name in PHASES]
        return plan


class _Schema(OpenApiSchema):
    """A schema whose cases go out by our transport."""

    wire: _Wire

    @classmethod
    def load(cls, plan: FuzzPlan, steps: queue.Queue[Step | None]) -> _Schema:
        config = SchemathesisConfig.from_dict(fuzzer_configuration(plan))
        config.max_time = plan.seconds  # type: ignore[assignment]  # its own arithmetic takes fractions
        schema = cls(raw_schema=plan.document, config=config.projects.get(plan.document))
        schema.wire = _Wire(plan, steps)
        schema.hooks.register_hook_with_name(schema.wire.take_failure, "filter_failure")
        schema.adapt_to_null_byte_in_header_failure()
        included = schema.include(name=list(plan.operations))
        assert isinstance(included, _Schema)
        included.wire = schema.wire
        return included

    @property
    @override
    def transport(self) -> _Wire:
        return self.wire


@final
class _Wire(RequestsTransport):
    """Writes drawn cases, has them sent by `FuzzPlan.send`, and keeps what links refer to."""

    def __init__(self, plan: FuzzPlan, steps: queue.Queue[Step | None]) -> None:
        super().__init__()
        # Parts of multipart bodies are written by the one transport that everyone shares, so it has to know too.
        for media_type in plan.media_types:
            if REQUESTS_TRANSPORT.get_first_matching_media_type(media_type) is None:
                schemathesis.serializer(media_type)(_write_octets)
        self._copy_serializers_from(REQUESTS_TRANSPORT)
        self._plan = plan
        self._steps = steps
        # By id of the drawn case; of links only what the scenario under way has sent.
        self._exchanges: dict[str, Exchange] = {}
        self._failures: dict[str, list[tuple[Failure, tuple[str, ...]]]] = {}

    @override
    def send(self, case: Drawn[Json], *, session: requests.Session | None = None, **kwargs: Json) -> Response:
        exchange, request = None, requests.PreparedRequest()
        with suppress(requests.RequestException, Unsendable, ValueError):
            request = requests.Request(**self.serialize_case(case, base_url=self._plan.base_url)).prepare()
            exchange = self._plan.send(_written(case, request, self._plan))
        if exchange is not None and exchange.case.phase is Phase.LINKS:
            self._exchanges[case.id] = exchange
        elif exchange is not None:
            self._exchanges = {case.id: exchange}
            self._steps.put(Sent((exchange,), exercised(read_drawing(case.meta), exchange)))
        return _response(exchange.answer if exchange else None, request)

    def take_failure(self, context: HookContext, failure: Finding, case: Drawn[Json], response: Response) -> bool:
        """Keep what the engine's checks found, as ours; always False, so that the engine goes on."""
        claim = CLAIM_OF_FAILURE.get(type(failure).__name__)
        exchange = self._exchanges.get(failure.case_id or case.id)
        if claim is None or exchange is None or is_false_alarm(claim, exchange):
            return False
        status = exchange.answer.status if exchange.answer else 0
        place = read_drawing(case.meta).place(status)
        found = Failure(claim, case.operation.label, place, _message(failure, status, exchange.case))
        if exchange.case.phase is Phase.LINKS:
            self._failures.setdefault(case.id, []).append((found, failure.related_case_ids()))
        else:
            self._steps.put(Shown(found, (exchange,)))
        return False

    def tell_conversations(self, recorder: ScenarioRecorder) -> None:
        """What one walk over links sent, each request with those that led to it."""
        drawn_cases = list(recorder.find_all_cases())
        earlier: list[Exchange] = []
        for drawn in drawn_cases:
            conversation = self._conversation(recorder, drawn.id)
            if conversation:
                claims = exercised(read_drawing(drawn.meta), conversation[-1])
                self._steps.put(Sent(conversation, (*claims, *chain_claims(conversation, earlier))))
                earlier.append(conversation[-1])
            for failure, related in self._failures.get(drawn.id, ()):
                self._steps.put(Shown(failure, self._conversation(recorder, drawn.id, related)))
        for drawn in drawn_cases:
            self._exchanges.pop(drawn.id, None)
            self._failures.pop(drawn.id, None)

    def _conversation(
        self, recorder: ScenarioRecorder, last: str, related: tuple[str, ...] = ()
    ) -> tuple[Exchange, ...]:
        """Up to and with a case that was sent; empty when it wasn't."""
        chain = recorder.iter_chain_cases(case_id=last, related_case_ids=related)
        return tuple(self._exchanges[each.id] for each in chain if each.id in self._exchanges)


def _written(case: Drawn[Json], request: requests.PreparedRequest, plan: FuzzPlan) -> Case:
    return write_case(
        read_drawing(case.meta),
        plan,
        operation=case.operation.label,
        phase=PHASES[case.meta.phase.name] if case.meta else Phase.FUZZING,
        method=case.method,
        url=str(request.url),
        headers=request.headers,
        body=request.body if isinstance(request.body, (bytes, str)) else None,
        excluded=frozenset(name.lower() for name in get_exclude_headers(case)),
    )


def _message(failure: Finding, status: int, case: Case) -> str:
    """What a reader sees of the engine's finding."""
    if isinstance(failure, AllowHeaderMismatch):
        lacks = f"lacks {', '.join(failure.missing_methods)}, which the path has" if failure.missing_methods else ""
        others = f"has {', '.join(failure.undocumented_methods)}, which the path hasn't"
        return f"Allow: {failure.allow_header} " + (lacks or others)
    return f"answered {status} to {case.note or 'a valid request'}"


def _response(answer: Answer | None, request: requests.PreparedRequest) -> Response:
    if answer is None:
        request.url = request.url or ""
        return Response(NO_ANSWER, {}, b"", request, 0.0, verify=False)
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name, []).append(value)
    return Response(
        answer.status,
        headers,
        answer.body,
        request,
        answer.elapsed_ms / 1000,
        verify=False,
        message=answer.reason,
        encoding=get_encoding_from_headers(CaseInsensitiveDict(answer.headers)),
        stream_cut_short=not answer.complete,
    )


@schemathesis.serializer("application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines")
def _write_lines(context: SerializationContext, value: Json) -> bytes:
    if isinstance(value, bytes):
        return value
    return b"".join(encode_line(record) for record in (value if isinstance(value, list) else [value]))


def _write_octets(context: SerializationContext, value: Json) -> bytes:
    octets = serialize_binary(value)
    return octets if isinstance(octets, bytes) else str(octets).encode()
