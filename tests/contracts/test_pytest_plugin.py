"""The pytest plugin, as a user's project sees it: ids, selection, failures, JUnit, workers, the fixture."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apps.spoiled import SPOILERS, spoiled_app
from tests.apps.spoiled_library import LIBRARY, LIBRARY_SPOILERS
from tests.apps.spoiling import QUICK_PACE
from understudy.mockserver.serving.running import running, serving
from understudy.mockserver.settings import Settings as MockSettings
from understudy.specs.catalog import load_api

pytest_plugins = ["pytester"]

NEXUS = "quantum-nexus"
INSTALLED = bool(importlib.metadata.entry_points(group="pytest11", name="understudy"))
PLUGIN = () if INSTALLED else ("-p", "understudy.contracts.pytest_plugin")
"""Where the package is installed, pytest finds the plugin by itself."""
OVERLAY = """\
overlay: 1.0.0
info: {title: stricter, version: "1"}
actions:
  - target: $.paths['/health'].get.responses['200'].content['application/json'].schema
    update: {required: [nothing]}
"""


@pytest.fixture(scope="module", autouse=True)
def loaded() -> None:
    """What a test of pytester's imports is forgotten after it; this library can't be imported a second time."""
    importlib.import_module("cel")


@pytest.fixture(scope="module")
def healthy() -> Iterator[str]:
    with running(load_api(NEXUS)) as mock:
        yield mock.url


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*PLUGIN, "-p", "no:schemathesis", "-p", "no:cacheprovider", *arguments)


def test_a_test_for_each_operation_and_claim(pytester: pytest.Pytester, healthy: str) -> None:
    options = ("--contract", NEXUS, "--contract-url", healthy, "--contract-include", "getHealth")
    listed = run(pytester, *options, "--collect-only", "-q")
    listed.stdout.fnmatch_lines(["contract::GET /health::response-schema", "contract::GET /health::status-documented"])
    assert "stream-" not in listed.stdout.str(), "claims about streams say nothing about this operation"
    result = run(pytester, *options, "-v", "-rs", f"--junitxml={pytester.path / 'junit.xml'}")
    assert result.ret == 0, result.stdout.str()
    outcomes = result.parseoutcomes()
    assert outcomes["passed"] >= 5
    assert "failed" not in outcomes
    names = [case.get("name") for case in ET.parse(pytester.path / "junit.xml").iter("testcase")]
    assert "response-schema" in " ".join(name or "" for name in names)


def test_conversations_are_held_once_for_all_operations(pytester: pytest.Pytester) -> None:
    with running(load_api(LIBRARY), settings=MockSettings(pace=QUICK_PACE)) as mock:
        options = ("--contract", LIBRARY, "--contract-url", mock.url)
        listed = run(pytester, *options, "--collect-only", "-q").stdout.str()
        assert "contract::conversations::read-after-write" in listed
        assert "contract::conversations::every-answer" in listed
        assert listed.count("::double-delete-refused") == 1
        result = run(pytester, *options, "-k", "conversations")
    outcomes = result.parseoutcomes()
    assert "failed" not in outcomes, result.stdout.str()
    assert outcomes["passed"] > 15


def test_a_claim_about_a_conversation_fails_its_test_alone(pytester: pytest.Pytester) -> None:
    spoiler = next(each for each in LIBRARY_SPOILERS if each.claim == "double-delete-refused")
    with serving(spoiled_app(spoiler, load_api(LIBRARY))) as server:
        options = ("--contract", LIBRARY, "--contract-url", server.url, "-k", "conversations")
        result = run(pytester, *options, "--contract-claims", "double-*", "--contract-claims", "read-after-write")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["curl -i -X DELETE *", "FAILED *contract::conversations::double-delete-refused*"])


def test_selection_by_name(pytester: pytest.Pytester, healthy: str) -> None:
    result = run(pytester, "--contract", NEXUS, "--contract-url", healthy, "-k", "health and status-documented")
    result.assert_outcomes(passed=1, deselected=result.parseoutcomes()["deselected"])
    assert result.parseoutcomes()["deselected"] > 100


def test_workers_share_the_operations(pytester: pytest.Pytester, healthy: str) -> None:
    options = ("--contract", NEXUS, "--contract-url", healthy, "--contract-include", "get*", "--contract-max-time", "9")
    result = run(pytester, *options, "-n", "2", "--dist", "loadscope")
    assert result.ret == 0, result.stdout.str()
    assert result.parseoutcomes()["passed"] > 10


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--contract", NEXUS), "either --contract-url or --contract-app"),
        (("--contract", "nowhere.yaml", "--contract-url", "http://127.0.0.1:1"), "nowhere.yaml"),
        (("--contract", NEXUS, "--contract-url", "http://127.0.0.1:1", "--contract-claims", "nope"), "nope"),
    ],
)
def test_mistakes_end_the_run_with_a_sentence(
    pytester: pytest.Pytester, options: tuple[str, ...], message: str
) -> None:
    result = run(pytester, *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in result.stderr.str()
    assert "Traceback" not in result.stderr.str()


def test_a_target_that_is_not_there_ends_the_run(pytester: pytest.Pytester) -> None:
    result = run(
        pytester, "--contract", NEXUS, "--contract-url", "http://127.0.0.1:1", "--contract-include", "getHealth"
    )
    assert result.ret == 4
    result.stdout.fnmatch_lines(["*understudy: error: *127.0.0.1:1*"])


MODULE = """
from understudy.contracts import contract

