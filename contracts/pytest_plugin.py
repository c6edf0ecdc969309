"""The pytest plugin: `pytest --contract SPEC --contract-url URL`, `@contract`, and the fixture `mock_api`.

It is loaded in every run of pytest where Understudy is installed, so nothing heavy is imported before it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from understudy.contracts.pytest_runs import ContractTests
    from understudy.contracts.settings import Settings
    from understudy.mockserver.serving.running import RunningMock
    from understudy.specs.model import Api

__all__ = ["mock_api"]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("understudy", "contract tests of a live API")
    group.addoption("--contract", metavar="SPEC", help="Test a live API against this document, one test for each "
                    "operation and claim: a shipped name, a path or a URL.")  # fmt: skip
    group.addoption("--contract-url", metavar="URL", default="", help="Base URL of the live API.")
    group.addoption(
        "--contract-app", metavar="MODULE:APP", default="", help="Serve this ASGI application, and test it."
    )
    group.addoption("--contract-overlay", action="append", default=[], metavar="FILE", help="Merge an OpenAPI Overlay "
                    "into the document.")  # fmt: skip
    group.addoption("--contract-hooks", metavar="FILE.py|MODULE", default="", help="Your own Python: credentials, "
                    "headers, parameters, prepare.")  # fmt: skip
    group.addoption("--contract-profile", choices=("quick", "standard", "deep"), default="quick")
    group.addoption("--contract-max-time", type=float, metavar="SECONDS", help="For all operations together.")
    group.addoption("--contract-seed", type=int, default=0)
    group.addoption("--contract-include", action="append", default=[], metavar="PATTERN", help="Operations.")
    group.addoption("--contract-claims", action="append", default=[], metavar="PATTERN", help="Claims; !PATTERN "
                    "takes away.")  # fmt: skip
    group.addoption("--contract-header", action="append", default=[], metavar="'NAME: VALUE'")
    group.addoption("--contract-auth-env", action="append", default=[], metavar="[SCHEME=]VARIABLE",
                    help="Environment variable with a credential.")  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Add the tests of `--contract` before anybody selects or orders."""
    document = config.getoption("--contract")
    if not document:
        return
    from understudy.contracts.pytest_runs import ContractTests
    from understudy.specs.errors import SuiteError

    url, app = config.getoption("--contract-url"), config.getoption("--contract-app")
    if bool(url) == bool(app):
        raise pytest.UsageError("--contract needs either --contract-url or --contract-app")
    try:
        overlays = tuple(config.getoption("--contract-overlay"))
        hooks = config.getoption("--contract-hooks")
        tests = ContractTests(document, _settings(config), url=url, app=app, overlays=overlays, hooks=hooks)
        tests.listed()
    except SuiteError as error:
        raise pytest.UsageError(str(error)) from error
    config.add_cleanup(tests.close)
    collector = ContractDocument.from_parent(session, name="contract", nodeid="contract", tests=tests)
    report = config.hook.pytest_make_collect_report(collector=collector)
    items += report.result
    config.hook.pytest_collectreport(report=report)


class ContractDocument(pytest.Collector):
    """The tests of one document, operations in its order: ``contract::GET /pets::response-schema``."""

    def __init__(self, *, tests: ContractTests, **arguments: object) -> None:
        super().__init__(**arguments)  # type: ignore[arg-type]  # pytest's own, passed through
        self._tests = tests

    def collect(self) -> Iterator[pytest.Item]:
        for operation, claims in self._tests.listed().items():
            parent = ContractOperation.from_parent(self, name=operation)
            for claim in claims:
                yield ContractItem.from_parent(parent, name=claim, tests=self._tests)


class ContractOperation(pytest.Collector):
    """An operation; `--dist loadscope` keeps its claims on one worker, where they share its exchanges."""

    def collect(self) -> list[pytest.Item]:
        return []


class ContractItem(pytest.Item):
    """One claim on one operation."""

    def __init__(self, *, tests: ContractTests, **arguments: object) -> None:
        super().__init__(**arguments)  # type: ignore[arg-type]  # pytest's own, passed through
        self._tests = tests

    def runtest(self) -> None:
        from understudy.contracts.pytest_contract import report
        from understudy.specs.errors import SuiteError

        assert self.parent is not None
        try:
            outcome = self._tests.judge(self.parent.name, self.name)
        except SuiteError as error:
            pytest.exit(f"understudy: error: {error}", returncode=error.exit_code)
        report(outcome)

    def reportinfo(self) -> tuple[str, None, str]:
        assert self.parent is not None
        return "contract", None, f"{self.parent.name}: {self.name}"


def _settings(config: pytest.Config) -> Settings:
    from understudy.contracts.commands.option_values import read_credential, read_header
    from understudy.contracts.settings import Profile, Settings

    option = config.getoption
    return Settings(
        seed=option("--contract-seed"),
        profile=Profile(option("--contract-profile")),
        max_seconds=option("--contract-max-time"),
        include=tuple(option("--contract-include")),
        claims=tuple(option("--contract-claims")),
        headers=tuple(read_header(each, "--contract-header") for each in option("--contract-header")),
        credentials=dict(read_credential(each, "--contract-auth-env") for each in option("--contract-auth-env")),
    )


@pytest.fixture
def mock_api() -> Iterator[Callable[..., RunningMock]]:
    """``mock = mock_api("petstore.yaml")`` serves a mock on a free port until the test ends.

    Each test begins with the records that the document starts with. Keyword arguments are those of
    `understudy.mockserver.settings.Settings`, such as ``seed=7`` or a fixed clock.
    """
    from understudy.mockserver.serving.running import running
    from understudy.mockserver.settings import Settings

    with ExitStack() as stack:

        def serve(*documents: str, **settings: Any) -> RunningMock:
            apis = [_load(document) for document in documents]
            return stack.enter_context(running(*apis, settings=Settings(**settings)))

        yield serve


@cache
def _load(document: str) -> Api:
    from understudy.specs.catalog import load_api

    return load_api(document)
