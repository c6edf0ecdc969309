"""The requests that a document says the API sends: callbacks after an answer, and webhooks (3.2, Callback Object)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from understudy.mockserver.answers.answers import Answer
from understudy.mockserver.answers.encoding import Unencodable, encode_value
from understudy.mockserver.answers.offers import list_offers
from understudy.mockserver.answers.samples import InvalidSample, read_sample
from understudy.mockserver.calling.outgoing import Outgoing, Refused
from understudy.specs.errors import GenerationError
from understudy.specs.expressions import Context, ExpressionError, Message, compile_template
from understudy.specs.model import MISSING, Api, Direction, Location, MediaType, Operation, Parameter
from understudy.specs.wire.json_bodies import MalformedJson, dump_json, load_json
from understudy.specs.wire.malformed import UncarriableValue
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.styles import compile_parameters, join_cookies, join_query

if TYPE_CHECKING:
    from understudy.mockserver.answers.answers import AnyAnswer
    from understudy.mockserver.requests.incoming import Incoming
    from understudy.specs.behaviour import Request
    from understudy.specs.documents.document import Json

__all__ = ["after_answer", "find_sendable", "make_request", "sendable"]

MAX_URL: Final = 2048


def sendable(api: Api) -> Iterator[tuple[str, str, Operation]]:
    """What a document's API sends: whether it is a ``callback`` or a ``webhook``, its name, and the operation.

    Those of one name come in document order; a callback is also called by its operation, as ``subscribe/alert``.
    """
    for operation in api.operations:
        for name, below in operation.callbacks.items():
            yield from (("callback", f"{operation.name}/{name}", each) for each in below)
    for name, below in api.webhooks.items():
        yield from (("webhook", name, each) for each in below)


def find_sendable(api: Api, name: str) -> list[Operation]:
    """The operations of the callback or webhook of a name; empty where there is none.

    Args:
        name: ``subscribe/alert``, or ``alert`` alone, which means the callbacks of this name of all operations.
    """
    found = [(full, operation) for _, full, operation in sendable(api)]
    exact = [operation for full, operation in found if full == name]
    return exact or [operation for full, operation in found if full.rpartition("/")[2] == name]


def after_answer(
    operation: Operation, request: Incoming, decoded: Request, answer: AnyAnswer, seed: str
) -> Iterator[Outgoing | Refused]:
    """The requests that follow an answer, or why one can't be made; none follows a refusal."""
    if answer.status >= 400:
        return
    context = _context(request, decoded, answer)
    asked = () if decoded.body is MISSING else (decoded.body,)
    parts = (seed, operation.label, decoded.path, decoded.query, asked)
    key = hashlib.blake2b(dump_json(parts), digest_size=16).hexdigest()
    for name, below in operation.callbacks.items():
        for each in below:
            try:
                url = compile_template(str(each.path)).evaluate(context)
                if not isinstance(url, str):
                    raise Refused(f"{name}: {each.path} has no value here")
                yield make_request(each, name, url, f"{key}/{name}")
            except ExpressionError as error:
                yield Refused(f"{name}: {error}")
            except Refused as error:
                yield error


def _context(request: Incoming, decoded: Request, answer: AnyAnswer) -> Context:
    host = (request.header(b"host") or b"localhost").decode("latin-1")
    query = f"?{request.query.decode('latin-1')}" if request.query else ""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
    body: Json = MISSING
    if isinstance(answer, Answer) and kind(headers.get("content-type", "")) is Kind.JSON:
        with suppress(MalformedJson):
            body = load_json(answer.body)
    return Context(
        url=f"http://{host}{request.path.decode('latin-1')}{query}",
        method=request.method,
        status_code=answer.status,
        request=Message(path=decoded.path, query=decoded.query, headers=decoded.header, body=decoded.body),
        response=Message(headers=headers, body=body),
    )


def make_request(operation: Operation, name: str, url: str, key: str, body: Json = MISSING) -> Outgoing:
    """A request of a callback or webhook: what its operation requires, from examples or made up.

    Args:
        url: Where to; queries that the operation requires are added.
        key: Decides what is made up.
        body: What to send; MISSING takes the first valid example, else makes it up.

    Raises:
        Refused: It can't be made.
    """
    if len(url) > MAX_URL:
        raise Refused(f"{name}: the URL has more than {MAX_URL} characters")
    try:
        headers, pairs = _parameters(operation, key)
        content_type, octets = _body(operation, key, body)
    except (GenerationError, UncarriableValue, Unencodable) as error:
        raise Refused(f"{name}: {error}") from error
    if pairs:
        url += ("&" if "?" in url else "?") + join_query(pairs)
    if content_type:
        headers.append(("Content-Type", content_type))
    return Outgoing(name, operation.method, url, tuple(headers), octets)


def _parameters(operation: Operation, key: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    headers: list[tuple[str, str]] = []
    pairs: list[tuple[str, str]] = []
    cookies: list[tuple[str, str]] = []
    for parameter, codec in zip(operation.parameters, compile_parameters(operation.parameters), strict=True):
        if not parameter.required or parameter.location is Location.PATH:
            continue
        written = codec.serialize(_value(parameter, f"{key}/{parameter.name}"))
        if parameter.location is Location.HEADER:
            headers.append((parameter.name, str(written)))
        elif parameter.location is Location.COOKIE:
            cookies += written if isinstance(written, list) else [(parameter.name, str(written))]
        else:
            pairs += written if isinstance(written, list) else [(parameter.name, str(written))]
    return headers + ([("Cookie", join_cookies(cookies))] if cookies else []), pairs


def _value(parameter: Parameter, key: str) -> Json:
    schema = parameter.schema or (parameter.content.schema if parameter.content else None)
    for example in (*parameter.examples, *(parameter.content.examples if parameter.content else ())):
        if example.value is not MISSING and (
            schema is None or schema.validator(Direction.REQUEST).is_valid(example.value)
        ):
            return example.value
    return schema.generator(Direction.REQUEST).generate(key) if schema is not None else "understudy"


def _body(operation: Operation, key: str, body: Json) -> tuple[str, bytes]:
    content = operation.request_body.content if operation.request_body is not None else ()
    offers = [(entry, name) for entry, name in list_offers(content) if not kind(name).is_sequential]
    if not offers:
        return "", b""
    entry, name = offers[0]
    if body is MISSING:
        for example in entry.examples:
            try:
                sample = read_sample(example, entry, name, kind(name))
            except InvalidSample:
                continue
            if sample.value is MISSING or _is_valid(entry, sample.value):
                return (sample.content_type or name.encode("latin-1", "replace")).decode("latin-1"), sample.pieces[0]
        body = entry.schema.generator(Direction.REQUEST).generate(key) if entry.schema is not None else {}
    elif not _is_valid(entry, body):
        raise Unencodable(f"the body that was given isn't one that {operation.label} sends")
    encoded = encode_value(entry, name, kind(name) if entry.schema is not None else Kind.JSON, body, key)
    return (encoded.content_type or name.encode("latin-1", "replace")).decode("latin-1"), encoded.body


def _is_valid(entry: MediaType, value: Json) -> bool:
    return entry.schema is None or entry.schema.validator(Direction.REQUEST).is_valid(value)
