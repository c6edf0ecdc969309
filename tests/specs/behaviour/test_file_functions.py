"""Files in expressions: their octets as text, their paths, their kinds."""

from __future__ import annotations

import pytest

from understudy.specs.behaviour.file_functions import from_base64, is_text, media_type_of, path_of, to_base64

OCTETS = bytes(range(256)).decode("latin-1")


def test_octets_go_through_base64_and_back() -> None:
    assert to_base64("\0\xff") == "AP8="
    assert from_base64(to_base64(OCTETS)) == OCTETS


@pytest.mark.parametrize("text", ["AP8", "A", "AP8=!", "ä"])
def test_what_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        from_base64(text)


def test_a_text_that_is_none_of_octets_is_refused() -> None:
    with pytest.raises(ValueError, match="latin-1"):
        to_base64("€")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "/"),
        ("/", "/"),
        ("//./", "/"),
        ("a", "/a"),
        ("/a//b/./c/", "/a/b/c"),
        ("/a/...", "/a/..."),
        ("/a../..b", "/a../..b"),
        ("/100%", "/100%"),
        ("/a%2fb", "/a%2fb"),
        ("/a\\b", "/a\\b"),
        ("/ä b", "/ä b"),
    ],
)
def test_a_path_has_one_form(text: str, path: str) -> None:
    assert path_of(text) == path
    assert path_of(path) == path


@pytest.mark.parametrize(
    "text",
    [
        "..",
        "/..",
        "/a/..",
        "/a/../b",
        "a\\..\\b",
        "/a/..\\b",
        "%2e%2e",
        "/.%2E/a",
        "/a%2f..%2fb",
        "/a%5c..%5cb",
        "%252e%252e",
        "%25252e%25252e/a",
        "/a/ ../b",
        "/a\0b",
        "/a%00b",
        "%" + "25" * 20 + "2e.",
    ],
)
def test_a_path_that_leads_out_is_none(text: str) -> None:
    assert path_of(text) is None


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("/a/b.csv", "text/csv"),
        ("photo.JPG", "image/jpeg"),
        ("notes.tar.gz", "application/gzip"),
        ("table.csv.bz2", "application/x-bzip2"),
        ("README", "application/octet-stream"),
        ("a.b/c", "application/octet-stream"),
        ("x.nobody-knows-this", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_the_end_of_a_name_tells_the_kind(name: str, media_type: str) -> None:
    assert media_type_of(name) == media_type


@pytest.mark.parametrize(
    ("octets", "expected"),
    [(b"", True), (b"plain", True), ("Grüße".encode(), True), (b"a\0b", False), (b"\xff\xfe", False), (b"\xc3", False)],
)
def test_text_is_utf8_without_nul(octets: bytes, expected: bool) -> None:
    assert is_text(octets.decode("latin-1")) is expected


def test_what_is_no_text_of_octets_is_no_file_of_text() -> None:
    assert not is_text("€")
