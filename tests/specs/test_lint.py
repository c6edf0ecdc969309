from __future__ import annotations

import pytest

from understudy.specs.build import build_api
from understudy.specs.catalog import SHIPPED, load_api
from understudy.specs.documents.document import parse_document
from understudy.specs.lint import RULES, Level, lint_api

HEAD = """
openapi: 3.2.0
info: {title: t, version: '1'}
servers: [{url: 'https://{host}/', variables: {host: {default: a, enum: [a]}}}]
paths:
"""


def rules_of(paths: str) -> dict[str, list[str]]:
    api = build_api(parse_document((HEAD + paths).encode(), "/doc.yaml"))
    found: dict[str, list[str]] = {}
    for finding in lint_api(api):
        found.setdefault(finding.rule, []).append(finding.message)
    return found


OK = "responses: {'200': {description: fine}}"


@pytest.mark.parametrize(
    ("rule", "paths", "says"),
    [
        ("path-parameter", f"  /a/{{x}}:\n    get: {{{OK}}}", "{x} in the path has no parameter"),
        (
            "path-parameter",
            f"  /a:\n    get: {{parameters: [{{name: x, in: path, required: true, schema: {{}}}}], {OK}}}",
            "'x' is not in the path",
        ),
        ("response-missing", "  /a:\n    get: {summary: nothing}", "GET /a describes no response"),
        (
            "ambiguous-path",
            "".join(
                f"  /a/{{{n}}}:\n    get:\n      parameters: [{{name: {n}, in: path, required: true, schema: {{}}}}]\n"
                f"      {OK}\n"
                for n in "xy"
            ),
            "GET /a/{y} matches the same requests as GET /a/{x}",
        ),
        (
            "link",
            "  /a:\n    get: {responses: {'200': {description: d, links: {next: {operationId: gone}}}}}",
            "leads to no operation",
        ),
        (
            "link",
            "  /a:\n    get: {operationId: a, responses: {'200': {description: d, links: {n: {operationId: a, "
            "parameters: {q: 1}}}}}}",
            "GET /a has no parameter 'q'",
        ),
        (
            "schema",
            "  /a:\n    get: {responses: {'200': {description: d, content: {application/json: "
            "{schema: {minimum: x}}}}}}",
            "`minimum` is ill-formed",
        ),
        (
            "schema-unsatisfiable",
            "  /a:\n    get: {responses: {'200': {description: d, content: {application/json: {schema: "
            "{type: integer, minimum: 3, maximum: 2}}}}}}",
            "no value fits",
        ),
        (
            "example",
            "  /a:\n    get: {responses: {'200': {description: d, content: {application/json: {schema: "
            "{type: object, properties: {n: {type: integer}}}, examples: {bad: {value: {n: x}}}}}}}}",
            "example 'bad' disagrees with its schema at /n",
        ),
        (
            "example",
            "  /a:\n    get: {responses: {'200': {description: d, content: {application/jsonl: {itemSchema: "
            "{type: integer}, examples: {bad: {value: [1, x]}}}}}}}",
            "example 'bad', item 1",
        ),
        (
            "quirk",
            "".join(f"  /{p}:\n    get: {{operationId: same, {OK}}}\n" for p in "ab"),
            "operationId 'same'",
        ),
    ],
)
def test_each_rule_finds_what_it_is_for(rule: str, paths: str, says: str) -> None:
    found = rules_of(paths)
    assert list(found) == [rule]
    assert any(says in message for message in found[rule]), found[rule]


def test_a_sound_document_has_no_findings() -> None:
    assert rules_of(f"  /a:\n    get: {{{OK}}}") == {}


def test_a_server_variable_needs_a_description_and_a_default_that_is_allowed() -> None:
    text = HEAD.replace("default: a", "default: b").replace("'https://{host}/'", "'https://{host}/{port}'")
    findings = lint_api(build_api(parse_document((text + f"  /a:\n    get: {{{OK}}}").encode(), "/doc.yaml")))
    assert [finding.rule for finding in findings] == ["server-variable"] * 2


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_documents_have_no_findings(name: str) -> None:
    assert lint_api(load_api(name)) == ()


def test_levels_say_what_fails() -> None:
    assert {level for level, _ in RULES.values()} == {Level.ERROR, Level.WARNING}
    assert RULES["quirk"][0] is Level.WARNING
