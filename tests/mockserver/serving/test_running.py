from __future__ import annotations

import socket
from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.serving.running import bind, running, serving
from understudy.mockserver.settings import Settings
from understudy.specs.errors import UsageError
from understudy.specs.model import Api

MakeApi = Callable[..., Api]

DOCUMENT = """
paths:
  /a:
    get: {responses: {'200': {description: '', content: {application/json: {example: 1}}}}}
    additionalOperations: {BREW: {responses: {'202': {description: ''}}}}
"""


def test_a_mock_runs_on_a_free_port_until_the_block_is_left(make_api: MakeApi) -> None:
    with running(make_api(DOCUMENT)) as server:
        assert httpx.get(server.url + "/a").json() == 1
        assert server.url == f"http://127.0.0.1:{server.port}"
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url + "/a")


def test_several_mocks_run_side_by_side(make_api: MakeApi) -> None:
    api = make_api("paths: {/a: {get: {responses: {'200': {description: '', content: {text/plain: {schema: {}}}}}}}}")
    with running(api, settings=Settings(seed=1)) as one, running(api, settings=Settings(seed=2)) as two:
        assert one.port != two.port
        assert httpx.get(one.url + "/a").status_code == httpx.get(two.url + "/a").status_code == 200


def test_methods_of_the_documents_own_are_served(make_api: MakeApi) -> None:
    with running(make_api(DOCUMENT)) as server:
        assert httpx.request("BREW", server.url + "/a").status_code == 202


def test_a_port_that_is_taken_is_a_clear_error(make_api: MakeApi) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UsageError) as raised, running(make_api(DOCUMENT), port=port):
            pass
    allowed = "a free port of 127.0.0.1 (Address already in use); 0 takes any"
    assert str(raised.value) == f"--port: got {port}; allowed: {allowed}"


def test_a_host_that_is_not_ours_is_a_clear_error() -> None:
    with pytest.raises(UsageError, match=r"--(host|port): got"):
        bind("192.0.2.1", 0)
    with pytest.raises(UsageError, match="--host: got 'no such host'"):
        bind("no such host", 0)


def test_an_application_that_cannot_start_is_told() -> None:
    async def broken(scope: object, receive: object, send: object) -> None:
        raise RuntimeError("no")

    with serving(broken) as server:
        assert httpx.get(server.url).status_code == 500
