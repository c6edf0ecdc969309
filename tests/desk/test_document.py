"""The document of the desk, before three judges; and what the desk answers, before a fourth that isn't ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner
from openapi_spec_validator import validate

from tests.apps.desk.app import DOCUMENT, ROUTES, create_app
from tests.apps.desk.settings import Settings
from tests.apps.desk.variants import FAMILIES
from tests.desk.conversations import CONVERSATIONS
from tests.desk.talk import Hands, Talk
from understudy.specs.cli import specs

WHOLE: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))


def test_our_lint_has_nothing_to_say() -> None:
    result = CliRunner().invoke(specs, ["lint", "--strict", str(DOCUMENT)])
    assert result.exit_code == 0, result.output


def test_openapi_spec_validator_takes_it() -> None:
    validate(WHOLE)


def test_redocly_finds_no_error(find_tool: Callable[[str], str]) -> None:
    finished = subprocess.run(
        [find_tool("redocly"), "lint", "--extends", "recommended", "--format", "json", str(DOCUMENT)],
        capture_output=True,
        timeout=120,
        cwd=DOCUMENT.parent,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
    )
    assert [each for each in json.loads(finished.stdout)["problems"] if each["severity"] == "error"] == []


def test_routes_and_paths_are_the_same() -> None:
    methods = {"get", "post", "put", "patch", "delete"}
    described = {path: {name.upper() for name in item if name in methods} for path, item in WHOLE["paths"].items()}
    assert {path: set(methods) for path, methods in ROUTES.items()} == described


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = WHOLE
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/")]
        node = target
    return node


def response_of(method: str, path: str, status: int) -> dict[str, Any] | None:
    """The documented response; None for what no operation describes."""
    for template, item in WHOLE["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
            responses = item[method.lower()]["responses"]
            assert str(status) in responses, f"{method} {template} doesn't describe {status}"
            return resolved(responses[str(status)])
    return None


def check_against(schema: dict[str, Any], value: Any) -> None:
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    validator = jsonschema.Draft202012Validator({**schema, "components": WHOLE["components"]}, format_checker=checker)
    validator.validate(value)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_answer_is_described(family: str) -> None:
    clock = Hands()
    talk = Talk(create_app(Settings(piece=0.0), clock=clock), clock)
    CONVERSATIONS[family](talk)
    judged = 0
    for method, target, status, headers, chunks, _ in talk.said:
        assert isinstance(method, str)
        assert isinstance(target, str)
        assert isinstance(status, int)
        assert isinstance(headers, tuple)
        assert isinstance(chunks, tuple)
        response = response_of(method, target.partition("?")[0], status)
        if response is None:
            assert status in (204, 404, 405), f"{method} {target} is described nowhere and answered {status}"
            continue
        given = dict(headers)
        for name, header in response.get("headers", {}).items():
            assert name.lower() in given or not resolved(header).get("required"), f"{target} has no {name}"
        body = b"".join(chunks)
        if not response.get("content"):
            assert not body
        elif body:
            media_type = response["content"][given["content-type"]]
            if given["content-type"] == "application/json":
                check_against(media_type["schema"], json.loads(body))
            elif given["content-type"] == "application/jsonl":
                for line in body.splitlines():
                    check_against(media_type["itemSchema"], json.loads(line))
            judged += 1
    assert judged
