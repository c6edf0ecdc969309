"""The phase as a whole: by inference, interrupted, replayed, cleaned up, and against servers that aren't there."""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

import pytest
from starlette.types import Receive, Scope, Send

from tests.apps.notes import Notes, notes_api
from tests.apps.small_api import api_of
from tests.apps.spoiled import spoiled_app
from tests.apps.spoiled_library import LIBRARY, LIBRARY_SPOILERS
from understudy.contracts.case import Case, Exchange
from understudy.contracts.conversation.claims import MODEL_CLAIMS
from understudy.contracts.conversation.drawing import Drawer, is_wider
from understudy.contracts.conversation.playing import Table, held
from understudy.contracts.conversation.trust import trust_in
from understudy.contracts.events import ExchangeDone
from understudy.contracts.replaying.replay import replay
from understudy.contracts.reports import load_report, write_reports
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.sending.target import Target
from understudy.contracts.settings import Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import running, serving
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

EVERY = tuple(claim.id for claim in MODEL_CLAIMS)


@cache
def library() -> Api:
    return load_api(LIBRARY)


def run(api: Api, url: str, seed: int = 0) -> Run:
    return fold(run_checks(api, url, Settings(profile=Profile.QUICK, seed=seed, claims=EVERY)))


def count(url: str) -> int:
    request = urllib.request.Request(f"{url}/shelves", headers={"X-Tenant": "harbour"})
    with urllib.request.urlopen(request) as answer:
        return int(json.load(answer)["total"])


def table_of(api: Api, target: Target) -> Table:
    operations = [each for each in api.operations if each.action is not None]
    return Table(
        trust_in(api),
        operations,
        [target.dress],
        target.send,
        now=lambda: datetime.now(UTC),
        sleep=lambda _: None,
        is_open=lambda: True,
    )


def test_what_was_made_is_deleted_again() -> None:
    with running(library()) as mock:
        result = run(library(), mock.url)
        assert count(mock.url) == 0
    assert [note.partition(":")[0] for note in result.notes] == ["export"]  # no operation deletes them


def test_what_was_made_is_deleted_after_an_interrupt() -> None:
    sent: list[Case] = []

    def interrupted(self: Target, case: Case) -> Exchange:
        sent.append(case)
        if len(sent) == 40:
            raise KeyboardInterrupt
        return original(self, case)

    original = Target.send
    with running(library()) as mock, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Target, "send", interrupted)
        result = run(library(), mock.url)
        patch.undo()
        assert count(mock.url) == 0
    assert result.interrupted
    assert sent[-1].method == "DELETE"


def test_the_same_seed_holds_the_same_conversations() -> None:
    def targets() -> list[str]:
        with running(library()) as mock:
            settings = Settings(profile=Profile.QUICK, seed=5, claims=EVERY)
            events = list(run_checks(library(), mock.url, settings))
        cases = [each.exchange.case for each in events if isinstance(each, ExchangeDone)]
        return [f"{case.method} {case.target} {case.body!r}" for case in cases if case.method != "GET"][:100]

    assert targets() == targets()


def test_a_finding_of_the_model_is_replayed_from_its_report(tmp_path: Path) -> None:
    spoiler = next(each for each in LIBRARY_SPOILERS if each.name == "deleted-twice")
    with serving(spoiled_app(spoiler, library())) as server:
        write_reports(run(library(), server.url), ("json",), tmp_path, Redaction())
        report = load_report(tmp_path / "report.json")
        again = fold(replay(library(), report, server.url))
    assert [each.fingerprint for each in report.findings] == [each.fingerprint for each in again.findings]
    with running(library()) as mock:
        assert fold(replay(library(), report, mock.url)).findings == ()


