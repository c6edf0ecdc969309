"""`understudy specs`: look at documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from understudy.specs.catalog import SHIPPED, load_api

if TYPE_CHECKING:
    from understudy.specs.behaviour.inferred_facts import Evidence
    from understudy.specs.lint import LintFinding
    from understudy.specs.model import Api, Operation

__all__ = ["specs"]


@click.group()
def specs() -> None:
    """List, check, show and convert OpenAPI documents."""


@specs.command("list")
def list_() -> None:
    """List the documents that are shipped."""
    for name, line in SHIPPED.items():
        api = load_api(name)
        click.echo(f"{name:<14} {len(api.operations):>3} operations  OpenAPI {api.openapi}  {line}")


@specs.command()
@click.argument("documents", metavar="SPEC...", nargs=-1, required=True)
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@click.option(
    "--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the document."
)
def lint(documents: tuple[str, ...], strict: bool, overlays: tuple[str, ...]) -> None:
    """Check documents: references, schemas, examples, links, paths. Ends 1 when there are findings."""
    from understudy.specs.lint import Level, lint_api

    failed = False
    for spec in documents:
        api = load_api(spec, overlays=overlays)
        findings = lint_api(api)
        for finding in findings:
            click.echo(_finding_line(finding))
        errors = sum(finding.level is Level.ERROR for finding in findings)
        failed = failed or bool(errors or (strict and findings))
        click.echo(f"{spec}: {len(api.operations)} operations, {errors} errors, {len(findings) - errors} warnings")
    if failed:
        raise SystemExit(1)


@specs.command()
@click.argument("spec", metavar="SPEC")
@click.argument("operation", required=False)
@click.option("--behaviour", is_flag=True, help="What is inferred of records, and from what.")
@click.option(
    "--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the document."
)
def show(spec: str, operation: str | None, behaviour: bool, overlays: tuple[str, ...]) -> None:
    """Show what a document says: all operations, or one by its operationId or "METHOD /path"."""
    api = load_api(spec, overlays=overlays)
    if behaviour:
        _show_behaviour(api)
        return
    if operation is None:
        _show_api(api)
        return
    found = api.find_operation(operation)
    if found is None:
        import difflib

        near = difflib.get_close_matches(operation, list(api.operations_by_name), n=3)
        raise click.UsageError(f"no operation {operation!r}" + (f"; near: {', '.join(near)}" if near else ""))
    _show_operation(found)


@specs.command()
@click.argument("spec", metavar="SPEC")
@click.option("--to", "version", type=click.Choice(["3.2", "3.1", "3.0"]), default="3.1", show_default=True)
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output."
)
@click.option(
    "--overlay", "overlays", multiple=True, metavar="FILE", help="Merge an OpenAPI Overlay into the document."
)
def convert(spec: str, version: str, output: Path | None, overlays: tuple[str, ...]) -> None:
    """Write a document in another version of OpenAPI, as JSON.

    What that version can't say is listed on standard error.
    """
    from understudy.specs.conversion.convert import Target, convert_api

    converted = convert_api(load_api(spec, overlays=overlays), Target(version))
    for loss in converted.losses:
        click.echo(f"{loss.pointer}: {loss.message}", err=True)
    text = json.dumps(converted.document, indent=2, ensure_ascii=False) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _finding_line(finding: LintFinding) -> str:
    return f"{finding.level.value}: {finding.rule}: {finding.message}\n    {finding.origin}"


def _show_api(api: Api) -> None:
    click.echo(f"{api.title} {api.version} (OpenAPI {api.openapi}), {len(api.operations)} operations")
    for server in api.servers:
        click.echo(f"  server {server.expand()}")
    width = max((len(operation.method) for operation in api.operations), default=0)
    for operation in api.operations:
        statuses = " ".join(response.status for response in operation.responses)
        stream = " (stream)" if any(m.item_schema for r in operation.responses for m in r.content) else ""
        click.echo(f"  {operation.method:<{width}}  {operation.path}  {operation.id}{stream}  [{statuses}]")


def _show_behaviour(api: Api) -> None:
    from understudy.specs.behaviour.heard_headers import heard_evidence
    from understudy.specs.behaviour.inference import infer_behaviour

    declared = [operation for operation in api.operations if operation.action is not None]
    if api.resources or declared:
        click.echo(f"declared: {len(api.resources)} resources, {len(declared)} of {len(api.operations)} operations")
        _show_evidence(heard_evidence(declared))
        return
    inference = infer_behaviour(api)
    click.echo(
        f"inferred: {len(inference.resources)} resources, {len(inference.actions)} of {len(api.operations)} operations"
    )
    _show_evidence(inference.evidence)
    _show_evidence(heard_evidence([each for each in api.operations if each.label in inference.actions]))


def _show_evidence(found: Iterable[Evidence]) -> None:
    for evidence in found:
        mark = "+" if evidence.fact is not None else "-"
        click.echo(f"{mark} {evidence.about}: {evidence.text}")


def _show_operation(operation: Operation) -> None:
    click.echo(f"{operation.label}  {operation.id}")
    if operation.summary:
        click.echo(f"  {operation.summary}")
    for parameter in operation.parameters:
        required = "required" if parameter.required else "optional"
        click.echo(f"  {parameter.location.value} {parameter.name}: {required}")
    for media_type in operation.request_body.content if operation.request_body else ():
        click.echo(f"  request {media_type.name}: {media_type.schema.name if media_type.schema else 'anything'}")
    for response in operation.responses:
        content = ", ".join(media_type.name for media_type in response.content) or "no body"
        click.echo(f"  {response.status} {content}: {' '.join(response.description.split())}")
