"""A request as its operation reads it: every part decoded and checked, every objection gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, final

from understudy.mockserver.problems import Objection, Problem, ProblemRaised, from_objections
from understudy.mockserver.requests.parameters import DecodedParameters, ParameterReader
from understudy.mockserver.requests.request_bodies import DecodedBody, RequestBodyReader
from understudy.mockserver.requests.security import find_credential
from understudy.specs.behaviour import Request
from understudy.specs.model import MISSING, Operation

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.mockserver.settings import Limits

__all__ = ["Decoded", "RequestDecoder"]


@final
class Decoded(NamedTuple):
    """A request, decoded as far as it could be.

    Attributes:
        problem: What is wrong with it; None for a valid request.
    """

    request: Request
    problem: Problem | None


@final
class RequestDecoder:
    """Reads the requests of one operation."""

    def __init__(self, operation: Operation, limits: Limits) -> None:
        self._operation = operation
        self._parameters = ParameterReader(operation)
        self._body = RequestBodyReader(operation.request_body, limits) if operation.request_body is not None else None

    def fits(self, request: Incoming, captured: Mapping[str, str]) -> bool:
        """Whether there is nothing wrong with a request's parameters; its body isn't looked at."""
        return not self._parameters.read(request, captured).objections

    async def decode(self, request: Incoming, captured: Mapping[str, str]) -> Decoded:
        """Decode and check a request. A body that no Request Body Object describes isn't read.

        Args:
            captured: What the template's expressions took of the path, still percent-encoded.

        Raises:
            ClientLeft: The connection was closed before the request was whole.
        """
        parameters = self._parameters.read(request, captured)
        body = DecodedBody(MISSING, "")
        problem = None
        if self._body is not None:
            try:
                body = await self._body.read(request)
            except ProblemRaised as raised:
                problem = raised.problem
        objections: Sequence[Objection] = body.objections
        if parameters.objections:
            objections = (*parameters.objections, *body.objections)
        if problem is not None:
            problem = replace(problem, objections=(*problem.objections, *objections))
        elif objections:
            problem = from_objections(objections)
        return Decoded(self._request(request, parameters, body), problem)

    def _request(self, request: Incoming, parameters: DecodedParameters, body: DecodedBody) -> Request:
        return Request(
            operation=self._operation,
            path=parameters.path,
            query=parameters.query,
            header=parameters.header,
            cookie=parameters.cookie,
            body=body.value,
            media_type=body.media_type,
            credential=find_credential(self._operation.security, request) if self._operation.action is not None else "",
        )
