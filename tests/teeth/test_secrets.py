"""No report has a credential in it: neither what the user gave, nor the keys that a desk gives out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.apps.desk.app import DOCUMENT
from tests.apps.desk.settings import MAIN_KEY
from tests.teeth.subjects import HEALTHY, subject
from understudy.contracts.case import Exchange, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import Event, ExchangeDone, FailureFound
from understudy.contracts.reports import FILE_NAMES, load_report, view_run, write_reports
from understudy.contracts.reports.finding_text import finding_text
from understudy.contracts.running.folding import fold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.sending.credentials import redaction_for
from understudy.contracts.settings import EVERY_SCHEME, Profile, Settings
from understudy.mockserver.serving.running import serving
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

CLAIM = Claim("made-up", "Nothing is ever right", Severity.LOW, "", "", "tests")
KEYS = re.compile(r"dk_[0-9a-f]{32}")


@pytest.fixture(scope="module")
def api() -> Api:
    return load_api(str(DOCUMENT))


@pytest.fixture(scope="module")
def events(api: Api) -> list[Event]:
    """A run in which every answer about keys is found wrong, and each new key is used as one."""
    settings = Settings(
        profile=Profile.QUICK,
        max_seconds=60,
        include=("createKey", "getKey", "listKeys"),
        phases=frozenset({Phase.EXAMPLES, Phase.PROBES}),
        credentials={EVERY_SCHEME: MAIN_KEY},
    )
    with serving(subject(HEALTHY).app()) as server:
        return [found for event in run_checks(api, server.url, settings) for found in (event, *_found(event))]


def _found(event: Event) -> Iterator[Event]:
    if not isinstance(event, ExchangeDone) or event.exchange.answer is None:
        return
    exchange, answer = event.exchange, event.exchange.answer
    label = exchange.case.operation
    story: tuple[Exchange, ...] = (exchange,)
    if key := KEYS.search(answer.body.decode("utf-8", "replace")):
        headers = (("Authorization", f"Bearer {key[0]}"), ("X-Workspace", "north"))
        used = replace(exchange.case, method="GET", target="/whoami", headers=headers, body=None, note=f"as {key[0]}")
        story = (exchange, Exchange(used, replace(answer, headers=(("X-Echo", key[0]),)), f"it said {key[0]}"))
    message = f"wrong: {answer.body.decode('utf-8', 'replace')}"
    yield FailureFound(Failure(CLAIM, label, f"{answer.status} {len(message)}", message), story)


def test_no_report_has_a_key(api: Api, events: list[Event], tmp_path: Path) -> None:
    run = fold(events)
    bodies = [each.answer.body.decode() for finding in run.findings for each in finding.exchanges if each.answer]
    given = {key for body in bodies for key in KEYS.findall(body)}
    assert given, "nothing that could leak"
    redaction = redaction_for(api, {EVERY_SCHEME: MAIN_KEY})
    written = write_reports(run, FILE_NAMES, tmp_path, redaction)
    texts = [each.path.read_text(encoding="utf-8") for each in written]
    again = view_run(load_report(tmp_path / FILE_NAMES["json"]))
    texts += ["\n".join(map(finding_text, again.findings))]
    for text in texts:
        assert not [secret for secret in (*given, MAIN_KEY) if secret in text]


def test_a_key_that_was_given_is_taken_from_the_answer(api: Api, events: list[Event], tmp_path: Path) -> None:
    write_reports(fold(events), ("json",), tmp_path, redaction_for(api, {EVERY_SCHEME: MAIN_KEY}))
    report = json.loads((tmp_path / FILE_NAMES["json"]).read_text(encoding="utf-8"))
    first, second = next(
        [exchange["request"]["curl"] for exchange in finding["exchanges"]]
        for finding in report["findings"]
        if len(finding["exchanges"]) == 2
    )
    assert "\nOTHER_KEY=$(jq -r .key answer1.json)" in first
    assert '-H "Authorization: Bearer $OTHER_KEY"' in second
    assert "$TOKEN" in report["placeholders"]
    assert "$OTHER_KEY" not in report["placeholders"], "the first line fills it"
