"""XML served and read by the XML Objects of a schema, in small documents; what the mock gives, the contracts accept."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.settings import Bodies

MakeClient = Callable[..., httpx.Client]

PETS = """
paths:
  /pet:
    get: {responses: {'200': {description: '', content: {application/xml: {schema: {$ref: '#/components/schemas/Pet'}}}}}}
    post:
      requestBody:
        required: true
        content:
          application/xml: {schema: {$ref: '#/components/schemas/Pet'}}
          text/xml: {}
          application/soap+xml: {schema: {type: string, minLength: 3}}
      responses: {'204': {description: ''}}
  /pets:
    get:
      responses:
        '200':
          description: ''
          content:
            text/xml: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}, xml: {name: pets}}}
  /examples:
    get:
      responses:
        '200':
          description: ''
          content:
            application/pets+xml:
              schema: {$ref: '#/components/schemas/Pet'}
              examples:
                value: {value: {id: 1, name: Rex & Co, photoUrls: [], tags: [{id: 2}, {name: b}]}}
                text: {value: '<?xml version="1.0"?><Pet id="2"><name>Tom</name><photoUrls/></Pet>'}
                both: {dataValue: {id: 3, name: x, photoUrls: []}, serializedValue: '<Pet id="3"/>'}
                serialized: {serializedValue: '<Pet id="4"><name>y</name><photoUrls/></Pet>'}
                wrong: {value: {id: one, name: Rex, photoUrls: []}}
                broken: {value: '<Pet id="1"><name>Rex</name>'}
                invalid: {value: '<Pet id="one"><name>Rex</name><photoUrls/></Pet>'}
                bomb: {value: '<!DOCTYPE x [<!ENTITY a "b">]><Pet id="1"><name>&a;</name><photoUrls/></Pet>'}
  /svg: {get: {responses: {'200': {description: '', content: {image/svg+xml: {schema: {type: string}}}}}}}
  /text: {get: {responses: {'200': {description: '', content: {application/xml: {schema: {type: string, const: a<b}}}}}}}
components:
  schemas:
    Pet:
      type: object
      required: [id, name, photoUrls]
      properties:
        id: {type: integer, minimum: 1, xml: {attribute: true}}
        name: {type: string, minLength: 1}
        photoUrls: {type: array, items: {type: string, xml: {name: photoUrl}}, xml: {wrapped: true}}
        tags: {type: array, items: {$ref: '#/components/schemas/Tag'}}
        status: {type: string, enum: [available, sold], xml: {name: state}}
      xml: {name: Pet}
    Tag: {type: object, properties: {id: {type: integer}, name: {type: string}}, xml: {name: tag}}
