"""What the documentation shows is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner

from understudy.contracts.cli import cli
from understudy.mockserver import Settings, running
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.errors import DocumentError, SuiteError, TargetError, UsageError

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [path for path in ROOT.rglob("*.md") if not {"node_modules", ".venv", "build"} & set(path.parts)]


def output_of(command: str) -> str:
    """What the README shows below a command, up to the next one."""
    found = re.search(rf"^\$ {re.escape(command)}\n(.*?)(?=^\$ |^```)", README, re.MULTILINE | re.DOTALL)
    assert found, command
    return found.group(1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_list_of_documents_is_the_programs() -> None:
    shown = CliRunner().invoke(cli, ["specs", "list"], catch_exceptions=False).output
    assert output_of("understudy specs list") == shown


def test_the_stream_and_the_refusal_are_the_mocks() -> None:
    with running(load_api("quantum-nexus")) as mock:
        url = f"{mock.url}/api/process/text"
        stream = httpx.post(url, json={"message": "hi"}).text
        refused = httpx.post(url, json={"message": ""}).text
    command = "curl{} localhost:4010/api/process/text -H 'Content-Type: application/json' -d '{}'"
    shown_stream = output_of(command.format(" -sN", '{"message": "hi"}') + " | head -7")
    assert shown_stream.splitlines() == stream.splitlines()[:7]
    shown = json.loads(output_of(command.format("", '{"message": ""}')))
    answered = json.loads(refused)
    assert shown.keys() == answered.keys()
    assert {**shown, "timestamp": ""} == {**answered, "timestamp": ""}


def test_every_command_and_option_that_is_named_exists() -> None:
    named = re.findall(r"understudy ((?:mock|test|report|specs|demo)\b[^`\n]*)", README)
    assert len(named) >= 6
    context = click.Context(cli)
    for line in named:
        words = line.split()
        command = cli.get_command(context, words[0])
        assert command is not None
        if isinstance(command, click.Group) and len(words) > 1:
            for name in words[1].split("|"):
                found = command.get_command(context, name)
                assert found is not None, line
            continue
        known = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_the_table_of_exit_codes_is_that_of_the_errors() -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert codes == {0, 1, 6, 130} | {error.exit_code for error in (UsageError, DocumentError, TargetError, SuiteError)}


def test_the_recipes_name_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name in re.findall(r"`((?:specs|tests|contracts|mockserver)/[\w./-]+\w)`", text):
        assert (ROOT / name).exists(), name


@pytest.mark.parametrize("name", SHIPPED)
def test_every_document_has_a_page_about_its_sources(name: str) -> None:
    assert len((ROOT / "specs" / name / "README.md").read_text(encoding="utf-8")) > 2000


SCENARIOS = (ROOT / "mockserver" / "SCENARIOS.md").read_text(encoding="utf-8")


def block_of(language: str) -> str:
    """The first block of SCENARIOS.md in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", SCENARIOS, re.MULTILINE | re.DOTALL)
    assert found, language
    return found.group(1)


def test_the_scenarios_that_are_shown_can_be_loaded(tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(block_of("yaml"), encoding="utf-8")
    names = re.findall(r"^  (\S+):$", block_of("yaml"), re.MULTILINE)
    assert len(names) == 7
    settings = Settings(scenario=f"{file}#empty-account", pace=0.0)
    with running(load_api("quantum-nexus"), settings=settings) as mock:
        assert httpx.get(f"{mock.url}/sessions").json()["sessions"] == []
        mock.activate("one-long-session")
        assert [each["title"] for each in httpx.get(f"{mock.url}/sessions").json()["sessions"]] == ["Harbour plans"]
        mock.activate("quota-used-up")
        assert httpx.post(f"{mock.url}/process/text", json={"message": "hi"}).status_code == 429
        for name in names:
            mock.activate(name)


def test_the_test_that_is_shown_passes() -> None:
    namespace: dict[str, object] = {}
    exec(compile(block_of("python"), "SCENARIOS.md", "exec"), namespace)
    with running(load_api("quantum-nexus")) as mock:
        for name in ("test_a_new_session_is_listed", "test_an_outage_is_told"):
            mock.reset()
            shown = namespace[name]
            assert callable(shown)
            shown(mock)


def test_the_commands_of_control_that_are_shown_are_answered(tmp_path: Path) -> None:
    lines = [line for line in block_of("console").splitlines() if "-N " not in line]
    assert len(lines) == 5
    with running(load_api("quantum-nexus")) as mock:
        for line in lines:
            method = "POST" if " -d " in line or "-X POST" in line else "GET"
            path = re.search(r"localhost:4010(\S+)", line)
            data = re.search(r"-d '(.*?)'", line)
            assert path is not None
            body = data.group(1) if data else (tmp_path / "before.json").read_text() if "-d @" in line else None
            headers = {"Content-Type": "application/json"} if body is not None else {}
            answer = httpx.request(method, mock.url + path.group(1), content=body, headers=headers)
            assert answer.is_success, answer.text
            if "> before.json" in line:
                (tmp_path / "before.json").write_text(answer.text)
