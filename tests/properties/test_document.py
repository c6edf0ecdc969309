from __future__ import annotations

import json
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.documents import json_text, yaml12, yaml_places
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.errors import DocumentUnreadable
from understudy.specs.pointers import child

TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\x7f", exclude_categories=["Cc", "Zl", "Zp"]), max_size=8
)
SYNTAX = "[]{}:,-*&!<|>'\"\n \ta1"
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["on", "1e3", "012", "<<", "~", "=", "2024-01-01", "1:30", "0o7", ".inf", "-", "null", "#x"])
)
TREES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda below: st.lists(below, max_size=4) | st.dictionaries(TEXT, below, max_size=4), max_leaves=20
).filter(lambda tree: isinstance(tree, dict | list))


class Quoting(yaml.SafeDumper):
    """Writes what a reader of YAML 1.1 and of 1.2 reads alike."""


Quoting.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if text else "'")
)


def places(tree: Json, pointer: str = "") -> list[str]:
    below: Any = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [pointer, *(place for key, value in below for place in places(value, child(pointer, key)))]


@given(TREES)
def test_json_reads_back(tree: Json) -> None:
    for text in (json.dumps(tree), json.dumps(tree, ensure_ascii=False, indent=1)):
        assert parse_document(text.encode(), "/x").tree == tree


@given(TREES)
def test_yaml_reads_back_with_either_parser(tree: Json) -> None:
    text = yaml.dump(tree, Dumper=Quoting, allow_unicode=True).encode()
    for libyaml in (True, False):
        assert yaml12.parse_yaml(text, "x", libyaml=libyaml) == tree


@given(TREES)
def test_json_and_yaml_place_each_value_on_the_same_line(tree: Json) -> None:
    """One line per value: the text is JSON, hence YAML too, and both scanners must number it alike."""
    text = json.dumps(tree, ensure_ascii=False, indent=1).encode()
    from_json, from_yaml = json_text.find_places(text), yaml_places.find_places(text)
    for pointer in places(tree):
        assert from_json.find_line(pointer) == from_yaml.find_line(pointer)


@given(
    st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | st.text("[]{}:,-*&!<|>'\"\n \ta1").map(str.encode)
)
def test_any_octets_give_a_tree_or_a_refusal(data: bytes) -> None:
    try:
        document = parse_document(data, "/x")
    except DocumentUnreadable:
        return
    json.dumps(document.tree, allow_nan=False, ensure_ascii=False).encode()
    assert all(document.line(pointer) >= 1 for pointer in places(document.tree))
