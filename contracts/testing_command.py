"""`understudy test`: options to settings, events to the terminal and to reports."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from understudy.contracts.claims import Severity
from understudy.contracts.option_values import (
    find_proxy,
    read_credential,
    read_formats,
    read_header,
    read_rate,
    read_seconds,
)
from understudy.contracts.settings import Profile, Settings
from understudy.specs.errors import TargetError

if TYPE_CHECKING:
    from understudy.contracts.events import Event
    from understudy.contracts.reports import Written
    from understudy.contracts.standing import Policy
    from understudy.contracts.terminal import Terminal
    from understudy.contracts.verdict import Run
    from understudy.specs.documents.document import Json
    from understudy.specs.model import Api

__all__ = ["follow", "run_and_report", "test"]


@click.command()
@click.argument("document", metavar="SPEC", required=False)
@click.option("--url", help="Base URL of the live API; it replaces the document's servers.")
@click.option("--app", metavar="MODULE:APP", help="Serve this ASGI application on a loopback socket, and test it.")
@click.option("--profile", type=click.Choice([each.value for each in Profile]), default="standard", show_default=True)
@click.option("--max-time", metavar="TIME", help="For the whole run: 90s, 5m. The profile's unless said.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed sends the same requests.")
@click.option(
    "--include", multiple=True, metavar="PATTERN", help="Operations: operationId, label, path or tag, with * and ?."
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Operations to leave out.")
@click.option(
    "--claims", multiple=True, metavar="PATTERN", help="Claims to judge, comma-separated; !PATTERN takes away."
)
@click.option("--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request.")
@click.option("--auth-env", multiple=True, metavar="[SCHEME=]VARIABLE", help="Environment variable with a credential.")
@click.option("--rate", metavar="N[/s|/m|/h]", help="Requests at most: 10/s, 600/m.")
@click.option("--timeout", default="10s", show_default=True, metavar="TIME", help="For one answer.")
@click.option("--report", "formats", default="html,json", show_default=True, metavar="FORMATS",
              help="html, json, junit, markdown, sarif; none writes none.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("understudy-report"),
              show_default=True, help="Where the reports go.")  # fmt: skip
@click.option(
    "--replay", type=click.Path(dir_okay=False, path_type=Path), help="Send the findings of a JSON report again."
)
@click.option("--waivers", metavar="FILE", help="Findings that don't fail the run, each with a reason and a last day.")
@click.option(
    "--baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An earlier JSON report: only what is new fails.",
)
@click.option("--fail-on", type=click.Choice([each.value for each in Severity]), default="low", show_default=True,
              help="The least severity that fails the run.")  # fmt: skip
@click.option("--only", multiple=True, metavar="FINGERPRINT", help="With --replay: these findings only.")
@click.option("--list-claims", is_flag=True, help="Show every claim, and end.")
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--quiet", "-q", is_flag=True, help="Show the summary only.")
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
    if (options["url"] is None) == (options["app"] is None):
        raise click.UsageError("give either --url or --app")
    context.exit(_test(document, options))


def _test(document: str, options: Mapping[str, Json]) -> int:
    from understudy.contracts.cli import serving_app
    from understudy.contracts.reports import FILE_NAMES, load_report
    from understudy.contracts.standing import Policy
    from understudy.contracts.waivers import read_waivers
    from understudy.specs.catalog import load_api

    formats = read_formats(options["formats"], tuple(FILE_NAMES))
    api = load_api(document)
    earlier = load_report(options["replay"]) if options["replay"] else None
    policy = Policy(
        today=datetime.now(UTC).date(),
        least=Severity(options["fail_on"]),
        waivers=read_waivers(options["waivers"]) if options["waivers"] else (),
        baseline=load_report(options["baseline"]) if options["baseline"] else None,
    )
    with ExitStack() as stack:
        url = options["url"] or stack.enter_context(serving_app(options["app"]))
        settings = _settings(options, url)
        if earlier is not None:
            from understudy.contracts.replay import replay

            events = replay(api, earlier, url, settings, only=options["only"], document=document)
        else:
            from understudy.contracts.runner import run_checks

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
    """Feed a run's events to the terminal, write its reports, and give the exit code.

    Raises:
        TargetError: The target couldn't be reached; the reports are written before.
    """
    from rich.console import Console

    from understudy.contracts.credentials import redaction_for
    from understudy.contracts.reports import view_run, write_reports
    from understudy.contracts.standing import stand
    from understudy.contracts.terminal import Terminal
    from understudy.contracts.terminal_summary import print_summary

    console = Console(no_color=not color, highlight=False)
    redaction = redaction_for(api, settings.credentials, settings.headers)
    with Terminal(console, redaction, quiet=quiet) as terminal:
        run, unreachable = follow(events, terminal)
    if policy is not None:
        run = stand(run, policy)
    written = write_reports(run, formats, directory, redaction)
    if unreachable is not None:
        for each in written:
            click.echo(each.error or f"{each.name}: {each.path}", err=bool(each.error))
        raise unreachable
    print_summary(console, view_run(run, redaction), written)
    return run.exit_code or (5 if _failed(written) else 0)


def follow(events: Iterator[Event], terminal: Terminal) -> tuple[Run, TargetError | None]:
    """Feed a run's events to the terminal, to their end or until the user interrupts.

    Returns:
        The run, which is interrupted when it was, and why the target couldn't be reached.
    """
    from understudy.contracts.folding import VerdictFold

    verdicts = VerdictFold()
    unreachable: TargetError | None = None
    with _terminating():
        try:
            for event in events:
                verdicts.feed(event)
                terminal.feed(event)
        except TargetError as error:
            unreachable = error
        except KeyboardInterrupt:
            # Between two events; what is known so far is a run that was cut short.
            pass
    return verdicts.run(), unreachable


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
    from understudy.contracts.plan import select_claims

    for claim in select_claims(()):
        click.echo(f"{claim.id}  [{claim.severity.value}]  {claim.title}")
        click.echo(f"    {claim.documentation}\n    {claim.clause}")


def _settings(options: Mapping[str, Json], url: str) -> Settings:
    return Settings(
        seed=options["seed"],
        profile=Profile(options["profile"]),
        max_seconds=read_seconds("--max-time", options["max_time"]) if options["max_time"] else None,
        rate=read_rate(options["rate"]) if options["rate"] else None,
        include=options["include"],
        exclude=options["exclude"],
        claims=tuple(part.strip() for each in options["claims"] for part in each.split(",") if part.strip()),
        headers=tuple(read_header(each) for each in options["headers"]),
        credentials=dict(read_credential(each) for each in options["auth_env"]),
        request_seconds=read_seconds("--timeout", options["timeout"]),
        proxy=find_proxy(url),
    )
