"""Runs against targets that others use: plans, rests after 429, fixed parameters, shards, certificates, patience."""

from __future__ import annotations

import ssl
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import Scope

from tests.apps import raw_server
from tests.apps.certificates import certificate, over_tls
from tests.apps.small_api import api_of, case_of
from tests.apps.thing_api import API, QUICK, app, healthy, run
from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.cli import main
from understudy.contracts.running.plan import make_plan
from understudy.contracts.running.sharding import share_of
from understudy.contracts.sending.fixing import fix_parameters
from understudy.contracts.sending.gate import Withheld
from understudy.contracts.sending.retry_after import read_retry_after
from understudy.contracts.sending.target import Target
from understudy.contracts.sending.transport import Clock
from understudy.contracts.settings import Profile, Settings, Tls
from understudy.mockserver.serving.running import serving
from understudy.specs.catalog import load_api
from understudy.specs.errors import TargetError, UsageError
from understudy.specs.model import Api

SHIFTED = "Fri, 20 Nov 2026 10:00:00 GMT"


class Time:
    """A clock that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.seconds += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self.sleep)


def limited(times: int, headers: tuple[tuple[bytes, bytes], ...] = ((b"retry-after", b"7"),)) -> object:
    """An application that answers 429 so often before it answers."""
    left = Counter(refusals=times)

    async def answer(scope: Scope, receive: object, send: object) -> None:
        assert scope["type"] == "http"
        status = 429 if left["refusals"] > 0 else 200
        left["refusals"] -= 1
        sent = headers if status == 429 else ()
        await send({"type": "http.response.start", "status": status, "headers": sent})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    return answer


THING = Case("GET /thing", "GET", "/thing", (), None, Mode.POSITIVE, Phase.PROBES)


@pytest.mark.parametrize(
    ("headers", "waits"),
    [(((b"retry-after", b"7"),), [7.0, 7.0]), ((), [0.5, 1.0])],
    ids=["said", "unsaid"],
)
def test_a_target_that_asks_for_rest_gets_it(headers: tuple[tuple[bytes, bytes], ...], waits: list[float]) -> None:
    time = Time()
    with (
        serving(limited(2, headers)) as server,  # type: ignore[arg-type]
        Target(API, server.url, Settings(max_seconds=60), time.clock) as target,
    ):
        exchange = target.send(THING)
        assert exchange.answer is not None
        assert exchange.answer.status == 200
        assert not list(target.notes())
    assert time.waits == waits


@pytest.mark.parametrize(
    ("times", "max_seconds", "waits"), [(9, 60.0, [7.0, 7.0, 7.0]), (9, 5.0, [])], ids=["for ever", "for too long"]
)
def test_what_stays_limited_is_said(times: int, max_seconds: float, waits: list[float]) -> None:
    time = Time()
    with (
        serving(limited(times)) as server,  # type: ignore[arg-type]
        Target(API, server.url, Settings(max_seconds=max_seconds), time.clock) as target,
    ):
        exchange = target.send(THING)
        assert exchange.answer is not None
        assert exchange.answer.status == 429
        assert list(target.notes()) == ["GET /thing: 1 request answered 429 to the end: rate-limited"]
    assert time.waits == waits


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("120", None, 120.0),
        (" 0 ", None, 0.0),
        ("Fri, 20 Nov 2026 10:00:30 GMT", SHIFTED, 30.0),
        ("Fri, 20 Nov 2026 09:00:00 GMT", SHIFTED, 0.0),
        ("Fri, 20 Nov 2026 10:00:30 GMT", None, None),
        ("soon", SHIFTED, None),
        ("-3", None, None),
        ("1e9", None, None),
        (None, None, None),
    ],
)
def test_what_retry_after_says(value: str | None, date: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, date) == seconds


def test_parameters_that_the_user_named() -> None:
    parameters = [
        {"name": "org", "in": "path", "required": True, "schema": {"type": "string"}},
        {"name": "region", "in": "query", "schema": {"type": "string"}},
        {"name": "X-Tenant", "in": "header", "schema": {"type": "string"}},
    ]
    responses = {"200": {"description": ""}}
    api = api_of({"/orgs/{org}/jobs": {"get": {"parameters": parameters, "responses": responses}}})
    operation = api.operations[0]
    case = case_of(operation, target="/orgs/x/jobs?region=eu&page=2", headers=(("x-tenant", "b"), ("Accept", "*/*")))
    fixed = fix_parameters(case, operation, {"org": "a/c", "region": "u s", "X-Tenant": "t", "other": "z"})
    assert fixed.target == "/orgs/a%2Fc/jobs?page=2&region=u+s"
    assert fixed.headers == (("Accept", "*/*"), ("X-Tenant", "t"))
    assert fix_parameters(case, operation, {"other": "z"}) is case
    elsewhere = case_of(operation, target="/orgs")
    assert fix_parameters(elsewhere, operation, {"org": "a"}).target == "/orgs"


@pytest.mark.parametrize("name", ["quantcdn-ai", "aivax"])
@pytest.mark.parametrize("count", [1, 2, 3, 70])
def test_shares_are_disjoint_and_together_all(name: str, count: int) -> None:
    api = load_api(name)
    shares = [share_of(api.operations, index, count) for index in range(1, count + 1)]
    assert sorted(label for share in shares for label in share) == sorted(each.label for each in api.operations)


def test_what_belongs_together_stays_together() -> None:
    answers = {"responses": {"200": {"description": ""}}}
    api = api_of({path: {"get": answers, "post": answers} for path in ("/a", "/a/{id}", "/b", "/b/{id}/c")})
    first, second = (share_of(api.operations, index, 2) for index in (1, 2))
    assert {label.split("/")[1] for label in first} == {"a"}
    assert {label.split("/")[1] for label in second} == {"b"}


def test_shards_say_who_else_tests_an_operation() -> None:
    plan = make_plan(load_api("quantum-nexus"), Settings(shard=(1, 2)))
    assert {planned.skipped for planned in plan.operations} == {"", "in another shard"}
    with pytest.raises(UsageError, match="shard"):
        Settings(shard=(3, 2))


def test_nothing_but_reading() -> None:
    seen: Counter[str] = Counter()

    def answer(scope: Scope) -> tuple[int, bytes]:
        seen[scope["method"]] += 1
        return healthy(scope)

    with serving(app(answer)) as server:
        result, _ = run(server.url, Settings(profile=Profile.QUICK, max_seconds=8, read_only=True))
    assert result.exit_code == 0
    assert {*seen} <= {"GET", "HEAD", "OPTIONS", "TRACE", "QUERY"}
    with Target(API, server.url, Settings(read_only=True)) as target:
        with pytest.raises(Withheld):
            target.send(replace(THING, method="DELETE"))
        assert list(target.notes()) == ["GET /thing: 1 request not sent: --read-only"]


def test_no_more_calls_than_allowed() -> None:
    seen: Counter[str] = Counter()

    def answer(scope: Scope) -> tuple[int, bytes]:
        seen[scope["path"]] += 1
        return healthy(scope)

    with serving(app(answer)) as server:
        result, _ = run(server.url, Settings(profile=Profile.QUICK, max_seconds=120, max_calls={"getThing": 12}))
    assert seen["/thing"] == 12
    assert result.findings == ()
    assert any("--max-calls getThing=12" in note for note in result.notes)


def test_a_withheld_case_is_not_sent() -> None:
    api: Api = api_of({"/things/{id}": {"delete": {"responses": {"204": {"description": ""}}}}})
    seen: Counter[str] = Counter()

    def answer(scope: Scope) -> tuple[int, bytes]:
        seen[scope["method"]] += 1
        return 200, b"{}"

    case = Case("DELETE /things/{id}", "DELETE", "/things/7", (), None, Mode.POSITIVE, Phase.PROBES)
    with serving(app(answer)) as server:
        settings = Settings(allow_destructive=False)
        with Target(api, server.url, settings) as target, pytest.raises(Withheld):
            target.send(case)
        assert seen == {}
        with Target(api, server.url, QUICK) as target:
            target.send(case)
    assert seen == {"DELETE": 1}


def test_a_plan_is_shown_and_nothing_sent(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", "sk-very-secret")
    url = "http://api.example.com/v1"
    assert main(["test", "quantcdn-ai", "--url", url, "--plan", "--auth-env", "KEY", "--exclude", "listAIModels"]) == 0
    shown = capsys.readouterr().out
    assert "14 operations" in shown or "13 operations of 14" in shown
    assert "left out, excluded" in shown
    assert "not sent as it stands: it may change what this run didn't make" in shown
    assert f"curl {url}" in shown or f"curl '{url}" in shown
    assert "sk-very-secret" not in shown


def reach(url: str, tls: Tls) -> str:
    """Why a target can't be reached; empty when it can."""
    with Target(API, url.replace("http:", "https:"), Settings(ready_seconds=0.1, tls=tls)) as target:
        try:
            target.check_ready()
        except TargetError as error:
            return str(error)
    return ""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificate(tmp_path_factory.mktemp("tls"))