@pytest.mark.parametrize("seed", range(3))
def test_an_inferred_behaviour_blames_nobody_who_keeps_it(seed: int) -> None:
    with serving(Notes()) as server:
        result = run(notes_api(), server.url, seed)
    assert result.findings == result.flaky == ()
    judged = {claim for each in result.operations for claim, found in each.claims.items() if found.times}
    assert {"read-after-write", "made-is-found", "deleted-is-gone"} <= judged
    assert not judged & {"double-delete-refused", "list-complete", "order-kept"}


def test_deleting_twice_is_nobodys_fault_where_it_is_only_inferred() -> None:
    class Indulgent(Notes):
        def answer(self, method: str, path: str, headers: dict[bytes, bytes], body: bytes) -> tuple[int, object, str]:
            status, value, allow = super().answer(method, path, headers, body)
            return (204, None, "") if (method, status) == ("DELETE", 404) else (status, value, allow)

    with serving(Indulgent()) as server:
        result = run(notes_api(), server.url)
    assert result.findings == ()


def test_writing_to_what_is_not_ours_needs_leave() -> None:
    api = load_api("quantcdn-ai")
    wider = {each.id for each in api.operations if each.action is not None and is_wider(each.action)}
    assert "updateAIConfig" in wider
    assert "createAISession" not in wider
    operations = [each for each in api.operations if each.action is not None]
    drawer = Drawer(trust_in(api), operations, Random(1), "0/0", 1, may_widen=False)
    sent: list[str] = []
    with running(api) as mock, Target(api, mock.url, Settings()) as target:
        table = Table(
            trust_in(api),
            operations,
            [target.dress],
            target.send,
            lambda: datetime.now(UTC),
            lambda _: None,
            lambda: True,
        )
        conversation = table.start()
        for _ in range(60):
            move = drawer.draw(conversation.model.known)
            assert move is not None
            conversation.play(move)
            sent.append(move.operation.id)
    assert not wider & set(sent)
    assert "createAISession" in sent


def test_a_story_whose_maker_is_left_out_shows_nothing() -> None:
    api = library()
    with running(api) as mock, Target(api, mock.url, Settings()) as target:
        table = table_of(api, target)
        assert held(table, [], "0" * 12, lambda _: True) is None


def test_a_server_that_always_fails_is_not_blamed_for_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    with serving(app) as server:
        result = run(library(), server.url)
    assert result.findings == result.flaky == ()
    reasons = {found.reason for each in result.operations for found in each.claims.values() if found.reason}
    assert "answered 503" in reasons


def test_a_record_that_only_a_list_shows_is_ours_too() -> None:
    text = {"type": "string"}
    note = {"type": "object", "required": ["id", "text"], "properties": {"id": text, "text": {**text, "minLength": 9}}}
    listed = {"200": {"description": "", "content": {"application/json": {"schema": {"type": "array", "items": note}}}}}
    sent = {"type": "object", "required": ["text"], "properties": {"text": {**text, "minLength": 9}}}
    api = api_of(
        {
            "/notes": {
                "post": {
                    "x-understudy": {"action": {"create": "note"}},
                    "requestBody": {"required": True, "content": {"application/json": {"schema": sent}}},
                    "responses": {"204": {"description": ""}},
                },
                "get": {"x-understudy": {"action": {"list": "note"}}, "responses": listed},
            },
            "/notes/{id}": {
                "delete": {
                    "parameters": [{"name": "id", "in": "path", "required": True, "schema": text}],
                    "x-understudy": {"action": {"delete": "note", "key": "$request.path.id"}},
                    "responses": {"204": {"description": ""}, "404": {"description": ""}},
                },
            },
        },
        **{"x-understudy": {"resources": {"note": {"key": "id"}}}},
    )
    settings = Settings(profile=Profile.QUICK, claims=EVERY, allow_destructive=False)
    with running(api) as mock:
        events = list(run_checks(api, mock.url, settings))
    deleted = [
        each.exchange for each in events if isinstance(each, ExchangeDone) and each.exchange.case.method == "DELETE"
    ]
    assert any(each.answer is not None and each.answer.status == 204 for each in deleted)
    assert fold(events).findings == ()
