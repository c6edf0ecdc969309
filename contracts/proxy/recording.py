"""Traffic as named examples: an OpenAPI Overlay that a mock can be given together with the document.

understudy mock openapi.yaml --overlay recorded.yaml
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final, final

import yaml

from understudy.contracts.observation import Observation
from understudy.contracts.secrecy.masking import MASK
from understudy.specs.errors import UsageError
from understudy.specs.model import Direction
from understudy.specs.pointers import tokens
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json
from understudy.specs.wire.media_types import Kind, find_content, kind

if TYPE_CHECKING:
    from understudy.contracts.case import Case
    from understudy.contracts.proxy.overhearing import Overheard
    from understudy.contracts.secrecy.redaction import Redaction
    from understudy.specs.documents.document import Json
    from understudy.specs.model import Api, MediaType, Operation

__all__ = ["Recording"]

MAX_EXAMPLES: Final = 5
"""Of one media type; later ones are as good as these."""
MAX_OCTETS: Final = 256 * 1024
"""A longer body is no example that anyone reads."""


@final
class Recording:
    """Collects examples; what breaks the document is none, and secrets are masked.

    Raises:
        UsageError: The document is of Swagger 2.0, which has no place for named examples.
    """

    def __init__(self, api: Api, redaction: Redaction) -> None:
        if api.openapi.startswith("2"):
            raise UsageError("--record", api.title, "a document of OpenAPI 3; `understudy specs convert` makes one")
        self._api = api
        self._redaction = redaction
        self._found: dict[str, dict[str, Json]] = {}
        self._unnamed: set[str] = set()
        self._seen: set[bytes] = set()

    def __len__(self) -> int:
        return sum(map(len, self._found.values()))

    def take(self, heard: Overheard) -> None:
        """Keep what an exchange has to show: the body that was sent, and the one that came back."""
        operation, answer = heard.operation, heard.exchange.answer
        if operation is None or answer is None or heard.faults or heard.failures:
            return
        shown = self._redaction.case(heard.exchange.case)
        summary = f"{shown.method} {shown.target}"[:120]
        for media_type, value in (*_sent(operation, shown), *self._came_back(heard, operation)):
            self._keep(media_type, value, summary)

    def overlay(self) -> Json:
        """What was collected, as an Overlay 1.0."""
        actions: list[Json] = []
        for target, examples in self._found.items():
            if target in self._unnamed:
                # A media type may not have both (OpenAPI 3.2, Media Type Object).
                actions.append({"target": f"{target}['example']", "remove": True})
            actions.append({"target": target, "update": {"examples": examples}})
        return {"overlay": "1.0.0", "info": {"title": f"Recorded examples of {self._api.title}", "version": "1"},
                "actions": actions}  # fmt: skip

    def write(self) -> str:
        """The overlay in YAML."""
        text: str = yaml.safe_dump(self.overlay(), sort_keys=False, allow_unicode=True, width=120)
        return text

    def _came_back(self, heard: Overheard, operation: Operation) -> Iterator[tuple[MediaType, Json]]:
        assert heard.exchange.answer is not None
        answer = self._redaction.answer(heard.exchange.answer)
        seen = Observation(heard.exchange, operation, answer)
        media_type = seen.media_type
        if media_type is None or not answer.complete or not answer.body or len(answer.body) > MAX_OCTETS:
            return
        if seen.stream is not None:
            yield media_type, [item.value for item in seen.stream.items]
        elif seen.kind is Kind.JSON and not isinstance(seen.json, MalformedJson):
            schema = media_type.schema
            # What was masked may no longer be what the schema asks for.
            if schema is None or schema.validator(Direction.RESPONSE).is_valid(seen.json):
                yield media_type, seen.json

    def _keep(self, media_type: MediaType, value: Json, summary: str) -> None:
        if media_type.origin.uri != self._api.files[0]:
            return  # an overlay reaches the entry document only
        target = "$" + "".join(f"[{_quoted(token)}]" for token in tokens(media_type.origin.pointer))
        known = self._found.setdefault(target, {})
        key = dump_json((target, value))
        if key in self._seen or len(known) >= MAX_EXAMPLES:
            return
        self._seen.add(key)
        if any(not each.name for each in media_type.examples):
            self._unnamed.add(target)
        known[f"recorded-{len(known) + 1}"] = {"summary": summary, "value": value}


def _sent(operation: Operation, case: Case) -> Iterator[tuple[MediaType, Json]]:
    """The body of a request, where it is JSON and nothing of it is masked: a masked one wouldn't be accepted."""
    sent = next((value for name, value in case.headers if name.lower() == "content-type"), "")
    if operation.request_body is None or not case.body or len(case.body) > MAX_OCTETS or MASK.encode() in case.body:
        return
    media_type = find_content(operation.request_body.content, sent)
    if media_type is None or kind(sent) is not Kind.JSON:
        return
    with suppress(MalformedJson):
        yield media_type, load_json(case.body)


def _quoted(token: str) -> str:
    """A name in JSONPath's brackets (RFC 9535, section 2.3.1)."""
    return "'" + token.replace("\\", "\\\\").replace("'", "\\'") + "'"
