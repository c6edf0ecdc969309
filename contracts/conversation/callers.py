"""Who takes part in a conversation: the user, and somebody else where the document keeps callers apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from understudy.contracts.case import Case
from understudy.contracts.conversation.trust import Trust
from understudy.contracts.sending.credentials import MADE_UP_OTHER, attach, credential_attachments
from understudy.contracts.sending.target import Target
from understudy.contracts.settings import EVERY_SCHEME, Settings

__all__ = ["find_callers", "is_another"]

_SECOND: Final = "$SECOND_"
"""How a redacted request names a credential of somebody else."""


def find_callers(trust: Trust, settings: Settings, target: Target) -> list[Callable[[Case], Case]]:
    """Each puts its credentials on a case; the user comes first."""
    callers: list[Callable[[Case], Case]] = [target.dress]
    scopes = [value.source for resource in trust.resources.values() for value in resource.scope]
    others = _others(settings)
    if not others or not any("credential" in str(source) for source in scopes):
        return callers

    def as_another(case: Case) -> Case:
        operation = trust.api.find_operation(case.operation)
        attachments = credential_attachments(operation, others) if operation is not None else ()
        return target.dress(attach(case, attachments))

    return [*callers, as_another]


def is_another(case: Case) -> bool:
    """Whether a redacted case was sent by somebody else."""
    return any(_SECOND in value for _, value in case.headers) or _SECOND in case.target


def _others(settings: Settings) -> Mapping[str, str]:
    """Somebody else's credentials: those given, or made-up ones where the user's are made up, too."""
    if settings.other_credentials or settings.credentials or settings.headers:
        return settings.other_credentials
    return {EVERY_SCHEME: MADE_UP_OTHER}
