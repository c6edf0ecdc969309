"""Say in a sentence or two what a Run found."""

from __future__ import annotations

from collections import Counter

from understudy.contracts.claims import Severity
from understudy.contracts.verdict import Run, Standing, Verdict
from understudy.contracts.wording import count, list_words

__all__ = ["conclude", "outcome"]

_OUTCOMES = {0: "Passed", 1: "Failed", 4: "Unreachable", 5: "Incomplete", 6: "Nothing tested", 130: "Interrupted"}


def outcome(exit_code: int) -> str:
    """The outcome in a word or two: ``Passed``, ``Nothing tested``."""
    return _OUTCOMES[exit_code]


def conclude(run: Run) -> str:
    """What was found, in a sentence or two that can stand alone, without knowledge of exit codes."""
    sentence = _conclude(run)
    if run.fixed:
        sentence += (
            f" {count(len(run.fixed), 'finding')} of the baseline {'is' if len(run.fixed) == 1 else 'are'} fixed."
        )
    if run.flaky:
        sentence += f" {count(len(run.flaky), 'failure')} more did not recur."
    return sentence


def _conclude(run: Run) -> str:
    verdicts = Counter(operation.verdict for operation in run.operations)
    if run.interrupted:
        found = count(len(run.findings), "finding") if run.findings else "no finding"
        return f"Stopped after {count(run.cases, 'case')}: {found} so far, and the rest was not judged."
    if run.exit_code == 4:
        return "There was no answer at all, so that nothing was tested."
    if run.open_findings:
        severities = Counter(finding.claim.severity for finding in run.open_findings)
        parts = [f"{severities[severity]} {severity.value}" for severity in Severity if severities[severity]]
        operations = len({finding.operation for finding in run.open_findings})
        beside = f"; {_accepted(run)} besides" if len(run.findings) > len(run.open_findings) else ""
        return (
            f"The API departs from its document: {count(len(run.open_findings), 'finding')} ({list_words(parts)}) "
            f"on {operations} of {count(len(run.operations), 'operation')}{beside}."
        )
    errors = len(run.errors) + sum(len(operation.errors) for operation in run.operations)
    if errors:
        nothing = "No open finding" if run.findings else "No finding"
        return f"{nothing}, but the run is incomplete: {count(errors, 'error')} kept part of it from being judged."
    judged = sum(result.times for operation in run.operations for result in operation.claims.values())
    if run.exit_code == 6:
        return "No claim could be judged on any operation."
    if run.findings:
        return f"Nothing new: {_accepted(run)}, and no other finding in {count(run.cases, 'case')}."
    sentence = f"The API keeps to its document: {count(judged, 'judgement')} in {count(run.cases, 'case')}, no finding"
    if verdicts[Verdict.SKIPPED]:
        return f"{sentence}; {count(verdicts[Verdict.SKIPPED], 'operation')} could not be exercised."
    return f"{sentence}."


def _accepted(run: Run) -> str:
    """How many findings are not open, by standing: ``2 waived and 1 known``."""
    standings = Counter(finding.standing for finding in run.findings)
    return list_words(
        f"{standings[each]} {each.value}" for each in Standing if standings[each] and each is not Standing.OPEN
    )
