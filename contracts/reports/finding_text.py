"""A finding as plain text, for places that know no markup: JUnit, pytest."""

from __future__ import annotations

from understudy.contracts.reports.finding_view import FindingView, StepView

__all__ = ["finding_text"]


def finding_text(finding: FindingView) -> str:
    """What was found, where, and every request as a curl line with its answer: all that is needed to see it again, also
    where there is no report to replay."""
    lines = [
        finding.message,
        f"breaks: {finding.title} ({finding.severity.value}, {finding.fingerprint}, seen {finding.times}x)",
        f"place: {finding.place}",
    ]
    if finding.clause:
        lines.append(f"clause: {finding.clause}")
    lines += [f"at {item.pointer}: {item.message}" for item in finding.violations]
    for number, step in enumerate(finding.steps, start=1):
        told = f"step {number}: {step.note}" if len(finding.steps) > 1 else step.note
        lines += ["", *([told.removesuffix(": ")] if told else []), *_step_lines(step)]
    return "\n".join(lines)


def _step_lines(step: StepView) -> list[str]:
    answer = f"<- {step.status} after {step.elapsed}" if step.status else f"<- no answer: {step.error}"
    return [step.curl, answer, *(line.text for line in step.body.lines)]
