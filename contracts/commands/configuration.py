"""Options from a file: `understudy.toml`, or `[tool.understudy]` of `pyproject.toml`, in the folder a command runs in.

Each command has a table, each option a member named as it is without its dashes. The command line wins. Secrets don't
stand in the file: `{env = "NAME"}` in the place of any value takes that variable's.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, final

import click
import jsonschema_rs

from understudy.contracts.secrecy.secret_names import is_secret_name
from understudy.specs.errors import UsageError

if TYPE_CHECKING:
    from understudy.specs.documents.document import Json

__all__ = ["CONFIGURED", "Configuration", "configuration_schema", "find_configuration", "read_defaults"]

CONFIGURED: Final = ("mock", "test", "proxy")
"""The commands that have a table."""

MAX_BYTES: Final = 1024 * 1024
_WITH_PASSWORD: Final = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*:[^/?#]*@", re.IGNORECASE)
_ENVIRONMENT: Final = {"$ref": "#/$defs/environment"}


@final
@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file says.

    Attributes:
        where: The file, and where in it the tables are.
        tables: By command; nobody has looked into them yet.
    """

    where: tuple[str, ...]
    tables: Mapping[str, Json]

    def place(self, command: str) -> str:
        """What errors call the table of a command."""
        return f"{self.where[0]}: {'.'.join((*self.where[1:], command))}"


def find_configuration(folder: Path) -> Configuration | None:
    """The file of a folder; `understudy.toml` goes before `pyproject.toml`. None where there is neither, or the latter
    says nothing of us.

    Raises:
        UsageError: It can't be read, is too long or no TOML, or has a table that no command has.
    """
    for name, place in (("understudy.toml", ()), ("pyproject.toml", ("tool", "understudy"))):
        found = _read(folder / name, name)
        for part in place:
            found = found.get(part) if isinstance(found, dict) else None
        if found is None:
            continue
        shown = f"{name}: {'.'.join(place)}" if place else name
        if not isinstance(found, dict):
            raise UsageError(shown, found, f"a table with {', '.join(CONFIGURED)}")
        for each in found.keys() - set(CONFIGURED):
            raise UsageError(shown, each, _nearest(each, CONFIGURED))
        return Configuration((name, *place), found)
    return None


def read_defaults(command: click.Command, table: Json, place: str, environment: Mapping[str, str]) -> dict[str, Json]:
    """What a table says instead of the defaults of a command, by the names of its parameters.

    Args:
        place: What errors call the table.
        environment: Where `{env = "NAME"}` is looked up.

    Raises:
        UsageError: An option that there isn't, a value of another type, a secret, or a variable that isn't set.
    """
    if not isinstance(table, dict):
        raise UsageError(place, table, "a table of options")
    options = dict(_options(command))
    for name in table.keys() - options.keys():
        raise UsageError(place, name, _nearest(name, tuple(options)))
    table = _as_json(table)
    validator = jsonschema_rs.validator_for(configuration_schema({command.name or "": command}), offline=True)
    for error in validator.iter_errors({command.name: table}):
        path = list(error.instance_path)
        option = options[str(path[1])]
        raise UsageError(f"{place}.{path[1]}", _shown(option, table[str(path[1])]), _allowed(str(path[1]), option))
    return {
        str(options[name].name): _value(value, options[name], f"{place}.{name}", environment)
        for name, value in table.items()
    }


