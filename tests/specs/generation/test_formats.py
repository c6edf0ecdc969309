from __future__ import annotations

import jsonschema_rs
import pytest

from understudy.specs.documents.document import Json
from understudy.specs.generation.chance import Chance
from understudy.specs.generation.formats import FORMATS, INTEGER_RANGES, fits
from understudy.specs.generation.patterns import RegexUnsupported, strings_matching

STANDARD = {
    *("date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6"),
    *("uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer"),
    *("relative-json-pointer", "regex"),
}


def accepts(name: str, text: str) -> bool:
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)
    return validator.is_valid(text) and fits(name, text)


def test_every_format_of_json_schema_is_known() -> None:
    assert FORMATS.keys() >= STANDARD | {"byte", "binary", "password"}


@pytest.mark.parametrize("name", FORMATS)
def test_drawn_texts_have_the_format(name: str) -> None:
    random = Chance("0")
    drawn = [FORMATS[name].draw(random) for _ in range(100)]
    assert [text for text in drawn if not accepts(name, text)] == []
    assert len(set(drawn)) > 10


@pytest.mark.parametrize("name", [name for name, known in FORMATS.items() if known.pattern is not None])
@pytest.mark.parametrize(("low", "high"), [(0, None), (12, None), (40, None), (0, 12)])
def test_the_pattern_of_a_format_only_matches_its_texts(name: str, low: int, high: int | None) -> None:
    try:
        strings = strings_matching((FORMATS[name].pattern or "",), min_length=low, max_length=high)
    except RegexUnsupported:
        assert name in {"date-time", "date", "time", "uuid", "ipv4", "ipv6"}, "only these have a greatest length"
        return
    random = Chance("0")
    drawn = [strings.draw(random) for _ in range(60)]
    assert [text for text in drawn if not accepts(name, text)] == []


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("int32", 2**31 - 1, True),
        ("int32", 2**31, False),
        ("int32", -(2**31) - 1, False),
        ("int32", 1.5, False),
        ("int32", 1.0, True),
        ("int32", "text", True),
        ("int32", True, True),
        ("int64", 2**63, False),
        ("uint8", -1, False),
        ("float", 3e38, True),
        ("float", 4e38, False),
        ("double", 4e38, True),
        ("byte", "AQI=", True),
        ("byte", "AQI", False),
        ("byte", "*", False),
        ("byte", 5, True),
        ("unheard-of", "anything", True),
    ],
)
def test_formats_of_openapi(name: str, value: Json, expected: bool) -> None:
    assert fits(name, value) is expected


def test_integer_ranges_are_twos_complement() -> None:
    for name, (low, high) in INTEGER_RANGES.items():
        bits = int(name.lstrip("uint"))
        assert high - low + 1 == 2**bits
        assert (low == 0) is name.startswith("u")
