"""Laws of multipart: what is written is read, here and by the standard library; any cutting is equal."""

from __future__ import annotations

import email.message
import email.parser
import email.policy
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.wire.malformed import ContentTooLarge, MalformedContent
from understudy.specs.wire.multipart import Limits, Parser, Part, encode_multipart

BOUNDARY = "=-b0"
TYPE = f'multipart/form-data; boundary="{BOUNDARY}"'
near = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b"-", b"--", b"=-b0", b"\r\n--=-b", b"\r\n-", b" ", b"x", b"\0", b"\xff"]
)
contents = st.lists(near | st.binary(max_size=4), max_size=12).map(b"".join).filter(lambda c: b"--=-b0" not in c)
names = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1, max_size=8)
parts = st.builds(Part, names, contents, st.none() | names, st.none() | st.just("image/png"))


def read(pieces: list[bytes], limits: Limits | None = None) -> list[Part]:
    with Parser(TYPE, limits) as parser:
        found = [part for piece in pieces for part in parser.feed(piece)]
        parser.close()
    return found


def pieces_of(body: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[a:b] for a, b in pairwise(borders)]


@given(st.lists(parts, max_size=4), st.lists(st.integers(0, 10_000)))
def test_what_is_written_is_read(sent: list[Part], places: list[int]) -> None:
    body = encode_multipart(sent, BOUNDARY)
    found = read(pieces_of(body, places))
    assert [Part(part.name, part.content, part.filename, part.media_type) for part in found] == sent


@given(st.lists(parts, min_size=1, max_size=4))
def test_the_standard_library_reads_what_is_written(sent: list[Part]) -> None:
    body = encode_multipart(sent, BOUNDARY)
    parser = email.parser.BytesParser(policy=email.policy.compat32)
    message = parser.parsebytes(f"Content-Type: {TYPE}\r\n\r\n".encode() + body)
    payload = message.get_payload()
    assert isinstance(payload, list)
    found = [part.get_payload(decode=True) for part in payload if isinstance(part, email.message.Message)]
    assert found == [part.content for part in sent]


tokens = st.sampled_from(
    [
        b"\r\n--=-b0\r\n",
        b"--=-b0",
        b"--=-b0--",
        b"\r\n",
        b"--",
        b" ",
        b"\r\n\r\n",
        b"Content-Disposition: form-data; name=a",
    ]
)


@given(st.lists(tokens | near, max_size=20).map(b"".join), st.lists(st.integers(0, 10_000)), st.integers(0, 200))
def test_any_cutting_is_equal(body: bytes, places: list[int], limit: int) -> None:
    limits = Limits(max_part_bytes=lambda _: limit % 9, max_body_bytes=limit, max_header_bytes=45, max_parts=3)
    outcomes = []
    for pieces in ([body], pieces_of(body, places), [body[i : i + 1] for i in range(len(body))]):
        try:
            outcomes.append(repr(read(pieces, limits)))
        except ContentTooLarge as error:
            outcomes.append(f"{type(error).__name__} {error.limit}")
        except MalformedContent as error:
            outcomes.append(str(error))
    assert outcomes[0] == outcomes[1] == outcomes[2]
