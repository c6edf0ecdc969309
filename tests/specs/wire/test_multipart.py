"""Multipart bodies: each case whole, octet by octet and cut in two at every place; limits, faults, temporary files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

import pytest

from understudy.specs.wire.malformed import ContentTooLarge, UncarriableValue
from understudy.specs.wire.multipart import (
    BodyTooLarge,
    Limits,
    MalformedMultipart,
    Parser,
    Part,
    PartTooLarge,
    encode_multipart,
    get_boundary,
)

TYPE = "multipart/form-data; boundary=b"
MIXED = "multipart/mixed; boundary=b"


def cuts(body: bytes) -> Iterator[list[bytes]]:
    yield [body]
    yield [body[i : i + 1] for i in range(len(body))]
    for place in range(len(body)):
        yield [body[:place], b"", body[place:]]


def parse(pieces: list[bytes], content_type: str = TYPE, limits: Limits | None = None) -> list[Part]:
    with Parser(content_type, limits) as parser:
        parts = [part for piece in pieces for part in parser.feed(piece)]
        parser.close()
    return parts


def field(name: str, content: str, *headers: str) -> bytes:
    lines = [f'Content-Disposition: form-data; name="{name}"', *headers]
    return "\r\n".join(["--b", *lines, "", content, ""]).encode()


END = b"--b--\r\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (END, []),
        (field("a", "1") + END, [("a", b"1")]),
        (field("a", "1") + field("a", "2") + END, [("a", b"1"), ("a", b"2")]),
        (field("a", "") + END, [("a", b"")]),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n--b--', [("a", b"")]),
        (field("a", "1") + b"--b--", [("a", b"1")]),
        (field("a", "1") + b"--b--\r\nepilogue\r\n" + field("b", "2") + END, [("a", b"1")]),
        (b"preamble\r\n\r\n--bx\r\n" + field("a", "1") + END, [("a", b"1")]),
        (b"\r\n" + field("a", "1") + END, [("a", b"1")]),
        (field("a", "1").replace(b"--b\r\n", b"--b \t \r\n") + b"--b--  \r\n", [("a", b"1")]),
        # Content may hold anything but a line that is the boundary.
        (
            field("a", "x--b\r\n--bb\r\n--b x\r\n-b\r\n\r\n--\r\n") + END,
            [("a", b"x--b\r\n--bb\r\n--b x\r\n-b\r\n\r\n--\r\n")],
        ),
        (field("a", "\r\n\r\n") + END, [("a", b"\r\n\r\n")]),
        (field("a", "\n--b\n\r--b\r") + END, [("a", b"\n--b\n\r--b\r")]),
        (field("a", "\r\n--b\r") + END, [("a", b"\r\n--b\r")]),
        (field("a", "--b" + " " * 300) + END, [("a", b"--b" + b" " * 300)]),
        (field("a", "é\0") + END, [("a", "é\0".encode())]),
    ],
)
def test_parts(body: bytes, expected: list[tuple[str, bytes]]) -> None:
    for pieces in cuts(body):
        assert [(part.name, part.read()) for part in parse(pieces)] == expected, pieces


def test_a_part_as_browsers_send_it() -> None:
    body = (
        b'------x\r\nContent-Disposition: form-data; name="image"; filename="C:\\photos\\a \\"b\\".png"\r\n'
        b"Content-Type: image/png\r\nX-Note: one\r\n  two\r\n\r\n\x89PNG\r\n\x1a\n\r\n------x--\r\n"
    )
    [part] = parse([body], 'multipart/form-data; boundary="----x"')
    assert part == Part(
        "image",
        b"\x89PNG\r\n\x1a\n",
        'C:\\photos\\a "b".png',
        "image/png",
        (
            ("Content-Disposition", 'form-data; name="image"; filename="C:\\photos\\a \\"b\\".png"'),
            ("Content-Type", "image/png"),
            ("X-Note", "one two"),
        ),
    )


@pytest.mark.parametrize(
    ("disposition", "name", "filename"),
    [
        ("form-data; name=a", "a", None),
        ("form-data;name=a ;filename=b.txt ", "a", "b.txt"),
        ('FORM-DATA; NAME="a"; FileName=""', "a", ""),
        ('form-data; filename="x;y=z.txt"; name="a;b"', "a;b", "x;y=z.txt"),
        ('form-data; name="é"; filename="日本.txt"', "é", "日本.txt"),
        ('form-data; name="a"; filename="f.txt"; filename*=UTF-8\'en\'na%C3%AFve.txt', "a", "naïve.txt"),
        ("form-data; name=\"a\"; filename*=iso-8859-1''%E9.txt", "a", "é.txt"),
        ('form-data; name="a"; filename="f.txt"; filename*=UTF-8\'\'%ff', "a", "f.txt"),
        ('form-data; name="a"; filename="f.txt"; filename*=utf-16\'\'x', "a", "f.txt"),
        ('form-data; name="a"; filename="f.txt"; filename*=x', "a", "f.txt"),
        ('form-data; name="a"; name="b"', "a", None),
        ('form-data; name="a\\\\b%22"', "a\\b%22", None),
        ('form-data; name=""', "", None),
    ],
)
def test_names(disposition: str, name: str, filename: str | None) -> None:
    [part] = parse([f"--b\r\nContent-Disposition: {disposition}\r\n\r\nx\r\n".encode() + END])
    assert (part.name, part.filename) == (name, filename)


def test_names_in_latin_1() -> None:
    [part] = parse(['--b\r\nContent-Disposition: form-data; name="é"\r\n\r\nx\r\n'.encode("latin-1") + END])
    assert part.name == "é"


def test_mixed_parts_need_neither_name_nor_headers() -> None:
    body = b"--b\r\n\r\nplain\r\n--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--"
    for pieces in cuts(body):
        assert parse(pieces, MIXED) == [
            Part("", b"plain"),
            Part("", b"{}", None, "application/json", (("Content-Type", "application/json"),)),
        ]


@pytest.mark.parametrize(
    ("body", "reason", "offset"),
    [
        (b"", "the body ends before the first boundary: the line '--b--', with CRLF before it, never comes", 0),
        (b"a=1&b=2", "the body ends before the first boundary", 7),
        (field("a", "1").replace(b"\r\n", b"\n"), "the body ends before the first boundary", None),
        (field("a", "1"), "the body ends in the content of a part", 52),
        (field("a", "1") + b"--b-", "the body ends in the content of a part", 56),
        (field("a", "1") + b"--b\r\n", "the body ends in the headers of a part", 57),
        (b'--b\r\nContent-Disposition: form-data; name="a"\r\n', "the body ends in the headers of a part", 47),
        (b"--b\r\n\r\nx\r\n" + END, "a part has no name", 5),
        (b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, "a part has no name", 5),
        (field("a", "1") + b"--b\r\nno header\r\n\r\nx\r\n" + END, "'no header' is not a header of a part", 57),
        (b"--b\r\n: x\r\n\r\nx\r\n" + END, "': x' is not a header of a part", 5),
        (b"--b\r\nA B: x\r\n\r\nx\r\n" + END, "'A B: x' is not a header of a part", 5),
        (b"--b\r\nA: x\ny\r\n\r\nx\r\n" + END, "is not a header of a part", 5),
        (b"--b\r\nA: \0\r\n\r\nx\r\n" + END, "is not a header of a part", 5),
        (b"--b\r\n--b--\r\n\r\n", "'--b--' is not a header of a part", 5),
    ],
)
def test_malformed(body: bytes, reason: str, offset: int | None) -> None:
    for pieces in cuts(body):
        with pytest.raises(MalformedMultipart) as caught:
            parse(pieces)
        assert reason in caught.value.reason
        assert caught.value.offset == (len(body) if offset is None else offset)
        assert str(caught.value) == f"octet {caught.value.offset}: {caught.value.reason}"


@pytest.mark.parametrize(
    ("content_type", "reason"),
    [
        ("multipart/form-data", "Content-Type gives no boundary"),
        ("multipart/form-data; boundary=", "Content-Type gives no boundary"),
        ("nonsense", "Content-Type gives no boundary"),
        ('multipart/form-data; boundary=""', "'' is not a boundary"),
        ('multipart/form-data; boundary="a "', "'a ' is not a boundary"),
        ("multipart/form-data; boundary=é", "'é' is not a boundary"),
        ("multipart/form-data; boundary=" + "x" * 71, "is not a boundary of 1 to 70"),
    ],
)
def test_no_boundary(content_type: str, reason: str) -> None:
    with pytest.raises(MalformedMultipart) as caught:
        Parser(content_type)
    assert reason in caught.value.reason


def test_get_boundary() -> None:
    assert get_boundary('multipart/mixed; boundary="a b:c"') == "a b:c"
    assert get_boundary("multipart/form-data; Boundary=----=_Part_1; charset=utf-8") == "----=_Part_1"


PART_OF_NINE = field("a", "1") + field("image", "123456789") + END


def test_a_part_may_have_exactly_its_limit() -> None:
    limits = Limits(max_part_bytes={"image": 9, "a": 1}.get, max_body_bytes=len(PART_OF_NINE))
    for pieces in cuts(PART_OF_NINE):
        assert [part.read() for part in parse(pieces, limits=limits)] == [b"1", b"123456789"]


def test_part_too_large() -> None:
    for pieces in cuts(PART_OF_NINE):
        with pytest.raises(PartTooLarge, match="the part 'image' is larger than 8 octets: at least 9") as caught:
            parse(pieces, limits=Limits(max_part_bytes={"image": 8}.get))
        assert (caught.value.name, caught.value.limit) == ("image", 8)
        assert isinstance(caught.value, ContentTooLarge)


def test_body_too_large() -> None:
    for pieces in cuts(PART_OF_NINE + b"epilogue"):
        with pytest.raises(BodyTooLarge, match=r"larger than 130 octets: at least 1[34]"):
            parse(pieces, limits=Limits(max_body_bytes=130))
    with pytest.raises(BodyTooLarge):
        parse([b"x" * 200], limits=Limits(max_body_bytes=130))


def test_which_limit_is_passed_first_does_not_depend_on_the_pieces() -> None:
    for body_limit, refusal in ((100, BodyTooLarge), (140, PartTooLarge)):
        limits = Limits(max_part_bytes={"image": 3}.get, max_body_bytes=body_limit)
        for pieces in cuts(PART_OF_NINE):
            with pytest.raises(refusal):
                parse(pieces, limits=limits)


def test_limits_are_enforced_while_the_body_comes() -> None:
    with Parser(TYPE, Limits(max_part_bytes=lambda _: 1_000_000, spool_bytes=10_000)) as parser:
        parser.feed(b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\n')
        fed = 0
        with pytest.raises(PartTooLarge):  # noqa: PT012 - how far it gets is what is asked
            while fed < 100_000_000:
                fed += 64_000
                parser.feed(b"x" * 64_000)
        assert fed < 1_100_000
        with pytest.raises(PartTooLarge):
            parser.feed(b"x")
        with pytest.raises(PartTooLarge):
            parser.close()


@pytest.mark.parametrize(
    ("limits", "body", "reason"),
    [
        (Limits(max_parts=1), PART_OF_NINE, "octet 57: more than 1 parts"),
        (Limits(max_header_bytes=43), PART_OF_NINE, "octet 57: the headers of a part have more than 43 octets"),
        (Limits(), b"--b\r\n" + b"x" * 20_000, "the headers of a part have more than 16384 octets"),
        (Limits(), b"--b\r\nA: " + b" " * 16_000 + b"\0\r\n\r\n", "is not a header"),
        (Limits(), b"--b\r\nContent-Disposition: " + b';x="\\' * 3_200 + b"\r\n\r\n", "a part has no name"),
    ],
)
def test_other_limits(limits: Limits, body: bytes, reason: str) -> None:
    for pieces in ([body], [body[i : i + 1] for i in range(len(body))]):
        with pytest.raises(MalformedMultipart, match=reason):
            parse(pieces, limits=limits)


def test_headers_may_have_exactly_their_limit() -> None:
    for pieces in cuts(PART_OF_NINE):
        assert len(parse(pieces, limits=Limits(max_header_bytes=44, max_parts=2))) == 2


def test_large_parts_go_to_files() -> None:
    content = bytes(range(256)) * 100
    body = encode_multipart([Part("small", b"x" * 1000), Part("large", content)], "b")
    small, large = parse([body[i : i + 777] for i in range(0, len(body), 777)], limits=Limits(spool_bytes=1000))
    assert isinstance(small.content, bytes)
    assert not isinstance(large.content, bytes)
    assert large.content.read() == content
    assert large.read() == large.read() == content
    large.close()
    small.close()
    assert large.content.closed


def test_files_of_refused_bodies_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []
    real = tempfile.TemporaryFile

    def counting() -> IO[bytes]:
        opened.append(real())
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", counting)
    limits = Limits(spool_bytes=10, max_part_bytes={"b": 30}.get)
    with pytest.raises(PartTooLarge):
        parse([field("a", "x" * 20) + field("b", "y" * 100) + END], limits=limits)
    with Parser(TYPE, limits) as parser:
        parser.feed(field("c", "x" * 20))
    assert len(opened) == 3
    assert all(file.closed for file in opened)


def test_encode() -> None:
    parts = [
        Part("text", b"hello"),
        Part("image", b"\x89PNG", 'a "b" \\c.png', "image/png", (("X-Note", "1"), ("Content-type", "ignored"))),
        Part("", b"{}", None, "application/json"),
    ]
    assert encode_multipart(parts, "b") == (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n'
        b'--b\r\nContent-Disposition: form-data; name="image"; filename="a \\"b\\" \\\\c.png"\r\n'
        b"Content-Type: image/png\r\nX-Note: 1\r\n\r\n\x89PNG\r\n"
        b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--\r\n"
    )
    assert encode_multipart([], "b") == b"--b--\r\n"


@pytest.mark.parametrize(
    ("part", "boundary", "reason"),
    [
        (Part("a", b"x--by"), "b", "has the boundary 'b' in it"),
        (Part("a\r\nX: y", b""), "b", "has a line break or NUL"),
        (Part("a", b"", filename="x\n"), "b", "has a line break or NUL"),
        (Part("a", b"", media_type="text/plain\r\nX: y"), "b", "has a line break or NUL"),
        (Part("a", b"", headers=(("X", "y\0"),)), "b", "has a line break or NUL"),
        (Part("\ud800", b""), "b", "half of a surrogate pair"),
        (Part("a", b""), "b\r\n", "is not a boundary"),
        (Part("a", b""), "", "is not a boundary"),
    ],
)
def test_encode_refuses(part: Part, boundary: str, reason: str) -> None:
    with pytest.raises(UncarriableValue, match=reason):
        encode_multipart([part], boundary)
