"""A finding as every report shows it: conversation, answer, violations, replay."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from understudy.contracts.case import Answer, Exchange
from understudy.contracts.claims import Severity
from understudy.contracts.events import RunStarted
from understudy.contracts.replaying.story import Command, tell
from understudy.contracts.reports.bodies import BodyView, show_body, show_value
from understudy.contracts.reports.latency import format_ms
from understudy.contracts.reports.printable import printable, shorten
from understudy.contracts.verdict import Finding, Standing
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.validation import Violation

__all__ = ["FindingView", "StepView", "ViolationView", "find_link", "replay_line", "view_finding"]

MAX_STEPS = 40
MAX_VIOLATIONS = 20
MAX_HEADER = 300
MAX_HEADLINE = 180
MAX_MESSAGE = 1_000

_NUMBER = re.compile(r"^step \d+: ")
"""What conversations begin their notes with."""


@dataclass(frozen=True, slots=True)
class ViolationView:
    """A violation as text, each part cut to a readable length; ``pointer`` is ``(whole)`` for the whole value."""

    pointer: str
    keyword: str
    expected: str
    actual: str
    message: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One exchange of the conversation.

    Attributes:
        note: What is special about it, or what it does; without a number, which reports give by themselves.
        curl: Several lines where long; ``curl_short`` is the same on one line, save newlines within a body.
        status: ``200 OK``; empty when there was no answer, and ``error`` says why.
        ending: What is special about how the answer ended; empty when it was whole.
    """

    request: str
    note: str
    curl: str
    curl_short: str
    status: str
    elapsed: str
    headers: tuple[tuple[str, str], ...]
    body: BodyView
    ending: str
    error: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """Attributes:

    number: Place in the report, from 1.
    headline: The message, cut to the length of a heading.
    title: What the claim says of a healthy API.
    link: URL of the clause, empty when it isn't an http one.
    earlier: Steps before those shown that were left out.
    remark: Why it isn't open; empty where it is.
    more_violations: Violations that were left out.
    """

    number: int
    fingerprint: str
    claim_id: str
    title: str
    severity: Severity
    link: str
    clause: str
    documentation: str
    operation: str
    place: str
    headline: str
    message: str
    violations: tuple[ViolationView, ...]
    more_violations: int
    steps: tuple[StepView, ...]
    earlier: int
    times: int
    replay: str
    standing: Standing
    remark: str


def view_finding(finding: Finding, number: int, start: RunStarted) -> FindingView:
    """What a report shows of a finding that has been redacted."""
    shown = finding.exchanges[-MAX_STEPS:]
    commands = tell(finding.exchanges, finding.bindings, start.target)[-MAX_STEPS:]
    at_fault = [violation.pointer for violation in finding.violations]
    steps = [
        _view_step(exchange, command, at_fault if index == len(shown) else [])
        for index, (exchange, command) in enumerate(zip(shown, commands, strict=True), start=1)
    ]
    return FindingView(
        number,
        finding.fingerprint,
        finding.claim.id,
        printable(finding.claim.title),
        finding.claim.severity,
        find_link(finding.claim.clause),
        printable(finding.claim.clause),
        printable(finding.claim.documentation),
        printable(finding.operation),
        printable(finding.place),
        printable(shorten(" ".join(finding.message.split()), MAX_HEADLINE)),
        printable(shorten(finding.message, MAX_MESSAGE)),
        tuple(_view_violation(violation) for violation in finding.violations[:MAX_VIOLATIONS]),
        max(0, len(finding.violations) - MAX_VIOLATIONS),
        tuple(steps),
        len(finding.exchanges) - len(steps),
        finding.count,
        replay_line(start, finding.fingerprint),
        finding.standing,
        printable(finding.remark),
    )


def replay_line(start: RunStarted, fingerprint: str) -> str:
    """The command that runs one finding's conversation again, from the JSON report."""
    app = start.settings.get("app")
    target = ("--app", app) if app else ("--url", start.target)
    overlays = [
        word for path in filter(None, start.settings.get("overlay", "").split(", ")) for word in ("--overlay", path)
    ]
    words = ("understudy", "test", start.document, *overlays, *target)
    words = (*words, "--replay", "report.json", "--only", fingerprint)
    return printable(shlex.join(words))


def find_link(clause: str) -> str:
    """The clause as a link, empty when it isn't one: a report may have been read from a file that others wrote."""
    return clause if clause.startswith(("https://", "http://")) and printable(clause) == clause else ""


def _view_violation(violation: Violation) -> ViolationView:
    return ViolationView(
        printable(shorten(violation.pointer, 200)) or "(whole)",
        printable(violation.keyword),
        show_value(violation.expected),
        show_value(violation.actual),
        printable(shorten(violation.message, 400)),
    )


def _view_step(exchange: Exchange, command: Command, at_fault: list[JsonPointer]) -> StepView:
    case, answer = exchange.case, exchange.answer
    status, elapsed, ending = "", "", ""
    headers: tuple[tuple[str, str], ...] = ()
    body = BodyView("", (), 0)
    if answer is not None:
        status = printable(f"{answer.status} {answer.reason}".strip())
        elapsed = format_ms(answer.elapsed_ms)
        headers = tuple((printable(name), printable(shorten(value, MAX_HEADER))) for name, value in answer.headers)
        body = show_body(answer.body, answer.header("content-type"), at_fault)
        ending = _ending(answer)
    return StepView(
        printable(f"{case.method} {shorten(case.target, 200)}"),
        printable(_NUMBER.sub("", case.note)),
        printable(command.text),
        printable(command.line),
        status,
        elapsed,
        headers,
        body,
        ending,
        printable(exchange.error),
    )


def _ending(answer: Answer) -> str:
    return "" if answer.complete else "The body is incomplete: the connection broke, or reading stopped at a limit."
