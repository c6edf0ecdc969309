"""`understudy proxy`: a witness between a client and a live API."""

from __future__ import annotations

import logging
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from understudy.contracts.commands.option_values import read_formats, read_seconds
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from understudy.contracts.proxy.overhearing import Overheard
    from understudy.contracts.proxy.recording import Recording
    from understudy.contracts.secrecy.redaction import Redaction

__all__ = ["proxy"]


@click.command()
@click.argument("document", metavar="SPEC")
@click.option("--upstream", "-u", required=True, metavar="URL", help="Base URL of the live API; it replaces the "
              "document's servers.")  # fmt: skip
@click.option("--host", "-h", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", "-p", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one."
)
@click.option("--errors", is_flag=True, help="Refuse invalid requests, and replace invalid answers, with problem+json.")
@click.option("--record", type=click.Path(dir_okay=False, path_type=Path), help="Write valid traffic as named examples "
              "into an OpenAPI Overlay, for `understudy mock SPEC --overlay`.")  # fmt: skip
@click.option("--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the "
              "document.")  # fmt: skip
@click.option("--timeout", default="30s", show_default=True, metavar="TIME", help="How long the API may be silent.")
@click.option("--report", "formats", default="html,json", show_default=True, metavar="FORMATS",
              help="At the end: html, json, junit, markdown, sarif; none writes none.")  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("understudy-report"),
              show_default=True, help="Where the reports go.")  # fmt: skip
@click.option("--no-color", is_flag=True, help="No colours.")
@click.option("--quiet", "-q", is_flag=True, help="No line for each request.")
@click.pass_context
def proxy(
    context: click.Context,
    /,
    document: str,
    upstream: str,
    host: str,
    port: int,
    errors: bool,
    record: Path | None,
    overlays: tuple[str, ...],
    timeout: str,
    formats: str,
    out: Path,
    no_color: bool,
    quiet: bool,
) -> None:
    """Pass traffic on to a live API, and say where requests and answers break the document.

    Answers carry what is wrong in the header `sl-violations`. Ends, when it is interrupted, as a test with these
    exchanges would: 1 when the API broke its document.
    """
    from rich.console import Console

    from understudy.contracts.checking import exchange_checks
    from understudy.contracts.commands.terminal_summary import print_summary
    from understudy.contracts.events import RunFinished
    from understudy.contracts.proxy.overhearing import Witness
    from understudy.contracts.proxy.passing import create_proxy
    from understudy.contracts.proxy.recording import Recording
    from understudy.contracts.proxy.traffic import Traffic
    from understudy.contracts.reports import FILE_NAMES, view_run, write_reports
    from understudy.contracts.running.folding import VerdictFold
    from understudy.contracts.running.plan import select_claims
    from understudy.contracts.sending.credentials import redaction_for
    from understudy.specs.catalog import load_api

    names = read_formats(formats, tuple(FILE_NAMES))
    api = load_api(document, overlays=overlays)
    select_claims(())  # the checks are there once their modules are
    checks = exchange_checks()
    redaction = redaction_for(api, {})
    recording = Recording(api, redaction) if record is not None else None
    traffic = Traffic(api, document, upstream, [each.claim for each in checks], datetime.now(UTC))
    fold = VerdictFold()
    fold.feed(traffic.start)

    def tell(heard: Overheard) -> None:
        for event in traffic.events(heard):
            fold.feed(event)
        if recording is not None:
            recording.take(heard)
        if not quiet:
            _print(heard, redaction)

    app = create_proxy(
        api, upstream, Witness(checks), tell=tell, refuses=errors, seconds=read_seconds("--timeout", timeout)
    )
    began = time.perf_counter()
    _serve(app, host, port, f"{api.title} {api.version}".strip(), upstream)
    for event in (*traffic.notes(), RunFinished((time.perf_counter() - began) * 1000)):
        fold.feed(event)
    run = fold.run()
    written = write_reports(run, names, out, redaction)
    print_summary(Console(no_color=no_color, highlight=False), view_run(run, redaction), written)
    if recording is not None and record is not None:
        _write(recording, record)
    context.exit(1 if run.open_findings else 0)


def _serve(app: Starlette, host: str, port: int, name: str, upstream: str) -> None:
    import uvicorn

    from understudy.contracts.cli import listening

    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    with listening(app, host, port) as (sock, config):
        # They come from the API.
        config.server_header = config.date_header = False
        shown = f"[{host}]" if ":" in host else host
        click.echo(f"{name} at http://{shown}:{sock.getsockname()[1]}, passed on to {upstream}")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[sock])


def _print(heard: Overheard, redaction: Redaction) -> None:
    exchange = heard.exchange
    case = redaction.case(exchange.case)
    status = str(exchange.answer.status) if exchange.answer else "---"
    elapsed = f"  {exchange.answer.elapsed_ms:.0f} ms" if exchange.answer else f"  {exchange.error}"
    click.echo(f"{case.method} {case.target}  {status}{elapsed}")
    for each in heard.violations:
        click.echo(redaction.text(f"  {each['where']}: {each['code']}: {each['message']}"))


def _write(recording: Recording, record: Path) -> None:
    from understudy.contracts.wording import count

    try:
        record.write_text(recording.write(), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError("--record", str(record), f"a file that can be written ({error.strerror})") from error
    click.echo(f"recorded: {record}, {count(len(recording), 'example')}")
