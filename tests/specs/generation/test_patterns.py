from __future__ import annotations

import re

import jsonschema_rs
import pytest

from understudy.specs.generation.chance import Chance
from understudy.specs.generation.patterns import RegexUnsupported, matches, strings_matching
from understudy.specs.regex.parser import parse_regex

PATTERNS = [
    "",
    "^$",
    "foo",
    "^foo",
    "bar$",
    "a|^b|c$",
    r"^\d{3}-\d{4}$",
    r"^(\([0-9]{3}\))?[0-9]{3}-[0-9]{4}$",
    r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$",
    r"^(?!-)(?!.*--)[a-z0-9-]{1,63}(?<!-)$",
    r"^(?!.*(foo|bar)).+$",
    r"^(?=.{8,12}$)\w+$",
    r"^(?:(?!ab)[a-z]){5,10}$",
    r"^(?=(?:[^a]*a){3}[^a]*$).{5,}$",
    r"(?<=a)b",
    r"(?<!a)b$",
    r"\bfoo\b",
    r"\Bx",
    r"^((25[0-5]|(2[0-4]|1\d|[1-9]|)\d)\.?\b){4}$",
    r"^(['\"]).*\1$",
    r"^([a-z]{3})-\1$",
    r"^(?=.*(.)\1).{4,}$",
    r"^\p{Lu}\p{Ll}+$",
    r"^[\p{L}\p{N}_]+$",
    r"^\P{L}+$",
    r"^\p{Script=Greek}+$",
    r"^\u{1F600}+$",
    r"^[\u4e00-\u9fa5]{2,4}$",
    r"^(?i)abc$",
    r"^https?://",
    r"^\S+$",
    r"^[^\s]+@[^\s]+\.[a-z]{2,}$",
    r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$",
    r"^.{0,5000}x.{0,5000}$",
    r"^[a-z]{1,4000}$",
    r"^[\x20-\x7E]{3,}$",
    r"^(a|b)*?\$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_strings_match_as_the_validator_sees_it(pattern: str) -> None:
    accepts = jsonschema_rs.Draft202012Validator({"pattern": pattern}).is_valid
    strings = strings_matching((pattern,))
    random = Chance("1")
    drawn = [strings.draw(random) for _ in range(60)] + [strings.draw(random, shortest=True)]
    assert [text for text in drawn if not accepts(text)] == []


@pytest.mark.parametrize(
    ("patterns", "excluded", "low", "high"),
    [
        (("^[a-z]+$", "b.*b"), (), 0, 6),
        (("^a*$",), ("^(aa)*$",), 0, 9),
        (("^(ab|cde)*$",), (), 7, 7),
        (("foo",), (), 10, 10),
        (("x",), ("y", r"\d"), 3, 5),
        (("^.+@.+$", "^[a-z@.]{4,}$"), ("@@",), 0, None),
        (("^[a-z]*$",), (), 3_000, 3_100),
        ((), ("^[a-z]",), 2, 4),
    ],
)
def test_patterns_exclusions_and_lengths_hold_together(
    patterns: tuple[str, ...], excluded: tuple[str, ...], low: int, high: int | None
) -> None:
    strings = strings_matching(patterns, excluded, min_length=low, max_length=high)
    random = Chance("2")
    for _ in range(30):
        text = strings.draw(random)
        assert low <= len(text) <= (high if high is not None else 100)
        assert all(re.search(pattern, text) for pattern in patterns)
        assert not any(re.search(pattern, text) for pattern in excluded)


def test_nothing_is_put_around_a_match_that_needs_nothing() -> None:
    random = Chance("0")
    assert strings_matching(("foo",)).draw(random) == "foo"
    assert strings_matching((r"\bcat\b",)).draw(random) == "cat"


def test_the_shortest_is_as_short_as_can_be() -> None:
    random = Chance("0")
    strings = strings_matching(("^(ab)*c{2,}$",), min_length=3)
    assert len(strings.draw(random, shortest=True)) == 3
    assert len(strings.draw(random)) > 3


def test_plain_characters_are_preferred() -> None:
    random = Chance("0")
    texts = [strings_matching((r"^[^x]{8}$",)).draw(random) for _ in range(20)]
    assert all(re.fullmatch("[a-z0-9]{8}", text) for text in texts)


def test_no_control_characters_where_others_do() -> None:
    strings = strings_matching((), ("^(?!a).*$",), min_length=3, max_length=9)
    random = Chance("0")
    assert all(strings.draw(random).isprintable() for _ in range(50))


@pytest.mark.parametrize(
    ("patterns", "low", "high"),
    [(("^(ab)*$",), 3, 3), (("^a$", "^b$"), 0, None), (("^a{3}$",), 0, 2), (("a^",), 0, None), (("[]",), 0, None)],
)
def test_what_no_string_matches_is_refused(patterns: tuple[str, ...], low: int, high: int | None) -> None:
    with pytest.raises(RegexUnsupported, match="no string of"):
        strings_matching(patterns, min_length=low, max_length=high)


@pytest.mark.parametrize("pattern", [r"^(.*a.{200}b)*c.{100}d$", r"^(?=(.*a.{150}b)+)(.*b.{150}a)+$"])
def test_what_takes_too_long_is_refused(pattern: str) -> None:
    with pytest.raises(RegexUnsupported, match="too many steps"):
        strings_matching((pattern,))


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("(", "missing parenthesis"),
        (")", "unmatched parenthesis"),
        ("[a", "unexpected end"),
        ("*a", "without anything to repeat"),
        ("a{3,2}", "out of order"),
        ("[z-a]", "out of order"),
        ("\\", "unexpected end"),
        (r"\p{NoSuch}", "unknown property 'NoSuch'"),
        (r"\p{L", "missing '}'"),
        (r"\u{110000}", "beyond Unicode"),
        (r"\xZZ", "no hexadecimal number"),
        ("(?m)a", "flag m"),
        ("(?<name", "missing '>'"),
        ("(?&a)", "unknown kind of group"),
        ("(" * 200 + ")" * 200, "nested groups"),
        ("a" * 30_000, "longer than"),
        (r"(a\1)", "backreference"),
        (r"a\2", "no group"),
    ],
)
def test_what_cannot_be_read_says_where(source: str, fault: str) -> None:
    with pytest.raises(RegexUnsupported, match=fault):
        strings_matching((source,))


def test_faults_with_braces_are_shown_as_they_are() -> None:
    with pytest.raises(RegexUnsupported, match=r"\{NoSuch\}"):
        strings_matching((r"\p{NoSuch}",))


def test_spellings_of_one_expression_are_read_alike() -> None:
    assert parse_regex("a{1}") == parse_regex("a")
    assert parse_regex(r"[\d]") == parse_regex(r"\d") == parse_regex("[0-9]")
    assert parse_regex("(?:a)") == parse_regex("a") == parse_regex(r"\x61") == parse_regex(r"\u0061")
    assert parse_regex("a*?") == parse_regex("a*") == parse_regex("a{0,}")
    assert parse_regex(r"\ud83d\ude00") == parse_regex(r"\u{1f600}")
    assert parse_regex("(?i)a") == parse_regex("[aA]")
    assert parse_regex("a{,3}") == parse_regex(r"a\{,3\}"), "no quantifier in ECMA-262"


def test_matches_asks_the_validator() -> None:
    assert matches("^x-", "x-a")
    assert not matches("^x-", "y-x-a")
    with pytest.raises(ValueError, match="regex"):
        matches("(", "a")
