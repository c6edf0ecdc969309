from __future__ import annotations

import gzip
import io
import struct
import tarfile
import wave
import xml.etree.ElementTree as ET
import zipfile
import zlib

import pytest

from understudy.mockserver.answers.sample_files import SAMPLES, sample_file


def get(media_type: str) -> bytes:
    data = sample_file(media_type)
    assert data is not None
    return data


def test_an_unknown_media_type_has_no_sample() -> None:
    assert sample_file("application/x-unknown") is None


@pytest.mark.parametrize("media_type", SAMPLES)
def test_every_sample_is_small_and_always_the_same(media_type: str) -> None:
    assert 0 < len(get(media_type)) <= 10240
    assert SAMPLES[media_type]() == get(media_type)


@pytest.mark.parametrize(
    ("media_type", "magic"),
    [("image/jpeg", b"\xff\xd8\xff\xe0"), ("image/gif", b"GIF89a"), ("image/bmp", b"BM"), ("audio/mpeg", b"ID3"),
     ("application/pdf", b"%PDF-1.4"), ("image/x-icon", b"\0\0\1\0")],
)  # fmt: skip
def test_samples_begin_as_their_format_does(media_type: str, magic: bytes) -> None:
    assert get(media_type).startswith(magic)


def test_the_png_has_sound_chunks_and_one_pixel() -> None:
    data = get("image/png")
    position, kinds = 8, []
    while position < len(data):
        (length,) = struct.unpack_from(">I", data, position)
        kind, body = data[position + 4 : position + 8], data[position + 8 : position + 8 + length]
        assert struct.unpack_from(">I", data, position + 8 + length)[0] == zlib.crc32(kind + body)
        kinds.append(kind)
        if kind == b"IDAT":
            assert zlib.decompress(body) == b"\0\x80"
        position += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def test_the_webp_declares_its_length() -> None:
    data = get("image/webp")
    assert data[:4] == b"RIFF"
    assert data[8:16] == b"WEBPVP8L"
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8


def test_the_wav_can_be_opened() -> None:
    with wave.open(io.BytesIO(get("audio/wav"))) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 8000, 1)


def test_archives_can_be_opened() -> None:
    with zipfile.ZipFile(io.BytesIO(get("application/zip"))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["readme.txt"]
    with tarfile.open(fileobj=io.BytesIO(get("application/x-tar"))) as tar:
        assert tar.getnames() == ["readme.txt"]
    assert gzip.decompress(get("application/gzip")) == b"A sample file.\n"


def test_the_svg_is_xml() -> None:
    assert ET.fromstring(get("image/svg+xml")).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_pdfs_cross_references_lead_to_objects() -> None:
    data = get("application/pdf")
    start = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert data[start:].startswith(b"xref\n0 4\n")
    for number in (1, 2, 3):
        offset = int(data[start:].split(b"\n")[2 + number][:10])
        assert data[offset:].startswith(b"%d 0 obj" % number)
