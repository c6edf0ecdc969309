"""The tables of the READMEs: which test shows what holds across requests. Every row is true, none is missing."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from understudy.specs.catalog import SHIPPED, locate

HEADING: Final = "## What holds across requests"
HERE: Final = Path(__file__).parent
COUNTS: Final = {
    "quantcdn-ai": {"S": 17, "C": 6, "T": 3, "E": 5, "G": 3, "M": 2, "U": 3, "K": 3, "X": 1},
    "quantum-nexus": {"I": 21},
    "aivax": {"I": 36},
}
"""How many invariants there are, by the letter that their ids begin with."""
NOT_HELD: Final = "not held: "
"""What the last cell of a row begins with when no test can show it; the reason follows."""


def rows(name: str) -> list[tuple[str, str]]:
    """Each row's id and its last cell; empty where the README has no such table."""
    text = (Path(locate(name)).parent / "README.md").read_text("utf-8")
    section = text.partition(f"{HEADING}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:2] == "| "]
    return [(row[0], row[-1]) for row in cells if re.fullmatch(r"[A-Z]+[0-9]+", row[0])]


def scenarios_of(name: str) -> set[str]:
    """The tests of an API's files: one of its own name, or one for each topic."""
    trees = [ast.parse(file.read_text("utf-8")) for file in files_of(name)]
    nodes = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {node.name for node in nodes if node.name.startswith("test_")}


def files_of(name: str) -> list[Path]:
    stem = f"test_{name.replace('-', '_')}"
    return [*HERE.glob(f"{stem}.py"), *HERE.glob(f"{stem}_*.py")]


TABLES: Final = [name for name in SHIPPED if rows(name)]


def test_there_are_tables() -> None:
    assert "quantum-nexus" in TABLES


def test_whoever_has_scenarios_has_a_table() -> None:
    assert [name for name in SHIPPED if files_of(name)] == TABLES


@pytest.mark.parametrize("name", TABLES)
def test_no_invariant_is_missing(name: str) -> None:
    ids = [id_ for id_, _ in rows(name)]
    counted = Counter(id_.rstrip("0123456789") for id_ in ids)
    assert ids == [f"{letter}{number + 1}" for letter, count in counted.items() for number in range(count)]
    assert counted == COUNTS[name]


@pytest.mark.parametrize("name", TABLES)
def test_each_invariant_names_tests_that_exist(name: str) -> None:
    there = scenarios_of(name)
    for id_, cell in rows(name):
        named = re.findall(r"`(\w+)`", cell)
        assert named or (cell.startswith(NOT_HELD) and len(cell) > len(NOT_HELD)), f"{id_} names no test"
        assert set(named) <= there, id_


@pytest.mark.parametrize("name", TABLES)
def test_no_test_shows_something_unnamed(name: str) -> None:
    named = {test for _, cell in rows(name) for test in re.findall(r"`(\w+)`", cell)}
    readme = (Path(locate(name)).parent / "README.md").read_text("utf-8")
    assert {test for test in scenarios_of(name) - named if f"`{test}`" not in readme} == set()
