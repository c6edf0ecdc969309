"""Options from a file: read as the command line's are, refused with place and remedy."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import click
import jsonschema_rs
import pytest

from understudy.contracts.cli import cli, main
from understudy.contracts.commands.configuration import (
    CONFIGURED,
    MAX_BYTES,
    Configuration,
    configuration_schema,
    find_configuration,
    read_defaults,
)
from understudy.specs.documents.document import Json
from understudy.specs.errors import UsageError

ROOT = Path(__file__).parents[3]


def command(name: str) -> click.Command:
    found = cli.get_command(click.Context(cli), name)
    assert found is not None
    return found


def defaults(name: str, text: str, environment: Mapping[str, str] | None = None) -> dict[str, Json]:
    return read_defaults(command(name), tomllib.loads(text), f"understudy.toml: {name}", environment or {})


def test_the_schema_that_is_shipped_is_that_of_the_commands() -> None:
    schema = configuration_schema({name: command(name) for name in CONFIGURED})
    if os.environ.get("UPDATE_SNAPSHOTS"):
        text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        (ROOT / "contracts" / "understudy.schema.json").write_text(text, encoding="utf-8")
    text = resources.files("understudy.contracts").joinpath("understudy.schema.json").read_text("utf-8")
    assert json.loads(text) == schema, "make snapshots writes it anew"
    jsonschema_rs.meta.validate(schema)


@pytest.mark.parametrize("name", CONFIGURED)
def test_every_option_has_its_place(name: str) -> None:
    options = {each.lstrip("-") for parameter in command(name).params for each in parameter.opts if "--" in each}
    known = configuration_schema({name: command(name)})["properties"][name]["properties"]
    assert options - known.keys() <= {"help"}
    assert known.keys() <= options


def test_what_the_documentation_shows_is_taken() -> None:
    shown = re.search(r"^```toml\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert shown
    tables = tomllib.loads(shown.group(1))
    read = {
        name: read_defaults(command(name), table, name, {"MOCK_STATE": "redis://a:b@h"})
        for name, table in tables.items()
    }
    assert read["mock"] == {"port": 4011, "seed": "random", "cors": False, "state": "redis://a:b@h"}
    assert read["test"]["auth_env"] == ["STAGING_KEY"]


def test_times_and_numbers_are_taken_as_they_are_written() -> None:
    assert defaults("mock", "clock = 2024-03-04T09:00:00Z\nseed = 7") == {
        "clock": "2024-03-04 09:00:00+00:00",
        "seed": 7,
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("mock", "prot = 1", "understudy.toml: mock: got 'prot'; allowed: did you mean port?"),
        ("mock", "multi-process = true", "did you mean multiprocess?"),
        ("mock", "xyz = 1", "allowed: host, port, seed"),
        ("mock", "port = '4010'", "mock.port: got '4010'; allowed: a whole number from 0 to 65535"),
        ("mock", "port = 70000", "mock.port: got 70000"),
        ("mock", "port = nan", "mock.port: got 'nan'"),
        ("mock", "cors = 'no'", "mock.cors: got 'no'; allowed: true or false"),
        ("mock", "limits = 'strict'", "mock.limits: got 'strict'; allowed: report, enforce"),
        ("mock", "overlay = 'a.yaml'", "mock.overlay: got 'str'; allowed: an array, each of a text"),
        ("mock", "state = {enf = 'A'}", "mock.state: got 'dict'; allowed: a text, or {env = \"NAME\"}"),
        ("mock", "state = {env = 'A'}", "mock.state: got 'A'; allowed: an environment variable that is set"),
        ("test", "header = ['A: b', {env = 'C'}]", "test.header[1]: got 'C'"),
    ],
)
def test_what_is_wrong_is_refused_with_place_and_remedy(name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        defaults(name, text)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mock", "control-token = 's3cret'"),
        ("mock", "state = 'redis://:s3cret@localhost'"),
        ("test", "header = ['Authorization: Bearer s3cret']"),
        ("test", "url = 'https://me:s3cret@localhost/'"),
        ("test", "param = ['api_key=s3cret']"),
    ],
)
def test_a_secret_is_refused_and_not_shown(name: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        defaults(name, text)
    assert "{env = " in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_secrets_come_from_the_environment() -> None:
    text = "control-token = {env = 'TOKEN'}\nstate = {env = 'STATE'}"
    found = defaults("mock", text, {"TOKEN": "s3cret", "STATE": "redis://:s3cret@localhost"})
    assert found == {"control_token": "s3cret", "state": "redis://:s3cret@localhost"}
    text = "auth-env = ['apiKey=MY_KEY']\nclient-key = 'key.pem'\nheader = ['Accept: */*', {env = 'H'}]"
    found = defaults("test", text, {"H": "Authorization: Bearer s3cret"})
    assert found["headers"] == ["Accept: */*", "Authorization: Bearer s3cret"]


def test_the_file_of_our_own_goes_first(tmp_path: Path) -> None:
    assert find_configuration(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'")
    assert find_configuration(tmp_path) is None
    (tmp_path / "pyproject.toml").write_text("[tool.understudy.mock]\nport = 1")
    found = find_configuration(tmp_path)
    assert found == Configuration(("pyproject.toml", "tool", "understudy"), {"mock": {"port": 1}})
    assert found.place("mock") == "pyproject.toml: tool.understudy.mock"
    (tmp_path / "understudy.toml").write_text("[test]\nworkers = 2")
    assert find_configuration(tmp_path) == Configuration(("understudy.toml",), {"test": {"workers": 2}})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"[mokc]", "understudy.toml: got 'mokc'; allowed: did you mean mock?"),
        (b"mock = [", "allowed: TOML, in UTF-8"),
        (b"\xff", "allowed: TOML, in UTF-8"),
        (b"#" * (MAX_BYTES + 1), "more than 1048576 octets"),
        (b"[mock]\na = " + b"[" * 5000, "understudy.toml"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: bytes, said: str) -> None:
    (tmp_path / "understudy.toml").write_bytes(text)
    with pytest.raises(UsageError) as caught:
        find_configuration(tmp_path)
    assert said in str(caught.value)


DOCUMENT = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n"


def test_the_command_line_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(DOCUMENT)
    (tmp_path / "understudy.toml").write_text("[mock]\nseed = 'file'\nno-cache = true\n[proxy]\nupstream = 'nowhere'\n")
    assert main(["mock", "a.yaml"]) == 2
    assert "--seed: got 'file'" in capsys.readouterr().err
    assert main(["mock", "a.yaml", "--seed", "line"]) == 2
    assert "--seed: got 'line'" in capsys.readouterr().err
    # An option that must be there may be there in the file.
    assert main(["proxy", "a.yaml"]) == 2
    assert "--upstream: got 'nowhere'" in capsys.readouterr().err


def test_a_wrong_file_is_told_by_the_command_but_not_by_its_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "understudy.toml").write_text("[mock]\nprot = 1\n")
    assert main(["mock", "aivax"]) == 2
    assert (
        "understudy: error: understudy.toml: mock: got 'prot'; allowed: did you mean port?" in capsys.readouterr().err
    )
    assert main(["mock", "--help"]) == 0
    assert main(["specs", "list"]) == 0
