"""Log in before a run: an operation of the document is sent, and what it answers is the credential."""

from __future__ import annotations

import os
from dataclasses import replace

from understudy.contracts.case import Exchange, Mode, Phase
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import Unsendable
from understudy.contracts.settings import EVERY_SCHEME, Settings
from understudy.specs.documents.document import Json
from understudy.specs.errors import TargetError, UsageError
from understudy.specs.model import Api
from understudy.specs.pointers import tokens
from understudy.specs.wire.json_bodies import MalformedJson, load_json

__all__ = ["log_in"]


def log_in(api: Api, url: str, settings: Settings, place: str, variable: str | None = None) -> Settings:
    """The settings with the credential that an operation gives, for every security scheme without one of its own.

    Args:
        place: The operation's id or label, ``#``, and where in its answer the secret is: ``createSession#/token``.
        variable: Environment variable with the body as JSON; None sends the document's example.

    Raises:
        UsageError: There is no such operation, its request can't be written, or the answer has no secret there.
        TargetError: There is no answer.
    """
    name, mark, pointer = place.partition("#")
    operation = api.find_operation(name)
    if operation is None or not mark:
        raise UsageError("--login", place, "OPERATION#/POINTER: an operation, and where its answer has the secret")
    content = operation.request_body.content if operation.request_body else ()
    composer = Composer(operation, "login")
    try:
        draft = composer.draft(content[0] if content else None)
        if variable is not None:
            draft = replace(draft, body=_read_body(variable), serialized=None)
        case = composer.write(draft, Mode.POSITIVE, Phase.PROBES)
        with Target(api, url, settings) as target:
            target.check_ready()
            exchange = target.send(target.dress(case))
    except (Uncomposable, Unsendable) as error:
        raise UsageError("--login", name, f"a request that can be sent ({error})") from error
    return replace(settings, credentials={EVERY_SCHEME: _secret(exchange, url, place, pointer), **settings.credentials})


def _read_body(variable: str) -> Json:
    try:
        return load_json(os.environ.get(variable, "").encode())
    except MalformedJson:
        # What is wrong with it may be the secret.
        raise UsageError("--login-env", variable, "the name of an environment variable with a body as JSON") from None


def _secret(exchange: Exchange, url: str, place: str, pointer: str) -> str:
    answer = exchange.answer
    if answer is None:
        raise TargetError(url, f"--login {place}: {exchange.error}")
    found: Json = None
    if 200 <= answer.status < 300:
        try:
            found = load_json(answer.body)
            for token in tokens(pointer):
                found = found[int(token)] if isinstance(found, list) else found[token]
        except (MalformedJson, KeyError, IndexError, TypeError, ValueError):
            found = None
    if not isinstance(found, str) or not found:
        raise UsageError(
            "--login", place, f"an answer with a text there; it was {answer.status} {answer.reason}".rstrip()
        )
    return found
