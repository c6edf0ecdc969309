from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from understudy.mockserver.cli import mock
from understudy.specs.catalog import extended_by, load_api
from understudy.specs.cli import specs
from understudy.specs.documents.document import Document, Json, parse_document
from understudy.specs.documents.overlay import read_overlay
from understudy.specs.documents.overlaying import apply_overlay
from understudy.specs.errors import DocumentError, OverlayRefused, UnsupportedKeyword

PETS = """\
openapi: 3.1.0
info: {title: Pets, version: '1'}
tags: [{name: a}, {name: b}, {name: c}]
paths:
  /pets:
    get: &list
      tags: [cats]
      responses: {'200': {description: All.}}
    post: {tags: [dogs, cats], responses: {'201': {description: Made.}}}
  /owners: {get: *list}
"""


def document(text: str = PETS) -> Document:
    return parse_document(text.encode(), "/pets.yaml", name="pets.yaml")


def overlay(*actions: Json, version: str = "1.1.0") -> Document:
    whole = {"overlay": version, "info": {"title": "t", "version": "1"}, "actions": list(actions)}
    return parse_document(yaml.safe_dump(whole, sort_keys=False).encode(), "/own/over.yaml", name="over.yaml")


def laid(*actions: Json, text: str = PETS, version: str = "1.1.0") -> Json:
    changed, quirks = apply_overlay(document(text), read_overlay(overlay(*actions, version=version)))
    assert not quirks
    return changed.tree


def test_objects_are_merged_all_the_way_down() -> None:
    tree = laid({"target": "$.info", "update": {"title": "Cats", "contact": {"name": "Ann"}}})
    assert tree["info"] == {"title": "Cats", "version": "1", "contact": {"name": "Ann"}}
    tree = laid({"target": "$", "update": {"paths": {"/pets": {"get": {"summary": "List", "tags": ["x"]}}}}})
    assert tree["paths"]["/pets"]["get"]["summary"] == "List"
    assert tree["paths"]["/pets"]["get"]["tags"] == ["cats", "x"], "arrays that are members are joined"
    assert "summary" not in tree["paths"]["/owners"]["get"], "what an alias repeats is changed where it was meant"


def test_arrays_take_items_and_arrays() -> None:
    assert laid({"target": "$.tags", "update": {"name": "d"}})["tags"][3:] == [{"name": "d"}]
    assert laid({"target": "$.tags", "update": [{"name": "d"}, {"name": "e"}]})["tags"][3:] == [
        {"name": "d"},
        {"name": "e"},
    ]
    assert laid({"target": "$.paths.*.*.tags", "update": "all"})["paths"]["/pets"]["post"]["tags"] == [
        "dogs",
        "cats",
        "all",
    ]


def test_primitives_are_replaced() -> None:
    assert laid({"target": "$.info.title", "update": "Dogs"})["info"]["title"] == "Dogs"
    assert laid({"target": "$.info.title", "update": None})["info"]["title"] is None


def test_places_are_removed_even_if_one_lies_in_another() -> None:
    tree = laid({"target": "$.tags[0,2]", "remove": True}, {"target": "$.paths['/pets'].post", "remove": True})
    assert tree["tags"] == [{"name": "b"}]
    assert list(tree["paths"]["/pets"]) == ["get"]
    assert laid({"target": "$..*[?@ == 'cats']", "remove": True})["paths"]["/pets"]["post"]["tags"] == ["dogs"]
    assert laid({"target": "$.paths['/pets']..*", "remove": True, "update": {}})["paths"]["/pets"] == {}


def test_actions_see_what_those_before_them_did() -> None:
    tree = laid(
        {"target": "$.paths", "update": {"/cats": {}}},
        {"target": "$.paths['/cats']", "copy": "$.paths['/pets']"},
        {"target": "$.paths['/pets']", "remove": True},
        {"target": "$.paths['/cats'].get", "update": {"summary": "List"}},
    )
    assert list(tree["paths"]) == ["/owners", "/cats"]
    assert tree["paths"]["/cats"]["get"]["summary"] == "List"


