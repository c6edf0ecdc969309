"""The options of `understudy test`, and the settings that they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import click

from understudy.contracts.claims import Severity
from understudy.contracts.commands.option_values import (
    PHASES,
    find_proxy,
    read_credential,
    read_header,
    read_max_calls,
    read_parameter,
    read_phases,
    read_rate,
    read_seconds,
    read_shard,
)
from understudy.contracts.settings import Profile, Settings, Tls

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["settings_of", "testing_options"]

T = TypeVar("T", bound=Callable[..., object])

_OPTIONS: Final = (
    # What is tested, and how much.
    click.option(
        "--url",
        help="Base URL of the live API; it replaces the document's servers. "
        "Needless where SPEC is a URL on the API's own host.",
    ),
    click.option("--app", metavar="MODULE:APP", help="Serve this ASGI application on a loopback socket, and test it."),
    click.option(
        "--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the document."
    ),
    click.option(
        "--profile", type=click.Choice([each.value for each in Profile]), default="standard", show_default=True
    ),
    click.option("--max-time", metavar="TIME", help="For the whole run: 90s, 5m. The profile's unless said."),
    click.option("--seed", type=int, default=0, show_default=True, help="The same seed sends the same requests."),
    click.option(
        "--include", multiple=True, metavar="PATTERN", help="Operations: operationId, label, path or tag, with * and ?."
    ),
    click.option("--exclude", multiple=True, metavar="PATTERN", help="Operations to leave out."),
    click.option(
        "--claims", multiple=True, metavar="PATTERN", help="Claims to judge, comma-separated; !PATTERN takes away."
    ),
    click.option(
        "--phases",
        default=",".join(PHASES),
        metavar="PHASES",
        help=f"Phases to run, comma-separated; {', '.join(PHASES)} unless said.",
    ),
    click.option(
        "--workers",
        default=1,
        show_default=True,
        type=click.IntRange(1, 64),
        help="Processes that share the operations.",
    ),
    click.option(
        "--shard",
        metavar="I/N",
        help="Test the I-th of N shares of the operations; `understudy report merge` joins the reports.",
    ),
    # How the target is spoken to.
    click.option("--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with every request."),
    click.option(
        "--auth-env", multiple=True, metavar="[SCHEME=]VARIABLE", help="Environment variable with a credential."
    ),
    click.option(
        "--other-auth-env",
        multiple=True,
        metavar="[SCHEME=]VARIABLE",
        help="Somebody else's credential: what is yours must not be seen with it.",
    ),
    click.option(
        "--param",
        "parameters",
        multiple=True,
        metavar="NAME=VALUE",
        help="The value that parameters of this name always have: a tenant, a project.",
    ),
    click.option(
        "--login",
        metavar="OPERATION#/POINTER",
        help="Send this operation first; where its answer has the credential, as a JSON Pointer.",
    ),
    click.option("--login-env", metavar="VARIABLE", help="With --login: environment variable with the body, as JSON."),
    click.option(
        "--hooks",
        metavar="FILE.py|MODULE",
        help="Your own Python: credentials, headers, parameters, prepare (contracts/README.md).",
    ),
    click.option("--timeout", default="10s", show_default=True, metavar="TIME", help="For one answer."),
    click.option(
        "--wait",
        default="1s",
        show_default=True,
        metavar="TIME",
        help="How long the target may take until it answers at all.",
    ),
    click.option("--rate", metavar="N[/s|/m|/h]", help="Requests at most: 10/s, 600/m."),
    click.option("--ca-bundle", metavar="FILE", help="Whom to trust: PEM certificates of authorities."),
    click.option(
        "--client-cert", metavar="FILE", help="What to show of ourselves: a PEM certificate, with its key behind it."
    ),
    click.option("--client-key", metavar="FILE", help="The key of --client-cert, where it has a file of its own."),
    click.option("--insecure", is_flag=True, help="Take any certificate."),
    # What may be sent to a target that others use, too.
    click.option("--plan", "is_plan", is_flag=True, help="Show what would be sent, and send nothing."),
    click.option("--read-only", is_flag=True, help="Send nothing but safe methods: GET, HEAD, OPTIONS, QUERY."),
    click.option(
        "--allow-destructive/--own-records-only",
        default=None,
        help="Whether requests may change what the run did not make; by default they may on this machine only.",
    ),
    click.option(
        "--max-calls",
        multiple=True,
        metavar="[PATTERN=]N",
        help="Requests at most: in all, or to the operations of a pattern.",
    ),
    click.option(
        "--probe-limits", is_flag=True, help="Use declared rate limits up, at the end, to see that they hold."
    ),
    # What becomes of findings.
    click.option(
        "--report",
        "formats",
        default="html,json",
        show_default=True,
        metavar="FORMATS",
        help="html, json, junit, markdown, sarif; none writes none.",
    ),
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path("understudy-report"),
        show_default=True,
        help="Where the reports go.",
    ),
    click.option(
        "--waivers", metavar="FILE", help="Findings that don't fail the run, each with a reason and a last day."
    ),
    click.option(
        "--baseline",
        type=click.Path(dir_okay=False, path_type=Path),
        help="An earlier JSON report: only what is new fails.",
    ),
    click.option(
        "--fail-on",
        type=click.Choice([each.value for each in Severity]),
        default="low",
        show_default=True,
        help="The least severity that fails the run.",
    ),
    click.option(
        "--replay", type=click.Path(dir_okay=False, path_type=Path), help="Send the findings of a JSON report again."
    ),
    click.option("--only", multiple=True, metavar="FINGERPRINT", help="With --replay: these findings only."),
    # What is shown.
    click.option("--list-claims", is_flag=True, help="Show every claim, and end."),
    click.option("--no-color", is_flag=True, help="No colours."),
    click.option("--quiet", "-q", is_flag=True, help="Show the summary only."),
)


def testing_options(command: T) -> T:
    """Give a command all options of `understudy test`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def settings_of(options: Mapping[str, Json], url: str) -> Settings:
    """The settings that options stand for.

    Raises:
        UsageError: A value can't be read; the option is named.
    """
    return Settings(
        seed=options["seed"],
        profile=Profile(options["profile"]),
        max_seconds=read_seconds("--max-time", options["max_time"]) if options["max_time"] else None,
        rate=read_rate(options["rate"]) if options["rate"] else None,
        include=options["include"],
        exclude=options["exclude"],
        phases=read_phases(options["phases"]),
        claims=tuple(part.strip() for each in options["claims"] for part in each.split(",") if part.strip()),
        headers=tuple(read_header(each) for each in options["headers"]),
        credentials=dict(read_credential(each) for each in options["auth_env"]),
        other_credentials=dict(read_credential(each, "--other-auth-env") for each in options["other_auth_env"]),
        auth_env=tuple(options["auth_env"]),
        other_auth_env=tuple(options["other_auth_env"]),
        overlays=options["overlays"],
        app=options["app"] or "",
        request_seconds=read_seconds("--timeout", options["timeout"]),
        proxy=find_proxy(url),
        tls=Tls(
            authorities=options["ca_bundle"],
            certificate=options["client_cert"],
            key=options["client_key"],
            is_checked=not options["insecure"],
        ),
        ready_seconds=read_seconds("--wait", options["wait"]),
        parameters=dict(read_parameter(each) for each in options["parameters"]),
        read_only=options["read_only"],
        allow_destructive=options["allow_destructive"],
        probe_limits=options["probe_limits"],
        max_calls=dict(read_max_calls(each) for each in options["max_calls"]),
        shard=read_shard(options["shard"]) if options["shard"] else None,
    )
