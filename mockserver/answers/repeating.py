"""Attempts that have a name (`Idempotency-Key`): sent again, they are answered as they were and do nothing.

The answer is kept with the records, and written in one change with what the request does: whoever sends it again, at
once or through another worker, finds both or neither. Refusals aren't kept, since they did nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers.answers import Answer, StreamedAnswer
from understudy.mockserver.problems import Problem, ProblemRaised
from understudy.specs.behaviour import Query, Request
from understudy.specs.behaviour.declarations import Resource
from understudy.specs.behaviour.heard_headers import heard_by
from understudy.specs.behaviour.scenes import is_alive, scene_of
from understudy.specs.behaviour.state import Put
from understudy.specs.behaviour.values import rfc3339
from understudy.specs.model import MISSING, Api
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.json_bodies import dump_json

if TYPE_CHECKING:
    from understudy.mockserver.answers.answers import AnyAnswer
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.mockserver.stores import Store
    from understudy.specs.documents.document import Json

__all__ = ["Attempt", "attempt_resources", "find_attempt"]

ATTEMPTS: Final = Resource("(attempts)", "name", expires="until")
"""The answers that attempts were given, by what names them."""
KEPT_FOR: Final = timedelta(hours=24)
_REUSED: Final = (422, 409, 400)
"""How the reuse of a name for another request is refused, the first that is documented; as a conflict otherwise."""


def attempt_resources(api: Api) -> tuple[Resource, ...]:
    """What is kept of attempts: nothing where no operation on records gives them names."""
    is_needed = any(each.action is not None and heard_by(each).key is not None for each in api.operations)
    return (ATTEMPTS,) if is_needed else ()


def find_attempt(request: Request, incoming: Incoming) -> Attempt | None:
    """The attempt that a request is; None where it has no name."""
    key = heard_by(request.operation).key
    name = incoming.header(key.encode("latin-1")) if key is not None else None
    return Attempt(name, request) if name else None


@final
class Attempt:
    """A request that may be sent again. Names are the caller's own, and those of one operation and path.

    Attributes:
        is_repeated: Whether it was answered before.
    """

    def __init__(self, name: bytes, request: Request) -> None:
        operation = request.operation
        self._name = _digest(operation.label, request.path, request.credential, name.decode("latin-1"))
        self._said = _digest(request.query, request.media_type, () if request.body is MISSING else (request.body,))
        self._request = request
        self._seen = 0
        self.is_repeated = False

    async def find_answer(self, store: Store, now: datetime) -> AnyAnswer | None:
        """What it was answered with before; None where it wasn't.

        Raises:
            ProblemRaised: Another request had this name.
        """
        query = Query(ATTEMPTS.name, (), self._name)
        (record, *_) = (await store.read([query])).found[query] or (None,)
        self._seen = record.version if record is not None else 0
        if record is None or not is_alive(ATTEMPTS, record, scene_of(self._request, now)):
            return None
        if record.members["said"] != self._said:
            documented = {each.status for each in self._request.operation.responses}
            status = next((each for each in _REUSED if str(each) in documented), None)
            raise ProblemRaised(
                Problem(ProblemKind.CONFLICT, "this key was used for another request before", status=status)
            )
        self.is_repeated = True
        return _read(record.members)

    def put(self, answer: AnyAnswer, now: datetime) -> Put:
        """The answer, to be written together with what the request does."""
        members = {
            "name": self._name,
            "said": self._said,
            "until": rfc3339(now + KEPT_FOR),
            "status": answer.status,
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in answer.headers],
            "pieces": [base64.b64encode(piece).decode() for piece in _pieces(answer)],
            "streamed": isinstance(answer, StreamedAnswer),
        }
        return Put(ATTEMPTS, (), self._name, members, self._seen)


def _pieces(answer: AnyAnswer) -> Sequence[bytes]:
    return answer.items if isinstance(answer, StreamedAnswer) else (answer.body,)


def _read(members: Json) -> AnyAnswer:
    headers = tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in members["headers"])
    pieces = tuple(map(base64.b64decode, members["pieces"]))
    if members["streamed"]:
        return StreamedAnswer(members["status"], headers, pieces, None)
    return Answer(members["status"], headers, pieces[0])


def _digest(*parts: Json) -> str:
    return hashlib.blake2b(dump_json(parts), digest_size=16).hexdigest()
