"""The mock, spoiled in exactly one way each: what a contract test has to find.

By hand: ``python -m tests.apps.spoiled`` lists the ways, ``python -m tests.apps.spoiled NAME`` serves one.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp

from tests.apps.spoiling import QUICK_PACE, Answer, Dropped, Request, Spoiled, Spoiler
from understudy.mockserver.app import create_app
from understudy.mockserver.serving.running import serving
from understudy.mockserver.settings import Settings, Validation
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

# Whole answers


def _member(name: str, value: Any, *, missing: bool = False) -> Callable[[Request, Answer], None]:
    def change(request: Request, answer: Answer) -> None:
        if answer.status == 200 and answer.body:
            body = answer.json
            if missing:
                body.pop(name, None)
            else:
                body[name] = value
            answer.set_json(body)

    return change


def _status(status: int) -> Callable[[Request, Answer], None]:
    def change(request: Request, answer: Answer) -> None:
        if answer.status == 200:
            answer.status = status

    return change


def _header(name: bytes, value: bytes | None, statuses: tuple[int, ...] = (200,)) -> Callable[[Request, Answer], None]:
    def change(request: Request, answer: Answer) -> None:
        if answer.status in statuses:
            answer.set_header(name, value)

    return change


def _crash_on_long_text(request: Request, answer: Answer) -> None:
    if len(request.body) > 1000:
        answer.status = 500


def _cut_json(request: Request, answer: Answer) -> None:
    if answer.status == 200:
        answer.body = answer.body[:-2]


def _poor_error(request: Request, answer: Answer) -> None:
    if answer.status == 400:
        answer.set_json({"oops": True})


def _refuse_ids(request: Request, answer: Answer) -> None:
    if b"session_id" in request.body:
        _refuse(answer)


def _refuse_french(request: Request, answer: Answer) -> None:
    if b'"fr"' in request.body:
        _refuse(answer)


def _refuse(answer: Answer) -> None:
    answer.status = 400
    answer.set_json({"success": False, "error": "no", "error_code": "NO", "timestamp": "2024-03-04T09:00:00Z"})


def _head_is_missing(request: Request, answer: Answer) -> None:
    if request.scope["method"] == "HEAD":
        answer.status = 404


def _claim_gzip(request: Request, answer: Answer) -> None:
    if answer.status == 200:
        answer.set_header(b"content-encoding", b"gzip")


def _buffer(request: Request, answer: Answer) -> None:
    """Collecting is all it takes: the octets are right, but nothing comes before the end."""


def _buffer_with_length(request: Request, answer: Answer) -> None:
    answer.set_header(b"content-length", str(len(answer.body)).encode())
    answer.set_header(b"transfer-encoding", None)


def _not_streamed(request: Request, answer: Answer) -> None:
    """A stream was asked for, and the buffered answer comes."""
    if b'"stream":true' in request.body.replace(b" ", b""):
        answer.set_header(b"content-type", b"application/json")
        answer.set_header(b"transfer-encoding", None)
        answer.body = b"{}"


# Streams: pieces are events, for the mock sends each by itself.


def _drop_last(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
    """One behind, so that the last one is never sent."""
    return seen[-1:] if piece is not None else []


def _replace(index: int, replacement: Callable[[bytes], bytes]) -> Callable[[bytes | None, list[bytes]], list[bytes]]:
    def change(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
        if piece is None:
            return []
        return [replacement(piece)] if len(seen) == index else [piece]

    return change


def _append(extra: Callable[[list[bytes]], bytes]) -> Callable[[bytes | None, list[bytes]], list[bytes]]:
    def change(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
        return [piece] if piece is not None else [extra(seen)]

    return change


def _drop_first(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
    return [piece] if piece is not None and seen else []


def _unfinished(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
    """The last event lacks the line feed that ends it."""
    if piece is None:
        return [seen[-1][:-1]]
    return seen[-1:]


def _cut_connection(piece: bytes | None, seen: list[bytes]) -> list[bytes]:
    if len(seen) == 3:
        raise Dropped
    return [piece] if piece is not None else []


# Requests


def _let_in(request: Request) -> None:
    if not request.header(b"authorization"):
        request.set_header(b"authorization", b"Bearer anyone")


def _let_in_malformed(request: Request) -> None:
    if request.header(b"authorization"):
        request.set_header(b"authorization", b"Bearer anyone")


def _let_in_wrong(request: Request) -> None:
    if b"invalid" in request.header(b"authorization"):
        request.set_header(b"authorization", b"Bearer anyone")


def _repair_json(request: Request) -> None:
    try:
        json.loads(request.body or b"{}")
    except ValueError:
        request.body = b'{"message": "repaired"}'


def _take_any_media_type(request: Request) -> None:
    if request.body:
        request.set_header(b"content-type", b"application/json")


def _give_user_id(request: Request) -> None:
    if not request.header(b"x-shell-user-id"):
        request.set_header(b"x-shell-user-id", b"customer-204")


def _take_any_method(request: Request) -> None:
    if request.scope["method"] in ("PUT", "PATCH", "DELETE"):
        request.scope["method"] = "GET"
        request.body = b""


NEXUS, QUANT, AIVAX = "quantum-nexus", "quantcdn-ai", "aivax"
STREAM = ("processText",)

SPOILERS: tuple[Spoiler, ...] = (
    Spoiler(
        "missing-member", NEXUS, "response-schema", ("createSession",), answer=_member("session_id", 0, missing=True)
    ),
    Spoiler("wrong-type", NEXUS, "response-schema", ("getJobStatus",), answer=_member("progress", "many")),
    Spoiler("wrong-error-body", NEXUS, "response-schema", ("createSession",), answer=_poor_error),
    Spoiler("undocumented-status", NEXUS, "status-documented", ("deleteSession",), answer=_status(202)),
    Spoiler(
        "wrong-media-type",
        NEXUS,
        "media-type-documented",
        ("listSessions",),
        answer=_header(b"content-type", b"text/html"),
    ),
    Spoiler("no-media-type", NEXUS, "media-type-documented", ("listSessions",), answer=_header(b"content-type", None)),
    Spoiler("missing-header", NEXUS, "response-headers", ("listSessions",), answer=_header(b"x-ratelimit-limit", None)),
    Spoiler(
        "wrong-header", NEXUS, "response-headers", ("listSessions",), answer=_header(b"x-ratelimit-limit", b"many")
    ),
    Spoiler("malformed-json", NEXUS, "body-well-formed", ("listSessions",), answer=_cut_json),
    Spoiler("broken-coding", NEXUS, "body-whole", ("listSessions",), answer=_claim_gzip),
    Spoiler("crash-on-edge-input", NEXUS, "no-server-error", ("synthesizeSpeech",), answer=_crash_on_long_text),
    Spoiler("refused-example", NEXUS, "documented-example-accepted", ("clearHistory",), answer=_refuse_ids),
    Spoiler("refused-value", NEXUS, "valid-request-accepted", ("synthesizeSpeech",), answer=_refuse_french),
    Spoiler(
        "ignored-token",
        QUANT,
        "credential-wrong-refused",
        ("listAIModels",),
        request=_let_in_wrong,
        credentials={"": "a-token-of-mine"},
    ),
    Spoiler("head-unlike-get", NEXUS, "head-like-get", ("listSessions",), answer=_head_is_missing),
    Spoiler(
        "no-allow", NEXUS, "undocumented-method-refused", ("listSessions",), answer=_header(b"allow", None, (405,))
    ),
    Spoiler(
        "wrong-allow", NEXUS, "allow-header-complete", ("listSessions",), answer=_header(b"allow", b"PURGE", (200, 204))
    ),
    Spoiler("any-method", NEXUS, "undocumented-method-refused", ("getHealth",), request=_take_any_method),
    Spoiler(
        "accepted-invalid-body",
        NEXUS,
        "invalid-request-refused",
        STREAM,
        settings=Settings(validation=Validation.OFF, pace=QUICK_PACE),
    ),
    Spoiler("accepted-malformed-body", NEXUS, "malformed-body-refused", STREAM, request=_repair_json),
    Spoiler("accepted-media-type", NEXUS, "undocumented-media-type-refused", STREAM, request=_take_any_media_type),
    Spoiler("ignored-auth", QUANT, "credential-missing-refused", ("listAIModels",), request=_let_in),
    Spoiler("ignored-credential", QUANT, "credential-malformed-refused", ("listAIModels",), request=_let_in_malformed),
    Spoiler(
        "required-header-optional", AIVAX, "required-header-enforced", ("listShellDirectory",), request=_give_user_id
    ),
    Spoiler("terminal-missing", NEXUS, "stream-terminal-once-last", STREAM, events=_drop_last),
    Spoiler("terminal-twice", NEXUS, "stream-terminal-once-last", STREAM, events=_append(lambda seen: seen[-1])),
    Spoiler("event-after-terminal", NEXUS, "stream-terminal-once-last", STREAM, events=_append(lambda seen: seen[0])),
    Spoiler("sentinel-missing", AIVAX, "stream-terminal-once-last", ("createChatCompletion",), events=_drop_last),
    Spoiler("first-missing", QUANT, "stream-first-item", ("chatInferenceStream",), events=_drop_first),
    Spoiler(
        "malformed-json-in-event", NEXUS, "stream-item-schema", STREAM, events=_replace(1, lambda _: b"data: {oops\n\n")
    ),
    Spoiler("wrong-event", NEXUS, "stream-item-schema", STREAM, events=_replace(1, lambda _: b'data: {"word": 7}\n\n')),
    Spoiler(
        "broken-utf8",
        NEXUS,
        "stream-framing",
        STREAM,
        events=_replace(1, lambda e: e.replace(b'"word"', b'"word\xff"')),
    ),
    Spoiler(
        "unknown-field", NEXUS, "stream-framing", STREAM, events=_replace(1, lambda piece: b"payload: 1\n" + piece)
    ),
    Spoiler("unfinished-event", NEXUS, "stream-framing", STREAM, events=_unfinished),
    Spoiler("truncated-stream", NEXUS, "body-whole", STREAM, events=_cut_connection),
    Spoiler("buffered-stream", NEXUS, "stream-incremental", STREAM, answer=_buffer, settings=Settings()),
    Spoiler("stream-with-length", NEXUS, "stream-incremental", STREAM, answer=_buffer_with_length, settings=Settings()),
    Spoiler("stream-refused", AIVAX, "stream-as-asked", ("createChatCompletion",), answer=_not_streamed),
    Spoiler(
        "wrong-record", AIVAX, "stream-item-schema", ("exportSkills",), events=_replace(0, lambda _: b'{"name": 7}\n')
    ),
    Spoiler("malformed-record", AIVAX, "stream-framing", ("exportSkills",), events=_append(lambda _: b'{"name": \n')),
)


def spoiled_app(spoiler: Spoiler, api: Api | None = None) -> ASGIApp:
    """The mock of the spoiler's document, spoiled."""
    return Spoiled(create_app([api or load_api(spoiler.document)], spoiler.settings), spoiler)


if __name__ == "__main__":
    if len(sys.argv) == 1:
        for each in SPOILERS:
            sys.stdout.write(f"{each.name:<26} {each.document:<14} {each.claim}\n")
    else:
        chosen = next(each for each in SPOILERS if each.name == sys.argv[1])
        with serving(spoiled_app(chosen)) as server:
            sys.stdout.write(f"{chosen.document}, {chosen.name}: {server.url}\n")
            sys.stdout.flush()
            threading.Event().wait()
