"""The control API under `/__understudy/`, in front of everything else: the mock's cross-origin rules don't reach it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from importlib import resources
from typing import Final, final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from understudy.mockserver.control.answers import CommonHeaders, problem
from understudy.mockserver.control.controls import Controls
from understudy.mockserver.control.guard import find_refusal
from understudy.mockserver.control.one_process import OfOneProcess
from understudy.mockserver.control.resources import TABLE, Controlling
from understudy.mockserver.requests.incoming import ClientLeft
from understudy.mockserver.settings import ControlAccess
from understudy.mockserver.stores import MalformedDump, StoreFull, StoreUnavailable
from understudy.specs.errors import UsageError
from understudy.specs.wire.json_bodies import MalformedJson
from understudy.specs.wire.malformed import ContentTooLarge

__all__ = ["CONTROL_PATH", "ControlEndpoint"]

CONTROL_PATH: Final = "/__understudy"

_LOG: Final = logging.getLogger("understudy.mockserver")
_FILES: Final = {
    "": ("inspector.html", "text/html; charset=utf-8"),
    "inspector.css": ("inspector.css", "text/css; charset=utf-8"),
    "inspector.js": ("inspector.js", "text/javascript; charset=utf-8"),
}


@final
class ControlEndpoint:
    """ASGI middleware: answers what lies under `CONTROL_PATH`, and passes everything else on.

    Args:
        body_bytes: The largest body that is read.
    """

    def __init__(self, app: ASGIApp, controls: Controls, access: ControlAccess, body_bytes: int) -> None:
        self._app = app
        self._controls = controls
        self._access = access
        self._body_bytes = body_bytes

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # No coroutine of its own: what isn't for us costs one comparison.
        if scope["type"] != "http" or CONTROL_PATH not in scope["path"]:
            return self._app(scope, receive, send)
        return self._handle(scope, receive, send)

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path != CONTROL_PATH and not path.startswith(f"{CONTROL_PATH}/"):
            await self._app(scope, receive, send)
            return
        place = path.removeprefix(CONTROL_PATH).removeprefix("/")
        is_public = scope["method"] in ("GET", "HEAD") and place in _FILES
        refusal = find_refusal(scope, self._access, is_public=is_public)
        answer: Response
        if refusal is not None:
            answer = problem(refusal.status, refusal.detail)
            if refusal.status == 401:
                answer.headers["www-authenticate"] = 'Bearer realm="understudy control"'
        elif path == CONTROL_PATH:
            answer = RedirectResponse(f"{CONTROL_PATH.removeprefix('/')}/", 307)
        elif is_public:
            name, media_type = _FILES[place]
            answer = Response(_read(name), media_type=media_type)
        else:
            answer = await self._answer(place, Request(scope, receive))
        await answer(scope, receive, CommonHeaders(send))

    async def _answer(self, place: str, request: Request) -> Response:
        """The one handler of what goes wrong."""
        found = _find(place)
        if found is None:
            known = ", ".join(dict.fromkeys(template for _, template in TABLE))
            return problem(404, f"there is no {CONTROL_PATH}/{place[:100]}; there: {known}")
        methods, key = found
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            answer = problem(405, f"this path has {', '.join(methods)}")
            answer.headers["allow"] = ", ".join(methods)
            return answer
        try:
            return await methods[method](Controlling(self._controls, request, key, self._body_bytes))
        except MalformedJson as error:
            return problem(400, f"the body is no JSON: {error}")
        except ContentTooLarge as error:
            return problem(413, f"the body may have {error.limit} octets at most")
        except OfOneProcess as error:
            return problem(409, str(error))
        except UsageError as error:
            return problem(422, str(error))
        except MalformedDump as error:
            return problem(422, str(error), pointer=str(error.pointer))
        except StoreFull as error:
            return problem(507, str(error))
        except StoreUnavailable as error:
            return problem(503, str(error))
        except ClientLeft:
            return problem(400, "the body isn't whole")
        except Exception as error:
            _LOG.exception("%s %s/%s", request.method, CONTROL_PATH, place)
            return problem(500, f"{type(error).__name__}; the log of the mock server has the rest")


def _find(place: str) -> tuple[dict[str, Callable[[Controlling], Awaitable[Response]]], str] | None:
    """The methods of a path, and the key at its end; None when there is no such path."""
    start, _, key = place.partition("/")
    template = f"{start}/{{key}}" if key else start
    methods = {method: handler for (method, known), handler in TABLE.items() if known == template}
    return (methods, key) if methods else None


def _read(name: str) -> bytes:
    return resources.files(__package__).joinpath("inspector", name).read_bytes()
