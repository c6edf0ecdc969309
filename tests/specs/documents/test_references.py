from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from understudy.specs.content import Origin
from understudy.specs.documents.document import Document, Json, parse_document, read_document
from understudy.specs.documents.node import Node
from understudy.specs.documents.references import MAX_DOCUMENTS, Resources
from understudy.specs.errors import DocumentUnreadable, UnresolvableReference

DOCUMENTS = Path(__file__).parents[2] / "documents"


def resources(text: str, others: Mapping[str, str] | None = None, uri: str = "/base/api.yaml") -> Resources:
    """The documents of a description by path or URL; what isn't among them can't be read."""

    def read(location: str) -> Document:
        if others is None or location not in others:
            raise DocumentUnreadable(location, "there is no such file")
        return parse_document(others[location].encode(), location)

    return Resources(parse_document(text.encode(), uri, name="api.yaml"), read)


def follow(found: Resources, pointer: str = "/start") -> Json:
    return found.resolve(found.at(found.entry.uri, pointer)).value


def refusal(found: Resources, pointer: str = "/start") -> UnresolvableReference:
    with pytest.raises(UnresolvableReference) as caught:
        found.resolve(found.at(found.entry.uri, pointer))
    return caught.value


class TestNode:
    def test_members_and_items_know_their_places(self) -> None:
        node = Node({"a/b": {"x": 1}, "list": [10, 20]}, Origin("/api.yaml", child := "/root"), "/api.yaml")  # type: ignore[arg-type]
        assert [(name, each.value, each.origin.pointer) for name, each in node.members("a/b")] == [
            ("x", 1, f"{child}/a~1b/x")
        ]
        assert [(each.value, each.origin.pointer) for each in node.items("list")] == [
            (10, "/root/list/0"),
            (20, "/root/list/1"),
        ]

    @pytest.mark.parametrize("key", ["absent", "text"])
    def test_what_is_absent_or_ill_formed_has_no_members(self, key: str) -> None:
        node = Node({"text": "abc"}, Origin("/api.yaml", ""), "/api.yaml")  # type: ignore[arg-type]
        assert list(node.members(key)) == []
        assert list(node.items(key)) == []
        assert list(Node([1], node.origin, "").members(key)) == []

    def test_a_member_from_elsewhere_keeps_its_origin(self) -> None:
        moved = Node({"x": 1}, Origin("/other.yaml", "/there"), "/other.yaml")  # type: ignore[arg-type]
        node = Node({"schema": moved}, Origin("/api.yaml", "/here"), "/api.yaml")  # type: ignore[arg-type]
        assert node.member("schema") == moved
        assert str(node.member("schema", "x").origin) == "/other.yaml#/there/x"
        assert node.get("schema") == {"x": 1}
        assert node.get("absent") is None


