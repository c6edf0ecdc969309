"""The options of `understudy mock`, and the settings that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

import click

from understudy.mockserver.forcing.durations import parse_duration, parse_range
from understudy.mockserver.option_values import read_option, read_seed, read_time

if TYPE_CHECKING:
    from understudy.mockserver.settings import Settings
    from understudy.specs.documents.document import Json

__all__ = ["mock_options", "settings_of"]

T = TypeVar("T", bound=Callable[..., object])

_OPTIONS: Final = (
    click.option("--host", "-h", default="127.0.0.1", show_default=True, help="Address to listen on."),
    click.option(
        "--port", "-p", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free one."
    ),
    click.option("--seed", default="0", show_default=True, help="A number, or `random` for another draw each time."),
    click.option("--clock", metavar="TIME", help="The time it always is, such as 2024-03-04T09:00:00Z."),
    click.option(
        "--validate",
        type=click.Choice(["reject", "report", "off"]),
        default="reject",
        show_default=True,
        help="What becomes of an invalid request.",
    ),
    click.option("--cors/--no-cors", default=True, show_default=True, help="Let pages of other origins use the mock."),
    click.option("--dynamic", "-d", is_flag=True, help="Make up bodies although there are examples."),
    click.option("--errors", is_flag=True, help="Answer invalid requests with problem+json, whatever is documented."),
    click.option(
        "--latency", default="0", metavar="TIME[..TIME]", help="Wait before each answer: 20ms, or 20ms..80ms."
    ),
    click.option("--pace", default="20ms", show_default=True, metavar="TIME", help="Between two items of a stream."),
    click.option(
        "--max-body",
        default=100,
        show_default=True,
        metavar="MIB",
        type=click.IntRange(1, 4096),
        help="The largest body.",
    ),
    click.option(
        "--state",
        default="memory",
        show_default=True,
        metavar="STORE",
        help="Where records are kept: memory, sqlite:///FILE or redis://HOST.",
    ),
    click.option(
        "--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the document."
    ),
    click.option("--stateless", is_flag=True, help="Keep no records: every answer is the document's."),
    click.option(
        "--limits",
        type=click.Choice(["report", "enforce"]),
        default="report",
        show_default=True,
        help="What becomes of calls over a declared rate limit: answered all the same, or 429.",
    ),
    click.option(
        "--scenario", metavar="FILE[#NAME]", default="", help="Begin in a named situation; the control API changes it."
    ),
    click.option(
        "--control/--no-control",
        default=True,
        show_default=True,
        help="Inspector and control API under /__understudy/.",
    ),
    click.option(
        "--control-token",
        metavar="TOKEN",
        envvar="UNDERSTUDY_CONTROL_TOKEN",
        default="",
        help="Let who shows this bearer token control the mock, from anywhere; better in UNDERSTUDY_CONTROL_TOKEN.",
    ),
    click.option(
        "--callbacks",
        type=click.Choice(["off", "loopback", "any"]),
        default="loopback",
        show_default=True,
        help="Where the callbacks that the document describes are sent.",
    ),
    click.option(
        "--engine",
        type=click.Choice(["understudy", "prism"]),
        default="understudy",
        show_default=True,
        help="Serve with another mock server, for a second opinion.",
    ),
    click.option("--prism", metavar="PROGRAM", help="Where Prism is, for `--engine prism`; else it is looked for."),
    click.option(
        "--workers",
        default=1,
        show_default=True,
        type=click.IntRange(1, 64),
        help="Processes that serve as one; records must then be kept where all find them (--state).",
    ),
    click.option(
        "--multiprocess",
        "-m",
        is_flag=True,
        help="Prism's flag: a worker for each processor, as far as --state allows.",
    ),
    click.option(
        "--watch", "is_watched", is_flag=True, help="Read documents, overlays and scenarios again when they change."
    ),
    click.option("--no-cache", is_flag=True, help="Don't keep parsed documents between runs."),
    click.option(
        "--log-level",
        type=click.Choice(["debug", "info", "warning", "error"]),
        default="info",
        show_default=True,
        help="`info` shows a line for each request.",
    ),
)


def mock_options(command: T) -> T:
    """Give a command all options of `understudy mock`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(options: Mapping[str, Json]) -> Settings:
    """The settings that options stand for.

    Raises:
        UsageError: A value can't be read; the option is named.
    """
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

    clock = options["clock"]
    return Settings(
        seed=read_seed(options["seed"]),
        clock=fixed_clock(read_time(clock)) if clock is not None else SYSTEM_CLOCK,
        latency=read_option("--latency", options["latency"], parse_range),
        pace=read_option("--pace", options["pace"], parse_duration),
        validation=Validation(options["validate"]),
        bodies=Bodies.GENERATED if options["dynamic"] else Bodies.EXAMPLES,
        errors=ErrorBodies.DELIBERATE if options["errors"] else ErrorBodies.DOCUMENTED,
        cors=Cors.REFLECT if options["cors"] else Cors.OFF,
        limits=Limits(body_bytes=options["max_body"] * 1024**2),
        rate_limits=RateLimits(options["limits"]),
        records=Records.NONE if options["stateless"] else Records.INFERRED,
        state=options["state"],
        control=ControlAccess(token=options["control_token"]) if options["control"] else None,
        scenario=options["scenario"],
        callbacks=Callbacks(options["callbacks"]),
    )
