"""`understudy mock`: serve documents."""

from __future__ import annotations

import logging
import sys
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from understudy.mockserver.durations import parse_duration, parse_range
from understudy.mockserver.option_values import read_option, read_seed, read_time
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.app import Mounted
    from understudy.mockserver.reloading import Load
    from understudy.mockserver.served import Observer
    from understudy.mockserver.settings import Settings

__all__ = ["mock"]


@click.command()
@click.argument("documents", metavar="SPEC[@/PREFIX]...", nargs=-1, required=True)
@click.option("--host", "-h", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", "-p", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one."
)
@click.option("--seed", default="0", show_default=True, help="A number, or `random` for another draw each time.")
@click.option("--clock", metavar="TIME", help="The time it always is, such as 2024-03-04T09:00:00Z.")
@click.option(
    "--validate",
    type=click.Choice(["reject", "report", "off"]),
    default="reject",
    show_default=True,
    help="What becomes of an invalid request.",
)
@click.option("--cors/--no-cors", default=True, show_default=True, help="Let pages of other origins use the mock.")
@click.option("--dynamic", "-d", is_flag=True, help="Make up bodies although there are examples.")
@click.option("--errors", is_flag=True, help="Answer invalid requests with problem+json, whatever is documented.")
@click.option("--latency", default="0", metavar="TIME[..TIME]", help="Wait before each answer: 20ms, or 20ms..80ms.")
@click.option("--pace", default="20ms", show_default=True, metavar="TIME", help="Between two items of a stream.")
@click.option(
    "--max-body", default=100, show_default=True, metavar="MIB", type=click.IntRange(1, 4096), help="The largest body."
)
@click.option(
    "--state",
    default="memory",
    show_default=True,
    metavar="STORE",
    help="Where records are kept: memory, sqlite:///FILE or redis://HOST.",
)
@click.option(
    "--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the document."
)
@click.option("--stateless", is_flag=True, help="Keep no records: every answer is the document's.")
@click.option(
    "--limits",
    type=click.Choice(["report", "enforce"]),
    default="report",
    show_default=True,
    help="What becomes of calls over a declared rate limit: answered all the same, or 429.",
)
@click.option(
    "--scenario", metavar="FILE[#NAME]", default="", help="Begin in a named situation; the control API changes it."
)
@click.option(
    "--control/--no-control", default=True, show_default=True, help="Inspector and control API under /__understudy/."
)
@click.option(
    "--control-token",
    metavar="TOKEN",
    envvar="UNDERSTUDY_CONTROL_TOKEN",
    default="",
    help="Let who shows this bearer token control the mock, from anywhere; better in UNDERSTUDY_CONTROL_TOKEN.",
)
@click.option(
    "--callbacks",
    type=click.Choice(["off", "loopback", "any"]),
    default="loopback",
    show_default=True,
    help="Where the callbacks that the document describes are sent.",
)
@click.option(
    "--engine",
    type=click.Choice(["understudy", "prism"]),
    default="understudy",
    show_default=True,
    help="Serve with another mock server, for a second opinion.",
)
@click.option("--prism", metavar="PROGRAM", help="Where Prism is, for `--engine prism`; else it is looked for.")
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1, 64),
    help="Processes that serve as one; records must then be kept where all find them (--state).",
)
@click.option(
    "--multiprocess", "-m", is_flag=True, help="Prism's flag: a worker for each processor, as far as --state allows."
)
@click.option(
    "--watch", "is_watched", is_flag=True, help="Read documents, overlays and scenarios again when they change."
)
@click.option("--no-cache", is_flag=True, help="Don't keep parsed documents between runs.")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="info",
    show_default=True,
    help="`info` shows a line for each request.",
)
def mock(
    documents: tuple[str, ...],
    host: str,
    port: int,
    seed: str,
    clock: str | None,
    validate: str,
    cors: bool,
    dynamic: bool,
    errors: bool,
    latency: str,
    pace: str,
    max_body: int,
    state: str,
    overlays: tuple[str, ...],
    stateless: bool,
    limits: str,
    scenario: str,
    control: bool,
    control_token: str,
    callbacks: str,
    engine: str,
    prism: str | None,
    workers: int,
    multiprocess: bool,
    is_watched: bool,
    no_cache: bool,
    log_level: str,
) -> None:
    """Serve documents as mock servers, all on one port.

    Ends 2 when the port is taken, 3 when a document can't be used.
    """
    from understudy.mockserver.app import Mock
    from understudy.mockserver.load_report import reporting
    from understudy.mockserver.mounting import mount
    from understudy.mockserver.settings import (
        SYSTEM_CLOCK,
        Bodies,
        Callbacks,
        ControlAccess,
        Cors,
        ErrorBodies,
        Limits,
        RateLimits,
        Records,
        Settings,
        Validation,
        fixed_clock,
    )

    settings = Settings(
        seed=read_seed(seed),
        clock=fixed_clock(read_time(clock)) if clock is not None else SYSTEM_CLOCK,
        latency=read_option("--latency", latency, parse_range),
        pace=read_option("--pace", pace, parse_duration),
        validation=Validation(validate),
        bodies=Bodies.GENERATED if dynamic else Bodies.EXAMPLES,
        errors=ErrorBodies.DELIBERATE if errors else ErrorBodies.DOCUMENTED,
        cors=Cors.REFLECT if cors else Cors.OFF,
        limits=Limits(body_bytes=max_body * 1024**2),
        rate_limits=RateLimits(limits),
        records=Records.NONE if stateless else Records.INFERRED,
        state=state,
        control=ControlAccess(token=control_token) if control else None,
        scenario=scenario,
        callbacks=Callbacks(callbacks),
    )
    logging.basicConfig(level=log_level.upper(), format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLogger().level))
    cache = None if no_cache else Path(click.get_app_dir("understudy")) / "documents"
    if is_watched and (workers > 1 or multiprocess or engine == "prism"):
        given = "--engine prism" if engine == "prism" else "--multiprocess" if multiprocess else f"--workers {workers}"
        raise UsageError("--watch", given, "--workers 1: one process of our own, where all requests see one document")
    from understudy.mockserver.log_lines import print_line

    observer = print_line if log_level in ("debug", "info") else None
    if is_watched:
        _serve_watched(
            lambda draw: Mock(mount(documents, overlays, cache), settings, observer, draw),
            host,
            port,
            log_level != "error",
            cache,
        )
        return
    mounted = mount(documents, overlays, cache)
    if engine == "prism":
        if workers > 1:
            raise UsageError("--workers", workers, "1 with --engine prism, which has one process")
        _serve_by_prism(mounted, settings, host, port, prism)
        return
    judged = [each.api.files[0] for each in mounted] if log_level != "error" else []
    with reporting(judged, cache) if judged else nullcontext():
        _serve(mounted, settings, host, port, observer, None if multiprocess and workers == 1 else workers)


