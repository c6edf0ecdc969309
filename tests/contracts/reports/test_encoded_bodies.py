"""Bodies go into JSON and come back."""

from __future__ import annotations

import base64
import json
import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.contracts.reports.encoded_bodies import MAX_OCTETS, MAX_PLAIN, decode_body, encode_body


@given(st.one_of(st.binary(), st.text().map(lambda text: text.encode("utf-8", "replace"))))
def test_what_is_encoded_is_decoded(body: bytes) -> None:
    encoded = json.loads(json.dumps(encode_body(body)))
    assert decode_body(encoded) == body
    assert encoded["octets"] == len(body)
    assert not encoded["cut"]


def test_no_body() -> None:
    assert encode_body(None) is None
    assert decode_body(None) is None


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(b"", "utf-8"), (b"text\0", "utf-8"), (b"\xff", "base64"), (b"a" * (MAX_PLAIN + 1), "zlib+base64")],
)
def test_encodings(body: bytes, encoding: str) -> None:
    assert encode_body(body)["encoding"] == encoding
    assert decode_body(encode_body(body)) == body


def test_what_does_not_compress_is_cut() -> None:
    body = os.urandom(1_000_000)
    encoded = encode_body(body)
    assert (encoded["cut"], encoded["octets"]) == (True, 1_000_000)
    assert decode_body(encoded) == body[:MAX_PLAIN]


def test_text_is_cut_within_a_character() -> None:
    body = ("é" * 10 + "x").encode() + "".join(chr(0x4E00 + index % 20_000) for index in range(200_000)).encode()
    encoded = encode_body(body)
    decoded = decode_body(encoded)
    assert decoded is not None
    assert body.startswith(decoded)


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("base64", "not base64!"),
        ("zlib+base64", base64.b64encode(b"not zlib").decode()),
        ("zlib+base64", base64.b64encode(zlib.compress(b"abc")[:-3]).decode()),
        ("zlib+base64", base64.b64encode(zlib.compress(b"\0" * (MAX_OCTETS + 1))).decode()),
    ],
    ids=["base64", "zlib", "incomplete", "bomb"],
)
def test_bad_data_is_refused(encoding: str, data: str) -> None:
    with pytest.raises(ValueError, match="the body is "):
        decode_body({"encoding": encoding, "data": data, "octets": 1, "cut": False})
