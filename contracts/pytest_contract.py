"""Contract tests in a test module: `@contract(SPEC)` makes one test of a function for each operation and claim."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar, final

import pytest

from understudy.contracts.pytest_runs import ContractTests, Outcome
from understudy.contracts.settings import Profile, Settings

__all__ = ["ContractCase", "contract", "report"]

T = TypeVar("T", bound=Callable[..., object])


@final
@dataclass(frozen=True, slots=True)
class ContractCase:
    """One claim on one operation, as a test function gets it.

    Attributes:
        operation: Label of the operation: ``GET /pets/{petId}``; ``conversations`` for what goes across all of them.
        claim: The claim's id.
    """

    operation: str
    claim: str
    _tests: ContractTests = field(repr=False)

    def judge(self, url: str = "", *, app: str = "") -> None:
        """Fail the test when the claim is broken, skip it when nothing could be said.

        The first claim of an operation sends the operation's requests; the others are judged by the same exchanges.

        Args:
            url: Base URL of what is tested.
            app: Instead of it: an ASGI application as ``module:attribute``, which is served on a loopback socket.
        """
        report(self._tests.judge(self.operation, self.claim, url=url, app=app))


def contract(
    document: str,
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    claims: Sequence[str] = (),
    overlays: Sequence[str] = (),
    hooks: str = "",
    profile: str = "quick",
    seed: int = 0,
    max_seconds: float | None = None,
    headers: Mapping[str, str] | None = None,
    credentials: Mapping[str, str] | None = None,
) -> Callable[[T], T]:
    """Make a test of a function for each operation and claim of a document; its parameter ``case`` judges one.

        @contract("openapi.yaml")
        def test_shop(case, shop_url):
            case.judge(shop_url)

    Args:
        document: A shipped name, a URL, or a path, which is looked for beside the test module first.
        include: Operations by operationId, label, path or tag, with ``*`` and ``?``; empty means all.
        claims: Patterns over claim ids; ``!`` takes away.
        overlays: OpenAPI Overlays that are merged into the document; looked for as it is.
        hooks: A module of yours, or a ``.py`` file beside the test module (`understudy.contracts.sending.hooks`).
        max_seconds: For all operations together; None takes the profile's.
        credentials: Security scheme's name (or ``""`` for every one) to the secret.

    Raises:
        SuiteError: The document can't be used, or a pattern matches nothing.
    """

    def decorate(function: T) -> T:
        settings = Settings(
            seed=seed,
            profile=Profile(profile),
            max_seconds=max_seconds,
            include=tuple(include),
            exclude=tuple(exclude),
            claims=tuple(claims),
            headers=tuple((headers or {}).items()),
            credentials=credentials or {},
        )
        beside = tuple(_beside(overlay, function) for overlay in overlays)
        own = _beside(hooks, function) if hooks else ""
        tests = ContractTests(_beside(document, function), settings, overlays=beside, hooks=own)
        atexit.register(tests.close)
        mark = pytest.mark.parametrize("case", list(_params(tests)))
        marked: T = mark(function)
        return marked

    return decorate


def _params(tests: ContractTests) -> Iterator[object]:
    for operation, claims in tests.listed().items():
        for claim in claims:
            yield pytest.param(ContractCase(operation, claim, tests), id=f"{operation}-{claim}")


def _beside(document: str, function: Callable[..., object]) -> str:
    here = Path(str(getattr(function, "__globals__", {}).get("__file__", ""))).parent / document
    return str(here) if here.exists() else document


def report(outcome: Outcome) -> None:
    """Let pytest know."""
    if outcome.failures:
        pytest.fail("\n\n".join(outcome.failures), pytrace=False)
    if outcome.errors:
        pytest.fail("\n".join(("nothing could be judged:", *outcome.errors)), pytrace=False)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
