"""Nobody controls a mock but who may: pages of other sites, rebound names, other machines and forms are turned away."""

from __future__ import annotations

import logging
from collections.abc import Callable

import httpx
import pytest
from starlette.types import Scope

from understudy.mockserver.app import create_app
from understudy.mockserver.control.guard import find_refusal
from understudy.mockserver.serving.running import RunningMock
from understudy.mockserver.settings import ControlAccess, Settings
from understudy.specs.model import Api

Serve = Callable[..., RunningMock]

NOBODY = ControlAccess()
TOKEN = ControlAccess(token="s3cret-token")


def scope(
    method: str = "GET", client: str | None = "127.0.0.1", host: str | None = "localhost:4010", **headers: str
) -> Scope:
    named = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    hosts = [(b"host", host.encode())] if host is not None else []
    peer = (client, 5) if client is not None else None
    return {"type": "http", "method": method, "client": peer, "headers": [*hosts, *named]}


def refused(scope: Scope, access: ControlAccess = NOBODY, *, is_public: bool = False) -> int | None:
    refusal = find_refusal(scope, access, is_public=is_public)
    return refusal.status if refusal is not None else None


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:4010", "LOCALHOST.:1", "127.0.0.1", "127.9.9.9:80", "[::1]:4010", "app.localhost"]
)
def test_names_of_the_loopback_are_let_in(host: str) -> None:
    assert refused(scope(host=host)) is None


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "evil.example:4010", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1"),
        *("[fe80::1]", "", "0.0.0.0", "localhost@evil.example", "2130706433"),
    ],
)
def test_a_rebound_name_is_not(host: str) -> None:
    assert refused(scope(host=host)) == 403


def test_a_request_without_host_or_with_two_is_not() -> None:
    assert refused(scope(host=None)) == 403
    two = scope()
    two["headers"].append((b"host", b"evil.example"))
    assert refused(two) == 403


@pytest.mark.parametrize("client", ["192.168.1.7", "10.1.1.1", "2001:db8::1", "not-an-address"])
def test_other_machines_are_not_let_in_without_a_token(client: str) -> None:
    assert refused(scope(client=client)) == 403
    assert refused(scope(client=client, host="192.168.1.2:4010", authorization="Bearer s3cret-token"), TOKEN) is None


@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1", None])
def test_this_machine_is(client: str | None) -> None:
    assert refused(scope(client=client)) is None


@pytest.mark.parametrize(
    "shown",
    [None, "", "Bearer", "Bearer ", "Bearer s3cret-toke", "Bearer s3cret-token2", "Basic s3cret-token", "Bearer é"],
)
def test_a_wrong_token_is_refused_on_this_machine_too(shown: str | None) -> None:
    headers = {} if shown is None else {"authorization": shown}
    assert refused(scope(**headers), TOKEN) == 401


@pytest.mark.parametrize(
    "origin",
    [
        *("http://evil.example", "https://evil.example", "null", "http://localhost:5173", "http://localhost:4010.evil"),
        *("http://localhost:4010/", "file://", "http://localhost:4010@evil.example"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_pages_of_other_origins_are_refused(origin: str, method: str) -> None:
    assert refused(scope(method, origin=origin)) == 403
    assert refused(scope(method, origin=origin, authorization="Bearer s3cret-token"), TOKEN) == 403


def test_the_inspectors_own_origin_is_let_in() -> None:
    assert refused(scope("POST", origin="http://localhost:4010", sec_fetch_site="same-origin")) is None


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_a_page_of_another_site_loads_is_refused_without_an_origin_too(site: str) -> None:
    assert refused(scope(sec_fetch_site=site)) == 403
    assert refused(scope(sec_fetch_site=site), is_public=True) is None


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "TEXT/plain"]
)
def test_what_a_form_can_send_is_refused_without_an_origin_too(media_type: str) -> None:
    assert refused(scope("POST", content_type=media_type)) == 415
    assert refused(scope("POST", content_type="application/json")) is None
    assert refused(scope("POST")) is None


def test_over_a_socket(serve: Serve) -> None:
    mock = serve()
    rebound = httpx.get(f"{mock.url}/__understudy/clock", headers={"Host": "evil.example"})
    assert (rebound.status_code, rebound.headers["content-type"]) == (403, "application/problem+json")
    assert "Host evil.example" in rebound.json()["detail"]
    assert "--control-token" in rebound.json()["detail"]
    form = httpx.post(f"{mock.url}/__understudy/reset", data={"a": "b"}, headers={"Origin": "http://evil.example"})
    assert form.status_code == 403
    forwarded = httpx.get(f"{mock.url}/__understudy/clock", headers={"X-Forwarded-For": "203.0.113.9"})
    assert forwarded.status_code == 403
    assert httpx.get(f"{mock.url}/pets", headers={"Host": "evil.example"}).status_code == 200


def test_nothing_under_control_speaks_of_other_origins(serve: Serve) -> None:
    mock = serve()
    asked = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    for method, path in (("OPTIONS", "/reset"), ("GET", "/clock"), ("GET", "/"), ("GET", "/nope")):
        answer = httpx.request(method, f"{mock.url}/__understudy{path}", headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "access-control-allow-origin" in httpx.get(f"{mock.url}/pets", headers=asked).headers


def test_a_token_opens_everything_but_the_page_needs_none(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mock = serve(control=TOKEN)
    base = f"{mock.url}/__understudy"
    closed = httpx.get(f"{base}/clock")
    assert closed.status_code == 401
    assert closed.headers["www-authenticate"].startswith("Bearer ")
    assert httpx.get(f"{base}/clock", headers={"Authorization": "bearer s3cret-token"}).status_code == 200
    assert httpx.get(f"{base}/").status_code == 200
    assert "s3cret" not in caplog.text + repr(Settings(control=TOKEN)) + closed.text
    shown = httpx.get(f"{base}/requests", headers={"Authorization": "Bearer s3cret-token"}).text
    assert "s3cret" not in shown


def test_it_can_be_turned_off(serve: Serve) -> None:
    mock = serve(control=None)
    answer = httpx.get(f"{mock.url}/__understudy/clock")
    assert answer.status_code == 404
    assert "no documented path" in answer.text


def test_a_document_with_such_a_path_is_refused_at_start(make_api: Callable[..., Api]) -> None:
    api = make_api("paths: {/__understudy/clock: {get: {responses: {'200': {description: ''}}}}}")
    with pytest.raises(ValueError, match=r"/__understudy/clock.*--no-control"):
        create_app([api])
    create_app([api], Settings(control=None))
    near = make_api("paths: {/__understudying: {get: {responses: {'200': {description: ''}}}}}")
    create_app([near])
