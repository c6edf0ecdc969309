"""The fuzzer gets what a run is about, and nothing that leads out of it."""

from __future__ import annotations

from typing import Any

from tests.apps.notes import notes_api
from tests.apps.small_api import api_of
from understudy.contracts.fuzzing.document import fuzzing_document
from understudy.specs.model import Api

DONE = {"responses": {"200": {"description": ""}}}


def document(api: Api, *ids: str) -> dict[str, Any]:
    return fuzzing_document(api, [each for each in api.operations if each.id in ids])


def test_other_paths_are_left_out_and_other_methods_are_not() -> None:
    api = api_of({"/a": {"get": {"operationId": "getA", **DONE}, "put": DONE}, "/b": {"get": DONE}})
    assert {path: set(item) for path, item in document(api, "getA")["paths"].items()} == {"/a": {"get", "put"}}


def test_links_stay_as_far_as_their_targets_do() -> None:
    alone = document(notes_api(), "makeNote")
    assert "links" not in alone["paths"]["/notes"]["post"]["responses"]["201"]
    joined = document(notes_api(), "makeNote", "readNote")
    assert set(joined["paths"]["/notes"]["post"]["responses"]["201"]["links"]) == {"readNote", "deleteNote"}


def test_it_may_be_changed() -> None:
    api = notes_api()
    document(api, "makeNote")["paths"].clear()
    assert document(api, "makeNote")["paths"]
