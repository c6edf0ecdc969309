"""`understudy report`: look at reports."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["report"]


@click.group()
def report() -> None:
    """Show reports."""


@report.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--no-color", is_flag=True, help="No colours.")
@click.pass_context
def show(context: click.Context, file: Path, no_color: bool) -> None:
    """Show the summary of a JSON report; ends as the run did."""
    from rich.console import Console

    from understudy.contracts.reports import load_report, view_run
    from understudy.contracts.terminal_summary import print_summary

    run = load_report(file)
    print_summary(Console(no_color=no_color, highlight=False), view_run(run))
    context.exit(run.exit_code)