def test_certificates_are_checked_as_the_user_says(files: tuple[Path, Path]) -> None:
    cert, key = files
    with raw_server.serving(over_tls(cert, key)) as url:
        assert "the certificate is not accepted: self-signed certificate" in reach(url, Tls())
        assert reach(url, Tls(authorities=str(cert))) == ""
        assert reach(url, Tls(is_checked=False)) == ""


def test_an_expired_certificate_is_no_target(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, days=-1)
    with raw_server.serving(over_tls(cert, key)) as url:
        assert "certificate has expired" in reach(url, Tls(authorities=str(cert)))


def test_a_target_that_asks_for_a_certificate_gets_ours(files: tuple[Path, Path]) -> None:
    cert, key = files
    trusting = str(cert)
    with raw_server.serving(over_tls(cert, key, asks_for=cert)) as url:
        assert reach(url, Tls(authorities=trusting)) != ""
        assert reach(url, Tls(authorities=trusting, certificate=trusting, key=str(key))) == ""


def test_mistakes_about_certificates_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"missing\.pem"):
        Tls(authorities=str(tmp_path / "missing.pem")).context()
    (tmp_path / "text.pem").write_text("no certificate", encoding="utf-8")
    with pytest.raises(UsageError, match=r"text\.pem"):
        Tls(certificate=str(tmp_path / "text.pem")).context()
    assert Tls().context() is None
    unchecked = Tls(is_checked=False).context()
    assert unchecked is not None
    assert unchecked.verify_mode is ssl.CERT_NONE


def test_a_target_that_starts_late(tmp_path: Path) -> None:
    time = Time()
    with Target(API, "http://127.0.0.1:1", Settings(ready_seconds=5), time.clock) as target:
        with pytest.raises(TargetError):
            target.check_ready()
        assert 4 < time.seconds <= 5