def configuration_schema(commands: Mapping[str, click.Command]) -> Json:
    """The JSON Schema of a file with the options of these commands."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Options of understudy",
        "description": "`understudy.toml`, or `[tool.understudy]` of `pyproject.toml`. The command line wins.",
        "type": "object",
        "properties": {
            name: {
                "description": f"Options of `understudy {name}`.",
                "type": "object",
                "properties": {key: _schema(key, option) for key, option in _options(command)},
                "additionalProperties": False,
            }
            for name, command in commands.items()
        },
        "additionalProperties": False,
        "$defs": {
            "environment": {
                "description": "The value of an environment variable.",
                "type": "object",
                "properties": {"env": {"type": "string", "minLength": 1}},
                "required": ["env"],
                "additionalProperties": False,
            }
        },
    }


def _read(path: Path, name: str) -> Json:
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_BYTES + 1)
        if len(octets) > MAX_BYTES:
            raise UsageError(name, f"more than {MAX_BYTES} octets", "a file of options")
        return tomllib.loads(octets.decode("utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(name, error.strerror or str(error), "a file that can be read") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(name, str(error), "TOML, in UTF-8") from error


def _as_json(value: Json) -> Json:
    """TOML's times, and numbers that JSON hasn't, as text."""
    if isinstance(value, dict):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each) for each in value]
    return value if isinstance(value, str | bool | int) else str(value)


def _options(command: click.Command) -> Iterator[tuple[str, click.Option]]:
    """By the longest of their names, without dashes."""
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.is_eager and not parameter.hidden:
            yield max(parameter.opts, key=len).lstrip("-"), parameter


def _schema(name: str, option: click.Option) -> Json:
    about = {"description": option.help} if option.help else {}
    if option.is_flag:
        return {**about, "type": "boolean"}
    if _is_kept_out(name, option):
        return {**about, **_ENVIRONMENT}
    one = {"if": {"type": "object"}, "then": _ENVIRONMENT, "else": _plain(option.type)}
    return {**about, **({"type": "array", "items": one} if option.multiple else one)}


def _plain(kind: click.ParamType[Json]) -> Json:
    match kind:
        case click.Choice():
            return {"enum": [str(each) for each in kind.choices]}
        case click.IntRange():
            ends = {"minimum": kind.min, "maximum": kind.max}
            return {"type": "integer", **{key: end for key, end in ends.items() if end is not None}}
        case _ if kind is click.INT:
            return {"type": "integer"}
    return {"type": ["string", "integer"]}


def _allowed(name: str, option: click.Option) -> str:
    if option.is_flag:
        return "true or false"
    if _is_kept_out(name, option):
        variable = option.envvar if isinstance(option.envvar, str) else "NAME"
        return f'{{env = "{variable}"}}: secrets don\'t stand in a file'
    plain = _plain(option.type)
    if "enum" in plain:
        said = ", ".join(plain["enum"])
    elif plain["type"] == "integer":
        ends = f" from {plain['minimum']} to {plain['maximum']}" if {"minimum", "maximum"} <= plain.keys() else ""
        said = f"a whole number{ends}"
    else:
        said = "a text"
    return f'{"an array, each of " if option.multiple else ""}{said}, or {{env = "NAME"}}'


def _value(value: Json, option: click.Option, place: str, environment: Mapping[str, str]) -> Json:
    if isinstance(value, list):
        return [_value(each, option, f"{place}[{index}]", environment) for index, each in enumerate(value)]
    if isinstance(value, dict):
        if value["env"] not in environment:
            raise UsageError(place, value["env"], "an environment variable that is set")
        return environment[value["env"]]
    # What an option like --auth-env takes are names of variables.
    is_name = max(option.opts, key=len).endswith("-env")
    if isinstance(value, str) and not is_name and _is_secret(value):
        raise UsageError(place, "a secret", '{env = "NAME"}: the name of the environment variable that has it')
    return value


def _is_kept_out(name: str, option: click.Option) -> bool:
    """Whether every value is a secret; a file that holds one may be named."""
    return is_secret_name(name) and option.metavar != "FILE"


def _is_secret(text: str) -> bool:
    """A header or parameter whose name says so, or a URL with a password."""
    name, sign, _ = text.partition(":")
    other, equals, _ = text.partition("=")
    said = name if sign and len(name) < len(other) else other if equals else ""
    return _WITH_PASSWORD.search(text) is not None or is_secret_name(said.strip())


def _shown(option: click.Option, value: Json) -> Json:
    """A value as an error shows it; what may be a secret isn't shown."""
    is_plain = isinstance(option.type, click.Choice | click.IntRange) or option.is_flag
    return value if is_plain and not isinstance(value, dict | list) else type(value).__name__


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else ", ".join(known)
