from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from understudy.specs.catalog import SHIPPED, locate


@pytest.fixture(scope="module")
def redocly(find_tool: Callable[[str], str]) -> Callable[[Path], list[dict[str, object]]]:
    """Lints a document by Redocly's recommended rules; it walks into `itemSchema`, other linters don't."""
    program = find_tool("redocly")

    def lint(document: Path) -> list[dict[str, object]]:
        finished = subprocess.run(
            [program, "lint", "--extends", "recommended", "--format", "json", str(document)],
            capture_output=True,
            timeout=120,
            cwd=document.parent,
            env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        )
        problems: list[dict[str, object]] = json.loads(finished.stdout)["problems"]
        return [problem for problem in problems if problem["severity"] == "error"]

    return lint


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_document_has_no_errors(name: str, redocly: Callable[[Path], list[dict[str, object]]]) -> None:
    assert redocly(Path(locate(name))) == []


def test_an_error_in_an_item_schema_is_seen(tmp_path: Path, redocly: Callable[[Path], list[dict[str, object]]]) -> None:
    """The witness has teeth: what it found nothing wrong with, it has looked at."""
    document = tmp_path / "openapi.yaml"
    document.write_text(
        """\
openapi: 3.2.0
info: {title: Broken, version: '1', license: {name: Apache-2.0, identifier: Apache-2.0}}
servers: [{url: https://api.harbour.test}]
security: []
paths:
  /words:
    get:
      operationId: getWords
      summary: Words
      responses:
        '200': {description: Words, content: {text/event-stream: {itemSchema: {type: strin}}}}
        4XX: {description: A refusal}
""",
        encoding="utf-8",
    )
    assert [problem["ruleId"] for problem in redocly(document)] == ["struct"]
