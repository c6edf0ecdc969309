from __future__ import annotations

import re
import unicodedata

import pytest

from understudy.specs.regex import charsets
from understudy.specs.regex.charsets import CharSet


def chars_of(chars: CharSet) -> set[str]:
    return {chr(point) for low, high in chars for point in range(low, high + 1)}


LETTERS: CharSet = ((0x61, 0x7A),)


def test_sets_combine_as_sets_do() -> None:
    left, right = ((1, 5), (10, 20)), ((4, 12), (30, 31))
    assert charsets.union(left, right) == ((1, 20), (30, 31))
    assert charsets.union(((1, 2), (3, 4))) == ((1, 4),)
    assert charsets.intersect(left, right) == ((4, 5), (10, 12))
    assert charsets.complement(charsets.complement(left)) == left
    assert charsets.intersect(left, charsets.complement(left)) == ()
    assert charsets.complement(()) == charsets.UNIVERSE
    assert charsets.complement(charsets.UNIVERSE) == ()


def test_shorthands_are_those_of_ecma_262() -> None:
    assert chars_of(charsets.DIGIT) == set("0123456789")
    assert all(re.fullmatch(r"\w", char, re.ASCII) for char in chars_of(charsets.WORD))
    assert {" ", "\t", "\u2028", "\ufeff", "\u3000"} <= chars_of(charsets.SPACE)
    assert "\x85" not in chars_of(charsets.SPACE)
    assert "\n" not in chars_of(charsets.DOT)


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("Lu", "AÄΩ", "a1"),
        ("Uppercase_Letter", "A", "a"),
        ("L", "aÄ漢한", "1 "),
        ("Letter", "a", "1"),
        ("General_Category=Nd", "0٣", "a"),
        ("gc=Sc", "$€", "a"),
        ("Script=Greek", "αΩ", "aд"),
        ("sc=Cyrillic", "д", "a"),
        ("IsGreek", "α", "a"),
        ("Han", "漢", "a"),
        ("Alphabetic", "aα漢", "1"),
        ("White_Space", " \t", "a"),
        ("ASCII", "a~", "é"),
        ("Any", "aé漢😀", ""),
        ("Emoji_Presentation", "😀", "a"),
    ],
)
def test_properties(name: str, inside: str, outside: str) -> None:
    found = charsets.find_property(name)
    assert found is not None
    chars = chars_of(found)
    assert set(inside) <= chars
    assert not set(outside) & chars


@pytest.mark.parametrize("name", ["NoSuch", "Script=NoSuch", "Age=5", ""])
def test_unknown_properties_are_none(name: str) -> None:
    assert charsets.find_property(name) is None


def test_palettes_are_pleasant() -> None:
    assert charsets.palette(charsets.ANY).isalnum()
    assert charsets.palette(charsets.ANY).islower()
    assert charsets.palette(((0x41, 0x5A),)) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert charsets.palette(((0x20, 0x20),)) == " "
    greek = charsets.palette(((0x370, 0x3FF),))
    assert 0 < len(greek) <= 64
    assert all(char.isprintable() and not unicodedata.combining(char) for char in greek)
    assert charsets.palette(((0x0, 0x3),)) == "\0\x01\x02\x03", "nothing better is there"


def test_folding_adds_the_other_case() -> None:
    assert chars_of(charsets.fold(((0x61, 0x62),))) == set("abAB")
    assert chars_of(charsets.fold(((0x5A, 0x5A),))) == set("zZ")
