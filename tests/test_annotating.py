"""specs/ANNOTATING.md: its documents are written to a directory, its commands are run there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Final

import httpx
import pytest

PAGE: Final = (Path(__file__).parents[1] / "specs" / "ANNOTATING.md").read_text(encoding="utf-8")
UNDERSTUDY: Final = (sys.executable, "-c", "import sys; from understudy.contracts.cli import main; sys.exit(main())")
FILES: Final = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
SESSIONS: Final = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(f"# {name}\n{text}", encoding="utf-8")
    return tmp_path


def commands(session: str) -> list[tuple[list[str], str]]:
    """The words of each command, and what is shown below it."""
    found = re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", session, re.MULTILINE)
    return [(shlex.split(command), shown) for command, shown in found]


def curl(words: list[str], url: str) -> str:
    """What a `curl` command prints, as far as the page has any need of it."""
    at = words.index("|") if "|" in words else len(words)
    words, pipe = words[:at], words[at + 1 :]
    sent = httpx.Headers()
    method, content, target = "GET", None, ""
    rest = iter(words[1:])
    for word in rest:
        match word:
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                sent[name] = value
            case "-d":
                method, content = "POST", next(rest)
            case "-s" | "-si":
                pass
            case _:
                target = word.replace("localhost:4010", url)
    answer = httpx.request(method, target, headers=sent, content=content)
    lines = [f"HTTP/1.1 {answer.status_code} {answer.reason_phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if pipe[:1] == ["head"]:
        return f"{lines[0]}\n"
    if pipe[:1] == ["grep"]:
        return "".join(f"{line}\n" for line in lines if pipe[2] in line.lower())
    return f"{answer.text}\n"


@pytest.mark.parametrize("session", [each for each in SESSIONS if "understudy mock" in each])
def test_the_conversations_are_the_mocks(place: Path, session: str) -> None:
    (started, nothing), *asked = commands(session)
    assert (started[:2], nothing) == (["understudy", "mock"], "")
    assert len(asked) >= 4
    with subprocess.Popen(
        [*UNDERSTUDY, *started[1:], "--port", "0"], stdout=subprocess.PIPE, text=True, cwd=place
    ) as mock:
        try:
            assert mock.stdout is not None
            lines = iter(mock.stdout.readline, "")
            url = next(found[0] for line in lines if (found := re.findall(r"operations at (http://[^,\s]+)", line)))
            for words, shown in asked:
                assert curl(words, url) == shown, words
        finally:
            mock.terminate()
            mock.communicate()


def test_the_faults_are_the_programs(place: Path) -> None:
    ((words, shown),) = [each for session in SESSIONS for each in commands(session) if "lint" in each[0]]
    found = subprocess.run([*UNDERSTUDY, *words[1:]], cwd=place, capture_output=True, text=True, check=False)
    assert found.returncode == 3
    assert found.stderr == shown


def test_ten_lines_are_ten_lines() -> None:
    lines = FILES["tasks.yaml"].splitlines()
    inside, count = -1, 0
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if inside >= 0 and depth <= inside:
            inside = -1
        if line.lstrip().startswith("x-understudy:"):
            inside = depth
        count += inside >= 0
    assert count == 10
