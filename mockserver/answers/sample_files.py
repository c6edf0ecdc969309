"""The smallest files that programs accept as what they claim to be, made from their formats' definitions."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

__all__ = ["SAMPLES", "sample_file"]


def sample_file(media_type: str) -> bytes | None:
    """A file of a media type (lower case, without parameters); None for a type that isn't known here."""
    return _make(media_type) if media_type in SAMPLES else None


@cache
def _make(media_type: str) -> bytes:
    return SAMPLES[media_type]()


def _png() -> bytes:
    """One grey pixel (PNG, section 11)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\x80")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def _gif() -> bytes:
    """One pixel of a palette of two (GIF89a)."""
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0)
    palette = b"\0\0\0\x80\x80\x80"
    image = b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x4c\x01\0"
    return b"GIF89a" + screen + palette + image + b";"


def _bmp() -> bytes:
    """One grey pixel of 24 bits, its row padded to four octets."""
    pixels = b"\x80\x80\x80\0"
    info = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, len(pixels), 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 14 + len(info) + len(pixels), 0, 0, 14 + len(info)) + info + pixels


def _jpeg() -> bytes:
    """One grey pixel: baseline, all quantisers one, Huffman tables with a code for zero only (T.81, annex B)."""

    def segment(marker: int, data: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data

    jfif = segment(0xE0, b"JFIF\0" + struct.pack(">HBHHBB", 0x0101, 0, 1, 1, 0, 0))
    quantisers = segment(0xDB, b"\0" + b"\x01" * 64)
    frame = segment(0xC0, struct.pack(">BHHB", 8, 1, 1, 1) + b"\x01\x11\0")
    # One code of one bit in each table: DC category 0, AC end of block. The scan is those two bits, padded with ones.
    table = b"\x01" + b"\0" * 15 + b"\0"
    tables = segment(0xC4, b"\0" + table) + segment(0xC4, b"\x10" + table)
    scan = segment(0xDA, b"\x01\x01\0" + b"\0\x3f\0") + b"\x3f"
    return b"\xff\xd8" + jfif + quantisers + frame + tables + scan + b"\xff\xd9"


def _webp() -> bytes:
    """One pixel, lossless (RFC 9649): no transform, no cache, five codes of one symbol each."""
    # 14 bits width - 1, 14 bits height - 1, alpha, version of 3 bits; then no transform, no colour cache, no meta
    # codes, and for each of green, red, blue, alpha, distance: simple code, one symbol, of one bit, zero.
    bits = "0" * 14 + "0" * 14 + "0" + "000" + "0" + "0" + "0" + "1000" * 5
    bits += "0" * (-len(bits) % 8)
    packed = bytes(int(bits[start : start + 8][::-1], 2) for start in range(0, len(bits), 8))
    data = b"\x2f" + packed
    chunk = b"VP8L" + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def _svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


def _ico() -> bytes:
    """An icon that holds a PNG."""
    image = _png()
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 1, 1, 0, 0, 1, 32, len(image), 22) + image


def _wav() -> bytes:
    """One sample of silence: PCM, mono, 8 kHz, 8 bits."""
    form = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    data = b"data" + struct.pack("<I", 1) + b"\x80\0"
    return b"RIFF" + struct.pack("<I", 4 + len(form) + len(data)) + b"WAVE" + form + data


def _mp3() -> bytes:
    """An empty ID3 tag and one silent frame: MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono."""
    frame = b"\xff\xfb\x10\xc0"
    return b"ID3\x04\0\0\0\0\0\0" + frame.ljust(144 * 32000 // 44100, b"\0")


def _pdf() -> bytes:
    """One empty page, with a cross-reference table (ISO 32000, section 7.5)."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>",
    )
    out, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    trailer = b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
    return out + b"xref\n0 %d\n" % size + table + trailer


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("readme.txt", (1980, 1, 1, 0, 0, 0)), "A sample file.\n")
    return out.getvalue()


def _gzip() -> bytes:
    return gzip.compress(b"A sample file.\n", mtime=0)


def _tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        content = b"A sample file.\n"
        entry = tarfile.TarInfo("readme.txt")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def _octets() -> bytes:
    return bytes(range(256))


SAMPLES: Final[Mapping[str, Callable[[], bytes]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/jpg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/bmp": _bmp,
    "image/svg+xml": _svg,
    "image/x-icon": _ico,
    "image/vnd.microsoft.icon": _ico,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
    "audio/wave": _wav,
    "audio/mpeg": _mp3,
    "audio/mp3": _mp3,
    "application/pdf": _pdf,
    "application/zip": _zip,
    "application/gzip": _gzip,
    "application/x-gzip": _gzip,
    "application/x-tar": _tar,
    "application/octet-stream": _octets,
}
"""Media type → what makes a file of it; the first of each type stands for a range such as ``image/*``."""
