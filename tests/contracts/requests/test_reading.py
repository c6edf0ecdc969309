"""How a request reads by the document's letter."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import api_of, case_of
from understudy.contracts.requests.reading import RequestReader, Validity
from understudy.specs.model import Operation

THING = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "minLength": 1}, "size": {"type": "integer"}},
}


def operation(**members: Any) -> Operation:
    path = {"post": {"responses": {"200": {"description": ""}}, **members}}
    return api_of({"/things/{id}": path}).operations[0]


def parameters(*others: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}, *others]


def body(content: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": content, **members}}


def read(described: Operation, **case: Any) -> tuple[Validity, str]:
    reading = RequestReader(described).read(case_of(described, **{"target": "/things/7", **case}))
    return reading.validity, reading.reason


LIMIT = {"name": "limit", "in": "query", "required": True, "schema": {"type": "integer", "maximum": 10}}
KEY = {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string", "maxLength": 3}}
TASTE = {"name": "taste", "in": "cookie", "schema": {"enum": ["sweet", "sour"]}}


@pytest.mark.parametrize(
    ("case", "validity"),
    [
        ({"target": "/things/7?limit=10", "headers": (("x-key", "abc"),)}, Validity.VALID),
        ({"target": "/things/%37?limit=10&other=1", "headers": (("x-key", " abc "),)}, Validity.VALID),
        ({"target": "/things/x?limit=10", "headers": (("x-key", "abc"),)}, Validity.INVALID),
        ({"target": "/things/7", "headers": (("x-key", "abc"),)}, Validity.INVALID),
        ({"target": "/things/7?limit=11", "headers": (("x-key", "abc"),)}, Validity.INVALID),
        ({"target": "/things/7?limit=10"}, Validity.INVALID),
        ({"target": "/things/7?limit=10", "headers": (("X-Key", "abcd"),)}, Validity.INVALID),
        ({"target": "/things/7?limit=1", "headers": (("X-Key", "a"), ("Cookie", "taste=bitter"))}, Validity.INVALID),
        ({"target": "/things/7?limit=1", "headers": (("X-Key", "a"), ("Cookie", "taste=sour"))}, Validity.VALID),
        ({"target": "/others/7?limit=1"}, Validity.UNCLEAR),
        ({"target": "/things/7/more?limit=1"}, Validity.UNCLEAR),
    ],
)
def test_parameters(case: dict[str, Any], validity: Validity) -> None:
    assert read(operation(parameters=parameters(LIMIT, KEY, TASTE)), **case)[0] is validity


JSON = {"application/json": {"schema": THING}}
TYPED = (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("octets", "headers", "reason"),
    [
        (b'{"name": "a"}', TYPED, ""),
        (b'{"name": "a", "size": 1.0}', TYPED, ""),
        (b'{"name": "a", "size": 1.5}', TYPED, "/size"),
        (b'{"name": ""}', TYPED, "/name"),
        (b"{}", TYPED, "required"),
        (b"{", TYPED, "can't be read"),
        (b'{"name": "\xff"}', TYPED, "can't be read"),
        (b"", TYPED, "no body"),
        (None, (), "no body"),
        (b'{"name": "a"}', (("Content-Type", "text/plain"),), "text/plain isn't taken"),
        (b'{"name": "a"}', (), "no media type isn't taken"),
        (b'{"name": "' + b"a" * 100 + b'"}', TYPED, "more than 64 octets"),
    ],
)
def test_json_bodies(octets: bytes | None, headers: tuple[tuple[str, str], ...], reason: str) -> None:
    limited = body(JSON, **{"x-understudy": {"maxBytes": 64}})
    found = read(operation(parameters=parameters(), **limited), body=octets, headers=headers)
    assert found[0] is (Validity.INVALID if reason else Validity.VALID)
    assert reason in found[1]


def test_json_lines() -> None:
    lines = operation(parameters=parameters(), **body({"application/jsonl": {"itemSchema": THING}}))
    typed = (("Content-Type", "application/jsonl"),)
    assert read(lines, body=b'{"name":"a"}\n{"name":"b"}', headers=typed)[0] is Validity.VALID
    assert read(lines, body=b'{"name":"a"}\n{}', headers=typed)[0] is Validity.INVALID
    assert read(lines, body=b'{"name":"a"}\noops', headers=typed)[0] is Validity.INVALID


def multipart(*parts: bytes) -> dict[str, Any]:
    octets = b"".join(b"--b\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--b--\r\n"
    return {"body": octets, "headers": (("Content-Type", "multipart/form-data; boundary=b"),)}


UPLOAD = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"maxLength": 4}, "size": {"type": "integer"}},
    },
    "encoding": {"file": {"contentType": "image/png, image/gif"}},
}


@pytest.mark.parametrize(
    ("parts", "validity"),
    [
        ((b'name="file"; filename="f"\r\nContent-Type: image/gif\r\n\r\n\xff\xfe',), Validity.VALID),
        ((b'name="file"\r\n\r\nabc', b'name="size"\r\n\r\n7'), Validity.VALID),
        ((b'name="file"\r\n\r\nabc', b'name="file"\r\n\r\nabd'), Validity.UNCLEAR),
        ((b'name="size"\r\n\r\n7',), Validity.INVALID),
        ((b'name="file"\r\n\r\nabcde',), Validity.INVALID),
        ((b'name="file"; filename="f"\r\nContent-Type: text/html\r\n\r\nabc',), Validity.INVALID),
        ((b'name="file"\r\n\r\nabc', b'name="size"\r\n\r\nlarge'), Validity.INVALID),
        ((b'name="file"\r\n\r\nabc', b'name="size"\r\nContent-Type: application/jsonl\r\n\r\n7'), Validity.UNCLEAR),
    ],
)
def test_uploads(parts: tuple[bytes, ...], validity: Validity) -> None:
    upload = operation(parameters=parameters(), **body({"multipart/form-data": UPLOAD}))
    assert read(upload, **multipart(*parts))[0] is validity


def test_forms_and_files() -> None:
    form = operation(parameters=parameters(), **body({"application/x-www-form-urlencoded": {"schema": THING}}))
    typed = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert read(form, body=b"name=a&size=3", headers=typed)[0] is Validity.VALID
    assert read(form, body=b"name=a&size=x", headers=typed)[0] is Validity.INVALID


XML = (("Content-Type", "application/xml"),)


@pytest.mark.parametrize(
    ("octets", "validity", "reason"),
    [
        (b"<thing><name>a</name><size> 7 </size></thing>", Validity.VALID, ""),
        (b"<thing><name>7</name></thing>", Validity.VALID, ""),
        (b"<thing/>", Validity.INVALID, "required"),
        (b"<thing><name>a</name><size>large</size></thing>", Validity.INVALID, "/size"),
        (b"<thing>", Validity.INVALID, "can't be read: line 1, column 8"),
        (b"<!DOCTYPE thing><thing><name>a</name></thing>", Validity.UNCLEAR, "document type definition"),
    ],
)
def test_xml(octets: bytes, validity: Validity, reason: str) -> None:
    xml = operation(parameters=parameters(), **body({"application/xml": {"schema": THING}}))
    found = read(xml, body=octets, headers=XML)
    assert found[0] is validity
    assert reason in found[1]