def test_neither_text_is_changed() -> None:
    base, over = (
        document(),
        overlay({"target": "$.paths.*.get", "update": {"x-a": {"b": []}}}, {"target": "$..b", "update": 1}),
    )
    before = json.dumps([base.tree, over.tree])
    apply_overlay(base, read_overlay(over))
    assert json.dumps([base.tree, over.tree]) == before


def test_a_target_that_matches_nothing_is_named() -> None:
    over = overlay({"target": "$.info", "update": {}}, {"target": "$.paths['/pet']", "remove": True})
    changed, (quirk,) = apply_overlay(document(), read_overlay(over))
    assert changed.tree == document().tree
    assert str(quirk.origin) == "/own/over.yaml#/actions/1/target"
    assert quirk.message == "the overlay's target $.paths['/pet'] matches nothing"


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"target": "$.paths", "update": []}, "at /paths there is an object, which can't be merged with an array"),
        ({"target": "$.paths", "update": {"/pets": 1}}, "at /paths/~1pets there is an object"),
        (
            {"target": "$", "update": {"tags": {"name": "d"}}},
            "at /tags there is an array, which can't be merged with an object",
        ),
        (
            {"target": "$.info", "update": {"title": {}}},
            "a primitive value, which can't be merged with an object: remove it first",
        ),
        ({"target": "$.info.title", "update": {}}, "at /info/title there is a primitive value"),
        ({"target": "$.info.title", "update": [1]}, "can't be merged with an array"),
        (
            {"target": "$.paths['/pets'].post['tags','responses']", "update": {}},
            "matches an array and an object: one kind",
        ),
        ({"target": "$", "remove": True}, "the whole description can't be removed"),
        ({"target": "$.info", "copy": "$.paths.*"}, "`copy` needs a JSONPath of one place; $['paths'][*] matches 2"),
        ({"target": "$.info", "copy": "$.none"}, "matches 0"),
    ],
)
def test_what_cannot_be_done_is_refused_with_its_place(action: Json, reason: str) -> None:
    with pytest.raises(OverlayRefused) as caught:
        apply_overlay(document(), read_overlay(overlay({"target": "$", "update": {}}, action)))
    assert reason in caught.value.reason
    assert str(caught.value).startswith("over.yaml:8 at #/actions/1: ")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("openapi: 3.1.0\noverlay: 1.0.0", "is no overlay"),
        ("[]", "is no overlay"),
        ("overlay: 1.2.0\ninfo: {}", "is of the version '1.2.0'; 1.0 and 1.1 are known"),
        ("overlay: 1.1\nactions: []", "is of the version 1.1"),
        ("overlay: 1.0.0", "an overlay has `actions`"),
        ("overlay: 1.0.0\nactions: []", "at least one"),
        ("overlay: 1.0.0\naction: []", "unknown member 'action'; did you mean 'actions'?"),
        ("overlay: 1.0.0\nextends: {}\nactions: [{}]", "is a URI reference"),
        ("overlay: 1.0.0\nactions: [1]", "an action is an object"),
        ("overlay: 1.0.0\nactions: [{update: {}}]", "an action has a `target`"),
        ("overlay: 1.0.0\nactions: [{target: $, updat: {}}]", "unknown member 'updat'; did you mean 'update'?"),
        ("overlay: 1.0.0\nactions: [{target: $}]", "says nothing to do"),
        ("overlay: 1.0.0\nactions: [{target: $, remove: 'yes'}]", "is true or false"),
        ("overlay: 1.0.0\nactions: [{target: $, copy: $}]", "write `overlay: 1.1.0`"),
        ("overlay: 1.1.0\nactions: [{target: $, copy: 1}]", "is a JSONPath"),
        ("overlay: 1.1.0\nactions: [{target: $, copy: $, update: {}}]", "make two actions"),
        ("overlay: 1.0.0\nactions: [{target: paths, remove: true}]", "'paths' is no JSONPath (RFC 9535)"),
        ("overlay: 1.0.0\nactions: [{target: '$.paths.*~', remove: true}]", "is no JSONPath"),
    ],
)
def test_what_is_no_overlay_is_refused(text: str, reason: str) -> None:
    with pytest.raises(OverlayRefused) as caught:
        read_overlay(parse_document(text.encode(), "/over.yaml"))
    assert reason in caught.value.reason


