"""Which answer a valid request gets: status, then media type, then example. README.md shows the ladder as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import final

from understudy.mockserver.answers.samples import Sample
from understudy.mockserver.compiled import CompiledOperation, CompiledResponse
from understudy.mockserver.compiled_media_type import CompiledMediaType
from understudy.mockserver.problems import Objection, Problem, ProblemRaised
from understudy.mockserver.requests.preferences import Preferences
from understudy.mockserver.settings import Bodies
from understudy.specs.behaviour import Outcome, ResponsePattern
from understudy.specs.expressions import Context
from understudy.specs.model import Response
from understudy.specs.pointers import JsonPointer
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.media_types import select

__all__ = ["Choice", "negotiate_response"]


@final
@dataclass(frozen=True, slots=True)
class Choice:
    """What to answer with.

    Attributes:
        status: 200–599, never a range or ``default``.
        outcome: The outcome that is answered and committed; None for a status that was wished for.
        media_type: None where the answer has no body.
        sample: The example to send; None generates a body.
    """

    status: int
    response: CompiledResponse
    outcome: Outcome | None
    media_type: CompiledMediaType | None
    sample: Sample | None

    @property
    def is_constant(self) -> bool:
        """Whether nothing has to be made up for this request."""
        return self.media_type is None or self.sample is not None


def negotiate_response(
    operation: CompiledOperation,
    outcomes: Sequence[Outcome],
    request: Callable[[], Context],
    accept: str | None,
    wish: Preferences,
    bodies: Bodies,
) -> Choice:
    """Choose the status, media type and example to answer with.

    Args:
        outcomes: The legal ways to answer, the usual one first.
        request: Gives what the conditions of streams are evaluated against.
        accept: The `Accept` header; None when it isn't sent.

    Raises:
        ProblemRaised: ``not-acceptable`` when no media type matches `accept`; ``no-response`` when the document
            describes no response at all, or not the one that was wished for (404 then, as Prism has it).
    """
    candidates = _find_wished(operation, wish) or _find_outcomes(operation, outcomes) or _find_lowest(operation)
    if not candidates:
        raise ProblemRaised(
            Problem(ProblemKind.NO_RESPONSE, f"{operation.operation.label} describes no response with a status")
        )
    for status, response, outcome in candidates:
        # A client that asks for an error, or runs into one, takes it in whatever form it comes (RFC 9110, 12.4.1).
        media_type = find_media_type(response, request, accept if status < 400 else None)
        if media_type is not None or not response.media_types:
            sample = find_sample(media_type, wish, bodies) if media_type else None
            return Choice(status, response, outcome, media_type, sample)
    raise ProblemRaised(_not_acceptable(accept, [response for _, response, _ in candidates]))


_Candidate = tuple[int, CompiledResponse, Outcome | None]


def _find_wished(operation: CompiledOperation, wish: Preferences) -> list[_Candidate]:
    if wish.code is None:
        return []
    response = operation.find_response(wish.code)
    if response is None or wish.code < 200:
        documented = ", ".join(each.status for each in operation.operation.responses) or "none"
        detail = f"Prefer: code={wish.code}: {operation.operation.label} documents {documented}"
        raise ProblemRaised(Problem(ProblemKind.NO_RESPONSE, detail, status=404, is_ours=True))
    return [(wish.code, response, None)]


def _find_outcomes(operation: CompiledOperation, outcomes: Sequence[Outcome]) -> list[_Candidate]:
    """The outcomes by rising status, but an exact status before a range, and all before ``default``.

    An interim status (1xx) is none that a request can end with; a refusal was raised before.
    """
    found = [
        (outcome.pattern.status, operation.compile(outcome.pattern.response), outcome)
        for outcome in outcomes
        if isinstance(outcome.pattern, ResponsePattern) and outcome.pattern.status >= 200
    ]
    return sorted(found, key=lambda each: (not each[1].response.status.isdigit(), each[0]))


def _find_lowest(operation: CompiledOperation) -> list[_Candidate]:
    """The lowest status that is documented, for an operation that describes nothing but errors."""
    found = [(status, response) for response in operation.operation.responses if (status := _status(response))]
    if not found:
        return []
    status, response = min(found, key=lambda each: each[0])
    return [(status, operation.compile(response), None)]


def _status(response: Response) -> int | None:
    """200–599; None for a key that names none of these."""
    if response.status == "default":
        return 200
    text = response.status.replace("XX", "00")
    return int(text) if text.isdigit() and 200 <= int(text) <= 599 else None


def find_media_type(
    response: CompiledResponse, request: Callable[[], Context], accept: str | None
) -> CompiledMediaType | None:
    """The media type to answer with; None when there is none, or none that is accepted.

    One whose stream is chosen by a condition that holds goes before everything, whatever is accepted; one whose
    condition doesn't hold is no choice.
    """
    offers = response.media_types
    if response.has_conditions:
        context = request()
        for offer in offers:
            if offer.condition is not None and offer.condition.holds(context):
                return offer
        offers = tuple(offer for offer in offers if offer.condition is None) or offers
    index = select(accept, response.names if offers is response.media_types else [offer.name for offer in offers])
    return offers[index] if index is not None else None


def find_sample(media_type: CompiledMediaType, wish: Preferences, bodies: Bodies) -> Sample | None:
    """The example to answer with; None where a body is to be generated.

    Raises:
        ProblemRaised: ``no-response`` with 404 when the example that is wished for isn't there, or isn't valid.
    """
    if wish.example is not None:
        sample = media_type.samples.get(wish.example)
        if sample is None:
            raise ProblemRaised(_no_example(media_type, wish.example))
        return sample
    generated = wish.dynamic if wish.dynamic is not None else bodies is Bodies.GENERATED
    if generated and media_type.can_generate:
        return None
    return next(iter(media_type.samples.values()), None)


def _no_example(media_type: CompiledMediaType, name: str) -> Problem:
    reason = media_type.invalid_samples.get(name)
    if reason is not None:
        detail = f"Prefer: example={name}: this example disagrees with its schema: {reason}"
    else:
        known = ", ".join(media_type.samples) or "none"
        detail = f"Prefer: example={name}: the {media_type.name} answer has these examples: {known}"
    return Problem(ProblemKind.NO_RESPONSE, detail, status=404, is_ours=True)


def _not_acceptable(accept: str | None, responses: Sequence[CompiledResponse]) -> Problem:
    names = dict.fromkeys(each.name for response in responses for each in response.media_types)
    message = f"nothing that matches {accept!r} can be given; there is {', '.join(names)}"
    objection = Objection("header", JsonPointer("/Accept"), "accept", message, "Accept")
    return Problem(ProblemKind.NOT_ACCEPTABLE, objections=(objection,))