class TestTarget:
    @pytest.mark.parametrize(
        ("reference", "value"),
        [
            ("#/things/a", 1),
            ("#/things/with~1slash", 2),
            ("#/things/with~0tilde", 3),
            ("#/things/with%20space", 4),
            ("#/things/with%25percent", 5),
            ("#/things/r%C3%A9sum%C3%A9", 6),
            ("#/list/1", "second"),
            ("api.yaml#/things/a", 1),
            ("./api.yaml#/things/a", 1),
            ("/base/api.yaml#/things/a", 1),
            ("other.yaml", {"whole": True}),
            ("other.yaml#", {"whole": True}),
            ("sub/../other.yaml#/whole", True),
            ("../up.yaml#/x", 9),
            ("file:///up.yaml#/x", 9),
            ("two%20words.yaml#/x", 8),
        ],
    )
    def test_a_reference_is_resolved_as_a_uri(self, reference: str, value: Json) -> None:
        text = (
            "things: {a: 1, with/slash: 2, with~tilde: 3, with space: 4, with%percent: 5, résumé: 6}\n"
            f"list: [first, second]\nstart: {{$ref: '{reference}'}}"
        )
        others = {"/base/other.yaml": "whole: true", "/up.yaml": "x: 9", "/base/two words.yaml": "x: 8"}
        assert follow(resources(text, others)) == value

    def test_references_are_followed_through_files(self) -> None:
        found = resources(
            "start: {$ref: 'a/one.yaml#/x'}",
            {
                "/base/a/one.yaml": "x: {$ref: '../b/two.yaml#/y'}",
                "/base/b/two.yaml": "y: {$ref: '#/z'}\nz: {end: true}",
            },
        )
        assert follow(found) == {"end": True}
        assert [document.uri for document in found.documents] == [
            "/base/api.yaml",
            "/base/a/one.yaml",
            "/base/b/two.yaml",
        ]

    @pytest.mark.parametrize("directory", ["C#", "100%", "a?b", "a;b", "ü", "a b"])
    def test_a_path_may_hold_what_a_uri_may_not(self, directory: str) -> None:
        found = resources(
            "start: {$ref: '#/x'}\nx: {$ref: 'other.yaml#/y'}",
            {f"/{directory}/other.yaml": "y: {$ref: 'api.yaml#/z'}"},
            f"/{directory}/api.yaml",
        )
        with pytest.raises(UnresolvableReference, match="no 'z'"):
            follow(found)

    def test_self_is_the_base_of_references(self) -> None:
        found = resources(
            "$self: /elsewhere/description\nstart: {$ref: 'other.yaml#/x'}\nback: {$ref: 'description#/start'}",
            {"/elsewhere/other.yaml": "x: {here: true}"},
        )
        assert follow(found) == {"here": True}
        assert follow(found, "/back") == {"here": True}

    def test_each_document_is_read_once(self) -> None:
        reads: list[str] = []

        def read(location: str) -> Document:
            reads.append(location)
            return parse_document(b"x: 1\ny: 2", location)

        found = Resources(parse_document(b"a: {$ref: 'o.yaml#/x'}\nb: {$ref: 'o.yaml#/y'}", "/api.yaml"), read)
        assert [follow(found, "/a"), follow(found, "/b")] == [1, 2]
        assert reads == ["/o.yaml"]

    @pytest.mark.parametrize(
        ("reference", "reason"),
        [
            ("#/things/c", "there is no 'c' under /things of api.yaml (there: a, b)"),
            ("#/nothing", "there is no 'nothing' at the root of api.yaml (there: list, start, things)"),
            ("#/list/2", "there is no '2' under /list of api.yaml"),
            ("#/list/-1x", "there is no '-1x' under /list of api.yaml"),
            ("#/things/a/deeper", "there is no 'deeper' under /things/a of api.yaml"),
            ("#things/a", "no $anchor 'things/a' there (a JSON Pointer begins with '#/')"),
            ("absent.yaml", "there is no such file"),
            ("http://other.test/x.yaml", "remote documents are not fetched"),
            ("https://other.test/x.yaml#/a", "remote documents are not fetched"),
            ("//other.test/x.yaml", "remote documents are not fetched"),
            ("urn:thing", "remote documents are not fetched"),
            ("http://[", "can't be followed"),
            ("/dev", "is not a file"),
            ("/dev/zero", "is not a file"),
        ],
    )
    def test_one_that_leads_nowhere_names_place_and_reason(self, reference: str, reason: str) -> None:
        text = f"things: {{a: 1, b: 2}}\nlist: [first, second]\nstart: {{$ref: '{reference}'}}"
        error = refusal(resources(text))
        assert reason in error.reason
        assert repr(reference) in error.reason
        assert (error.document, error.pointer, error.line) == ("api.yaml", "/start", 3)

    def test_the_place_of_a_fault_is_that_of_the_reference(self) -> None:
        error = refusal(resources("start: {$ref: o.yaml}", {"/base/o.yaml": "x: 1\n$ref: '#/y'"}))
        assert (error.document, error.pointer) == ("/base/o.yaml", "")

    @pytest.mark.parametrize(
        "reference",
        ["https://elsewhere.test/x.yaml", "http://api.test/x.yaml", "file:///etc/passwd", "//api.test:81/x"],
    )
    def test_a_fetched_document_refers_only_to_its_own_host(self, reference: str) -> None:
        found = resources(f"start: {{$ref: '{reference}'}}", {reference: "x: 1"}, "https://api.test/openapi.yaml")
        assert "it is not on api.test, where the document came from" in refusal(found).reason

    def test_a_fetched_document_may_refer_to_its_host(self) -> None:
        others = {"https://api.test/parts/x.yaml?v=2": "y: {$ref: '/z.yaml#/z'}", "https://api.test/z.yaml": "z: 1"}
        found = resources("start: {$ref: 'parts/x.yaml?v=2#/y'}", others, "https://api.test/openapi.yaml")
        assert follow(found) == 1

    def test_documents_are_not_made_up_for_ever(self) -> None:
        """A server can answer each reference with one more."""

        def read(location: str) -> Document:
            number = int(location.rpartition("/")[2])
            return parse_document(f"a: {{b: {{$ref: '{number + 1}'}}}}".encode(), location)

        found = Resources(parse_document(b"start: {$ref: '1'}", "https://api.test/openapi"), read)
        with pytest.raises(UnresolvableReference, match=f"{MAX_DOCUMENTS} documents have been read already"):
            found.follow([found.root])