def test_doubling_again_and_again_is_refused() -> None:
    with pytest.raises(OverlayRefused, match="more than 1000000 members and items"):
        laid(*({"target": "$.tags", "copy": "$.tags"} for _ in range(60)))


def test_what_nests_deeper_and_deeper_is_refused() -> None:
    actions = [{"target": "$.info", "update": {"a": {}}}, *({"target": "$..a", "copy": "$.info"} for _ in range(9))]
    with pytest.raises(DocumentError):
        laid(*actions)


WRONG = """\
overlay: 1.0.0
info: {title: Records, version: '1'}
actions:
  - target: $.tags[0]
    remove: true
  - target: $.tags
    update: [{name: d}]
  - target: $.paths['/pets'].post
    update:
      x-understudy:
        action:
          create: pet
"""


def test_a_fault_in_what_was_merged_names_the_overlay(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "over.yaml").write_text(WRONG)
    with pytest.raises(UnsupportedKeyword) as caught:
        load_api(str(tmp_path / "pets.yaml"), overlays=[str(tmp_path / "over.yaml")])
    said = str(caught.value)
    assert said.startswith(f"{tmp_path}/over.yaml (over {tmp_path}/pets.yaml):12 at #/paths/~1pets/post/x-understudy")
    assert "no resource 'pet' is declared" in said


def test_lines_follow_what_moves() -> None:
    more = {"target": "$.tags", "update": [{"name": "d"}, {"name": "e"}]}
    changed, _ = apply_overlay(document(), read_overlay(overlay(more, {"target": "$.tags[0,3]", "remove": True})))
    assert [each["name"] for each in changed.tree["tags"]] == ["b", "c", "e"]
    name, line = changed.source_of("/tags/2/name")
    assert name == "over.yaml (over pets.yaml)"
    assert changed.overlays[0].source.splitlines()[line - 1].strip() == b"- name: e"
    assert changed.source_of("/tags/1/name") == ("pets.yaml", 3)


def test_overlays_are_laid_one_over_the_other(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("pets.yaml", "one.yaml", "two.json")]
    paths[0].write_text(PETS)
    paths[1].write_text("overlay: 1.0.0\nextends: ./pets.yaml\nactions: [{target: $.info, update: {title: One}}]")
    paths[2].write_text('{"overlay": "1.1.0", "actions": [{"target": "$.info[?@ == \'One\']", "update": "Two"}]}')
    api = load_api(str(paths[0]), overlays=[str(paths[1]), str(paths[2])])
    assert api.title == "Two"
    assert api.files == tuple(map(str, paths))
    assert extended_by(str(paths[1])) == str(paths[0])


def test_an_overlay_for_another_document_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "over.yaml").write_text("overlay: 1.0.0\nextends: cats.yaml\nactions: [{target: $, update: {}}]")
    with pytest.raises(
        OverlayRefused, match=r"over\.yaml:2 at #/extends: says that it was made for cats\.yaml, not for"
    ):
        load_api(str(tmp_path / "pets.yaml"), overlays=[str(tmp_path / "over.yaml")])
    with pytest.raises(OverlayRefused, match="name the description, and this with --overlay"):
        load_api(str(tmp_path / "over.yaml"))


def test_the_commands_take_overlays(tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(PETS)
    (tmp_path / "over.yaml").write_text(
        "overlay: 1.0.0\nactions: [{target: $.info, update: {title: Cats}}, {target: $.none, remove: true}]"
    )
    arguments = [str(tmp_path / "pets.yaml"), "--overlay", str(tmp_path / "over.yaml")]
    run = CliRunner()
    assert run.invoke(specs, ["show", *arguments]).output.startswith("Cats 1")
    linted = run.invoke(specs, ["lint", *arguments])
    assert "the overlay's target $.none matches nothing" in linted.output
    assert json.loads(run.invoke(specs, ["convert", *arguments]).stdout)["info"]["title"] == "Cats"
    several = run.invoke(mock, [*arguments, "quantum-nexus", "--no-cache"])
    assert "one that names a document served here with `extends`" in str(several.exception)
