"""Send an answer that who controls the mock has a hand in: at another pace, or broken on the way."""

from __future__ import annotations

from dataclasses import replace

from starlette.types import Receive, Send

from understudy.mockserver.answers.answers import Answer, AnyAnswer
from understudy.mockserver.answers.sending import send_answer
from understudy.mockserver.answers.streaming import items_after, paced
from understudy.mockserver.forcing.faults import Fault, part_of, send_faulty
from understudy.mockserver.forcing.overrides import Override
from understudy.mockserver.requests.incoming import Incoming
from understudy.mockserver.settings import Settings

__all__ = ["send_forced"]


async def send_forced(
    answer: AnyAnswer,
    override: Override,
    request: Incoming,
    settings: Settings,
    receive: Receive,
    send: Send,
) -> None:
    """Send an answer as an override wants it; `X-Understudy-Override` names the override."""
    forcing = override.forcing
    pace = settings.pace if forcing.pace is None else forcing.pace
    # The client preferred nothing of what is forced.
    own = [each for each in answer.headers if each[0] != b"preference-applied"]
    answer = answer._replace(headers=(*own, (b"x-understudy-override", override.key.encode("ascii"))))
    if not isinstance(answer, Answer) and answer.resumes:
        answer = answer._replace(items=tuple(items_after(answer.items, request.header(b"last-event-id"))))
    if forcing.fault is None:
        await send_answer(answer, request.method, replace(settings, pace=pace), receive, send)
        return
    parts = part_of(forcing.fault, answer, forcing.after)
    headers = list(answer.headers)
    has_body = request.method != "HEAD" and (not isinstance(answer, Answer) or bool(answer.body))
    if isinstance(answer, Answer) and answer.status not in (204, 304):
        length = len(parts[0]) if forcing.fault is Fault.MALFORMED and has_body else len(answer.body)
        headers.append((b"content-length", b"%d" % length))
    pieces = paced(parts if has_body else (), pace, settings.clock)
    await send_faulty(forcing.fault, answer.status, headers, pieces, receive, send, has_body=has_body)
