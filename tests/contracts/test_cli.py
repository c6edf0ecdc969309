"""The command line: what it prints, what it writes, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.apps import raw_server
from understudy.contracts.cli import main
from understudy.mockserver.serving.running import running
from understudy.specs.catalog import SHIPPED, load_api

NEXUS = "quantum-nexus"
HEALTH = ("--include", "getHealth", "--profile", "quick", "--max-time", "10s")
Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing may be written where we stand, but for what was asked for."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    return tmp_path


def run(*arguments: str) -> int:
    return main(list(arguments))


def test_help_names_the_commands_and_imports_none(capsys: Captured) -> None:
    assert run("--help") == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name} " in shown for name in ("mock", "test", "proxy", "report", "specs", "demo"))
    code = (
        "import sys; from understudy.contracts.cli import main; main(['--help']); "
        "print([m for m in ('schemathesis', 'hypothesis', 'starlette', 'httpcore', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, understudy.contracts as c; assert 'run_checks' in dir(c); "
        "print([m for m in ('schemathesis', 'hypothesis', 'starlette', 'httpcore') if m in sys.modules]); "
        "c.run_checks; c.Case; c.check; print('schemathesis' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "False"]


def test_a_test_of_a_mock(capsys: Captured, elsewhere: Path) -> None:
    with running(load_api(NEXUS)) as mock:
        code = run("test", NEXUS, "--url", mock.url, *HEALTH, "--report", "json,junit", "--out", "reports")
    shown = capsys.readouterr()
    assert code == 0, shown.out + shown.err
    assert "Passed" in shown.out
    assert {path.name for path in elsewhere.iterdir()} == {"reports"}
    assert {path.name for path in (elsewhere / "reports").iterdir()} == {"report.json", "junit.xml"}
    report = json.loads((elsewhere / "reports" / "report.json").read_text(encoding="utf-8"))
    assert report["run"]["exitCode"] == 0
    assert run("report", "show", "reports/report.json") == 0
    assert "Passed" in capsys.readouterr().out


def test_an_application_is_served_on_a_socket(capsys: Captured, elsewhere: Path) -> None:
    (elsewhere / "shop.py").write_text(
        "from understudy.mockserver.app import create_app\n"
        "from understudy.specs.catalog import load_api\n"
        f"app = create_app([load_api({NEXUS!r})])\n",
        encoding="utf-8",
    )
    assert run("test", NEXUS, "--app", "shop:app", *HEALTH, "--report", "none") == 0
    assert not (elsewhere / "understudy-report").exists()
    for wrong in ("shop", "nowhere:app", "shop:nothing"):
        assert run("test", NEXUS, "--app", wrong) == 2
        assert "understudy: error: --app" in capsys.readouterr().err


def test_an_api_that_gives_out_its_document_needs_no_url(elsewhere: Path, capsys: Captured) -> None:
    document = b'{"openapi": "3.1.0", "info": {"title": "Own", "version": "1"}, "paths": {"/own": {"get": {"responses":'
    document += b'{"200": {"description": "", "content": {"application/json": {}}}}}}}}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(document)
    with raw_server.serving(raw_server.answer(head + document)) as url:
        assert run("test", f"{url}/openapi.json", "--phases", "examples", "--report", "none") == 0
    assert f"Own 1 at {url}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("test",), 2, "which document?"),
        (("test", NEXUS), 2, "which API? Give --url, or --app; its first server is http://localhost:5000/api"),
        (("test", NEXUS, "--url", "http://h", "--app", "a:b"), 2, "either --url or --app"),
        (("test", NEXUS, "--url", "localhost"), 2, "base URL"),
        (("test", NEXUS, "--url", "http://h", "--include", "nope"), 2, "--include"),
        (("test", NEXUS, "--url", "http://h", "--claims", "nope"), 2, "--claims"),
        (("test", NEXUS, "--url", "http://h", "--report", "pdf"), 2, "--report"),
        (
            ("test", NEXUS, "--url", "http://h", "--phases", "examples,stateful"),
            2,
            "--phases: got 'stateful'; allowed: examples",
        ),
        (("test", NEXUS, "--url", "http://h", "--phases", ","), 2, "--phases"),
        (("test", NEXUS, "--url", "http://h", "--max-time", "soon"), 2, "--max-time"),
        (("test", NEXUS, "--url", "http://h", "--rate", "0"), 2, "--rate"),
        (("test", NEXUS, "--url", "http://h", "--header", "secret-without-colon"), 2, "--header"),
        (("test", NEXUS, "--url", "http://h", "--auth-env", "UNDERSTUDY_UNSET"), 2, "--auth-env"),
        (("test", NEXUS, "--url", "http://h", "--replay", "missing.json"), 2, "missing.json"),
        (("test", "nowhere.yaml", "--url", "http://h"), 3, "nowhere.yaml"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_mistakes_are_one_clear_line(arguments: tuple[str, ...], code: int, message: str, capsys: Captured) -> None:
    assert run(*arguments) == code
    shown = capsys.readouterr()
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert "secret" not in shown.err.replace("secret-without-colon", "")


@pytest.mark.parametrize(
    ("script", "reason"),
    [(None, "no connection"), (raw_server.answer(b"garbage\r\n\r\n"), "not HTTP")],
    ids=["down", "garbage"],
)
def test_a_target_that_is_not_there_still_gets_a_report(
    script: raw_server.Script | None, reason: str, capsys: Captured, elsewhere: Path
) -> None:
    arguments = ("test", NEXUS, *HEALTH, "--report", "json", "--out", "r", "--url")
    if script is None:
        code = run(*arguments, "http://127.0.0.1:9")
    else:
        with raw_server.serving(script) as url:
            code = run(*arguments, url)
    shown = capsys.readouterr()
    assert code == 4
    assert "Unreachable" in shown.out
    assert reason in shown.out
    report = json.loads((elsewhere / "r" / "report.json").read_text(encoding="utf-8"))
    assert reason in str(report["errors"])


def test_the_claims_can_be_listed(capsys: Captured) -> None:
    assert run("test", "--list-claims") == 0
    shown = capsys.readouterr().out
    assert "stream-terminal-once-last  [high]" in shown
    assert "https://" in shown


def test_a_finding_is_replayed_from_its_report(capsys: Captured, elsewhere: Path) -> None:
    from tests.apps.spoiled import SPOILERS, spoiled_app
    from understudy.mockserver.serving.running import serving

    spoiler = next(each for each in SPOILERS if each.name == "wrong-type")
    with serving(spoiled_app(spoiler)) as server:
        code = run("test", NEXUS, "--url", server.url, "--include", *spoiler.include, *HEALTH[2:], "--out", "r")
        assert code == 1
        capsys.readouterr()
        assert run("test", NEXUS, "--url", server.url, "--replay", "r/report.json", "--out", "again") == 1
    assert "response-schema" in capsys.readouterr().out
    assert (elsewhere / "again" / "report.html").exists()
    with running(load_api(NEXUS)) as mock:
        assert run("test", NEXUS, "--url", mock.url, "--replay", "r/report.json", "--report", "none") == 0


def test_credentials_come_from_the_environment_and_stay_out_of_reports(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Path
) -> None:
    from tests.apps.spoiled import SPOILERS, spoiled_app
    from understudy.mockserver.serving.running import serving

    monkeypatch.setenv("UNDERSTUDY_TEST_TOKEN", "hush-hush-token")
    spoiler = next(each for each in SPOILERS if each.name == "ignored-token")
    with serving(spoiled_app(spoiler)) as server:
        code = run(
            *("test", spoiler.document, "--url", server.url, "--auth-env", "UNDERSTUDY_TEST_TOKEN", "--out", "r"),
            *("--include", *spoiler.include, "--header", "X-Api-Token: hush-hush-header", *HEALTH[2:]),
            *("--report", "html,json,junit,markdown,sarif"),
        )
    assert code == 1
    for path in (elsewhere / "r").iterdir():
        text = path.read_text(encoding="utf-8")
        assert "hush-hush" not in text, path.name
        assert "credential-wrong-refused" in text, path.name


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_still_writes_its_report(number: signal.Signals, elsewhere: Path) -> None:
    with running(load_api(NEXUS)) as mock:
        # Whoever starts the tests in the background has told their children to ignore SIGINT.
        script = (
            "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
            "from understudy.contracts.cli import main; sys.exit(main())"
        )
        arguments = ["test", NEXUS, "--url", mock.url, "--profile", "deep", "--out", "r", "--rate", "20/s"]
        process = subprocess.Popen(
            [sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        while "examples:" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    report = json.loads((elsewhere / "r" / "report.json").read_text(encoding="utf-8"))
    assert report["run"]["interrupted"] is True
    assert report["run"]["exitCode"] == 130


def test_a_reader_that_leaves_is_no_crash() -> None:
    script = "import sys; from understudy.contracts.cli import main; sys.exit(main())"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", script, "test", "--list-claims"],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert "Traceback" not in done.stderr
    assert done.returncode == 141


def test_the_demo_leaves_reports_and_an_index(
    capsys: Captured, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from understudy.specs import catalog

    monkeypatch.setattr(catalog, "SHIPPED", {NEXUS: SHIPPED[NEXUS]})
    assert run("demo", "--out", "d") == 0
    shown = capsys.readouterr().out
    assert str(elsewhere / "d" / "index.html") in shown
    assert "0 findings" in shown
    index = (elsewhere / "d" / "index.html").read_text(encoding="utf-8")
    assert f'href="{NEXUS}/report.html"' in index
    assert (elsewhere / "d" / NEXUS / "report.html").exists()
    assert {path.name for path in elsewhere.iterdir()} == {"d"}
