"""`understudy demo`: serve each shipped document, test it over HTTP, and leave the reports with an index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import click

from understudy.contracts.settings import Profile, Settings

if TYPE_CHECKING:
    from rich.console import Console

    from understudy.contracts.verdict import Run
    from understudy.specs.model import Api

__all__ = ["demo"]

FORMATS: Final = ("html", "json", "junit", "markdown")


@final
@dataclass(frozen=True, slots=True)
class _Tested:
    """A document that was tested: its run, and where its reports lie."""

    name: str
    run: Run
    directory: Path


@click.command()
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("understudy-demo"),
              show_default=True, help="Where the reports go.")  # fmt: skip
@click.option("--profile", type=click.Choice([each.value for each in Profile]), default="quick", show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed sends the same requests.")
@click.pass_context
def demo(context: click.Context, /, out: Path, profile: str, seed: int) -> None:
    """Serve each shipped document as a mock, test it over HTTP, and write the reports."""
    from rich.console import Console

    from understudy.specs.catalog import SHIPPED, load_api

    console = Console(highlight=False)
    settings = Settings(seed=seed, profile=Profile(profile))
    tested: list[_Tested] = []
    for name in SHIPPED:
        tested.append(_test(load_api(name), settings, out / name, console))
        if tested[-1].run.interrupted:
            break
    index = out / "index.html"
    index.write_text(_index(tested), encoding="utf-8", newline="\n")
    for each in tested:
        click.echo(_line(each))
    click.echo(f"\nreports: {index.resolve()}")
    context.exit(max((each.run.exit_code for each in tested), default=0))


def _test(api: Api, settings: Settings, directory: Path, console: Console) -> _Tested:
    from understudy.contracts.commands.terminal import Terminal
    from understudy.contracts.commands.testing import follow
    from understudy.contracts.reports import write_reports
    from understudy.contracts.running.runner import run_checks
    from understudy.contracts.sending.credentials import redaction_for
    from understudy.mockserver.serving.running import running

    redaction = redaction_for(api, settings.credentials, settings.headers, settings.other_credentials)
    with running(api) as mock, Terminal(console, redaction) as terminal:
        run = follow(run_checks(api, mock.url, settings, document=api.name), terminal)
    for written in write_reports(run, FORMATS, directory, redaction):
        if written.error:
            click.echo(f"understudy: not written: {written.error}", err=True)
    console.print()
    return _Tested(api.name, run, directory)


def _line(each: _Tested) -> str:
    from understudy.contracts.reports.conclusion import outcome
    from understudy.contracts.wording import count

    run = each.run
    facts = f"{count(len(run.operations), 'operation')}, {count(run.cases, 'case')}, {run.elapsed_ms / 1000:.0f} s"
    return f"{outcome(run.exit_code):<8} {each.name:<14} {count(len(run.findings), 'finding')}; {facts}"


def _index(tested: Sequence[_Tested]) -> str:
    from understudy.contracts.commands.demo_index import Entry, render_index

    return render_index(Entry(each.name, each.run, f"{each.directory.name}/report.html") for each in tested)
