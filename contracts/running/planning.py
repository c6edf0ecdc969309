"""`--plan`: what would be sent, one request of each operation shown, and nothing sent."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent
from typing import TYPE_CHECKING

from understudy.contracts.case import Mode, Phase
from understudy.contracts.replaying.curl import curl_line
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.contracts.running.plan import make_plan
from understudy.contracts.sending.gate import SAFE_METHODS, Gate, Withheld
from understudy.contracts.sending.target import Target
from understudy.contracts.wording import count

if TYPE_CHECKING:
    from understudy.contracts.secrecy.redaction import Redaction
    from understudy.contracts.settings import Settings
    from understudy.specs.model import Api, Operation

__all__ = ["tell_plan"]


def tell_plan(api: Api, url: str, settings: Settings, redaction: Redaction) -> Iterator[str]:
    """Lines for the reader: the run as a whole, then each operation with what may be sent to it.

    Raises:
        UsageError: The URL or a setting is wrong.
    """
    plan = make_plan(api, settings, url)
    yield f"{api.title} {api.version}".rstrip() + f", at {url}"
    yield (
        f"{count(len(plan.selected), 'operation')} of {len(plan.operations)}, {count(len(plan.claims), 'claim')}, "
        f"phases {', '.join(phase.value for phase in plan.phases)}; "
        f"at most {settings.seconds:g} s, seed {settings.seed}"
    )
    reasons = {planned.label: planned.skipped for planned in plan.operations}
    with Target(api, url, settings) as target:
        for operation in api.operations:
            yield ""
            if reason := reasons[operation.label]:
                yield f"{operation.label}: left out, {reason}"
                continue
            yield f"{operation.label}: {_effect(operation, target.gate)}; " + count(
                len(plan.concerning(operation)), "claim"
            )
            yield indent(_sample(operation, target, settings, redaction), "  ")


def _effect(operation: Operation, gate: Gate) -> str:
    if operation.method in SAFE_METHODS:
        return "asks"
    if gate.allows_all:
        return "may change anything"
    if operation.method == "POST":
        return "makes records, or changes those that the run made"
    return "changes only what the run made"


def _sample(operation: Operation, target: Target, settings: Settings, redaction: Redaction) -> str:
    composer = Composer(operation, str(settings.seed))
    try:
        case = target.dress(composer.write(composer.draft(), Mode.POSITIVE, Phase.EXAMPLES))
        target.gate.admit(case)
    except Uncomposable as error:
        return f"no valid request can be made: {error}"
    except Withheld as reason:
        return f"not sent as it stands: {reason}"
    return curl_line(redaction.case(case), target.url)
