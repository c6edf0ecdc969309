from __future__ import annotations

import re
from importlib import resources

import jsonschema
import pytest

from understudy.specs.documents.document import Json, parse_document
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.problems import DEFAULT_STATUSES, ProblemKind
from understudy.specs.vocabulary import Place, check_vocabulary, members_at

SCHEMA = parse_document(
    resources.files("understudy.specs").joinpath("vocabulary.schema.json").read_bytes(), "/vocabulary"
).tree
TEXT = resources.files("understudy.specs").joinpath("VOCABULARY.md").read_text("utf-8")

DOCUMENT, OPERATION, OTHER = Place.DOCUMENT, Place.OPERATION, Place.OTHER
MEDIA_TYPE, REQUEST_BODY = Place.MEDIA_TYPE, Place.REQUEST_BODY


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({}, DOCUMENT),
        ({}, OTHER),
        ({"errors": {"envelopes": [{"schema": "errors.yaml#/Error", "body": None}]}}, DOCUMENT),
        ({"errors": {"kinds": {"conflict": {"status": 400, "code": None, "body": {"x": "$now"}}}}}, DOCUMENT),
        ({"stream": {"text": "", "sentinel": "[DONE]"}}, MEDIA_TYPE),
        ({"stream": {"ping": {"comment": True, "everySeconds": 0.5}}}, MEDIA_TYPE),
        ({"stream": {"ping": {"item": {"event": "ping", "retry": 1}, "everySeconds": 15}}}, MEDIA_TYPE),
        ({"stream": {"when": {"$request.body#/stream": True}}}, MEDIA_TYPE),
        ({"maxBytes": 1}, REQUEST_BODY),
    ],
)
def test_what_is_well_formed_passes(value: Json, place: Place) -> None:
    check_vocabulary(value, place, "/x-understudy", document="api.yaml")


@pytest.mark.parametrize(
    ("value", "place", "pointer", "reason"),
    [
        ({"error": {}}, DOCUMENT, "/error", "unknown member 'error'; did you mean 'errors'?"),
        ({"zzz": {}}, REQUEST_BODY, "/zzz", "unknown member 'zzz'; known are 'maxBytes'"),
        ({"strem": {}}, OTHER, "/strem", "unknown member 'strem'; did you mean 'stream'?"),
        (
            {"zzz": {}},
            OTHER,
            "/zzz",
            "unknown member 'zzz'; known are 'errors', 'resources', 'limits', 'action', 'stream', 'maxBytes'",
        ),
        ({"stream": {}}, DOCUMENT, "/stream", "'stream' may not stand here; it belongs on a Media Type Object"),
        (
            {"errors": {}},
            MEDIA_TYPE,
            "/errors",
            "'errors' may not stand here; it belongs on the document's root or an Operation Object",
        ),
        ({"maxBytes": 5}, OTHER, "/maxBytes", "'maxBytes' may not stand here; it belongs on a Request Body Object"),
        ([], DOCUMENT, "", 'the value is not of type "object"'),
        (True, OTHER, "", 'the value is not of type "object"'),
        ({"maxBytes": 0}, REQUEST_BODY, "/maxBytes", "less than the minimum of 1"),
        ({"maxBytes": "20MB"}, REQUEST_BODY, "/maxBytes", 'not of type "integer"'),
        ({"errors": {}}, DOCUMENT, "/errors", "less than 1 property"),
        (
            {"errors": {"kinds": {"missing-membr": {}}}},
            DOCUMENT,
            "/errors/kinds/missing-membr",
            "unknown member 'missing-membr'; did you mean 'missing-member'?",
        ),
        (
            {"errors": {"kinds": {"conflict": {"status": 200}}}},
            DOCUMENT,
            "/errors/kinds/conflict/status",
            "less than the minimum of 400",
        ),
        (
            {"errors": {"envelopes": [{"schema": "#/x", "body": 1}, {"schema": "#/x"}]}},
            DOCUMENT,
            "/errors/envelopes/1",
            "the member 'body' is missing",
        ),
        (
            {"errors": {"envelopes": [{"schema": "#/x", "boddy": 1}]}},
            DOCUMENT,
            "/errors/envelopes/0/boddy",
            "unknown member 'boddy'; did you mean 'body'?",
        ),
        (
            {"errors": {"envelopes": [{"schema": "not a uri", "body": 1}]}},
            DOCUMENT,
            "/errors/envelopes/0/schema",
            'not a "uri-reference"',
        ),
        ({"stream": {"text": "data/x"}}, MEDIA_TYPE, "/stream/text", "does not match"),
        ({"stream": {"ping": {"everySeconds": 1}}}, MEDIA_TYPE, "/stream/ping", "one of 'item', 'comment' is needed"),
        (
            {"stream": {"when": {"request.body": 1}}},
            MEDIA_TYPE,
            "/stream/when",
            "the member name 'request.body' does not match ^\\$",
        ),
    ],
)
def test_what_is_not_is_refused_with_its_place(value: Json, place: Place, pointer: str, reason: str) -> None:
    with pytest.raises(UnsupportedKeyword) as caught:
        check_vocabulary(value, place, "/paths/~1x/x-understudy", document="api.yaml")
    assert caught.value.pointer == f"/paths/~1x/x-understudy{pointer}"
    assert caught.value.document == "api.yaml"
    assert reason in caught.value.reason


def test_the_schema_is_a_schema_and_places_are_the_enum() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["$defs"]["places"]) == {place.value for place in Place}


def test_the_text_lists_the_members_of_the_registry() -> None:
    """A member that is registered is explained, and stands where the text says."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", TEXT.split("## Expressions")[0], re.MULTILINE))
    registered = [(name, place) for place in Place for name in members_at(place)]
    assert rows.keys() == {name for name, _ in registered}
    for name, place in registered:
        assert place.title.split("'s root")[0] in rows[name]


def test_the_examples_of_the_text_pass() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) >= 2
    for block in blocks:
        tree = parse_document(block.encode(), "/VOCABULARY.md").tree
        place = MEDIA_TYPE if "content" in tree else OPERATION if "paths" in tree else DOCUMENT
        holder = tree
        while "x-understudy" not in holder:
            holder = next(iter(holder.values()))
        check_vocabulary(holder["x-understudy"], place, "", document="VOCABULARY.md")


def test_the_kinds_are_the_same_in_text_schema_and_code() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| .+? \| ([0-9, ]+) \|", TEXT, re.MULTILINE)
    said = {kind: tuple(int(status) for status in statuses.split(",")) for kind, statuses in rows}
    assert said == {kind.value: kind.statuses for kind in ProblemKind}
    assert list(SCHEMA["$defs"]["kinds"]["properties"]) == [kind.value for kind in ProblemKind]
    assert set(DEFAULT_STATUSES) == set(ProblemKind)
