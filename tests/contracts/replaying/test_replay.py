"""Findings of a report are sent again, with credentials that the report doesn't have."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.apps.small_api import answer_of, api_of, case_of, operation_of
from tests.apps.spoiled import SPOILERS, spoiled_app
from tests.apps.spoiling import Spoiler
from understudy.contracts.case import Case, Exchange, Phase
from understudy.contracts.claims import Failure, claims
from understudy.contracts.events import FailureFound, RunStarted
from understudy.contracts.replaying.replay import Unreplayable, replay, restore_case
from understudy.contracts.reports import load_report, write_reports
from understudy.contracts.running.folding import fold
from understudy.contracts.running.plan import make_plan
from understudy.contracts.running.runner import run_checks
from understudy.contracts.sending.credentials import NOBODYS, attach, credential_attachments, redaction_for
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import running, serving
from understudy.specs.catalog import load_api
from understudy.specs.errors import UsageError
from understudy.specs.model import Api


@cache
def api(name: str) -> Api:
    return load_api(name)


def get_spoiler(name: str) -> Spoiler:
    return next(each for each in SPOILERS if each.name == name)


def report_of(spoiler: Spoiler, folder: Path) -> Run:
    """A run against the spoiled mock, through a JSON report on disk."""
    described = api(spoiler.document)
    settings = Settings(
        profile=Profile.QUICK,
        include=spoiler.include,
        claims=(spoiler.claim,),
        max_seconds=15,
        credentials=spoiler.credentials,
    )
    with serving(spoiled_app(spoiler, described)) as server:
        run = fold(run_checks(described, server.url, settings))
    written = write_reports(run, ["json"], folder, redaction_for(described, spoiler.credentials))
    assert not written[0].error
    text = written[0].path.read_text(encoding="utf-8")
    assert not any(secret in text for secret in spoiler.credentials.values())
    return load_report(written[0].path)


@pytest.mark.parametrize(
    "name",
    ["wrong-type", "ignored-auth", "ignored-credential", "ignored-token", "terminal-missing", "accepted-media-type"],
)
def test_a_finding_shows_again_until_it_is_mended(name: str, tmp_path: Path) -> None:
    spoiler = get_spoiler(name)
    report = report_of(spoiler, tmp_path)
    assert report.findings
    described, settings = api(spoiler.document), Settings(credentials=spoiler.credentials)
    with serving(spoiled_app(spoiler, described)) as server:
        again = fold(replay(described, report, server.url, settings))
    assert {each.fingerprint for each in again.findings} == {each.fingerprint for each in report.findings}
    assert again.exit_code == 1
    with running(described) as mock:
        mended = fold(replay(described, report, mock.url, settings))
    assert mended.findings == ()
    assert mended.errors == ()
    assert mended.exit_code == 0
    assert mended.start.phases == (Phase.REPLAY,)


def test_what_can_be_done_once_is_not_called_mended() -> None:
    spoiler = get_spoiler("undocumented-status")
    described = api(spoiler.document)
    settings = Settings(profile=Profile.QUICK, include=spoiler.include, claims=(spoiler.claim,))
    with serving(spoiled_app(spoiler, described)) as server:
        run = fold(run_checks(described, server.url, settings))
        again = fold(replay(described, run, server.url))
    assert run.findings
    assert again.findings == ()
    result = next(each for each in again.operations if each.plan.label == run.findings[0].operation)
    assert "once" in result.claims[spoiler.claim].reason
    assert again.exit_code == 6


def test_one_finding_may_be_chosen(tmp_path: Path) -> None:
    spoiler = get_spoiler("wrong-record")
    report = report_of(spoiler, tmp_path)
    first, *others = report.findings
    assert others
    with serving(spoiled_app(spoiler, api(spoiler.document))) as server:
        again = fold(replay(api(spoiler.document), report, server.url, only=[first.fingerprint[:8]]))
        assert [each.fingerprint for each in again.findings] == [first.fingerprint]
        with pytest.raises(UsageError, match=first.fingerprint):
            list(replay(api(spoiler.document), report, server.url, only=["nothing"]))


def test_what_cannot_be_replayed_is_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    spoiler = get_spoiler("wrong-type")
    report = report_of(spoiler, tmp_path)
    gone = replace(report.findings[0], operation="GET /gone", fingerprint="0" * 12)
    masked = replace(report.findings[0].exchanges[0].case, body='{"password": "•••"}'.encode())
    secret = replace(
        report.findings[0], exchanges=(replace(report.findings[0].exchanges[0], case=masked),), fingerprint="1" * 12
    )
    report = replace(report, findings=(gone, secret, *report.findings))
    with serving(spoiled_app(spoiler, api(spoiler.document))) as server:
        again = fold(replay(api(spoiler.document), report, server.url))
    errors = [error for operation in again.operations for error in operation.errors]
    assert any("the document has no such operation" in error for error in errors)
    assert any("its body holds a secret" in error for error in errors)
    assert len(again.findings) == len(report.findings) - 2


def test_a_target_that_is_down(tmp_path: Path) -> None:
    spoiler = get_spoiler("wrong-type")
    report = report_of(spoiler, tmp_path)
    assert fold(replay(api(spoiler.document), report, "http://127.0.0.1:9")).exit_code == 4


OPERATION = operation_of({})


def restored(case: Case, **headers: str) -> Case:
    def dress(bare: Case) -> Case:
        names = {name.lower() for name, _ in bare.headers}
        return replace(bare, headers=(*bare.headers, *((n, v) for n, v in headers.items() if n.lower() not in names)))

    return restore_case(case, dress)


def test_credentials_are_put_back_where_they_were() -> None:
    case = case_of(OPERATION, headers=(("Accept", "*/*"), ("Authorization", "Bearer $TOKEN")))
    dressed = restored(case, Authorization="Bearer mine", Other="not wanted")
    assert dict(dressed.headers) == {"Accept": "*/*", "Authorization": "Bearer mine"}


def test_a_case_without_credentials_gets_none() -> None:
    assert restored(case_of(OPERATION), Authorization="Bearer mine").headers == ()


def test_a_credential_that_was_somebody_elses_stays_wrong() -> None:
    case = case_of(OPERATION, headers=(("Authorization", "Bearer $OTHER_TOKEN"),))
    assert dict(restored(case, Authorization="Bearer mine").headers)["Authorization"] == f"Bearer {NOBODYS}"


def test_a_key_in_the_query_is_put_back() -> None:
    described = api("aivax").operations[0]
    attachments = credential_attachments(described, {"": "mine-mine"})
    case = case_of(described, target="/x?api-key=$API_KEY&limit=3", headers=())

    def dress(bare: Case) -> Case:
        return replace(bare, target=f"{bare.target}&api-key=mine")

    assert attachments
    assert attach(case, ()) == case
    assert restore_case(case, dress).target == "/x?limit=3&api-key=mine"


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (case_of(OPERATION, target="/things/$TOKEN"), "path"),
        (case_of(OPERATION, body="•••".encode()), "body"),
        (case_of(OPERATION, headers=(("X-Key", "$KEY"),)), "no credential was given for the header x-key"),
    ],
)
def test_secrets_that_nobody_can_supply(case: Case, reason: str) -> None:
    with pytest.raises(Unreplayable, match=reason):
        restored(case)


def test_a_secret_that_an_answer_gave_is_taken_from_the_new_one(tmp_path: Path) -> None:
    """The first run's key was read from an answer, used as a credential, and isn't in the report."""
    described = api_of(
        {
            "/keys": {"post": {"responses": {"201": {"description": ""}}}},
            "/whoami": {"get": {"responses": {"200": {"description": ""}}, "security": [{"bearer": []}]}},
        },
        components={"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
    )
    made = Exchange(case_of(described.operations[0]), answer_of(b'{"token": "first-secret-1"}', status=201))
    used = Exchange(
        case_of(described.operations[1], headers=(("Authorization", "Bearer first-secret-1"),)), answer_of(status=500)
    )
    claim = next(each for each in claims() if each.id == "no-server-error")
    failure = Failure(claim, "GET /whoami", "500", "answered 500")
    start = RunStarted("Small", "1", "3.2.0", "small", "http://a", 0, "", make_plan(described, Settings()).operations,
                       (claim,), (), {})  # fmt: skip
    write_reports(fold([start, FailureFound(failure, (made, used))]), ["json"], tmp_path, redaction_for(described, {}))
    assert "first-secret-1" not in (tmp_path / "report.json").read_text()
    asked: list[str] = []

    async def desk(request: Request) -> Response:
        if request.method == "POST":
            return JSONResponse({"token": "second-secret-2"}, 201)
        asked.append(request.headers.get("authorization", ""))
        return Response(status_code=500)

    app = Starlette(routes=[Route("/keys", desk, methods=["POST"]), Route("/whoami", desk)])
    with serving(app) as server:
        run = fold(replay(described, load_report(tmp_path / "report.json"), server.url))
    assert asked == ["Bearer second-secret-2"]
    assert [finding.claim.id for finding in run.findings] == ["no-server-error"]
