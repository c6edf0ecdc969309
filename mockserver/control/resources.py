"""The paths of the control API, each a function of the request; `openapi.yaml` beside this file describes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib import resources
from typing import Final, final

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from understudy.mockserver.control.answers import answer_json, problem
from understudy.mockserver.control.controls import ClockReading, Controls
from understudy.mockserver.control.curl_lines import curl_line
from understudy.mockserver.control.holdings import list_holdings, list_records
from understudy.mockserver.control.journal import MAX_FOLLOWERS
from understudy.mockserver.control.scenarios import read_clock
from understudy.mockserver.control.sending import describe_sent, list_callbacks, send_callback
from understudy.mockserver.forcing.durations import parse_span
from understudy.mockserver.forcing.forcing import read_forcing, write_forcing
from understudy.mockserver.forcing.overrides import Override
from understudy.mockserver.requests.incoming import Incoming
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError
from understudy.specs.model import MISSING
from understudy.specs.wire.json_bodies import dump_json, load_json

__all__ = ["TABLE", "Controlling"]

MAX_LISTED: Final = 1000
"""Records or requests of one answer."""
SIGN_OF_LIFE_SECONDS: Final = 15.0


@final
@dataclass(frozen=True, slots=True)
class Controlling:
    """A request of the control API.

    Attributes:
        key: What follows the resource in the path; empty for nothing.
    """

    controls: Controls
    request: Request
    key: str
    body_bytes: int

    async def body(self) -> Json:
        """The body as JSON; `{}` where there is none."""
        incoming = Incoming.from_asgi(self.request.scope, self.request.receive)
        octets = await incoming.body().read(self.body_bytes)
        return load_json(octets) if octets.strip() else {}

    async def member(self, name: str, allowed: str) -> str:
        """The one member of the body, a text."""
        body = await self.body()
        if not isinstance(body, dict) or body.keys() != {name} or not isinstance(body[name], str):
            raise UsageError(
                "body", body if len(str(body)) < 100 else type(body).__name__, f'{{"{name}": "{allowed}"}}'
            )
        value: str = body[name]
        return value

    def number(self, name: str, default: int) -> int:
        """A number in the query."""
        text = self.request.query_params.get(name, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise UsageError(name, text, "a whole number")
        return int(text)


async def _get_clock(asked: Controlling) -> Response:
    return _clock(await asked.controls.clock())


async def _put_clock(asked: Controlling) -> Response:
    time = read_clock(await asked.member("now", "2024-03-04T09:00:00Z"))
    if isinstance(time, timedelta):
        raise UsageError("now", str(time), "a time such as 2024-03-04T09:00:00Z; POST moves it by a span")
    return _clock(await asked.controls.set_clock(time))


async def _move_clock(asked: Controlling) -> Response:
    text = await asked.member("by", "1h30m")
    try:
        seconds = parse_span(text)
    except ValueError as error:
        raise UsageError("by", text[:50], str(error)) from error
    return _clock(await asked.controls.advance(seconds))


def _clock(reading: ClockReading) -> Response:
    now = reading.now.isoformat(timespec="milliseconds")
    return answer_json({"now": now.replace("+00:00", "Z"), "offsetSeconds": reading.offset_seconds})


async def _get_records(asked: Controlling) -> Response:
    return answer_json({"partitions": await list_holdings(asked.controls.apis)})


async def _get_partition(asked: Controlling) -> Response:
    query = asked.request.query_params
    found = await list_records(
        asked.controls.apis, asked.key, query.getlist("scope"), document=query.get("document", "")
    )
    start = asked.number("start", 0)
    limit = min(asked.number("limit", 100), MAX_LISTED)
    return answer_json({"count": len(found), "records": found[start : start + limit]})


async def _reset(asked: Controlling) -> Response:
    await asked.controls.reset()
    return Response(status_code=204)


async def _get_snapshot(asked: Controlling) -> Response:
    return answer_json(await asked.controls.snapshot())


async def _restore(asked: Controlling) -> Response:
    await asked.controls.restore(await asked.body())
    return Response(status_code=204)


async def _get_overrides(asked: Controlling) -> Response:
    return answer_json({"overrides": [_override(each) for each in asked.controls.overrides]})


async def _post_override(asked: Controlling) -> Response:
    return answer_json(_override(asked.controls.override(read_forcing(await asked.body()))), 201)


async def _delete_overrides(asked: Controlling) -> Response:
    asked.controls.drop_overrides()
    return Response(status_code=204)


async def _delete_override(asked: Controlling) -> Response:
    if asked.controls.drop_override(asked.key):
        return Response(status_code=204)
    known = ", ".join(each.key for each in asked.controls.overrides) or "none"
    return problem(404, f"there is no override {asked.key[:50]!r}; there: {known}")


def _override(override: Override) -> Json:
    return {"id": override.key, **write_forcing(override.forcing), "hits": override.hits, "isOver": override.is_over}


async def _get_scenarios(asked: Controlling) -> Response:
    known = asked.controls.scenarios.by_name.values() if asked.controls.scenarios is not None else ()
    listed = [{"name": each.name, "summary": each.summary} for each in known]
    return answer_json({"current": asked.controls.scenario, "scenarios": listed})


async def _put_scenario(asked: Controlling) -> Response:
    await asked.controls.activate(await asked.member("current", "NAME"))
    return await _get_scenarios(asked)


async def _get_requests(asked: Controlling) -> Response:
    logged = asked.controls.requests
    if "text/event-stream" in asked.request.headers.get("accept", ""):
        return _follow(asked.controls)
    limit = min(asked.number("limit", MAX_LISTED), MAX_LISTED)
    return answer_json(
        {"requests": [each.as_json() for each in logged[len(logged) - limit if limit < len(logged) else 0 :]]}
    )


def _follow(controls: Controls) -> Response:
    journal = controls.journal
    if journal is None or journal.is_crowded:
        return problem(503, f"{MAX_FOLLOWERS} clients follow the log already")

    async def events() -> AsyncIterator[bytes]:
        async for logged in journal.follow(SIGN_OF_LIFE_SECONDS):
            if logged is None:
                yield b": here\n\n"
            else:
                yield b"id: %d\ndata: %s\n\n" % (logged.number, dump_json(logged.as_json()))

    return StreamingResponse(events(), media_type="text/event-stream")


async def _clear_requests(asked: Controlling) -> Response:
    asked.controls.clear_requests()
    return Response(status_code=204)


async def _get_operations(asked: Controlling) -> Response:
    listed = [
        {
            "key": str(index),
            "document": each.api.api.name,
            "operationId": each.operation.id,
            "label": each.operation.label,
            "method": each.operation.method,
            "path": each.api.prefix + each.operation.path,
            "summary": each.operation.summary,
            "tags": list(each.operation.tags),
            "deprecated": each.operation.deprecated,
            "statuses": [response.status for response in each.operation.responses],
        }
        for index, each in enumerate(asked.controls.operations)
    ]
    documents = [
        {"name": api.api.name, "title": api.api.title, "version": api.api.version, "openapi": api.api.openapi}
        for api in asked.controls.apis
    ]
    return answer_json({"documents": documents, "operations": listed})


async def _get_operation(asked: Controlling) -> Response:
    operations = asked.controls.operations
    if not (asked.key.isascii() and asked.key.isdigit() and len(asked.key) < 7 and int(asked.key) < len(operations)):
        return problem(404, f"there is no operation {asked.key[:50]!r}; GET operations lists them by `key`")
    operation = operations[int(asked.key)]
    base = str(asked.request.base_url).rstrip("/")
    curl = curl_line(operation.operation, base + operation.api.prefix)
    return answer_json({"description": operation.operation.description, "curl": curl})


async def _get_callbacks(asked: Controlling) -> Response:
    return answer_json({"callbacks": list_callbacks(asked.controls)})


async def _send_callback(asked: Controlling) -> Response:
    body = await asked.body()
    known = {"url", "body", "document"}
    if not isinstance(body, dict) or not body.keys() <= known or not isinstance(body.get("url"), str):
        given = sorted(body) if isinstance(body, dict) else type(body).__name__
        raise UsageError(
            "body", given, '{"url": "http://localhost:3000/hook"}, beside it perhaps `body` and `document`'
        )
    sent = await send_callback(
        asked.controls, asked.key, body["url"], body.get("body", MISSING), document=str(body.get("document", ""))
    )
    return answer_json({"sent": [describe_sent(each) for each in sent]})


async def _get_status(asked: Controlling) -> Response:
    controls = asked.controls
    return answer_json({"workers": controls.workers, "reloads": controls.reloads, "notice": controls.notice})


async def _get_description(asked: Controlling) -> Response:
    text = resources.files(__package__).joinpath("openapi.yaml").read_bytes()
    return Response(text, media_type="application/yaml")


TABLE: Final[Mapping[tuple[str, str], Callable[[Controlling], Awaitable[Response]]]] = {
    ("GET", "clock"): _get_clock,
    ("PUT", "clock"): _put_clock,
    ("POST", "clock"): _move_clock,
    ("GET", "records"): _get_records,
    ("GET", "records/{key}"): _get_partition,
    ("POST", "reset"): _reset,
    ("GET", "snapshot"): _get_snapshot,
    ("POST", "snapshot"): _restore,
    ("GET", "overrides"): _get_overrides,
    ("POST", "overrides"): _post_override,
    ("DELETE", "overrides"): _delete_overrides,
    ("DELETE", "overrides/{key}"): _delete_override,
    ("GET", "scenarios"): _get_scenarios,
    ("PUT", "scenarios"): _put_scenario,
    ("GET", "requests"): _get_requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "operations"): _get_operations,
    ("GET", "operations/{key}"): _get_operation,
    ("GET", "callbacks"): _get_callbacks,
    ("POST", "callbacks/{key}"): _send_callback,
    ("GET", "status"): _get_status,
    ("GET", "openapi.yaml"): _get_description,
}
"""Method and path below the control path → what is done."""
