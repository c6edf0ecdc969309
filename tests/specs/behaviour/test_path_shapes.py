from __future__ import annotations

import json

import pytest

from understudy.specs.behaviour.path_shapes import Collection, find_collections, find_steps
from understudy.specs.build import build_api
from understudy.specs.documents.document import parse_document


def collections(*labels: str) -> list[Collection]:
    paths: dict[str, dict[str, object]] = {}
    for label in labels:
        method, path = label.split(" ")
        paths.setdefault(path, {})[method.lower()] = {"responses": {"200": {"description": "D"}}}
    tree = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}
    return find_collections(build_api(parse_document(json.dumps(tree).encode(), "/paths.json")).operations)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("/pets", [("pets", False)]),
        ("/pets/", [("pets", False)]),
        ("/pets.json", [("pets", False)]),
        ("/pets/{petId}", [("pets", False), ("petId", True)]),
        ("/pets/{petId}.json", [("pets", False), ("petId", True)]),
        ("/pets/{petId}/", [("pets", False), ("petId", True)]),
        ("/v1.json/pets", [("v1.json", False), ("pets", False)]),
        ("/pets/{petId}.pdf", None),
        ("/pets/{from}-{to}", None),
        ("/pets//{petId}", None),
        ("/", None),
    ],
)
def test_paths_are_steps_without_what_does_not_count(path: str, steps: list[tuple[str, bool]] | None) -> None:
    found = find_steps(path)
    assert (None if found is None else [(step.text, step.is_parameter) for step in found]) == steps


def test_a_collection_has_the_operations_of_both_paths() -> None:
    (pets,) = collections("GET /api/pets.json", "POST /api/pets.json", "GET /api/pets/{petId}.json", "GET /api/cats")
    assert (pets.path, pets.name, pets.key, pets.item_path) == ("/api/pets", "pets", "petId", "/api/pets/{petId}.json")
    assert [operation.label for operation in pets.operations] == [
        "GET /api/pets.json",
        "POST /api/pets.json",
        "GET /api/pets/{petId}.json",
    ]


def test_outer_collections_come_first() -> None:
    found = collections("GET /a/{a}/b/{b}/c/{c}", "GET /a/{a}/b/{b}", "GET /a/{a}", "GET /z/{z}")
    assert [collection.path for collection in found] == ["/a", "/z", "/a/{a}/b", "/a/{a}/b/{b}/c"]


@pytest.mark.parametrize("path", ["/{id}", "/pets/{owner}/{name}", "/pets/{id}/photo", "/pets"])
def test_what_does_not_end_with_a_noun_and_a_parameter_is_none(path: str) -> None:
    assert collections(f"GET {path}") == []


@pytest.mark.parametrize(
    ("labels", "doubt"),
    [
        (("GET /a/{x}/b", "GET /a/{y}/b/{id}"), "other names"),
        (("GET /b/{id}", "DELETE /b/{key}"), "other names"),
        (("GET /b/{id}", "GET /b/{id}.json"), "written in two ways"),
        (("GET /b", "GET /b/", "GET /b/{id}"), "written in two ways"),
        (("GET /b", "POST /b/", "GET /b/{id}"), ""),
    ],
)
def test_one_path_written_in_two_ways_is_a_doubt(labels: tuple[str, ...], doubt: str) -> None:
    (found,) = collections(*labels)
    assert doubt in found.doubt
    assert bool(doubt) == bool(found.doubt)


def test_an_item_owns_what_lies_below_it() -> None:
    labels = ("POST /pets", "GET /pets/{id}", "POST /pets/{petId}/photos", "POST /pets/search", "POST /cats/{id}")
    found = {collection.path: collection for collection in collections(*labels)}
    operations = [operation for collection in found.values() for operation in collection.operations]
    owned = {operation.label for operation in operations if found["/pets"].owns(operation)}
    assert owned == {"GET /pets/{id}"}
    (nested,) = [each for each in collections("GET /pets/{id}/photos/{photo}") if each.name == "photos"]
    assert found["/pets"].owns(nested.of_one["GET"])
