from __future__ import annotations

import pytest

from understudy.specs.schemas.subschemas import Subschemas, UnresolvedSubschema

ROOT = {
    "$id": "https://example.com/root",
    "$dynamicAnchor": "node",
    "properties": {"a/b": {"$ref": "#/$defs/plain"}, "const": {"const": {"$id": "no-schema"}}},
    "$defs": {
        "plain": {"type": "string"},
        "named": {"$anchor": "here", "type": "integer"},
        "inner": {
            "$id": "inner",
            "$dynamicAnchor": "node",
            "items": {"$ref": "#/$defs/own"},
            "$defs": {"own": {"$anchor": "here"}},
        },
    },
}


def test_places_are_found_by_pointer() -> None:
    schemas = Subschemas(ROOT)
    assert schemas.at("") is ROOT
    assert schemas.at("/properties/a~1b") == {"$ref": "#/$defs/plain"}
    with pytest.raises(UnresolvedSubschema, match="/nowhere/0"):
        schemas.at("/nowhere/0")


@pytest.mark.parametrize(
    ("reference", "pointer", "target"),
    [
        ("#", "/properties/a~1b", ""),
        ("#/$defs/plain", "/properties/a~1b", "/$defs/plain"),
        ("#/properties/a~1b", "", "/properties/a~1b"),
        ("#/%24defs/plain", "", "/$defs/plain"),
        ("#here", "", "/$defs/named"),
        ("https://example.com/root#here", "", "/$defs/named"),
        ("inner", "", "/$defs/inner"),
        ("inner#here", "", "/$defs/inner/$defs/own"),
        ("#/$defs/own", "/$defs/inner/items", "/$defs/inner/$defs/own"),
        ("#here", "/$defs/inner/items", "/$defs/inner/$defs/own"),
        ("root#/$defs/plain", "/$defs/inner/items", "/$defs/plain"),
    ],
)
def test_references_lead_from_their_own_resource(reference: str, pointer: str, target: str) -> None:
    assert Subschemas(ROOT).target(reference, pointer) == target


def test_dynamic_references_lead_to_the_outermost_anchor() -> None:
    schemas = Subschemas(ROOT)
    assert schemas.target("#node", "/$defs/inner/items", dynamic=True) == ""
    assert schemas.target("#node", "/$defs/inner/items") == "/$defs/inner"


@pytest.mark.parametrize("reference", ["#/nowhere", "#nowhere", "https://example.com/other", "no-schema"])
def test_dangling_references_are_refused(reference: str) -> None:
    with pytest.raises(UnresolvedSubschema):
        Subschemas(ROOT).target(reference, "")


def test_anchors_of_a_schema_without_an_id() -> None:
    assert Subschemas({"$defs": {"p": {"$anchor": "point"}}}).target("#point", "") == "/$defs/p"