class TestIdentifiers:
    TEXT = """
start: {$ref: 'https://schemas.test/tree'}
anchored: {$ref: '#leaf'}
inner: {$ref: 'https://schemas.test/tree#/$defs/leaf'}
nested: {$ref: 'https://schemas.test/deep/stem#/$defs/bark'}
Tree:
  $id: https://schemas.test/tree
  properties: {leaf: {$ref: '#/$defs/leaf'}, stem: {$ref: deep/stem}}
  $defs:
    leaf: {$anchor: needle, const: 1}
    stem: {$id: deep/stem, $defs: {bark: {const: 2}}}
Leaf: {$anchor: leaf, const: 3}
examples: {$id: https://schemas.test/tree, $anchor: leaf}
responses: {default: {schema: {$anchor: inResponse, const: 4}}}
atResponse: {$ref: '#inResponse'}
dynamic: {$ref: '#node'}
Dynamic: {$dynamicAnchor: node, const: 5}
needle: {$ref: 'https://schemas.test/tree#needle'}
"""

    @pytest.mark.parametrize(
        ("pointer", "constant"),
        [("/anchored", 3), ("/inner", 1), ("/nested", 2), ("/atResponse", 4), ("/dynamic", 5), ("/needle", 1)],
    )
    def test_schemas_are_found_by_id_and_anchor(self, pointer: str, constant: int) -> None:
        assert follow(resources(self.TEXT), pointer)["const"] == constant

    def test_references_in_an_identified_schema_are_its_own(self) -> None:
        found = resources(self.TEXT)
        tree = found.resolve(found.at(found.entry.uri, "/start"))
        leaf, stem = tree.member("properties", "leaf"), tree.member("properties", "stem")
        assert found.resolve(leaf).origin.pointer == "/Tree/$defs/leaf"
        assert found.resolve(stem).origin.pointer == "/Tree/$defs/stem"

    def test_an_unknown_anchor_is_refused(self) -> None:
        assert "no $anchor 'twig'" in refusal(resources("start: {$ref: '#twig'}")).reason

    def test_data_identifies_nothing(self) -> None:
        text = "start: {$ref: '#a'}\nschemas: {S: {examples: [{$anchor: a}], default: {$anchor: a}, x-y: {$anchor: a}}}"
        assert "no $anchor 'a'" in refusal(resources(text)).reason

    def test_a_property_called_default_is_no_data(self) -> None:
        text = "start: {$ref: '#a'}\nschemas: {S: {properties: {default: {$anchor: a, const: 1}}}}"
        assert follow(resources(text))["const"] == 1


