"""Values to responses."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from tests.apps.desk.parts import Call, Part
from tests.apps.desk.problems import Problem

JSON = "application/json"


def entity_tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


class Answers(Part):
    def json(self, status: int, value: Any, headers: Mapping[str, str] | None = None) -> Response:
        return Response(self.write(value), status, {"Content-Type": JSON, **(headers or {})})

    def write(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def created(self, value: Any, location: str, headers: Mapping[str, str] | None = None) -> Response:
        return self.json(201, value, {"Location": location, **(headers or {})})

    def nothing(self) -> Response:
        return Response(status_code=204)

    def problem(self, problem: Problem) -> Response:
        return self.json(problem.status, problem.body(), problem.headers)

    def tagged(self, call: Call, response: Response) -> Response:
        """With an ETag; 304 where the client has this very state (RFC 9110, 13.1.2)."""
        tag = self.tag(bytes(response.body))
        response.headers["ETag"] = tag
        if self.unchanged(call, tag):
            limits = {name: value for name, value in response.headers.items() if name not in LEFT_OUT}
            return Response(status_code=304, headers=limits)
        return response

    def tag(self, content: bytes) -> str:
        return entity_tag(content)

    def unchanged(self, call: Call, tag: str) -> bool:
        wanted = self.condition(call, "if-none-match")
        return wanted in ("*", tag)

    def check_match(self, call: Call, value: Any) -> None:
        """If-Match against the state before a change (RFC 9110, 13.1.1)."""
        wanted = self.condition(call, "if-match")
        if wanted not in (None, "*", self.tag(self.write(value))):
            raise Problem("precondition-failed", "it was changed since you read it")

    def condition(self, call: Call, header: str) -> str | None:
        wanted = call.header(header)
        if wanted is not None and re.fullmatch(r'"[0-9a-f]{16}"|[*]', wanted) is None:
            raise Problem("bad-request", f"the header {header} must be an ETag of the desk or *")
        return wanted

    def finish(self, call: Call, response: Response) -> Response:
        """The last word on every response."""
        for name, value in call.extra.items():
            response.headers[name] = value
        return response

    def without_content(self, response: Response) -> Response:
        """What HEAD gets: the headers of GET, Content-Length included."""
        bare = Response(status_code=response.status_code, headers=dict(response.headers))
        if "content-length" not in response.headers and "content-length" in bare.headers:
            del bare.headers["content-length"]
        return bare


LEFT_OUT = frozenset({"content-type", "content-length", "content-disposition"})
