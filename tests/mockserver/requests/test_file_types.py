from __future__ import annotations

import pytest

from understudy.mockserver.requests.file_types import is_accepted

IMAGES = ("image/png", "image/jpeg")
SOUND = ("audio/webm", "audio/wav", "audio/mpeg")


@pytest.mark.parametrize(
    ("allowed", "media_type", "filename"),
    [
        ((), "anything/at-all", "a.exe"),
        (IMAGES, "image/png", "a.exe"),
        (IMAGES, "IMAGE/PNG; x=y", None),
        (IMAGES, "image/jpg", None),
        (IMAGES, None, None),
        (IMAGES, None, "a.png"),
        (IMAGES, None, "a.unknown"),
        (IMAGES, "application/octet-stream", "A.JPEG"),
        (IMAGES, "application/octet-stream", "noending"),
        (SOUND, "audio/x-wav", None),
        (SOUND, "audio/mp3", None),
        (SOUND, None, "a.webm"),
        (("audio/*",), None, "a.webm"),
        (("image/*",), "image/heic", None),
        (("*/*",), "nonsense/type", None),
        (("application/octet-stream",), "application/octet-stream", "a"),
    ],
)
def test_accepted(allowed: tuple[str, ...], media_type: str | None, filename: str | None) -> None:
    assert is_accepted(allowed, media_type, filename)


@pytest.mark.parametrize(
    ("allowed", "media_type", "filename"),
    [
        (IMAGES, "image/gif", "a.png"),
        (IMAGES, "application/octet-stream", "a.wav"),
        (IMAGES, None, "a.txt"),
        (IMAGES, "nonsense", "a.png"),
        (IMAGES, "text/plain", None),
        (SOUND, "video/webm", None),
        (("image/*",), None, "a.pdf"),
    ],
)
def test_refused(allowed: tuple[str, ...], media_type: str | None, filename: str | None) -> None:
    assert not is_accepted(allowed, media_type, filename)
