"""Text that acts or hides is made visible."""

from __future__ import annotations

import unicodedata

import pytest

from understudy.contracts.reports.printable import printable, shorten


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a‹U+0000›b"),
        ("\x1b[31mred", "‹U+001B›[31mred"),
        ("\x7f\x9b", "‹U+007F›‹U+009B›"),
        ("a\u202eb", "a‹U+202E›b"),
        ("zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"),
        ("\ud800", "‹U+D800›"),
        ("\ufffe\uffff", "‹U+FFFE›‹U+FFFF›"),
        ("\r\n", "‹U+000D›\n"),
        ("tab\tnewline\nHöhe 🍏 • ‹›", "tab\tnewline\nHöhe 🍏 • ‹›"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert printable(shown) == shown


def test_every_character_of_the_basic_plane_that_xml_or_a_terminal_minds_is_gone() -> None:
    for code in range(0x10000):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") and character not in "\n\t":
            assert printable(character) == f"‹U+{code:04X}›"


def test_shorten() -> None:
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd" * 500, 3) == "abc… (2,000 characters)"
