"""Take secrets out of a Run: nothing in it is a credential then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from understudy.contracts.case import Exchange
from understudy.contracts.replaying.bindings import find_bindings, token_of
from understudy.contracts.secrecy.masking import MASK, mask_pairs
from understudy.contracts.secrecy.redaction import Redaction, variable_for
from understudy.contracts.verdict import Finding, OperationResult, Run

__all__ = ["redact_run"]


def redact_run(run: Run, redaction: Redaction) -> Run:
    """The Run as reports may show it: nothing in it is a credential.

    What findings' requests took from the answers before is named first (`Finding.bindings`): it can't be seen later.
    """
    redaction = redaction.learning(
        exchange.answer
        for finding in (*run.findings, *run.flaky, *run.fixed)
        for exchange in finding.exchanges
        if exchange.answer
    )
    findings, flaky, fixed = (
        [_named(finding, redaction) for finding in group] for group in (run.findings, run.flaky, run.fixed)
    )
    secrets = {value for _, bound in (*findings, *flaky, *fixed) for value in bound}
    redaction = replace(redaction, learnt=redaction.learnt | secrets)
    text = redaction.text
    start = replace(
        run.start,
        target=text(mask_pairs(run.start.target, redaction.is_secret).text),
        document=text(mask_pairs(run.start.document, redaction.is_secret).text),
        settings={
            name: MASK if value and redaction.is_secret(name) else text(value)
            for name, value in run.start.settings.items()
        },
    )
    return replace(
        run,
        start=start,
        operations=tuple(_redact_operation(operation, text) for operation in run.operations),
        findings=tuple(_redact_finding(finding, replace(redaction, bound=bound)) for finding, bound in findings),
        flaky=tuple(_redact_finding(finding, replace(redaction, bound=bound)) for finding, bound in flaky),
        fixed=tuple(_redact_finding(finding, replace(redaction, bound=bound)) for finding, bound in fixed),
        notes=tuple(text(note) for note in run.notes),
        errors=tuple(text(error) for error in run.errors),
    )


def _named(finding: Finding, redaction: Redaction) -> tuple[Finding, dict[str, str]]:
    """The finding with its bindings, and those of secrets: value → variable."""
    if finding.bindings:
        return finding, {}
    credentials = {
        token_of(name, value)
        for exchange in finding.exchanges
        for name, value in exchange.case.headers
        if redaction.is_secret(name)
    }
    bindings, secrets = [], {}
    for binding, value in find_bindings(finding.exchanges):
        if value in redaction.learnt or value in credentials:
            binding = replace(binding, name=variable_for(f"OTHER_{binding.name}"))
            secrets[value] = binding.name
        bindings.append(binding)
    return replace(finding, bindings=tuple(bindings)), secrets


def _redact_operation(operation: OperationResult, text: Callable[[str], str]) -> OperationResult:
    claims = {key: replace(result, reason=text(result.reason)) for key, result in operation.claims.items()}
    return replace(operation, claims=claims, errors=tuple(text(error) for error in operation.errors))


def _redact_finding(finding: Finding, redaction: Redaction) -> Finding:
    return replace(
        finding,
        message=redaction.text(finding.message),
        remark=redaction.text(finding.remark),
        violations=tuple(redaction.violation(violation) for violation in finding.violations),
        exchanges=tuple(_redact_exchange(exchange, redaction) for exchange in finding.exchanges),
    )


def _redact_exchange(exchange: Exchange, redaction: Redaction) -> Exchange:
    answer = redaction.answer(exchange.answer) if exchange.answer else None
    return Exchange(redaction.case(exchange.case), answer, redaction.text(exchange.error))