def _count_workers(wanted: int | None, keeping: tuple[str, ...], settings: Settings) -> int:
    from understudy.mockserver.workers import check_workers, count_workers

    if wanted is None:
        wanted = count_workers(keeping, settings)
        click.echo(f"--multiprocess: {wanted} {'worker' if wanted == 1 else 'workers'}; --workers says how many")
    check_workers(wanted, keeping, settings)
    return wanted


def _serve(
    mounted: list[Mounted], settings: Settings, host: str, port: int, observer: Observer | None, workers: int | None
) -> None:
    from understudy.mockserver.app import Mock, as_application
    from understudy.mockserver.introducing import introduction
    from understudy.mockserver.running import Server, bind, settle_memory, uvicorn_config

    served = Mock(mounted, settings, observer)
    app = as_application(served)
    count = _count_workers(workers, served.keeping, settings) if workers != 1 else 1
    sock = bind(host, port)
    for line in introduction(mounted, settings, sock, host):
        click.echo(line)
    methods = [operation.method for each in mounted for operation in each.api.operations]
    settle_memory()
    try:
        if count == 1:
            Server(uvicorn_config(app, methods), served.stop_following).run(sockets=[sock])
        else:
            from understudy.mockserver.workers import serve_by_workers

            serve_by_workers(count, app, mounted, settings, observer, sock, methods, partial(click.echo, err=True))
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()


def _serve_watched(load: Load, host: str, port: int, is_judged: bool, cache: Path | None) -> None:
    from understudy.mockserver.app import Mounted
    from understudy.mockserver.introducing import introduction
    from understudy.mockserver.load_report import reporting
    from understudy.mockserver.reloading import Reloading
    from understudy.mockserver.running import Server, bind, uvicorn_config

    app = Reloading(load)
    if not app.seen:
        raise UsageError("--watch", "documents by URL only", "at least one document in a file")
    sock = bind(host, port)
    served = [Mounted(each.api, each.prefix) for each in app.mock.controls.apis]
    for line in introduction(served, app.mock.settings, sock, host):
        click.echo(line)
    click.echo(f"  watching {len(app.seen)} {'file' if len(app.seen) == 1 else 'files'}")
    judged = [each.api.files[0] for each in served] if is_judged else []
    try:
        with reporting(judged, cache) if judged else nullcontext():
            # Any edit may bring a method that only the general parser takes.
            Server(uvicorn_config(app, ["*"]), app.stop_following).run(sockets=[sock])
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()


def _serve_by_prism(mounted: list[Mounted], settings: Settings, host: str, port: int, program: str | None) -> None:
    from understudy.mockserver.prism import run_prism

    if len(mounted) > 1 or mounted[0].prefix:
        raise UsageError("--engine", "prism", "one document without a prefix; Prism serves no more")
    api = mounted[0].api
    click.echo(f"{click.style(api.name, bold=True)}  {len(api.operations)} operations by Prism at http://{host}:{port}")
    run_prism(api, host, port, settings=settings, program=program, observe=click.echo)
