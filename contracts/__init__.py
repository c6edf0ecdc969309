"""Contract tests: questions to a live API, asked by its document. Names are imported when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from understudy.contracts.case import Case, Exchange
    from understudy.contracts.checking import check
    from understudy.contracts.claims import Failure, Severity
    from understudy.contracts.pytest_contract import contract
    from understudy.contracts.running.runner import run_checks
    from understudy.contracts.verdict import Verdict

__all__ = ["Case", "Exchange", "Failure", "Severity", "Verdict", "check", "contract", "run_checks"]

_HOMES = {
    "Case": "case",
    "Exchange": "case",
    "Failure": "claims",
    "Severity": "claims",
    "Verdict": "verdict",
    "check": "checking",
    "contract": "pytest_contract",
    "run_checks": "running.runner",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
