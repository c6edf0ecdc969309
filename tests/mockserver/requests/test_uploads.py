from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.answers.sample_files import sample_file

MakeClient = Callable[..., httpx.Client]

DOCUMENT = """
paths:
  /photos:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [photo]
              properties:
                photo: {contentMediaType: application/octet-stream, maxLength: 1000}
                more: {type: array, maxItems: 2, items: {type: string, format: binary}}
                title: {type: string, minLength: 2}
                count: {type: integer}
                tags: {type: array, items: {type: string}}
                place: {type: object, properties: {lat: {type: number, maximum: 90}}}
                anything: {}
            encoding:
              photo: {contentType: 'image/png, image/jpeg'}
              more: {contentType: audio/*}
      responses: {'204': {description: ''}}
  /optional: {post: {requestBody: {content: {multipart/form-data: {schema: {type: object}}}}, responses: {'204': {description: ''}}}}
  /mixed:
    post:
      requestBody:
        content:
          multipart/mixed:
            schema: {type: array, items: {type: object, required: [a]}}
            itemEncoding: {contentType: application/json}
      responses: {'204': {description: ''}}
"""  # noqa: E501 - a document reads better with long lines
PNG = sample_file("image/png") or b""


def send(client: httpx.Client, path: str, body: bytes, boundary: str = "; boundary=x") -> httpx.Response:
    kind = "mixed" if path == "/mixed" else "form-data"
    return client.post(path, content=body, headers={"content-type": f"multipart/{kind}{boundary}"})


def problem(answer: httpx.Response) -> str:
    return str(answer.headers.get("x-understudy-problem", "")).partition(";")[0]


@pytest.mark.parametrize(
    "file",
    [
        ("a.png", PNG, "image/png"),
        ("a.jpg", b"", "image/jpeg"),
        ("a.jpg", b"x", "image/pjpeg"),
        ("a.png", PNG, "application/octet-stream"),
        ("blob", PNG, "application/octet-stream"),
        ("noending", PNG),
        ("a.xyz", PNG, "application/octet-stream"),
    ],
)
def test_files_of_an_allowed_or_unknown_type_are_taken(mock: MakeClient, file: tuple[str, bytes, str]) -> None:
    assert mock(DOCUMENT).post("/photos", files={"photo": file}).status_code == 204


def test_a_part_without_any_label_is_taken(mock: MakeClient) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="photo"\r\n\r\nabc\r\n--x--\r\n'
    assert send(mock(DOCUMENT), "/photos", body).status_code == 204


@pytest.mark.parametrize(
    "file",
    [
        ("a.png", PNG, "text/plain"),
        ("a.wav", b"", "application/octet-stream"),
        ("a.WAV", b"", "application/octet-stream"),
        ("a.png", PNG, "image/gif"),
        ("a.png", PNG, "nonsense"),
    ],
)
def test_files_of_another_type_are_refused(mock: MakeClient, file: tuple[str, bytes, str]) -> None:
    answer = mock(DOCUMENT).post("/photos", files={"photo": file})
    assert (answer.status_code, problem(answer)) == (415, "invalid-file")
    assert answer.json()["violations"][0]["pointer"] == "/photo"


def test_a_file_past_its_limit_is_refused_by_name(mock: MakeClient) -> None:
    answer = mock(DOCUMENT).post("/photos", files={"photo": ("a.png", b"\xff" * 1001, "image/png")})
    assert (answer.status_code, problem(answer)) == (413, "body-too-large")
    assert answer.json()["violations"][0] == {
        "location": "body",
        "pointer": "/photo",
        "keyword": "maxLength",
        "message": "the file may have 1000B at most; 1001B were received",
    }
    within = mock(DOCUMENT).post("/photos", files={"photo": ("a.png", b"\xff" * 1000, "image/png")})
    assert within.status_code == 204


def test_members_are_read_as_their_schemas_say(mock: MakeClient) -> None:
    files = [
        ("photo", ("a.png", PNG, "image/png")),
        ("more", ("a.mp3", b"1", "audio/mpeg")),
        ("more", ("b.mp3", b"2", "audio/mpeg")),
    ]
    fields = {"title": "Sea", "count": "3", "tags": ["a", "b"], "place": '{"lat": 12.5}', "anything": "x"}
    assert mock(DOCUMENT).post("/photos", files=files, data=fields).status_code == 204


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [({"title": "S"}, "/title"), ({"count": "three"}, "/count"), ({"place": '{"lat": 91}'}, "/place/lat")],
)
def test_members_that_disagree_are_told(mock: MakeClient, fields: dict[str, str], pointer: str) -> None:
    answer = mock(DOCUMENT).post("/photos", files={"photo": ("a.png", PNG, "image/png")}, data=fields)
    assert (answer.status_code, answer.json()["violations"][0]["pointer"]) == (422, pointer)


def test_too_many_files_are_told(mock: MakeClient) -> None:
    files = [("photo", ("a.png", PNG, "image/png")), *[("more", ("b.mp3", b"2", "audio/mpeg"))] * 3]
    answer = mock(DOCUMENT).post("/photos", files=files)
    assert answer.json()["violations"][0]["keyword"] == "maxItems"


def test_a_missing_file_is_a_missing_member(mock: MakeClient) -> None:
    answer = mock(DOCUMENT).post("/photos", files={"more": ("b.mp3", b"2", "audio/mpeg")})
    assert problem(answer) == "missing-member"


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"x", ""),
        (b"x", "; boundary="),
        (b"x", "; boundary=" + "y" * 100),
        (b"garbage", "; boundary=x"),
        (b"--x\r\n", "; boundary=x"),
        (b"--x--", "; boundary=y"),
        (b'--x\r\nContent-Disposition: form-data; name="photo"\r\n\r\nabc', "; boundary=x"),
        (b"--x\r\nno header\r\n\r\nabc\r\n--x--", "; boundary=x"),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nabc\r\n--x--", "; boundary=x"),
        (b"--x\r\n" + b"a: b\r\n" * 5000, "; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * 1500 + b"--x--", "; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="place"\r\nContent-Type: application/json\r\n\r\n{\r\n--x--',
            "; boundary=x",
        ),
    ],
)
def test_broken_multipart_is_malformed(mock: MakeClient, body: bytes, boundary: str) -> None:
    answer = send(mock(DOCUMENT), "/photos", body, boundary)
    assert (answer.status_code, problem(answer)) == (400, "malformed-body")


def test_an_empty_body_is_none(mock: MakeClient) -> None:
    client = mock(DOCUMENT)
    assert send(client, "/optional", b"").status_code == 204
    assert problem(send(client, "/photos", b"")) == "missing-body"


def test_parts_without_names_are_an_array(mock: MakeClient) -> None:
    part = b"--x\r\nContent-Type: application/json\r\n\r\n%s\r\n"
    client = mock(DOCUMENT)
    assert send(client, "/mixed", part % b'{"a":1}' + part % b'{"a":2}' + b"--x--").status_code == 204
    answer = send(client, "/mixed", part % b'{"a":1}' + part % b"{}" + b"--x--")
    assert answer.json()["violations"][0]["pointer"] == "/1"
