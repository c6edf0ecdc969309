"""`understudy mock`: serve documents."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from understudy.mockserver.mocking_options import mock_options, settings_of
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.mockserver.mock import Mounted
    from understudy.mockserver.serving.served import Observer
    from understudy.mockserver.settings import Settings
    from understudy.specs.documents.document import Json
    from understudy.specs.model import Api

__all__ = ["mock"]


@click.command()
@click.argument("documents", metavar="SPEC[@/PREFIX]...", nargs=-1, required=True)
@mock_options
def mock(documents: tuple[str, ...], **options: Json) -> None:
    """Serve documents as mock servers, all on one port.

    Ends 2 when the port is taken, 3 when a document can't be used.
    """
    settings = settings_of(options)
    _log(options["log_level"])
    cache = None if options["no_cache"] else Path(click.get_app_dir("understudy")) / "documents"
    _check_processes(options)
    if options["is_watched"]:
        _serve_watched(documents, options, settings, cache)
        return
    from understudy.mockserver.serving.mounting import mount

    mounted = mount(documents, options["overlays"], cache)
    if options["engine"] == "prism":
        _serve_by_prism(mounted, settings, options["host"], options["port"], options["prism"])
        return
    with _judging([each.api for each in mounted], options["log_level"], cache):
        _serve(mounted, settings, options)


def _log(level: str) -> None:
    logging.basicConfig(level=level.upper(), format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("uvicorn").setLevel(max(logging.WARNING, logging.getLogger().level))


def _observer(level: str) -> Observer | None:
    from understudy.mockserver.serving.log_lines import print_line

    return print_line if level in ("debug", "info") else None


def _check_processes(options: Mapping[str, Json]) -> None:
    """Raise `UsageError` where what was asked for takes one process of our own, and others were asked for, too."""
    workers, is_prism = options["workers"], options["engine"] == "prism"
    many = "--multiprocess" if options["multiprocess"] else f"--workers {workers}" if workers > 1 else ""
    if options["is_watched"] and (many or is_prism):
        given = "--engine prism" if is_prism else many
        raise UsageError("--watch", given, "--workers 1: one process of our own, where all requests see one document")
    if is_prism and workers > 1:
        raise UsageError("--workers", workers, "1 with --engine prism, which has one process")


def _judging(apis: Sequence[Api], level: str, cache: Path | None) -> AbstractContextManager[object]:
    """While the block runs, what is wrong with the documents is found and told."""
    from understudy.mockserver.serving.load_report import reporting

    return reporting([api.files[0] for api in apis], cache) if level != "error" and apis else nullcontext()


def _count_workers(wanted: int | None, keeping: tuple[str, ...], settings: Settings) -> int:
    from understudy.mockserver.serving.workers import check_workers, count_workers

    if wanted is None:
        wanted = count_workers(keeping, settings)
        click.echo(f"--multiprocess: {wanted} {'worker' if wanted == 1 else 'workers'}; --workers says how many")
    check_workers(wanted, keeping, settings)
    return wanted


def _serve(mounted: list[Mounted], settings: Settings, options: Mapping[str, Json]) -> None:
    from understudy.mockserver.app import as_application
    from understudy.mockserver.mock import Mock
    from understudy.mockserver.serving.introducing import introduction
    from understudy.mockserver.serving.running import Server, bind, settle_memory, uvicorn_config

    observer = _observer(options["log_level"])
    served = Mock(mounted, settings, observer)
    app = as_application(served)
    workers = None if options["multiprocess"] and options["workers"] == 1 else options["workers"]
    count = _count_workers(workers, served.keeping, settings) if workers != 1 else 1
    sock = bind(options["host"], options["port"])
    for line in introduction(mounted, settings, sock, options["host"]):
        click.echo(line)
    methods = [operation.method for each in mounted for operation in each.api.operations]
    settle_memory()
    try:
        if count == 1:
            Server(uvicorn_config(app, methods), served.stop_following).run(sockets=[sock])
        else:
            from understudy.mockserver.serving.workers import serve_by_workers

            serve_by_workers(count, app, mounted, settings, observer, sock, methods, partial(click.echo, err=True))
    except KeyboardInterrupt:
        pass
    finally:
        sock.close()


def _serve_watched(
    documents: tuple[str, ...], options: Mapping[str, Json], settings: Settings, cache: Path | None
) -> None:
    from understudy.mockserver.mock import Mock, Mounted
    from understudy.mockserver.serving.introducing import introduction
    from understudy.mockserver.serving.mounting import mount
    from understudy.mockserver.serving.reloading import Reloading
    from understudy.mockserver.serving.running import Server, bind, uvicorn_config

    observer = _observer(options["log_level"])
    app = Reloading(lambda draw: Mock(mount(documents, options["overlays"], cache), settings, observer, draw))
    if not app.seen:
        raise UsageError("--watch", "documents by URL only", "at least one document in a file")
    sock = bind(options["host"], options["port"])
    served = [Mounted(each.api, each.prefix) for each in app.mock.controls.apis]
    for line in introduction(served, app.mock.settings, sock, options["host"]):
        click.echo(line)
    click.echo(f"  watching {len(app.seen)} {'file' if len(app.seen) == 1 else 'files'}")
    try:
        with _judging([each.api for each in served], options["log_level"], cache):
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
