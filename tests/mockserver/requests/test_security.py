from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.types import Message, Scope

from understudy.mockserver.requests.incoming import Incoming
from understudy.mockserver.requests.security import find_unmet
from understudy.specs.model import Api
from understudy.specs.problems import ProblemKind

DOCUMENT = """
openapi: 3.2.0
info: {title: 'A "safe" API', version: '1'}
paths:
  /anonymous: {get: {security: [{}, {key: []}], responses: {'200': {description: ''}}}}
  /none: {get: {security: [], responses: {'200': {description: ''}}}}
  /key: {get: {security: [{key: []}], responses: {'200': {description: ''}}}}
  /query: {get: {security: [{query: []}], responses: {'200': {description: ''}}}}
  /cookie: {get: {security: [{cookie: []}], responses: {'200': {description: ''}}}}
  /bearer: {get: {security: [{bearer: []}], responses: {'200': {description: ''}}}}
  /basic: {get: {security: [{basic: []}], responses: {'200': {description: ''}}}}
  /digest: {get: {security: [{digest: []}], responses: {'200': {description: ''}}}}
  /oauth: {get: {security: [{oauth: [read]}], responses: {'200': {description: ''}}}}
  /connect: {get: {security: [{connect: []}], responses: {'200': {description: ''}}}}
  /certificate: {get: {security: [{certificate: []}], responses: {'200': {description: ''}}}}
  /either: {get: {security: [{bearer: []}, {query: []}], responses: {'200': {description: ''}}}}
  /both: {get: {security: [{bearer: [], key: []}], responses: {'200': {description: ''}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
    query: {type: apiKey, in: query, name: api key}
    cookie: {type: apiKey, in: cookie, name: session}
    bearer: {type: http, scheme: bearer}
    basic: {type: http, scheme: basic}
    digest: {type: http, scheme: digest}
    oauth: {type: oauth2, flows: {}}
    connect: {type: openIdConnect, openIdConnectUrl: 'https://a.test/'}
    certificate: {type: mutualTLS}
"""


async def never() -> Message:
    raise AssertionError("nothing may be read before the credentials are checked")


def request(*headers: tuple[bytes, bytes], query: bytes = b"") -> Incoming:
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": list(headers), "query_string": query}
    return Incoming.from_asgi(scope, never)


def unmet(api: Api, path: str, incoming: Incoming) -> bool:
    operation = api.find_operation(f"GET {path}")
    assert operation is not None
    return find_unmet(operation.security, incoming, api.title) is not None


@pytest.fixture(scope="module")
def api() -> Api:
    from understudy.specs.build import build_api
    from understudy.specs.documents.document import parse_document

    return build_api(parse_document(DOCUMENT.encode(), "/safe.yaml"))


@pytest.mark.parametrize(
    ("path", "headers", "query"),
    [
        ("/anonymous", (), b""),
        ("/none", (), b""),
        ("/certificate", (), b""),
        ("/key", ((b"x-api-key", b"k"),), b""),
        ("/query", (), b"api+key=k"),
        ("/query", (), b"x=1&api%20key=k"),
        ("/cookie", ((b"cookie", b"a=b; session=k"),), b""),
        ("/bearer", ((b"authorization", b"Bearer abc.def-ghi=="),), b""),
        ("/bearer", ((b"authorization", b"bearer abc"),), b""),
        ("/basic", ((b"authorization", b"Basic dTpw"),), b""),
        ("/digest", ((b"authorization", b'Digest username="u"'),), b""),
        ("/oauth", ((b"authorization", b"Bearer abc"),), b""),
        ("/connect", ((b"authorization", b"Bearer abc"),), b""),
        ("/either", (), b"api+key=k"),
        ("/either", ((b"authorization", b"Bearer abc"),), b""),
        ("/both", ((b"authorization", b"Bearer abc"), (b"x-api-key", b"k")), b""),
    ],
)
def test_credentials_that_are_there_are_accepted(
    api: Api, path: str, headers: tuple[tuple[bytes, bytes], ...], query: bytes
) -> None:
    assert not unmet(api, path, request(*headers, query=query))


@pytest.mark.parametrize(
    ("path", "headers", "query"),
    [
        ("/key", (), b""),
        ("/key", ((b"x-api-key", b"  "),), b""),
        ("/query", ((b"api key", b"k"),), b"apikey=k"),
        ("/query", (), b"api+key="),
        ("/cookie", ((b"cookie", b"session="),), b""),
        ("/cookie", ((b"cookie", b"sessions=k"),), b""),
        ("/bearer", (), b""),
        ("/bearer", ((b"authorization", b"Bearer"),), b""),
        ("/bearer", ((b"authorization", b"Bearer a b"),), b""),
        ("/bearer", ((b"authorization", b"abc"),), b""),
        ("/bearer", ((b"authorization", b"Basic dTpw"),), b""),
        ("/basic", ((b"authorization", b"Basic !!!"),), b""),
        ("/basic", ((b"authorization", b"Basic bm9jb2xvbg=="),), b""),
        ("/digest", ((b"authorization", b"Digest"),), b""),
        ("/oauth", ((b"authorization", b"Token abc"),), b""),
        ("/both", ((b"authorization", b"Bearer abc"),), b""),
        ("/either", (), b""),
    ],
)
def test_credentials_that_are_missing_or_misshapen_are_refused(
    api: Api, path: str, headers: tuple[tuple[bytes, bytes], ...], query: bytes
) -> None:
    assert unmet(api, path, request(*headers, query=query))


def test_the_problem_names_every_way_in(api: Api) -> None:
    operation = api.find_operation("GET /either")
    assert operation is not None
    problem = find_unmet(operation.security, request(), api.title)
    assert problem is not None
    assert problem.kind is ProblemKind.UNAUTHORIZED
    assert [(each.location, each.pointer) for each in problem.objections] == [
        ("header", "/Authorization"),
        ("query", "/api key"),
    ]
    assert problem.headers == (
        (b"www-authenticate", b'Bearer realm="A \\"safe\\" API"'),
        (b"www-authenticate", b'ApiKey realm="A \\"safe\\" API", in="query", name="api key"'),
    )


@pytest.mark.parametrize(
    ("path", "headers", "kind"),
    [
        ("/bearer", [(b"authorization", b"Bearer forbidden-token")], ProblemKind.FORBIDDEN),
        ("/key", [(b"x-api-key", b"forbidden")], ProblemKind.FORBIDDEN),
        ("/bearer", [(b"authorization", b"Bearer invalid-forbidden")], ProblemKind.UNAUTHORIZED),
        ("/bearer", [(b"authorization", b"Bearer not-forbidden")], None),
        ("/none", [(b"authorization", b"Bearer forbidden")], None),
        ("/anonymous", [(b"x-api-key", b"forbidden")], None),
    ],
)
def test_a_credential_may_be_forbidden_everything(
    make_api: Callable[..., Api], path: str, headers: list[tuple[bytes, bytes]], kind: ProblemKind | None
) -> None:
    api = make_api(DOCUMENT)
    operation = api.find_operation(f"GET {path}")
    assert operation is not None
    problem = find_unmet(operation.security, request(*headers), api.title)
    assert (problem.kind if problem is not None else None) is kind
