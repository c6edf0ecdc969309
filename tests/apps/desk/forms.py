"""multipart/form-data, taken apart by hand and strictly (RFC 7578, RFC 2046)."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message


@dataclass(frozen=True, slots=True)
class FormPart:
    """One part of a form; `file_name` and `media_type` are None where they aren't said."""

    name: str
    file_name: str | None
    media_type: str | None
    content: bytes


def form_parts(content: bytes, boundary: str) -> list[FormPart]:
    """The parts of a whole form.

    Raises:
        ValueError: It isn't one.
    """
    delimiter = b"\r\n--" + boundary.encode("ascii")
    first, *sections = (b"\r\n" + content).split(delimiter)
    if not boundary or first.strip() or not sections or sections[-1].strip() != b"--":
        raise ValueError("no whole form")
    return [_part(section) for section in sections[:-1]]


def _part(section: bytes) -> FormPart:
    head, blank, content = section.partition(b"\r\n\r\n")
    padding, *lines = head.decode("utf-8", "replace").split("\r\n")
    if not blank or padding.strip():
        raise ValueError("a part without header")
    headers = Message()
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("a header without colon")
        headers[name.strip()] = value.strip()
    given = headers.get_param("name", header="content-disposition")
    if headers.get_content_disposition() != "form-data" or not isinstance(given, str):
        raise ValueError("a part without name")
    file_name = headers.get_param("filename", header="content-disposition")
    media_type = headers.get_content_type() if "content-type" in headers else None
    return FormPart(given, file_name if isinstance(file_name, str) else None, media_type, content)
