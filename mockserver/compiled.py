"""An operation made ready to serve. Everything is compiled when a request first needs it, and then kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers.error_bodies import ErrorWriter
from understudy.mockserver.answers.headers import make_headers
from understudy.mockserver.answers.offers import list_offers
from understudy.mockserver.answers.shown_records import ShownRecords
from understudy.mockserver.compiled_media_type import CompiledMediaType
from understudy.mockserver.requests.decoding import RequestDecoder
from understudy.specs.model import Api, Location, Operation, Response
from understudy.specs.pointers import JsonPointer, tokens
from understudy.specs.rivals import Signs
from understudy.specs.wire.media_types import Kind, kind

if TYPE_CHECKING:
    from understudy.mockserver.answers.answers import AnyAnswer, Headers
    from understudy.mockserver.answers.concretion import Maker
    from understudy.mockserver.answers.negotiation import Choice
    from understudy.mockserver.assumptions import Assumptions
    from understudy.mockserver.forcing.overrides import Override
    from understudy.mockserver.requests.preferences import Preferences
    from understudy.mockserver.settings import Limits, RateLimits
    from understudy.mockserver.stores import Store
    from understudy.specs.behaviour.declarations import Resource

__all__ = ["CompiledApi", "CompiledOperation", "CompiledResponse"]

_TEXT: Final = re.compile(r"\btext\b(?!=)")
"""The name of the prose in an expression; not the field of the same name in what `repr` gives."""


@final
class CompiledApi:
    """One document as it is served.

    Attributes:
        prefix: Path below which all of it lies; empty for none.
        store: Where the records of its resources are kept.
        resources: These by name, with the records that are there from the start.
        maker: Fills in what a server is free to choose.
        credentials: The resources whose records are credentials.
        assumptions: What there is where behaviour is only inferred; None where it is declared.
    """

    def __init__(
        self,
        api: Api,
        prefix: str,
        store: Store,
        resources: Iterable[Resource],
        maker: Maker,
        assumptions: Assumptions | None = None,
    ) -> None:
        self.api = api
        self.resources = {each.name: each for each in resources}
        self.prefix = prefix
        self.errors = ErrorWriter(api)
        self.store = store
        self.maker = maker
        self.credentials = tuple(each for each in api.resources.values() if each.credential is not None)
        self.assumptions = assumptions


@final
class CompiledOperation:
    """One operation.

    Args:
        seed: Seed of what doesn't depend on a request, such as headers.

    Attributes:
        choices: By what a client accepts and prefers, how it is answered; only for what is `is_fixed`.
        answers: Likewise the whole answer, where it is an example.
        overrides: What is forced on its answers, the newest first; mostly nothing.
        has_rivals: Whether another operation has its path and method.
        rate_limits: What a scenario makes of calls over a limit; None leaves it to the settings.
    """

    def __init__(self, api: CompiledApi, operation: Operation, limits: Limits, seed: str) -> None:
        self.api = api
        self.operation = operation
        self.key = f"{seed}/{operation.label}"
        self._limits = limits
        self.choices: dict[tuple[bytes | None, Preferences], Choice] = {}
        self.answers: dict[tuple[bytes | None, Preferences], AnyAnswer] = {}
        self._responses: dict[str, CompiledResponse] = {}
        self.overrides: tuple[Override, ...] = ()
        self.has_rivals = False
        self.rate_limits: RateLimits | None = None

    @cached_property
    def is_fixed(self) -> bool:
        """Whether all valid requests that prefer the same get the same status, media type and example."""
        streams = [each.stream for response in self.operation.responses for each in response.content]
        return self.operation.action is None and not any(
            stream and (stream.when or (stream.ping and stream.ping.unless)) for stream in streams
        )

    def resumes(self, media_type: CompiledMediaType) -> bool:
        """Whether a stream goes on after the event that `Last-Event-ID` names: where the document says so, or lets
        the header be sent and gives its events ids."""
        if media_type.kind is not Kind.SSE:
            return False
        stream = media_type.media_type.stream
        return (stream is not None and stream.resume) or self._takes_event_id

    @cached_property
    def _takes_event_id(self) -> bool:
        headers = (each.name.lower() for each in self.operation.parameters if each.location is Location.HEADER)
        return "last-event-id" in headers

    @cached_property
    def says_text(self) -> bool:
        """Whether the answer may have prose that is made for the request: a stream carries it, or the action mentions
        it. What merely looks like a mention only has it made for nothing."""
        streams = [each.stream for response in self.operation.responses for each in response.content]
        if any(stream and stream.text for stream in streams):
            return True
        return _TEXT.search(repr(self.operation.action)) is not None

    @cached_property
    def is_told_by_header(self) -> bool:
        """Whether the answer depends on a request's header alone, and nothing follows it: no body, no state, no limit
        that counts, no credential that may be withdrawn, no callback, no rival that it may be meant for."""
        declared = self.operation
        is_kept = declared.action is not None or bool(self.api.credentials and declared.security)
        is_alone = not (is_kept or self.has_rivals)
        return is_alone and not (declared.request_body or declared.limits or declared.callbacks)

    @cached_property
    def is_prompt(self) -> bool:
        """Whether an answer is sent as a whole, nothing else is sent because of it, and no limit counts who asks."""
        declared = self.operation
        names = [each.name for response in declared.responses for each in response.content]
        is_whole = not any("*" in name or kind(name).is_sequential for name in names)
        return is_whole and not (declared.callbacks or declared.limits)

    @cached_property
    def header_names(self) -> frozenset[bytes]:
        """The headers that the answer may depend on, names in lower case."""
        names = {"accept", "prefer"}
        for parameter in self.operation.parameters:
            if parameter.location is Location.HEADER:
                names.add(parameter.name.lower())
            elif parameter.location is Location.COOKIE:
                names.add("cookie")
        for requirement in self.operation.security:
            for scheme, _ in requirement.schemes:
                is_header = scheme.location is Location.HEADER
                names |= {"authorization", "cookie", scheme.parameter.lower() if is_header else ""}
        conditions = [each.stream for response in self.operation.responses for each in response.content if each.stream]
        for stream in conditions:
            for expression in (*stream.when, *(stream.ping.unless if stream.ping else ())):
                names.add(expression.removeprefix("$request.header.").lower())
        return frozenset(name.encode("latin-1", "replace") for name in names)

    @cached_property
    def form_members(self) -> tuple[tuple[str, ...], ...]:
        """Where a request body says in which form it is answered, and nothing of what is answered."""
        streams = [each.stream for response in self.operation.responses for each in response.content if each.stream]
        prefix = "$request.body#"
        told = [at.removeprefix(prefix) for stream in streams for at in stream.when if at.startswith(prefix)]
        return tuple(tuple(tokens(JsonPointer(pointer))) for pointer in dict.fromkeys(told) if pointer)

    @cached_property
    def signs(self) -> Signs:
        """What tells its requests from those of others with its path and method."""
        return Signs.of(self.operation)

    @cached_property
    def shown(self) -> ShownRecords:
        """What requests that show one record were answered with."""
        return ShownRecords(self.operation)

    @cached_property
    def decoder(self) -> RequestDecoder:
        """Reads and checks requests."""
        return RequestDecoder(self.operation, self._limits)

    def compile(self, response: Response) -> CompiledResponse:
        """One of the operation's responses."""
        compiled = self._responses.get(response.status)
        if compiled is None:
            compiled = CompiledResponse(response, f"{self.key}/{response.status}")
            self._responses[response.status] = compiled
        return compiled

    def find_response(self, status: int) -> CompiledResponse | None:
        """The response that describes a status; None when none does."""
        response = self.operation.find_response(status)
        return self.compile(response) if response is not None else None


@final
class CompiledResponse:
    """One response, under whatever status it is sent."""

    def __init__(self, response: Response, key: str) -> None:
        self.response = response
        self._key = key

    @cached_property
    def headers(self) -> Headers:
        """All documented headers with values: their examples, else made up once from the seed."""
        return make_headers(self.response, self._key)

    @cached_property
    def media_types(self) -> tuple[CompiledMediaType, ...]:
        """What the body can be sent as, the favourite first."""
        return tuple(CompiledMediaType(entry, name) for entry, name in list_offers(self.response.content))

    @cached_property
    def json_first(self) -> tuple[CompiledMediaType, ...]:
        """The same, what is JSON before the rest."""
        return tuple(sorted(self.media_types, key=lambda each: not each.is_json))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of `media_types`."""
        return tuple(offer.name for offer in self.media_types)

    @cached_property
    def has_conditions(self) -> bool:
        """Whether a media type is chosen by what the request says."""
        return any(offer.condition is not None for offer in self.media_types)