@contract("quantum-nexus", include=["getHealth"], claims=["status-documented", "response-schema"], max_seconds=4)
def test_health(case, nexus_url):
    case.judge(nexus_url)
"""

CONFTEST = """
import pytest

@pytest.fixture
def nexus_url():
    return {url!r}
"""


def test_a_decorated_function_with_fixtures(pytester: pytest.Pytester, healthy: str) -> None:
    pytester.makeconftest(CONFTEST.format(url=healthy))
    pytester.makepyfile(MODULE)
    result = run(pytester, "-v")
    result.stdout.fnmatch_lines(["*test_health?GET /health-status-documented? PASSED*"])
    result.assert_outcomes(passed=2)


def test_a_broken_claim_fails_its_test_and_tells_how_to_see_it(pytester: pytest.Pytester) -> None:
    spoiler = next(each for each in SPOILERS if each.claim == "response-schema" and each.document == NEXUS)
    with serving(spoiled_app(spoiler)) as server:
        (include,) = spoiler.include
        result = run(
            pytester, "--contract", NEXUS, "--contract-url", server.url, "--contract-include", include,
            "--contract-claims", "response-schema",
        )  # fmt: skip
    assert result.ret == 1
    shown = result.stdout.str()
    assert re.search(r"curl .*http://127\.0\.0\.1", shown)
    assert "breaks: " in shown
    assert "Traceback" not in shown
    assert "pytest_runs.py" not in shown


def test_failed_tests_are_run_again(pytester: pytest.Pytester, healthy: str) -> None:
    pytester.makeconftest(CONFTEST.format(url="http://127.0.0.1:1"))
    pytester.makepyfile(MODULE)
    arguments = (*PLUGIN, "-p", "no:schemathesis", "--lf")
    first = pytester.runpytest_subprocess(*arguments)
    assert first.ret == 1
    pytester.makeconftest(CONFTEST.format(url=healthy))
    pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=2)


def test_mocks_start_afresh_in_each_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import httpx

        def test_one(mock_api):
            mock = mock_api("quantcdn-ai", seed=3)
            assert httpx.get(mock.url + "/openapi-nowhere").status_code == 404

        def test_two_at_once(mock_api):
            assert mock_api("quantum-nexus").url != mock_api("quantum-nexus").url
        """
    )
    run(pytester).assert_outcomes(passed=2)


def test_the_plugin_costs_nothing_until_it_is_used(pytester: pytest.Pytester, tmp_path: Path) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_nothing():\n"
        "    heavy = {'schemathesis', 'hypothesis', 'starlette', 'httpx', 'jsonschema_rs', 'rich', 'click'}\n"
        "    assert not [name for name in sys.modules if name in heavy]\n"
    )
    run(pytester, "-p", "no:hypothesispytest", "-p", "no:anyio").assert_outcomes(passed=1)


def test_overlays_and_hooks(pytester: pytest.Pytester, healthy: str) -> None:
    pytester.makefile(".yaml", strict=OVERLAY)
    asked = pytester.path / "asked"
    pytester.makepyfile(
        ours=f"def headers(url):\n    open({str(asked)!r}, 'a').write(url)\n    return {{'X-From': 'us'}}"
    )
    options = ("--contract", NEXUS, "--contract-url", healthy, "--contract-include", "getHealth")
    ours = ("--contract-overlay", "strict.yaml", "--contract-hooks", "ours.py")
    result = run(pytester, *options, *ours, "-k", "response-schema or status-documented")
    result.assert_outcomes(passed=1, failed=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(['*"nothing" is a required property*', "curl *X-From*"])
    assert "--replay" not in result.stdout.str(), "there is no report to replay"
    assert asked.read_text(encoding="utf-8") == healthy, "once, not for every operation"
