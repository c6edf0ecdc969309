"""The command `understudy`: what is asked for is imported, and nothing else."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from understudy.specs.errors import SuiteError, UsageError

if TYPE_CHECKING:
    from socket import socket

    from starlette.types import ASGIApp
    from uvicorn import Config

__all__ = ["cli", "listening", "main", "serving_app"]

_COMMANDS: Final = {
    "mock": ("understudy.mockserver.cli:mock", "Serve documents as a mock API."),
    "test": ("understudy.contracts.commands.testing:test", "Test a live API against its document."),
    "proxy": ("understudy.contracts.proxy.command:proxy", "Pass traffic on, and say where it breaks the document."),
    "report": ("understudy.contracts.commands.report:report", "Show reports."),
    "specs": ("understudy.specs.cli:specs", "List, check, show and convert OpenAPI documents."),
    "demo": ("understudy.contracts.commands.demo:demo", "Serve each shipped document, test it, and write the reports."),
}
"""Name → where the command is, and its line in the overview: helping must not import them all."""

_FILES: Final = ("understudy.toml", "pyproject.toml")
"""Where options may stand, too."""

BROKEN_PIPE: Final = 141
INTERRUPTED: Final = 130


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module, _, attribute = _COMMANDS[name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the defaults that a file in this folder gives."""
        name, command, rest = super().resolve_command(context, arguments)
        # Help must be had even where the file is wrong; and where there is none, nothing is paid for it.
        if name and command is not None and "--help" not in rest and any(Path(each).is_file() for each in _FILES):
            from understudy.contracts.commands.configuration import find_configuration, read_defaults

            found = find_configuration(Path.cwd())
            if found is not None and name in found.tables:
                place = found.place(name)
                context.default_map = {name: read_defaults(command, found.tables[name], place, os.environ)}
        return name, command, rest

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in _COMMANDS.items()])


def _version() -> str:
    try:
        return metadata.version("understudy")
    except metadata.PackageNotFoundError:
        return "not installed"


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(_version(), prog_name="understudy", message="%(prog)s %(version)s")
def cli() -> None:
    """A mock server and contract tests, both from an OpenAPI document.

    SPEC is a shipped document's name (see `understudy specs list`), a path or a URL.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code. What goes wrong is one line on standard error, without a traceback.

    Args:
        arguments: Without the program's name; None takes those of the process.
    """
    output = sys.stdout
    try:
        result = cli.main(None if arguments is None else list(arguments), "understudy", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("understudy: interrupted", err=True)
        return INTERRUPTED
    except SuiteError as error:
        click.echo(f"understudy: error: {error}", err=True)
        return error.exit_code
    except SystemExit as ended:
        if sys.stdout is not output:
            # click noticed that whoever read our output has gone, and replaced the stream.
            return BROKEN_PIPE
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 1
    except BrokenPipeError:
        # So did we; Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


@contextmanager
def listening(app: ASGIApp, host: str, port: int) -> Iterator[tuple[socket, Config]]:
    """A socket and how an application is served on it, as `understudy mock` does.

    Raises:
        UsageError: The port can't be had.
    """
    from understudy.mockserver.serving.running import bind, uvicorn_config

    with bind(host, port) as sock:
        yield sock, uvicorn_config(app)


@contextmanager
def serving_app(name: str) -> Iterator[str]:
    """Serve an ASGI application that is named ``module:attribute`` on a loopback socket; gives its URL.

    A socket, because in-process transports join a stream before anyone sees it.

    Raises:
        UsageError: There is no such module or attribute, or it fails to start.
    """
    from understudy.mockserver.serving.running import serving

    module, colon, attribute = name.partition(":")
    if not colon:
        raise UsageError("--app", name, "module:attribute, such as shop.main:app")
    sys.path.insert(0, str(Path.cwd()))
    try:
        app = import_module(module)
        for part in attribute.split("."):
            app = getattr(app, part)
    except (ImportError, AttributeError) as error:
        raise UsageError("--app", name, f"an application that can be imported ({error})") from error
    try:
        with serving(app) as server:  # type: ignore[arg-type]  # what the user names is taken for an application
            yield server.url
    except RuntimeError as error:
        raise UsageError("--app", name, f"an ASGI application that starts ({error})") from error


if __name__ == "__main__":
    sys.exit(main())
