"""A small server written by hand from depot.yaml, which keeps to it and to HTTP, and can be wrong in one way at a time.

What the mock doesn't serve is here: validators and conditions, idempotency keys, limits of files.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Mapping
from datetime import date
from email.parser import BytesParser
from email.policy import HTTP
from functools import cache
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from understudy.specs.catalog import load_api
from understudy.specs.model import Api

DEPOT = Path(__file__).with_name("depot.yaml")
MAX_BYTES = 3_000
METHODS = {
    "/crates": ("POST",),
    "/crates/{}": ("GET", "HEAD", "PUT", "DELETE"),
    "/labels": ("POST",),
    "/labels/{}/content": ("GET", "HEAD"),
    "/belt": ("GET", "HEAD"),
    "/scale": ("GET", "HEAD"),
}


@cache
def depot_api() -> Api:
    """The document."""
    return load_api(str(DEPOT))


class Refused(Exception):
    """The answer is a problem."""

    def __init__(self, status: int, title: str, **headers: str) -> None:
        super().__init__(title)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Depot:
    """An ASGI application.

    Args:
        fault: The one thing that is wrong; empty when nothing is.
    """

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.crates: dict[str, Any] = {}
        self.keys: dict[str, tuple[str, Any]] = {}
        self.labels: dict[str, bytes] = {}
        self.made = 0
        self.calls = 0
        self.weighed = 0
        self.reset = int(time.time()) + 3500

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            status, more, content = self.answer(scope["method"], scope["path"], headers, body)
        except Refused as error:
            shown = 418 if self.fault == "problem-status" else error.status
            status, more = error.status, {"content-type": "application/problem+json", **error.headers}
            content = {"title": str(error), "status": shown}
        self.calls += 1
        left = self.calls if self.fault == "limit-rises" else max(100_000 - self.calls, 0)
        more = {
            "x-ratelimit-limit": "100000",
            "x-ratelimit-remaining": "100001" if self.fault == "limit-malformed" else str(left),
            "x-ratelimit-reset": "1000000" if self.fault == "limit-past" else str(self.reset),
            **more,
        }
        if isinstance(content, str):
            await self.stream(send, content)
            return
        octets = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        octets = b"" if scope["method"] == "HEAD" else octets
        if content is not None:
            more = {"content-type": "application/json", **more}
            if self.fault == "charset" and more["content-type"] == "application/json":
                more["content-type"] = "application/json; charset=iso-8859-1"
        if status not in (204, 304) and scope["method"] != "HEAD":
            more["content-length"] = str(len(octets))
        pairs = [(name.encode(), value.encode()) for name, value in more.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": octets})

    async def stream(self, send: Send, text: str) -> None:
        pairs = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": pairs})
        pieces = [b"data: one\n\n", *[b": still here\n\n"] * 8, b"data: two\n\n", b"data: [DONE]\n\n"]
        for piece in pieces:
            await asyncio.sleep(0.15 if self.fault == "no-pings" else 0.02)
            if not (self.fault == "no-pings" and piece.startswith(b":")):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        if self.fault == "left-open":
            await asyncio.sleep(2.1)
        await send({"type": "http.response.body", "body": b""})

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], Any]:
        place, key = path, ""
        if found := re.fullmatch(r"/(crates)/([^/]+)|/(labels)/([^/]+)/content", path):
            place, key = ("/crates/{}", found[2]) if found[1] else ("/labels/{}/content", found[4])
        if place not in METHODS or (method not in METHODS[place] and self.fault == "hidden-method"):
            raise Refused(404, "there is no such place")
        if method not in METHODS[place]:
            allowed = (*METHODS[place], method) if self.fault == "allow-too-much" else METHODS[place]
            raise Refused(405, "not that", allow=", ".join(allowed))
        self.let_in(method, headers.get("authorization", ""))
        match place:
            case "/crates":
                return self.add(headers, body)
            case "/crates/{}":
                return self.crate(method, key, headers, body)
            case "/labels":
                return self.label(headers, body)
            case "/labels/{}/content":
                return self.printed(key)
            case "/scale":
                return self.weigh()
        return 200, {}, "the belt"

    def weigh(self) -> tuple[int, dict[str, str], Any]:
        self.weighed += 1
        if self.weighed > 20 and self.fault != "no-limit":
            raise Refused(429, "not so fast", **({} if self.fault == "no-retry-after" else {"retry_after": "60"}))
        return 200, {}, {"octets": 7}

    def let_in(self, method: str, credential: str) -> None:
        scheme, _, token = credential.partition(" ")
        if self.fault == "open-delete" and method == "DELETE":
            return
        right = scheme == "Bearer" if self.fault == "scheme-case" else scheme.lower() == "bearer"
        if self.fault == "empty-token" and scheme:
            right, token = True, "x"
        if not right or not token or token.startswith("invalid"):
            raise Refused(401, "who are you", www_authenticate="Bearer")

    def add(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        most = {"any-size": 10**9, "small-size": MAX_BYTES - 100}.get(self.fault, MAX_BYTES)
        if len(body) > most:
            raise Refused(413, "too much")
        sent = headers.get("idempotency-key", "")
        if len(sent) > 80:
            raise Refused(400, "the key is too long")
        crate = self.read(headers, body)
        key, first = self.keys.get(sent, ("", None)) if sent and self.fault != "key-ignored" else ("", None)
        if key and first != crate and self.fault != "key-of-any":
            raise Refused(422, "the key is another request's")
        if not key or key not in self.crates:
            self.made += 1
            key = f"crate-{self.made}"
            self.crates[key] = crate
            self.keys[sent] = key, crate
        place = f"/crates/{key}" if self.fault != "location" else f"/crates/{key}0"
        return 201, {"location": place, "etag": self.tag(key)}, {"id": key, **self.crates[key]}

    def crate(self, method: str, key: str, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        crate = self.read(headers, body) if method == "PUT" else None
        if key not in self.crates:
            raise Refused(404, "there is no such crate")
        wanted = headers.get("if-match", "")
        if method in ("PUT", "DELETE") and wanted not in ("", "*", self.tag(key)) and self.fault != "no-412":
            if self.fault == "changed-first" and method == "PUT":
                self.crates[key] = crate
            raise Refused(412, "it has changed")
        if method == "DELETE":
            del self.crates[key]
            return 204, {"content-length": "7"} if self.fault == "length-of-nothing" else {}, None
        if method == "PUT":
            if self.fault == "put-once" and self.crates[key] == crate:
                raise Refused(409, "it is so")
            self.crates[key] = crate
        elif "if-none-match" in headers and self.is_known(headers["if-none-match"], key):
            return 304, {"etag": self.tag(key)}, None
        return 200, {"etag": self.tag(key)}, {"id": key, **self.crates[key]}

    def is_known(self, tag: str, key: str) -> bool:
        return self.fault == "always-304" or (tag == self.tag(key) and self.fault != "always-200")

    def tag(self, key: str) -> str:
        state = key if self.fault == "tag-stays" else json.dumps(self.crates[key])
        return '"' + hashlib.sha256(state.encode()).hexdigest()[:12] + '"'

    def read(self, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        if headers.get("content-type", "").partition(";")[0] != "application/json":
            raise Refused(415, "JSON, please")
        try:
            text = body.decode()
            if self.fault == "more-after-json":
                value, _ = json.JSONDecoder().raw_decode(text)
            else:
                value = json.loads(text, parse_constant=self.no_number)
        except RecursionError:
            raise Refused(500 if self.fault == "falls-over" else 400, "too deep") from None
        except ValueError:
            raise Refused(400, "this is no JSON") from None
        self.check(value)
        return dict(value)

    def no_number(self, word: str) -> float:
        raise ValueError(word)

    def check(self, crate: Any) -> None:
        if not isinstance(crate, dict) or not crate.keys() <= {"title", "weight", "contact", "parts"}:
            raise Refused(400, "no crate")
        title, weight = crate.get("title"), crate.get("weight")
        if (
            not isinstance(title, str)
            or not 1 <= len(title) <= 60
            or any("\ud800" <= each <= "\udfff" for each in title)
        ):
            raise Refused(400, "title")
        if self.fault == "ascii-only" and not title.isascii():
            raise Refused(400, "title")
        if (
            isinstance(weight, bool)
            or not isinstance(weight, int | float)
            or weight != int(weight)
            or not 0 <= weight <= 1000
        ):
            raise Refused(400, "weight")
        contact = crate.get("contact", "a@b.c")
        if not isinstance(contact, str) or (
            not re.fullmatch(r"[^@\s]+@[^@\s]+", contact) and self.fault != "any-contact"
        ):
            raise Refused(400, "contact")
        parts = crate.get("parts", [])
        if not isinstance(parts, list) or len(parts) > 5 or not all(self.is_part(each) for each in parts):
            raise Refused(400, "parts")

    def is_part(self, part: Any) -> bool:
        if not isinstance(part, dict) or not part.keys() <= {"code", "made"}:
            return False
        if "made" in part:
            try:
                if not isinstance(part["made"], str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", part["made"]):
                    return False
                date.fromisoformat(part["made"])
            except ValueError:
                return False
        return self.fault == "any-code" or (isinstance(part.get("code"), str) and part["code"] in ("a", "b", "c"))

    def label(self, headers: Mapping[str, str], body: bytes) -> tuple[int, dict[str, str], Any]:
        given = headers.get("content-type", "")
        if not given.startswith("multipart/form-data"):
            raise Refused(415, "a form, please")
        whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {given}\r\n\r\n".encode() + body)
        parts = list(whole.iter_parts()) if whole.is_multipart() else []
        if len(parts) != 1 or parts[0].get_param("name", header="content-disposition") != "picture":
            raise Refused(400, "one picture")
        picture = parts[0]
        octets = picture.get_payload(decode=True)
        assert isinstance(octets, bytes)
        if picture.get_content_type() != "image/png" and self.fault != "any-file-type":
            raise Refused(415, "PNG")
        if len(octets) > 400 and self.fault != "any-file-size":
            raise Refused(413, "too large")
        if self.fault == "file-name" and not (picture.get_filename() or "").isascii():
            raise Refused(400, "what a name")
        key = f"label-{len(self.labels)}"
        self.labels[key] = octets
        size = len(octets.decode(errors="ignore")) if self.fault == "size-in-characters" else len(octets)
        return 200, {}, {"id": key, "octets": size}

    def printed(self, key: str) -> tuple[int, dict[str, str], Any]:
        if key not in self.labels:
            raise Refused(404, "there is no such label")
        octets = self.labels[key]
        return 200, {"content-type": "image/png"}, octets[:-1] if self.fault == "file-cut" else octets
