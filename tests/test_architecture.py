"""The rooms and the one direction of imports, read from the code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("specs", "mockserver", "contracts")
FORBIDDEN = {
    "specs": {"mockserver", "contracts"},
    "mockserver": {"contracts"},
    "contracts": {"mockserver"},
}
MAY_IMPORT_MOCKSERVER = {"contracts/cli.py", "contracts/commands/demo.py", "contracts/pytest_plugin.py"}
LONGEST = 300


def modules() -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path: Path) -> None:
    place = str(path.relative_to(ROOT))
    room = place.split("/")[0]
    for name in imported(path):
        parts = name.split(".")
        if parts[0] != "understudy" or place in MAY_IMPORT_MOCKSERVER:
            continue
        assert parts[1] not in FORBIDDEN[room], f"{place} imports {name}"


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_answers_one_question(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST, f"{path.name} has {lines} lines; split it by the questions it answers"
    assert path.stem not in {"utils", "util", "helpers", "common", "misc"}


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_names_an_api(path: Path) -> None:
    if path.name == "catalog.py":
        return
    assert not re.search(r"quantcdn|aivax|nexus", path.read_text(encoding="utf-8"), re.IGNORECASE)


@pytest.mark.parametrize(
    ("library", "allowed"),
    [
        ("schemathesis", {"contracts/fuzzing/engine.py"}),
        ("hypothesis", {"contracts/fuzzing/engine.py", "contracts/fuzzing/hypothesis_guest.py"}),
    ],
)
def test_one_room_drives_the_fuzzer(library: str, allowed: set[str]) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in modules()
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users <= allowed


@pytest.mark.parametrize("module", ["understudy.mockserver.cli", "understudy.mockserver", "understudy.specs"])
def test_serving_never_loads_the_fuzzer(module: str) -> None:
    code = f"import sys, {module}; print([m for m in ('schemathesis', 'hypothesis') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
