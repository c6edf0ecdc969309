from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from understudy.specs.catalog import SHIPPED
from understudy.specs.cli import specs

GOOD = """
openapi: 3.1.0
info: {title: t, version: '1'}
paths: {/a: {get: {operationId: listAll, responses: {'200': {description: d}}}}}
"""


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(specs, list(arguments), catch_exceptions=False)
    return result.exit_code, result.output


def test_list_names_each_shipped_document_with_its_operations() -> None:
    code, output = run("list")
    assert code == 0
    for (name, _), count, line in zip(SHIPPED.items(), (14, 13, 65), output.splitlines(), strict=True):
        assert line.startswith(name)
        assert f" {count} operations" in line
        assert len(line) <= 110


@pytest.mark.parametrize("name", SHIPPED)
def test_lint_ends_0_on_the_shipped_documents(name: str) -> None:
    code, output = run("lint", name)
    assert (code, output.split(": ", 1)[1].split(", ", 1)[1]) == (0, "0 errors, 0 warnings\n")


def test_lint_ends_1_and_names_place_and_remedy(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text(GOOD.replace("/a:", "'/a/{id}':"), encoding="utf-8")
    code, output = run("lint", str(document))
    assert code == 1
    assert "error: path-parameter: GET /a/{id}: {id} in the path has no parameter with `in: path`" in output
    assert f"{document}#/paths/~1a~1{{id}}/get" in output


def test_show_gives_an_overview_and_one_operation(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text(GOOD, encoding="utf-8")
    assert "GET  /a  listAll  [200]" in run("show", str(document))[1]
    assert run("show", str(document), "listAll")[1].startswith("GET /a  listAll")
    code, output = run("show", str(document), "listAl")
    assert code == 2
    assert "no operation 'listAl'; near: listAll" in output


@pytest.mark.parametrize("version", ["3.2", "3.1", "3.0"])
def test_convert_writes_what_loads_again(tmp_path: Path, version: str) -> None:
    target = tmp_path / "out.json"
    code, _ = run("convert", "quantum-nexus", "--to", version, "-o", str(target))
    assert code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["openapi"].startswith(version)
    assert "13 operations" in run("show", str(target))[1]
