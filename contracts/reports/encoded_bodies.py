"""Bodies as members of the JSON report: text where they are text, else base64, compressed where that is shorter."""

from __future__ import annotations

import base64
import binascii
import zlib

from understudy.specs.documents.document import Json

__all__ = ["decode_body", "encode_body"]

MAX_PLAIN = 65_536
"""Octets that are written as they are; more are compressed."""

MAX_COMPRESSED = 262_144
"""Octets of a compressed body; a body that needs more is cut to `MAX_PLAIN`."""

MAX_OCTETS = 67_108_864
"""Octets that a body may have when it is read again: a small file can't fill the memory."""


def encode_body(body: bytes | None) -> Json:
    """``{"encoding", "data", "octets", "cut"}``; null where there is no body.

    ``encoding`` is ``utf-8``, ``base64`` or ``zlib+base64``; ``octets`` is the whole body's size, also where it is cut.
    """
    if body is None:
        return None
    kept, cut = body, False
    if len(body) > MAX_PLAIN:
        compressed = zlib.compress(body, 6) if len(body) <= MAX_OCTETS else b""
        if compressed and len(compressed) <= MAX_COMPRESSED:
            data = base64.b64encode(compressed).decode()
            return {"encoding": "zlib+base64", "data": data, "octets": len(body), "cut": False}
        kept, cut = body[:MAX_PLAIN], True
    try:
        return {"encoding": "utf-8", "data": kept.decode("utf-8"), "octets": len(body), "cut": cut}
    except UnicodeDecodeError:
        data = base64.b64encode(kept).decode()
        return {"encoding": "base64", "data": data, "octets": len(body), "cut": cut}


def decode_body(body: Json) -> bytes | None:
    """The octets again, as many as were kept.

    Raises:
        ValueError: The data isn't what ``encoding`` says, or is larger than `MAX_OCTETS`.
    """
    if body is None:
        return None
    if body["encoding"] == "utf-8":
        return str(body["data"]).encode("utf-8")
    try:
        octets = base64.b64decode(body["data"], validate=True)
        return octets if body["encoding"] == "base64" else _decompress(octets)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(f"the body is not {body['encoding']}: {error}") from error


def _decompress(octets: bytes) -> bytes:
    stream = zlib.decompressobj()
    body = stream.decompress(octets, MAX_OCTETS)
    if not stream.eof:
        raise ValueError(f"the body is incomplete or larger than {MAX_OCTETS:,} octets")
    return body
