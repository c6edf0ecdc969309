"""Who has nothing but the report sees the fault: its command lines, run in a shell, show it at a desk that was opened
anew, and do not at a healthy one."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from tests.apps.desk.app import DOCUMENT
from tests.apps.desk.settings import MAIN_KEY
from tests.teeth.subjects import HEALTHY, subject
from understudy.contracts.events import FailureFound
from understudy.contracts.reports import html as html_report
from understudy.contracts.reports import markdown, view_run
from understudy.contracts.running.folding import VerdictFold
from understudy.contracts.running.runner import run_checks
from understudy.contracts.secrecy.run_redaction import redact_run
from understudy.contracts.sending.credentials import redaction_for
from understudy.contracts.settings import EVERY_SCHEME, Profile, Settings
from understudy.contracts.verdict import Run
from understudy.mockserver.serving.running import serving
from understudy.specs.catalog import load_api
from understudy.specs.model import Api

pytestmark = pytest.mark.skipif(not all(map(shutil.which, ("sh", "curl", "jq"))), reason="needs sh, curl and jq")

TRIED = {
    "patch-not-kept": ("update-persisted", "createTicket,getTicket,updateTicket", ""),
    "ticket-read-everywhere": ("tenant-isolation", "createTicket,getTicket", r"HTTP/1.1 200"),
    "limit-ignored": ("paging-gapless", "createTicket,listTickets", r'("number".*){4}'),
    "no-done": ("stream-terminal-once-last", "createSession,sendMessage", r"(?s)event: delta(?!.*event: done)"),
    "no-result": ("job-members", "createReport,getReport", r'"completed"(?!.*"result")'),
    "no-key-needed": ("credential-missing-refused", "listReports", r"HTTP/1.1 200"),
    "any-size": ("response-schema", "createFile", r'"size":65537'),
    "members-unchecked": ("invalid-request-refused", "createSession", r"HTTP/1.1 201"),
    "never-unchanged": ("not-modified-answered", "createTicket,getTicket", r"HTTP/1.1 200"),
    "no-location": ("response-headers", "createTicket", r"(?s)HTTP/1.1 201(?!.*\r?\nlocation:)"),
}
"""Variant → the claim that finds it, the operations that are asked, what only the last answer of the broken desk is;
empty is the member that the finding names, with the value that it shouldn't have."""

CUT = "has it all"
"""Ends a command that is too long for Markdown."""


@pytest.fixture(scope="module")
def api() -> Api:
    return load_api(str(DOCUMENT))


def found(api: Api, name: str, claim: str, include: str) -> tuple[str, Run]:
    """The URL of a broken desk that is closed again, and what was found there."""
    settings = Settings(
        profile=Profile.QUICK,
        max_seconds=120,
        include=tuple(include.split(",")),
        claims=(claim,),
        credentials={EVERY_SCHEME: MAIN_KEY},
    )
    verdicts = VerdictFold()
    with serving(subject(name).app()) as server:
        for event in run_checks(api, server.url, settings):
            verdicts.feed(event)
            if isinstance(event, FailureFound):
                break
    return server.url, redact_run(verdicts.run(), redaction_for(api, settings.credentials))


def commands_of_markdown(run: Run) -> list[str]:
    (finding,) = re.findall(r"(?s)<details><summary><b>.*?</details>", markdown.render(view_run(run)))
    *commands, _replay = re.findall(r"(?s)```sh\n(.*?)\n```", finding)
    return commands


def commands_of_html(run: Run) -> list[str]:
    page = html_report.render(view_run(run))
    *commands, _replay = re.findall(r'(?s)<div class="command"><pre tabindex="0"><code>(.*?)</code>', page)
    return [html.unescape(command) for command in commands]


def last_answer(app: ASGIApp, commands: list[str], url: str, place: Path) -> str:
    """What the last command prints, after all the others in the same shell."""
    with serving(app) as server:
        *first, last = [command.replace(url, server.url) for command in commands]
        script = "\n".join([*first, "printf '\\nTHE LAST\\n'", last])
        place.mkdir()
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=place,
            env={**os.environ, "TOKEN": MAIN_KEY},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )
    return done.stdout.decode().partition("THE LAST\n")[2]


@pytest.mark.parametrize("name", TRIED)
def test_the_command_lines_show_the_fault(api: Api, name: str, tmp_path: Path) -> None:
    claim, include, fault = TRIED[name]
    url, run = found(api, name, claim, include)
    commands = commands_of_markdown(run)
    whole = commands_of_html(run)
    assert commands == whole or any(CUT in command for command in commands)
    commands = whole
    if not fault:
        member, value = re.findall(r"/(\w+) is (.+) instead of ", run.findings[0].message)[0]
        fault = re.escape(f'"{member}":{value}')
    assert MAIN_KEY not in "".join(commands)
    assert re.search(fault, last_answer(subject(name).app(), commands, url, tmp_path / "broken")), commands
    healthy = last_answer(subject(HEALTHY).app(), commands, url, tmp_path / "healthy")
    assert healthy.strip()
    assert not re.search(fault, healthy), commands
