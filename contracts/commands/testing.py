"""`understudy test`: options to settings, events to the terminal and to reports."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from understudy.contracts.claims import Severity
from understudy.contracts.commands.option_values import read_formats
from understudy.contracts.commands.testing_options import settings_of, testing_options
from understudy.contracts.settings import Settings
from understudy.specs.servers import find_url_beside

if TYPE_CHECKING:
    from understudy.contracts.commands.terminal import Terminal
    from understudy.contracts.events import Event
    from understudy.contracts.reports import Written
    from understudy.contracts.running.standing import Policy
    from understudy.contracts.verdict import Run
    from understudy.specs.documents.document import Json
    from understudy.specs.model import Api

__all__ = ["follow", "run_and_report", "test"]


@click.command()
@click.argument("document", metavar="SPEC", required=False)
@testing_options
@click.pass_context
def test(context: click.Context, /, document: str | None, **options: Json) -> None:
    """Test a live API against its document, and report where they differ.

    Exit codes: 0 all passed, 1 findings, 2 wrong options, 3 the document can't be used, 4 the API can't be reached,
    5 errors on the way, 6 nothing was tested, 130 interrupted.
    """
    if options["list_claims"]:
        _list_claims()
        return
    if document is None:
        raise click.UsageError("which document? SPEC is a shipped name, a path or a URL")
    if options["url"] is not None and options["app"] is not None:
        raise click.UsageError("give either --url or --app")
    context.exit(_test(document, options))


def _test(document: str, options: Mapping[str, Json]) -> int:
    from understudy.contracts.cli import serving_app
    from understudy.contracts.reports import FILE_NAMES, load_report
    from understudy.contracts.running.standing import Policy
    from understudy.contracts.running.waivers import read_waivers
    from understudy.specs.catalog import load_api

    formats = read_formats(options["formats"], tuple(FILE_NAMES))
    api = load_api(document, overlays=options["overlays"])
    earlier = load_report(options["replay"]) if options["replay"] else None
    policy = Policy(
        today=datetime.now(UTC).date(),
        least=Severity(options["fail_on"]),
        waivers=read_waivers(options["waivers"]) if options["waivers"] else (),
        baseline=load_report(options["baseline"]) if options["baseline"] else None,
    )
    with ExitStack() as stack:
        if options["app"] is not None:
            url = stack.enter_context(serving_app(options["app"]))
        else:
            url = options["url"] or _own_url(document, api)
        settings = _settings(options, api, url)
        if options["is_plan"]:
            from understudy.contracts.running.planning import tell_plan
            from understudy.contracts.sending.credentials import redaction_for

            redaction = redaction_for(api, settings.credentials, settings.headers, settings.other_credentials)
            for line in tell_plan(api, url, settings, redaction):
                click.echo(line)
            return 0
        if earlier is not None:
            from understudy.contracts.replaying.replay import replay

            events = replay(api, earlier, url, settings, only=options["only"], document=document)
        elif options["workers"] > 1:
            from understudy.contracts.running.parallel import run_checks_in_parallel

            workers, overlays = options["workers"], options["overlays"]
            events = run_checks_in_parallel(api, url, settings, workers, document=document, overlays=overlays)
        else:
            from understudy.contracts.running.runner import run_checks

            events = run_checks(api, url, settings, document=document)
        return run_and_report(
            api,
            events,
            settings,
            formats=formats,
            directory=options["out"],
            policy=policy,
            color=not options["no_color"],
            quiet=options["quiet"],
        )


def _settings(options: Mapping[str, Json], api: Api, url: str) -> Settings:
    """The settings that the options stand for, with what has to be asked for before a run."""
    settings = settings_of(options, url)
    if options["hooks"]:
        from understudy.contracts.sending.hooks import with_hooks

        settings = with_hooks(settings, options["hooks"], url)
    if options["login"] and not options["is_plan"]:
        from understudy.contracts.sending.login import log_in

        settings = log_in(api, url, settings, options["login"], options["login_env"])
    return settings


def _own_url(document: str, api: Api) -> str:
    """Where an API is that gives out its document itself.

    Raises:
        UsageError: The document doesn't come from one of its own servers: none is called that the user didn't name.
    """
    url = find_url_beside(document, api.servers)
    if url is None:
        named = next((f"; its first server is {each.expand()}" for each in api.servers if each.url != "/"), "")
        raise click.UsageError(f"which API? Give --url, or --app{named}")
    return url


def run_and_report(
    api: Api,
    events: Iterator[Event],
    settings: Settings,
    *,
    formats: tuple[str, ...],
    directory: Path,
    policy: Policy | None = None,
    color: bool = True,
    quiet: bool = False,
) -> int:
    """Feed a run's events to the terminal, write its reports, and give the exit code."""
    from rich.console import Console

    from understudy.contracts.commands.terminal import Terminal
    from understudy.contracts.commands.terminal_summary import print_summary
    from understudy.contracts.reports import view_run, write_reports
    from understudy.contracts.running.standing import stand
    from understudy.contracts.sending.credentials import redaction_for

    console = Console(no_color=not color, highlight=False)
    redaction = redaction_for(api, settings.credentials, settings.headers, settings.other_credentials)
    with Terminal(console, redaction, quiet=quiet) as terminal:
        run = follow(events, terminal)
    if policy is not None:
        run = stand(run, policy)
    written = write_reports(run, formats, directory, redaction)
    print_summary(console, view_run(run, redaction), written)
    return run.exit_code or (5 if _failed(written) else 0)


def follow(events: Iterator[Event], terminal: Terminal) -> Run:
    """Feed a run's events to the terminal, to their end or until the user interrupts; the run says which it was."""
    from understudy.contracts.running.folding import VerdictFold

    verdicts = VerdictFold()
    # An interrupt between two events: what is known so far is a run that was cut short.
    with _terminating(), suppress(KeyboardInterrupt):
        for event in events:
            verdicts.feed(event)
            terminal.feed(event)
    return verdicts.run()


def _failed(written: tuple[Written, ...]) -> bool:
    return any(each.error for each in written)


@contextmanager
def _terminating() -> Iterator[None]:
    """While the block runs, SIGTERM interrupts as Ctrl-C does; signals reach the main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """A run that is told to end writes its report, as one that the user interrupts does."""
    raise KeyboardInterrupt


def _list_claims() -> None:
    from understudy.contracts.running.plan import select_claims

    for claim in select_claims(()):
        click.echo(f"{claim.id}  [{claim.severity.value}]  {claim.title}")
        click.echo(f"    {claim.documentation}\n    {claim.clause}")
