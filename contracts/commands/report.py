"""`understudy report`: look at reports, put them together, compare them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

__all__ = ["report"]

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group()
def report() -> None:
    """Show, merge and compare JSON reports."""


@report.command()
@click.argument("file", type=_FILE)
@click.option("--no-color", is_flag=True, help="No colours.")
@click.pass_context
def show(context: click.Context, file: Path, no_color: bool) -> None:
    """Show the summary of a JSON report; ends as the run did."""
    from rich.console import Console

    from understudy.contracts.commands.terminal_summary import print_summary
    from understudy.contracts.reports import load_report, view_run

    run = load_report(file)
    print_summary(Console(no_color=no_color, highlight=False), view_run(run))
    context.exit(run.exit_code)


@report.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option("--report", "formats", default="html,json", show_default=True, metavar="FORMATS",
              help="html, json, junit, markdown, sarif.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("understudy-report"),
              show_default=True, help="Where the reports go.")  # fmt: skip
@click.option("--no-color", is_flag=True, help="No colours.")
@click.pass_context
def merge(context: click.Context, files: tuple[Path, ...], formats: str, out: Path, no_color: bool) -> None:
    """Make one report of the reports of several shards; ends as one run of all of them would."""
    from rich.console import Console

    from understudy.contracts.commands.terminal_summary import print_summary
    from understudy.contracts.reports import load_report, view_run, write_reports
    from understudy.contracts.running.merging import merge_runs
    from understudy.contracts.secrecy.redaction import Redaction

    run = merge_runs([load_report(file) for file in files])
    names = tuple(dict.fromkeys(part.strip() for part in formats.split(",") if part.strip()))
    written = write_reports(run, names, out, Redaction())
    print_summary(Console(no_color=no_color, highlight=False), view_run(run), written)
    context.exit(run.exit_code or (5 if any(each.error for each in written) else 0))


@report.command()
@click.argument("before", type=_FILE)
@click.argument("after", type=_FILE)
@click.option("--no-color", is_flag=True, help="No colours.")
@click.pass_context
def compare(context: click.Context, before: Path, after: Path, no_color: bool) -> None:
    """Tell what is new, what is fixed and what stayed between two JSON reports; ends 1 when something is new."""
    from rich.console import Console

    from understudy.contracts.commands.terminal_summary import print_summary
    from understudy.contracts.reports import load_report, view_run
    from understudy.contracts.running.standing import Policy, stand

    run = stand(load_report(after), Policy(today=datetime.now(UTC).date(), baseline=load_report(before)))
    print_summary(Console(no_color=no_color, highlight=False), view_run(run))
    context.exit(run.exit_code)
