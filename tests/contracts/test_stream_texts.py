"""A stream's pieces beside what is kept of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.apps.driven_probes import drive
from tests.apps.small_api import answer_of, api_of
from understudy.contracts.case import Answer, Case
from understudy.specs.model import Api

QUESTION = {
    "type": "object",
    "required": ["text"],
    "properties": {"text": {"type": "string"}, "stream": {"type": "boolean"}},
}
EXAMPLES = {"one": {"value": {"text": "What is there?"}}}


def chat(*, is_read: bool = True) -> Api:
    events = {
        "itemSchema": {"type": "object"},
        "x-understudy": {"stream": {"when": {"$request.body#/stream": True}, "sentinel": "[DONE]"}},
    }
    content = {"application/json": {"schema": {"type": "object"}}, "text/event-stream": events}
    body = {"required": True, "content": {"application/json": {"schema": QUESTION, "examples": EXAMPLES}}}
    post = {"requestBody": body, "responses": {"200": {"description": "", "content": content}}}
    get = {"get": {"responses": {"200": {"description": ""}}}} if is_read else {}
    return api_of({"/chat": {"post": post, **get}})


def chatting(
    pieces: Callable[[list[str]], list[str]] = lambda words: words, kept: Callable[[str], str] = lambda text: text
) -> Callable[[Case], Answer]:
    """A server that answers with the question's words; it sends them as ``pieces`` and keeps them as ``kept``."""
    messages: list[str] = []

    def answer(case: Case) -> Answer:
        if case.method == "GET":
            return answer_of(json.dumps({"items": messages}).encode())
        question: dict[str, Any] = json.loads(case.body or b"")
        told = f"You asked for {question['text']}"
        if not question.get("stream"):
            messages.append(told)
            return answer_of(json.dumps({"text": told}).encode())
        messages.append(kept(told))
        sent = [json.dumps({"text": each + " "}) for each in pieces(told.split(" "))]
        return answer_of("".join(f"data: {each}\n\n" for each in [*sent, "[DONE]"]).encode(), "text/event-stream")

    return answer


def test_pieces_that_are_what_is_kept() -> None:
    sent, failures, skipped = drive("stream_texts", chat(), chatting())
    assert failures == skipped == {}
    assert [case.method for case in sent] == ["POST", "GET", "POST", "GET"]


@pytest.mark.parametrize(
    "wrong",
    [
        chatting(pieces=lambda words: words[:-1]),
        chatting(pieces=lambda words: [words[1], words[0], *words[2:]]),
        chatting(kept=lambda text: ""),
        chatting(kept=str.upper),
    ],
    ids=["last-piece-lost", "pieces-swapped", "not-kept", "kept-otherwise"],
)
def test_pieces_that_are_something_else(wrong: Callable[[Case], Answer]) -> None:
    _, failures, _ = drive("stream_texts", chat(), wrong)
    assert failures == {"stream-text-kept": "text/event-stream"}


def test_what_is_not_read_back_is_not_judged() -> None:
    def forgetting(case: Case) -> Answer:
        return chatting()(case)

    _, failures, skipped = drive("stream_texts", chat(), forgetting)
    assert failures == {}
    assert skipped == {"stream-text-kept": "the whole answer is answered 200, and GET doesn't show it"}
    assert drive("stream_texts", chat(is_read=False), chatting())[2] == {"stream-text-kept": "the path has no GET"}