"""  # noqa: E501 - a document reads better with long lines
ENTITIES = "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
BOMB = f"<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>{ENTITIES}]><Pet id='1'><name>&j;</name></Pet>".encode()
FILE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Pet id="1"><name>&e;</name><photoUrls/></Pet>'


def problem(answer: httpx.Response) -> str:
    return str(answer.headers.get("x-understudy-problem", "")).partition(";")[0]


def example(client: httpx.Client, name: str) -> httpx.Response:
    return client.get("/examples", headers={"prefer": f"example={name}"})


def test_made_up_values_are_written_by_the_xml_object(mock: MakeClient) -> None:
    answer = mock(PETS).get("/pet")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml")
    pet = ET.fromstring(answer.content)
    assert pet.tag == "Pet"
    assert int(pet.attrib["id"]) >= 1
    assert {child.tag for child in pet} <= {"name", "photoUrls", "tag", "state"}
    assert {"name", "photoUrls"} <= {child.tag for child in pet}
    assert {child.tag for child in pet.find("photoUrls") or ()} <= {"photoUrl"}
    assert mock(PETS).get("/pet").content == answer.content


def test_an_array_is_written_below_its_name(mock: MakeClient) -> None:
    answer = mock(PETS).get("/pets", headers={"accept": "text/xml"})
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    root = ET.fromstring(answer.content)
    assert root.tag == "pets"
    assert {child.tag for child in root} == {"Pet"}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (
            "value",
            '<Pet id="1"><name>Rex &amp; Co</name><photoUrls/><tag><id>2</id></tag><tag><name>b</name></tag></Pet>',
        ),
        ("text", '<?xml version="1.0"?><Pet id="2"><name>Tom</name><photoUrls/></Pet>'),
        ("both", '<Pet id="3"/>'),
        ("serialized", '<Pet id="4"><name>y</name><photoUrls/></Pet>'),
    ],
)
def test_examples_are_values_or_texts(mock: MakeClient, name: str, body: str) -> None:
    answer = example(mock(PETS), name)
    assert answer.headers["content-type"] == "application/pets+xml"
    assert answer.text.removeprefix('<?xml version="1.0" encoding="UTF-8"?>\n') == body


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("wrong", 'at /id: \\"one\\" is not of type \\"integer\\"'),
        ("broken", "its text isn't XML that can be read: line 1"),
        ("invalid", 'at /id: \\"one\\" is not of type \\"integer\\"'),
        ("bomb", "a document type definition is not read"),
    ],
)
def test_examples_that_disagree_are_not_served(mock: MakeClient, name: str, reason: str) -> None:
    answer = example(mock(PETS), name)
    assert answer.status_code == 404
    assert reason in answer.headers["x-understudy-problem"]


def test_files_and_scalars_are_xml_too(mock: MakeClient) -> None:
    client = mock(PETS)
    assert ET.fromstring(client.get("/svg").content).tag == "{http://www.w3.org/2000/svg}svg"
    assert ET.fromstring(client.get("/text").content).text == "a<b"


def test_another_value_is_made_up_where_xml_cannot_say_the_first(mock: MakeClient) -> None:
    document = """
    paths:
      /often/{n}: {get: {responses: {'200': {description: '', content: {application/xml: {schema: {$ref: '#/components/schemas/Often'}}}}}}}
      /never: {get: {responses: {'200': {description: '', content: {application/xml: {schema: {$ref: '#/components/schemas/Never'}}}}}}}
    components:
      schemas:
        Often: {type: object, required: [a], properties: {a: {enum: ["\\x01", good]}}}
        Never: {type: object, required: [a], properties: {a: {const: "\\x01"}}}
    """  # noqa: E501 - a document reads better with long lines
    client = mock(document)
    answers = [client.get(f"/often/{number}") for number in range(20)]
    assert {ET.fromstring(answer.content).findtext("a") for answer in answers} == {"good"}
    answer = client.get("/never")
    assert answer.status_code == 501
    assert "the character U+0001 cannot stand in XML" in answer.headers["x-understudy-problem"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'<Pet id="1"><name>Rex</name><photoUrls><photoUrl>u</photoUrl></photoUrls></Pet>', "application/xml"),
        (b'<Pet id=" 7 "><name>1</name><photoUrls/><tag><id>1</id></tag><state>sold</state></Pet>', "Application/XML"),
        ('<Pet id="1"><name>é</name><photoUrls/></Pet>'.encode("latin-1"), "application/xml; charset=iso-8859-1"),
        ('<Pet id="1"><name>é</name><photoUrls/></Pet>'.encode("utf-16"), "application/xml"),
        (b"<any><thing/></any>", "text/xml"),
        (b"<soap:Envelope xmlns:soap='urn:s'><soap:Body/></soap:Envelope>", "application/soap+xml"),
    ],
)
def test_what_fits_is_taken(mock: MakeClient, body: bytes, content_type: str) -> None:
    answer = mock(PETS).post("/pet", content=body, headers={"content-type": content_type})
    assert (answer.status_code, answer.text) == (204, "")


@pytest.mark.parametrize(
    ("body", "content_type", "status", "kind", "shown"),
    [
        (b"", "application/xml", 400, "missing-body", ""),
        (b"<Pet>", "application/xml", 400, "malformed-body", "line 1, column 6"),
        (b"{}", "application/xml", 400, "malformed-body", "not well-formed"),
        (b"<Pet id='1'><name>\xff</name></Pet>", "application/xml", 400, "malformed-body", "not well-formed"),
        (BOMB, "application/xml", 400, "malformed-body", "a document type definition is not read"),
        (FILE, "application/xml", 400, "malformed-body", "a document type definition is not read"),
        (b"<a>" * 100_000, "application/xml", 400, "malformed-body", "nested more than 256 deep"),
        (b"<a>" * 256 + b"</a>" * 256, "application/xml", 422, "missing-member", "id"),
        (b"<Pet>" + b"<a/>" * 500_000 + b"</Pet>", "application/xml", 400, "malformed-body", "more than 250000"),
        (b"<Pet/>", "application/xml; charset=klingon", 400, "malformed-body", "unknown encoding"),
        (b"<Pet/>", "application/xml; charset=shift_jis", 400, "malformed-body", "unknown encoding"),
        (b'<Pet id="1"><photoUrls/></Pet>', "application/xml", 422, "missing-member", "name"),
        (b'<Pet id="one"><name>x</name><photoUrls/></Pet>', "application/xml", 422, "invalid-body", "/id"),
        (b'<Pet id="0"><name>x</name><photoUrls/></Pet>', "application/xml", 422, "invalid-body", "/id"),
        (b'<Pet id="1"><name/><photoUrls/></Pet>', "application/xml", 422, "invalid-body", "/name"),
        (
            b'<Pet id="1"><name>x</name><photoUrls/><state>lost</state></Pet>',
            "application/xml",
            422,
            "invalid-body",
            "/status",
        ),
        (
            b'<Pet id="1"><name>x</name><photoUrls/><tag><id>x</id></tag></Pet>',
            "application/xml",
            422,
            "invalid-body",
            "/tags/0/id",
        ),
        (b"text", "text/xml", 400, "malformed-body", "syntax error"),
        (b"<a", "application/soap+xml", 400, "malformed-body", "unclosed token"),
        (b"<a/>", "application/other+xml", 415, "unsupported-media-type", "application/soap+xml"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(
    mock: MakeClient, body: bytes, content_type: str, status: int, kind: str, shown: str
) -> None:
    answer = mock(PETS).post("/pet", content=body, headers={"content-type": content_type})
    assert (answer.status_code, problem(answer)) == (status, kind)
    assert shown in answer.headers["x-understudy-problem"]


@pytest.mark.parametrize("bodies", list(Bodies))
def test_what_is_answered_can_be_sent_back(mock: MakeClient, bodies: Bodies) -> None:
    for seed in range(20):
        client = mock(PETS, bodies=bodies, seed=seed)
        body = client.get("/pet").content
        answer = client.post("/pet", content=body, headers={"content-type": "application/xml"})
        assert answer.status_code == 204, (body, answer.text)