class TestCycles:
    @pytest.mark.parametrize(
        "text",
        [
            "start: {$ref: '#/start'}",
            "start: {$ref: '#/b'}\nb: {$ref: '#/start'}",
            "start: {$ref: '#/b'}\nb: {$ref: '#/c'}\nc: {$ref: '#/b'}",
            "start: {$ref: o.yaml}",
        ],
    )
    def test_references_that_only_lead_to_each_other_are_refused(self, text: str) -> None:
        error = refusal(resources(text, {"/base/o.yaml": "$ref: 'api.yaml#/start'"}))
        assert "leads back to itself" in error.reason
        assert error.line == 1

    def test_a_long_chain_is_followed(self) -> None:
        chain = "\n".join(f"a{n}: {{$ref: '#/a{n + 1}'}}" for n in range(90))
        assert follow(resources(f"start: {{$ref: '#/a0'}}\n{chain}\na90: {{end: 1}}")) == {"end": 1}


class TestFollow:
    def test_everything_that_can_be_reached_is_read(self) -> None:
        found = resources(
            "paths: {a: {$ref: 'one.yaml#/x'}}\nunused: {$ref: absent.yaml}",
            {
                "/base/one.yaml": "x: {items: {$ref: two.yaml}}\ny: {$ref: absent.yaml}",
                "/base/two.yaml": "{$ref: '#/z', z: 1}",
            },
        )
        found.follow([found.at("/base/api.yaml", "/paths")])
        assert [document.uri for document in found.documents] == ["/base/api.yaml", "/base/one.yaml", "/base/two.yaml"]
        assert [str(origin) for origin in found.followed] == [
            "/base/one.yaml#/x",
            "/base/two.yaml#",
            "/base/two.yaml#/z",
        ]

    @pytest.mark.parametrize("fault", ["#/absent", "absent.yaml", "#/paths/b"])
    def test_the_first_fault_is_told(self, fault: str) -> None:
        found = resources(f"paths:\n  a: {{x: 1}}\n  b: {{$ref: '{fault}'}}\n  c: {{$ref: '#/never'}}")
        with pytest.raises(UnresolvableReference) as caught:
            found.follow([found.at("/base/api.yaml", "/paths")])
        assert (caught.value.pointer, caught.value.line) == ("/paths/b", 3)

    def test_data_and_extensions_refer_to_nothing(self) -> None:
        found = resources("paths: {s: {example: {$ref: a}, enum: [{$ref: a}], x-b: {$ref: a}, const: {$ref: a}}}")
        found.follow([found.root])
        assert found.followed == ()

    def test_a_property_called_ref_is_no_reference(self) -> None:
        found = resources("paths: {s: {properties: {$ref: {type: string}}}}")
        found.follow([found.root])
        assert found.followed == ()

    def test_a_dense_graph_costs_no_more_than_its_references(self) -> None:
        refs = ", ".join(f"p{n}: {{$ref: '#/schemas/s{n}'}}" for n in range(150))
        schemas = "\n".join(f"  s{n}: {{properties: {{{refs}}}}}" for n in range(150))
        found = resources(f"schemas:\n{schemas}")
        found.follow([found.at("/base/api.yaml", "/schemas")])
        assert len(found.followed) == 150


def test_many_files_are_one_description() -> None:
    document = read_document(str(DOCUMENTS / "many-files"))
    found = Resources(document, read_document)
    found.follow([found.root])
    assert [Path(each.uri).name for each in found.documents] == [
        "openapi.yaml",
        "boats.yaml",
        "berths.json",
        "shared parts.yaml",
        "boat.yaml",
    ]
