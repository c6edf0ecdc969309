"""Runs behind pytest's tests: the claims of one operation share its exchanges, so each operation is run once.

Conversations go across all operations: they are held once, and their claims are tests of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, final

from understudy.contracts.case import Phase
from understudy.contracts.conversation.claims import OWNER
from understudy.contracts.settings import Settings
from understudy.specs.errors import TargetError

if TYPE_CHECKING:
    from understudy.contracts.running.plan import Plan
    from understudy.contracts.verdict import Run
    from understudy.specs.model import Api

__all__ = ["CONVERSATIONS", "EVERY_ANSWER", "ContractTests", "Outcome"]

CONVERSATIONS: Final = "conversations"
"""Stands where an operation does for the claims about what one request leaves for those after it."""
EVERY_ANSWER: Final = "every-answer"
"""Stands for all other claims in a conversation: an answer may be wrong only after certain others."""

LEAST_SECONDS: Final = 2.0
"""What an operation is given, however many there are."""


@final
@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one claim on one operation.

    Attributes:
        failures: A text for each finding; the claim is broken when there is one.
        skipped: Why it wasn't judged; empty when it was.
        errors: What we could not do, where nothing was found and nothing judged because of it.
    """

    failures: tuple[str, ...] = ()
    skipped: str = ""
    errors: tuple[str, ...] = ()


@final
@dataclass
class ContractTests:
    """The contract tests of one document, run as they are asked for.

    Attributes:
        settings: Their time is for all operations together; each has an equal share.
        url: Base URL of what is tested, unless `judge` is told another one.
        app: Instead of it: an ASGI application as ``module:attribute``, which is served on a loopback socket.
        overlays: Files that are merged into the document.
        hooks: The user's module of `hooks`; empty for none.
    """

    document: str
    settings: Settings
    url: str = ""
    app: str = ""
    overlays: tuple[str, ...] = ()
    hooks: str = ""
    _servers: ExitStack = field(default_factory=ExitStack, init=False)
    _urls: dict[str, str] = field(default_factory=dict, init=False)
    _runs: dict[tuple[str, str], Run] = field(default_factory=dict, init=False)
    _settings: dict[str, Settings] = field(default_factory=dict, init=False)
    _loaded: tuple[Api, Plan] | None = field(default=None, init=False)

    def listed(self) -> Mapping[str, tuple[str, ...]]:
        """Label of each operation that is exercised → ids of the claims that can say something about it; at the end
        `CONVERSATIONS`, where some can be held.

        Raises:
            SuiteError: The document can't be used, or a pattern matches nothing.
        """
        _, plan = self._load()
        found = {
            operation.label: tuple(claim.id for claim in plan.concerning(operation) if claim.owner != OWNER)
            for operation in plan.selected
        }
        if Phase.CONVERSATION in plan.phases:
            others = (EVERY_ANSWER,) if plan.checks else ()
            found[CONVERSATIONS] = (*(claim.id for claim in plan.claims if claim.owner == OWNER), *others)
        return found

    def judge(self, operation: str, claim_id: str, *, url: str = "", app: str = "") -> Outcome:
        """What a claim comes to on an operation; the first claim that is asked for sends the requests.

        Args:
            url: Base URL of what is tested; empty for that of the whole document, as is ``app``.

        Raises:
            SuiteError: The target can't be reached, or the application not served.
        """
        url = url or (self._serve(app) if app else self.url or self._serve(self.app))
        run = self._get_run(operation, url)
        meant = frozenset({claim_id}) if claim_id != EVERY_ANSWER else _others(run)
        findings = tuple(
            self._text(run, index, url) for index, each in enumerate(run.findings) if each.claim.id in meant
        )
        if findings:
            return Outcome(failures=findings)
        results = [each for each in run.operations if operation in (each.plan.label, CONVERSATIONS)]
        judged = [each.claims[name] for each in results for name in meant if name in each.claims]
        if any(each.times for each in judged):
            return Outcome()
        errors = (*run.errors, *(error for each in results for error in each.errors))
        if errors:
            return Outcome(errors=errors)
        reasons = [*(each.reason for each in judged), *(each.plan.skipped for each in results)]
        return Outcome(skipped=next(filter(None, reasons), "no case that could show it was reached"))

    def close(self) -> None:
        """Stop the applications that were served."""
        self._servers.close()

    def _load(self) -> tuple[Api, Plan]:
        if self._loaded is None:
            from understudy.contracts.running.plan import make_plan
            from understudy.specs.catalog import load_api

            api = load_api(self.document, overlays=self.overlays)
            self._loaded = api, make_plan(api, self.settings)
        return self._loaded

    def _get_run(self, operation: str, url: str) -> Run:
        run = self._runs.get((operation, url))
        if run is None:
            run = self._runs[operation, url] = self._run(operation, url)
        return run

    def _run(self, operation: str, url: str) -> Run:
        from understudy.contracts.running.folding import fold
        from understudy.contracts.running.runner import run_checks

        api, plan = self._load()
        given = self._settings_for(url)
        if operation == CONVERSATIONS:
            settings = replace(given, phases=frozenset({Phase.CONVERSATION}))
        else:
            share = max(LEAST_SECONDS, self.settings.seconds / max(1, len(plan.selected)))
            phases = frozenset(Phase) - {Phase.CONVERSATION}
            only = (operation.replace("[", "[[]"),)
            settings = replace(given, max_seconds=share, include=only, exclude=(), phases=phases)
        run = fold(run_checks(api, url, settings, document=self.document))
        if run.unreachable:
            raise TargetError(url, "; ".join(run.errors))
        return run

    def _settings_for(self, url: str) -> Settings:
        """With what the hooks give for this target; they are asked once."""
        if url not in self._settings:
            from understudy.contracts.sending.hooks import with_hooks

            self._settings[url] = with_hooks(self.settings, self.hooks, url) if self.hooks else self.settings
        return self._settings[url]

    def _serve(self, app: str) -> str:
        from understudy.contracts.cli import serving_app

        if app not in self._urls:
            self._urls[app] = self._servers.enter_context(serving_app(app))
        return self._urls[app]

    def _text(self, run: Run, index: int, url: str) -> str:
        from understudy.contracts.reports.finding_text import finding_text
        from understudy.contracts.reports.finding_view import view_finding
        from understudy.contracts.secrecy.run_redaction import redact_run
        from understudy.contracts.sending.credentials import redaction_for

        api, _ = self._load()
        given = self._settings_for(url)
        shown = redact_run(run, redaction_for(api, given.credentials, given.headers, given.other_credentials))
        return finding_text(view_finding(shown.findings[index], index + 1, shown.start))


def _others(run: Run) -> frozenset[str]:
    """Ids of the claims of a conversation's run that aren't about conversations."""
    return frozenset(claim.id for claim in run.start.claims if claim.owner != OWNER)
