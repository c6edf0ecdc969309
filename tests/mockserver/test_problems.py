from __future__ import annotations

import pytest

from understudy.mockserver.problems import (
    TITLES,
    Objection,
    Problem,
    from_objections,
    problem_header,
    size_text,
    too_large,
)
from understudy.specs.pointers import JsonPointer
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.malformed import ContentTooLarge


def objection(
    location: str = "body", keyword: str = "minLength", pointer: str = "/a", message: str = "too short"
) -> Objection:
    return Objection(location, JsonPointer(pointer), keyword, message, "a")


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == set(ProblemKind)


@pytest.mark.parametrize(
    ("octets", "text"),
    [(0, "0B"), (1023, "1023B"), (1024, "1KB"), (1536, "1.5KB"), (20 * 1024**2, "20MB"), (20 * 1024**2 + 1, "20.1MB"),
     (26_528_972, "25.3MB"), (1024**3, "1GB")],
)  # fmt: skip
def test_sizes_have_a_unit_and_never_read_as_less_than_they_are(octets: int, text: str) -> None:
    assert size_text(octets) == text


@pytest.mark.parametrize(
    ("location", "keyword", "kind"),
    [
        ("body", "required", ProblemKind.MISSING_MEMBER),
        ("body", "type", ProblemKind.INVALID_BODY),
        ("query", "required", ProblemKind.MISSING_PARAMETER),
        ("path", "format", ProblemKind.INVALID_PARAMETER),
    ],
)
def test_the_first_objection_tells_the_kind(location: str, keyword: str, kind: ProblemKind) -> None:
    problem = from_objections([objection(location, keyword), objection("cookie", "required")])
    assert problem.kind is kind
    assert len(problem.objections) == 2


def test_the_text_says_where_why_and_how_many_more() -> None:
    assert Problem(ProblemKind.INVALID_BODY, objections=(objection(),)).text == "body /a: too short"
    assert from_objections([objection(), objection(), objection()]).text == "body /a: too short (and 2 more)"
    assert Problem(ProblemKind.INTERNAL).text == "The mock server failed"


def test_a_limit_is_told_with_what_was_received() -> None:
    problem = too_large(ContentTooLarge(20 * 1024**2, 26_528_972), "the file", JsonPointer("/image"))
    assert (problem.limit, problem.received) == ("20MB", "25.3MB")
    assert problem.objections[0].field == "image"
    assert problem.text == "body /image: the file may have 20MB at most; 25.3MB were received"


def test_the_header_is_ascii_on_one_line_whatever_the_message() -> None:
    problem = Problem(ProblemKind.INVALID_BODY, objections=(objection(message='a "b" \\ \r\nX: y ☃ \x00 \U0001f600'),))
    header = problem_header(problem)
    assert all(0x20 <= octet < 0x7F for octet in header)
    assert header.startswith(b'invalid-body; location=body; pointer="/a"; keyword=minLength; detail="body /a: ')
    assert b'a \\"b\\" \\\\ \\u000d\\u000aX: y \\u2603' in header


def test_the_header_is_short_however_long_the_pointer() -> None:
    problem = Problem(ProblemKind.INVALID_BODY, objections=(objection(pointer="/" + "☃" * 9000, keyword="k"),))
    assert len(problem_header(problem)) < 5000
