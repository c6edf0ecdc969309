"""The inspector in a real browser: it shows what happens, and its buttons do what they say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.apps.browser import Page
from tests.mockserver.control.conftest import pets
from understudy.mockserver.serving.running import RunningMock
from understudy.mockserver.settings import ControlAccess

pytest_plugins = ("tests.apps.browser_fixtures",)

Serve = Callable[..., RunningMock]


def click(page: Page, selector: str) -> None:
    page.ask(f"document.querySelector({selector!r}).click()")


def shows(page: Page, selector: str, text: str) -> None:
    page.wait(f"[...document.querySelectorAll({selector!r})].some((each) => each.textContent.includes({text!r}))")


def test_it_shows_what_is_asked_as_it_comes(serve: Serve, page: Page) -> None:
    mock = serve()
    httpx.get(f"{mock.url}/word")
    page.open(f"{mock.url}/__understudy", 1280, "light")
    shows(page, "#live", "live")
    shows(page, "#request-list li", "readWord")
    httpx.get(f"{mock.url}/<img src=x onerror=alert(1)>")
    shows(page, "#request-list li", "route-not-found")
    assert page.ask("document.querySelectorAll('#request-list img').length") == 0
    assert page.logged == []


def test_its_buttons_control_the_mock(serve: Serve, page: Page, tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text("scenarios: {everyday: {}, nobody: {records: {pet: empty}}}")
    mock = serve(scenario=str(file))
    page.open(f"{mock.url}/__understudy/", 1280, "dark")
    shows(page, "#operation-count", "operations")
    click(page, "#tab-control")
    before = mock.now
    click(page, "[data-advance='1h']")
    shows(page, "#offset", "+1 h")
    assert (mock.now - before).total_seconds() >= 3600
    shows(page, "#scenario-list .line", "nobody")
    click(page, "#scenario-list .line:nth-child(2) button")
    shows(page, "#scenario-list .line:nth-child(2)", "loaded")
    assert httpx.get(f"{mock.url}/pets").json() == []
    page.ask("document.querySelector('#override-operation').value = 'readWord'")
    page.ask("document.querySelector('#override-status').value = '500'")
    click(page, "#override-form button")
    shows(page, "#override-list .line", "status 500")
    assert httpx.get(f"{mock.url}/word").status_code == 500
    page.ask("document.querySelector('#override-status').value = '204'")
    click(page, "#override-form button")
    shows(page, "#notice", "documents: 200, 500")
    click(page, "#reset")
    page.wait("document.querySelectorAll('#override-list .line').length === 0")
    assert len(httpx.get(f"{mock.url}/pets").json()) == 1


def test_records_and_operations_are_opened(serve: Serve, page: Page) -> None:
    mock = serve()
    page.open(f"{mock.url}/__understudy/#records", 1280, "light")
    shows(page, "#record-count", "2 records")
    page.ask("document.querySelector('#record-list details').open = true")
    shows(page, "#record-list pre", "Rex")
    click(page, "#tab-operations")
    page.ask("document.querySelectorAll('#operation-list details')[2].open = true")
    shows(page, "#operation-list pre", "curl http")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_sticks_out_on_a_phone(serve: Serve, page: Page, theme: str) -> None:
    mock = serve()
    httpx.get(f"{mock.url}/{'long-' * 60}?{'q' * 300}")
    page.open(f"{mock.url}/__understudy/", 400, theme)
    shows(page, "#request-list li", "404")
    shows(page, "#operation-count", "operations")
    for tab in ("requests", "operations", "records", "control"):
        click(page, f"#tab-{tab}")
        assert page.ask("document.documentElement.scrollWidth <= innerWidth"), tab
    ground = page.ask("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(246, 246, 243)" if theme == "light" else "rgb(19, 21, 25)")


def test_it_asks_for_the_token(serve: Serve, page: Page) -> None:
    mock = serve(control=ControlAccess(token="s3cret-token"))
    httpx.get(f"{mock.url}/word")
    page.open(f"{mock.url}/__understudy/", 400, "light")
    page.wait("!document.querySelector('#token-form').hidden")
    page.ask("document.querySelector('#token').value = 's3cret-token'")
    click(page, "#token-form button")
    shows(page, "#request-list li", "readWord")
    assert page.ask("document.querySelector('#token-form').hidden")


def test_a_webhook_is_sent_by_a_button(serve: Serve, page: Page) -> None:
    hook = """
openapi: 3.2.0
info: {title: Hooks, version: '1'}
paths: {/hook: {post: {operationId: takeHook, responses: {'202': {description: ''}}}}}
webhooks: {shipped: {post: {requestBody: {content: {text/plain: {example: on its way}}}, responses: {'202': {description: ''}}}}}
"""  # noqa: E501 - a document reads better with long lines
    mock = serve(pets("hooks", hook))
    page.open(f"{mock.url}/__understudy/#control", 1280, "light")
    shows(page, "#callback-list .line", "shipped")
    page.ask(f"document.querySelector('#callback-url').value = '{mock.url}/hook'")
    click(page, "#callback-list .line button")
    shows(page, "#callback-sent", f"shipped: POST {mock.url}/hook: 202")
    assert [each.operation for each in mock.requests] == ["takeHook"]
