"""Who may log in gets in: an operation of the document, or the user's own Python, gives credentials and values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apps.guarded import PASSWORD, TOKEN, Guarded, write_document
from tests.apps.small_api import api_of
from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.cli import main
from understudy.contracts.sending.hooks import load_hooks, with_hooks
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import Unsendable
from understudy.contracts.settings import Settings
from understudy.mockserver.serving.running import serving
from understudy.specs.errors import UsageError

ME = ("GET", "/shops/north/me", 200)
QUICK = ("--phases", "examples,probes", "--max-time", "30s", "--include", "whoAmI", "--report", "json", "--out", "r")
CASE = Case("GET /a", "GET", "/a", (), None, Mode.POSITIVE, Phase.PROBES)
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def app() -> Guarded:
    return Guarded()


@pytest.fixture
def url(app: Guarded) -> Iterator[str]:
    with serving(app) as server:
        yield server.url


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def hooks(folder: Path, text: str, name: str = "ours.py") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def test_an_operation_logs_in(
    app: Guarded, url: str, folder: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGIN", json.dumps({"name": "a", "password": PASSWORD}))
    login = ("--login", "logIn#/session/token", "--login-env", "LOGIN", "--param", "shop=north")
    assert main(["test", write_document(folder), "--url", url, *login, *QUICK]) in (0, 1)
    assert app.seen[ME]
    told = capsys.readouterr().out + (folder / "r" / "report.json").read_text(encoding="utf-8")
    assert TOKEN not in told
    assert PASSWORD not in told


@pytest.mark.parametrize(
    ("place", "body", "code", "message"),
    [
        ("logIn#/session/token", '{"name": "a", "password": "no"}', 2, "it was 401"),
        ("logIn#/session/nothing", json.dumps({"name": "a", "password": PASSWORD}), 2, "an answer with a text there"),
        ("logIn#/session", json.dumps({"name": "a", "password": PASSWORD}), 2, "an answer with a text there"),
        ("logIn", "{}", 2, "OPERATION#/POINTER"),
        ("signIn#/token", "{}", 2, "OPERATION#/POINTER"),
        ("logIn#/token", "{", 2, "LOGIN"),
    ],
)
def test_a_login_that_fails_is_one_clear_line(
    url: str,
    folder: Path,
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    body: str,
    code: int,
    message: str,
) -> None:
    monkeypatch.setenv("LOGIN", body)
    login = ("--login", place, "--login-env", "LOGIN")
    assert main(["test", write_document(folder), "--url", url, *login, *QUICK]) == code
    shown = capsys.readouterr().err
    assert message in shown
    assert "Traceback" not in shown
    assert PASSWORD not in shown


def test_hooks_log_in_give_values_and_sign(app: Guarded, url: str, folder: Path, capsys: Captured) -> None:
    text = f"""
import json, urllib.request
from dataclasses import replace

def credentials(url):
    body = json.dumps({{"name": "a", "password": "{PASSWORD}"}}).encode()
    with urllib.request.urlopen(urllib.request.Request(url + "/login", body)) as answer:
        return {{"session": json.load(answer)["session"]["token"]}}

def parameters(url):
    return {{"shop": "north"}}

def prepare(case):
    return replace(case, headers=(*case.headers, ("X-Signature", case.method.lower())))
"""
    options = ("--hooks", hooks(folder, text), *QUICK)
    assert main(["test", write_document(folder), "--url", url, *options]) in (0, 1)
    assert app.seen[ME]
    assert app.signatures["get"]
    assert TOKEN not in capsys.readouterr().out + (folder / "r" / "report.json").read_text(encoding="utf-8")


def test_what_the_command_line_says_wins(folder: Path) -> None:
    name = hooks(
        folder, "def credentials(url): return {'a': url, 'b': url}\ndef headers(url): return {'X-A': '1', 'X-B': '2'}"
    )
    given = Settings(credentials={"a": "mine"}, headers=(("x-a", "mine"),))
    settings = with_hooks(given, name, "http://x")
    assert settings.credentials == {"a": "mine", "b": "http://x"}
    assert settings.headers == (("x-a", "mine"), ("X-B", "2"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def credential(url): return {}", "credentials, other_credentials, headers, parameters, prepare"),
        ("1 +", "SyntaxError"),
        ("def credentials(url): raise OSError('no way')", "credentials in .*OSError: no way"),
        ("def parameters(url): return {'shop': 7}", "parameters in .*returned dict"),
        ("def headers(url): return 'X-A: 1'", "headers in .*returned str"),
    ],
)
def test_hooks_that_are_wrong_are_named(folder: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        with_hooks(Settings(), hooks(folder, text), "http://x")


@pytest.mark.parametrize(("body", "message"), [("1 / 0", "ZeroDivisionError"), ("return None", "NoneType")])
def test_a_request_that_cannot_be_prepared_is_not_sent(folder: Path, body: str, message: str) -> None:
    with pytest.raises(Unsendable, match=message):
        load_hooks(hooks(folder, f"def prepare(case): {body}")).prepare(CASE)


def test_what_is_put_on_a_request_is_new_each_time_and_told_nowhere(app: Guarded, url: str, folder: Path) -> None:
    text = """
from dataclasses import replace

def prepare(case):
    return replace(case, headers=(("X-Signature", f"after {len(case.headers)}"), *case.headers))
"""
    with Target(api_of({}), url, Settings(hooks=hooks(folder, text))) as target:
        exchange = target.send(CASE)
        target.send(exchange.case)
    assert exchange.case == CASE
    assert app.signatures == {"after 0": 2}


def test_a_module_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="nowhere_at_all"):
        load_hooks("nowhere_at_all")
