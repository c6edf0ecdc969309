"""Patterns of other dialects are read as they were meant, and what can't be read says nothing."""

from __future__ import annotations

import jsonschema_rs
import pytest

from understudy.specs.regex.dialect import MAX_LENGTH, read_pattern


@pytest.mark.parametrize(
    ("pattern", "matched", "refused"),
    [
        (r"^[\w-.]+$", ["a-b.c"], ["a b"]),
        (r"^[.-\d]+$", ["1.-2"], ["a"]),
        (r"^[^\s-x]$", ["a"], ["-", "x", " "]),
        (r"^a{$", ["a{"], ["a"]),
        (r"^a{,5}$", ["a{,5}"], ["aaa"]),
        ("/^[a-f]+$/i", ["abc"], ["/abc/i", "xyz"]),
        (r"^\d+\Z", ["12"], ["12x"]),
        (r"^\h+$", [" \t"], ["\n"]),
        (r"^(?>ab)$", ["ab"], ["a"]),
    ],
)
def test_what_is_meant_is_read(pattern: str, matched: list[str], refused: list[str]) -> None:
    found, reading = read_pattern(pattern)
    assert found is not None
    assert reading
    validator = jsonschema_rs.Draft202012Validator({"pattern": found})
    assert [text for text in matched if not validator.is_valid(text)] == []
    assert [text for text in refused if validator.is_valid(text)] == []


@pytest.mark.parametrize(
    "pattern", ["", r"^\p{L}+$", r"[\w-]", r"[-\w]", r"^/a/b$", r"a{2,}", r"^\/x\/$", r"(?<n>a)", "]"]
)
def test_what_is_right_stays(pattern: str) -> None:
    assert read_pattern(pattern) == (pattern, "")


@pytest.mark.parametrize("pattern", ["(", "*", "[a-z", r"(a)\2", "[z-a]", "(" * (MAX_LENGTH + 1)])
def test_what_cannot_be_read_says_nothing(pattern: str) -> None:
    found, reading = read_pattern(pattern)
    assert found is None
    assert "says nothing" in reading
