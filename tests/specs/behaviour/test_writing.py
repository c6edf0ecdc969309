from __future__ import annotations

import pytest

from understudy.specs.behaviour.declarations import Action, Resource, Taken, Verb
from understudy.specs.behaviour.values import UNKNOWN, Scene
from understudy.specs.behaviour.writing import brought, merged, replaced
from understudy.specs.build import build_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.schema import Schema

PET = Resource("pet", "id")
TEXT = """
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /:
    get:
      responses:
        '200':
          description: D
          content:
            application/json:
              schema:
                properties:
                  name: {type: string}
                  born: {type: [string, 'null']}
                  home: {type: object, required: [city], properties: {city: {type: string}}}
"""


def schemas() -> dict[str, Schema]:
    schema = build_api(parse_document(TEXT.encode(), "/t.yaml")).operations[0].responses[0].content[0].schema
    assert schema is not None
    return dict(schema.members())


def scene(body: Json) -> Scene:
    return Scene({"body": body}, {})


def action(verb: Verb, **takes: Taken) -> Action:
    return Action(verb, PET, body=JsonPointer(""), takes=takes or None)


@pytest.mark.parametrize(
    ("old", "patch", "new"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"a": UNKNOWN}, {"a": {"b": 1}}, {"a": UNKNOWN}),
        ({"a": UNKNOWN}, {"a": 1}, {"a": 1}),
    ],
)
def test_a_patch_is_merged_as_rfc_7396_has_it(old: Json, patch: Json, new: Json) -> None:
    """The cases of its appendix that are about objects, and values that nobody has seen yet."""
    assert merged(action(Verb.MERGE), old, scene(patch)) == new


def test_a_merge_takes_what_the_record_may_hold() -> None:
    of = schemas()
    taking = action(Verb.MERGE, name=Taken(of["name"], True), born=Taken(of["born"], True), home=Taken(of["home"]))
    old = {"id": 1, "name": "Mia", "born": "2020", "home": {"city": "Oslo"}}

    def after(patch: Json) -> Json:
        return merged(taking, old, scene(patch))

    assert after({"name": None}) == {"id": 1, "born": "2020", "home": {"city": "Oslo"}}
    assert after({"born": None}) == {**old, "born": None}, "it may be null, so it is"
    assert after({"home": None}) == old, "it has to be there, and can't be null"
    assert after({"home": {"city": None}}) == old
    assert after({"home": {"street": "Mill Lane"}})["home"] == {"city": "Oslo", "street": "Mill Lane"}
    assert after({"id": 2, "name": 3}) == old
    assert after({"id": None}) == old


def test_what_is_brought_is_what_the_action_takes() -> None:
    taking = action(Verb.CREATE, name=Taken(schemas()["name"]), tags=Taken())
    assert brought(taking, scene({"id": 1, "name": "Mia", "tags": [3]})) == {"name": "Mia", "tags": [3]}
    assert brought(taking, scene({"name": 7})) == {}
    assert brought(action(Verb.CREATE), scene({"id": 1})) == {"id": 1}
    assert brought(action(Verb.CREATE), scene("text")) == {}


def test_what_takes_the_place_of_a_record_leaves_what_is_not_the_clients() -> None:
    taking = action(Verb.REPLACE, name=Taken(), nickname=Taken(optional=True), status=Taken(default="new"))
    old = {"id": 1, "made": "2020", "name": "Mia", "nickname": "M", "status": "old"}
    kept = {"id": 1, "made": "2020", "name": "Mia", "status": "new"}
    assert replaced(taking, PET, old, scene({})) == kept
    assert replaced(taking, PET, old, scene({"name": "Maja"})) == {**kept, "name": "Maja"}
    assert replaced(action(Verb.REPLACE), PET, old, scene({"name": "Maja"})) == {"id": 1, "name": "Maja"}
