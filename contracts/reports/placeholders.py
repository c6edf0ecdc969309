"""What the variables in command lines stand for: a report has no credential in it, and says where to take it from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from understudy.contracts.secrecy.masking import PLACEHOLDER
from understudy.contracts.sending.credentials import MADE_UP

__all__ = ["explain_placeholders"]

_ASSIGNED = re.compile(r"(?m)^([A-Z][A-Z0-9_]*)=\$\(")


def explain_placeholders(commands: Iterable[str], settings: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """``$TOKEN`` → what to set it to, for each variable that no command sets; in alphabetical order.

    Args:
        settings: Of the run, as reports show them.
    """
    found: set[str] = set()
    assigned: set[str] = set()
    for command in commands:
        found.update(mark[1:] for mark in PLACEHOLDER.findall(command))
        assigned.update(_ASSIGNED.findall(command))
    return tuple((f"${name}", _explain(name, settings)) for name in sorted(found - assigned))


def _explain(name: str, settings: Mapping[str, str]) -> str:
    others = settings.get("other-auth-env", "")
    if name.startswith("SECOND_"):
        return f"somebody else's credential{f', as in the variable {others} of this run' if others else ''}"
    if name.startswith("OTHER_"):
        return "a credential that isn't the one given; any other does"
    form = " (user:password in Base64)" if name.endswith("CREDENTIALS") else ""
    if named := settings.get("auth-env", ""):
        return f"your credential{form}, as in the variable {named} of this run"
    if "headers" in settings or "credentials for" in settings:
        return f"your credential{form}"
    return f"a credential{form}; none was given in this run, which made one up: {MADE_UP}"
