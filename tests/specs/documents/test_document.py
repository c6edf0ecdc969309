from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from understudy.specs.documents import cache as document_cache
from understudy.specs.documents import yaml12
from understudy.specs.documents.document import MAX_BYTES, Json, Syntax, parse_document, read_document
from understudy.specs.errors import DocumentUnreadable


def refusal(data: bytes) -> DocumentUnreadable:
    with pytest.raises(DocumentUnreadable) as caught:
        parse_document(data, "/api.yaml", name="api.yaml")
    return caught.value


class TestYaml:
    """YAML 1.2, core schema."""

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("on", "on"),
            ("yes", "yes"),
            ("Off", "Off"),
            ("y", "y"),
            ("1:30", "1:30"),
            ("2024-01-01", "2024-01-01"),
            ("1_000", "1_000"),
            ("0b11", "0b11"),
            ("012", 12),
            ("0o17", 15),
            ("0x1F", 31),
            ("-7", -7),
            ("+7", 7),
            ("1e3", 1000.0),
            (".5", 0.5),
            ("1.", 1.0),
            ("3.1.0", "3.1.0"),
            ("1e", "1e"),
            ("-", None),
            ("12345678901234567890123", 12345678901234567890123),
            ("true", True),
            ("False", False),
            ("~", None),
            ("null", None),
            ("nULL", "nULL"),
            ("", None),
            ('"true"', "true"),
            ("'12'", "12"),
            ("!!str 12", "12"),
            ("!!int '12'", 12),
            ("!!float 3", 3.0),
            ("!!null ''", None),
            ('! "12"', "12"),
            ("<<", "<<"),
            ("=", "="),
        ],
    )
    def test_a_scalar_has_the_value_of_the_core_schema(self, text: str, value: Json) -> None:
        expected = [value] if text != "-" else [[None]]
        tree = parse_document(f"- {text}\n".encode(), "/x").tree
        assert tree == expected
        assert type(tree[0]) is type(expected[0])

    def test_a_key_is_its_source_text(self) -> None:
        tree = parse_document(b"{200: a, null: b, true: c, 1.0: d, ~: e, 012: f, '200 ': g, on: h, .nan: i}", "/x").tree
        assert list(tree) == ["200", "null", "true", "1.0", "~", "012", "200 ", "on", ".nan"]

    def test_anchors_and_aliases_give_equal_parts(self) -> None:
        tree = parse_document(b"a: &a {x: [1, &b two]}\nb: *a\nc: *b\n", "/x").tree
        assert tree == {"a": {"x": [1, "two"]}, "b": {"x": [1, "two"]}, "c": "two"}

    def test_an_anchor_may_be_given_again(self) -> None:
        assert parse_document(b"[&a 1, *a, &a 2, *a]", "/x").tree == [1, 1, 2, 2]

    def test_merge_keys_bring_in_what_is_not_said(self) -> None:
        text = (
            b"a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 9}\nd:\n  x: 8\n  <<: *b\ne: {<<: {q: 1}}\n"
        )
        tree = parse_document(text, "/x").tree
        assert tree["c"] == {"x": 9, "y": 1, "z": 2}
        assert tree["d"] == {"x": 8, "y": 2, "z": 2}
        assert tree["e"] == {"q": 1}

    def test_a_quoted_merge_key_is_a_key(self) -> None:
        assert parse_document(b"'<<': {a: 1}", "/x").tree == {"<<": {"a": 1}}

    def test_both_parsers_agree(self) -> None:
        text = b"a: &a\n  - 1\n  - |\n    text\n  - >-\n    folded\n    text\nb: {<<: {c: *a}}\n200: !!str 3\n"
        fast, slow = (yaml12.parse_yaml(text, "x", libyaml=libyaml) for libyaml in (True, False))
        assert fast == slow == {"a": [1, "text\n", "folded text"], "b": {"c": fast["a"]}, "200": "3"}

    @pytest.mark.parametrize(
        ("text", "line", "pointer", "reason"),
        [
            ("a: 1\nb: 2\na: 3\n", 3, "/a", "the key 'a' comes twice"),
            ("x:\n  - 200: 1\n    '200': 2\n", 3, "/x/0/200", "the key '200' comes twice"),
            ("a: {<<: {}, <<: {}}\n", 1, "/a/<<", "merge key << comes twice"),
            ("a: {<<: 1}\n", 1, "/a", "takes a mapping"),
            ("a: {<<: [1]}\n", 1, "/a", "takes a mapping"),
            ("a:\n  b: .nan\n", 2, "/a/b", ".nan is no number that JSON can say"),
            ("- 1\n- -.inf\n", 2, "/1", "-.inf is no number"),
            ("a: 1e999\n", 1, "/a", "out of range"),
            (f"a: {'9' * 5000}\n", 1, "/a", "out of range"),
            ("a: !ruby/object:X 1\n", 1, "/a", "the tag !ruby/object:X has no meaning"),
            ("a: !!python/name:os.system x\n", 1, "/a", "the tag !!python/name:os.system has no meaning"),
            ("a: !!binary aGk=\n", 1, "/a", "the tag !!binary has no meaning"),
            ("a: !!set {x}\n", 1, "/a", "the tag !!set has no meaning"),
            ("a: !!seq {x: 1}\n", 1, "/a", "the tag !!seq has no meaning"),
            ("a: !!int x\n", 1, "/a", "'x' is not what its tag says"),
            ("a: *b\n", 1, "/a", "*b has no anchor &b"),
            ("a: &a\n  b: [*a]\n", 2, "/a/b/0", "*a stands inside what it stands for"),
            ("? [1]\n: 2\n", 1, "", "a mapping or sequence may not be a key"),
            ("a: &a 1\n*a : 2\n", 2, "", "an alias may not be a key"),
            ("a: 1\n---\nb: 2\n", 2, "", "a second YAML document"),
            ("a:\n\tb: 1\n", 2, "", "column 1: a tab may not indent; use spaces"),
            ("a: b: c\n", 1, "", "column 5: mapping values are not allowed"),
            ("a:\n  b: 1\n c: 2\n", 3, "", "column 2"),
            ("a: [1, 2\nb: 3\n", 2, "", "column"),
            ("a: 'open\n", 2, "", "column 1: while scanning a quoted scalar"),
            ("a: x\x07y\n", 1, "", "U+0007"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_place(self, text: str, line: int, pointer: str, reason: str) -> None:
        for libyaml in (True, False):
            with pytest.raises(DocumentUnreadable) as caught:
                yaml12.parse_yaml(text.encode(), "api.yaml", libyaml=libyaml)
            error = caught.value
            assert (error.document, error.pointer) == ("api.yaml", pointer)
            assert reason in str(error) or not libyaml
            assert error.line == line or not libyaml

    def test_a_syntax_error_shows_the_line(self) -> None:
        error = refusal(b"openapi: 3.2.0\ninfo: title: Pets\n")
        assert str(error) == (
            "api.yaml:2: is not YAML: column 12: mapping values are not allowed in this context: info: title: Pets"
        )

    def test_nesting_has_a_bound(self) -> None:
        assert parse_document(b"[" * 256 + b"]" * 256, "/x").tree
        assert "nested more than 256 deep" in str(refusal(b"[" * 257 + b"]" * 257))
        assert "nested more than 256 deep" in str(refusal(b"- " * 300 + b"x"))

    def test_aliases_that_explode_are_refused(self) -> None:
        lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
        lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
        assert "aliases amount to more than 67,108,864 characters" in str(refusal("\n".join(lines).encode()))

    def test_long_text_repeated_by_aliases_is_refused(self) -> None:
        text = "a: &a " + "x" * 100_000 + "\nb: [" + ", ".join(["*a"] * 700) + "]\n"
        assert "aliases amount to more than" in str(refusal(text.encode()))

    def test_aliases_that_nest_too_deep_are_refused(self) -> None:
        lines = ["a0: &a0 []"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300)]
        assert "aliases amount to more than 256 levels" in str(refusal("\n".join(lines).encode()))

    def test_merge_keys_that_explode_are_refused(self) -> None:
        wide = "a: &a {" + ", ".join(f"k{n}: 1" for n in range(2000)) + "}\n"
        text = wide + "b: [" + ", ".join("{<<: *a}" for _ in range(501)) + "]\n"
        assert "merge keys bring in more than 1,000,000 members" in str(refusal(text.encode()))


class TestJson:
    """RFC 8259, strictly."""

    def test_integers_keep_all_digits(self) -> None:
        assert parse_document(b'{"a": -9223372036854776000, "b": 1.5}', "/x").tree == {
            "a": -9223372036854776000,
            "b": 1.5,
        }

    @pytest.mark.parametrize(
        ("text", "line", "pointer", "reason"),
        [
            ('{"a": 1,\n "b": {"c": 1,\n "c": 2}}', 3, "/b/c", "the key 'c' comes twice"),
            ('{"a": [1,\n {"x/y": 1, "x\\u002fy": 2}]}', 2, "/a/1/x~1y", "the key 'x/y' comes twice"),
            ('{"a": 1,\n "b": [0, NaN]}', 2, "/b/1", "NaN is no number"),
            ('{"a": -Infinity}', 1, "/a", "-Infinity is no number"),
            ('{"a":\n 1e999}', 2, "/a", "1e999 is no number"),
            (f'{{"a": {"9" * 5000}}}', 1, "/a", "999 is no number"),
            ('{"a": "\\ud800"}', 1, "/a", "half of a surrogate pair"),
            ('{"a": "b" "c"}', 1, "", "is not JSON: column 11"),
            ('{"a": 1', 1, "", "is not JSON"),
            ('{"a": 1} {"b": 2}', 1, "", "is not JSON: column 10: Extra data"),
            ('{"a":' * 300 + "1" + "}" * 300, None, "", "nested more than 256 deep"),
            ('[["a"],' * 100_000, None, "", "nested more than 256 deep"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_place(
        self, text: str, line: int | None, pointer: str, reason: str
    ) -> None:
        error = refusal(text.encode())
        assert (error.line, error.pointer) == (line, pointer)
        assert reason in str(error)

    def test_a_surrogate_pair_is_one_character(self) -> None:
        assert parse_document(b'{"a": "\\ud83d\\ude00 \\\\ud800"}', "/x").tree == {"a": "😀 \\ud800"}

    def test_what_begins_like_json_may_be_yaml(self) -> None:
        document = parse_document(b'{"a": 1, # one\n  b: [x, y,],\n}', "/x.json")
        assert (document.tree, document.syntax) == ({"a": 1, "b": ["x", "y"]}, Syntax.YAML)

    def test_indentation_may_be_tabs(self) -> None:
        document = parse_document(b'{\n\t"a": [\n\t\t1\n\t]\n}', "/x.yaml")
        assert (document.tree, document.syntax) == ({"a": [1]}, Syntax.JSON)


class TestLine:
    """`Document.line`."""

    YAML = b"""# top
openapi: 3.2.0
paths:
  /pets/{id}:
    get: &get
      responses:
        200:
          x: [1,
            2]
  /more: {get: *get}
  /even:
    <<: *get
  /both:
    <<: [{a: 1},
         *get]
"""
    JSON = b'\n{"a": {"b": [10,\n {"c": "x\\"y"}],\n\n "d/e": {}\n}}'

    @pytest.mark.parametrize(
        ("pointer", "line"),
        [
            ("", 2),
            ("/openapi", 2),
            ("/paths/~1pets~1{id}/get/responses", 6),
            ("/paths/~1pets~1{id}/get/responses/200/x/1", 9),
            ("/paths/~1pets~1{id}/get/responses/404/content", 6),
            ("/paths/~1more/get", 10),
            ("/paths/~1more/get/responses/200", 7),
            ("/paths/~1even/responses", 6),
            ("/paths/~1both/a", 14),
            ("/paths/~1both/responses/200", 7),
            ("/nowhere", 2),
        ],
    )
    def test_of_yaml(self, pointer: str, line: int) -> None:
        assert parse_document(self.YAML, "/x").line(pointer) == line

    @pytest.mark.parametrize(
        ("pointer", "line"),
        [("", 2), ("/a", 2), ("/a/b/0", 2), ("/a/b/1", 3), ("/a/b/1/c", 3), ("/a/d~1e", 5), ("/a/d~1e/x", 5)],
    )
    def test_of_json(self, pointer: str, line: int) -> None:
        assert parse_document(self.JSON, "/x").line(pointer) == line


class TestEncoding:
    """Octets to text."""

    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
    )
    @pytest.mark.parametrize("text", ["title: Zoë 😀\n", '{"title": "Zoë 😀"}'])
    def test_unicode_in_any_form_is_read(self, encoding: str, text: str) -> None:
        assert parse_document(text.encode(encoding), "/x").tree == {"title": "Zoë 😀"}

    @pytest.mark.parametrize(
        ("data", "line", "reason"),
        [
            (b"", None, "is empty"),
            (b"\xef\xbb\xbf \n", None, "is empty"),
            (b"a: 1\nb: \xff\n", 2, "octet 8 is not UTF-8"),
            (b"\x89PNG\r\n\x1a\n\x00\x00", 1, "octet 0 is not UTF-8"),
            (b"\xff\xfea", None, "octet 0 is not UTF-16-LE"),
            (b"\x1f\x8b\x08\x00junk", 1, "is not UTF-8"),
            (b"a\x00b\x00\x00", None, "is not UTF-16-LE"),
            (b"PK\x03\x04", 1, "U+0003 may not occur"),
            (b"<!DOCTYPE html><p>Log in", 1, "is markup"),
            (b"# only a comment\n", 1, "holds one null, not an object"),
            (b"Just some text.\n", 1, "holds one string, not an object"),
            (b"42", 1, "holds one number, not an object"),
        ],
    )
    def test_what_is_no_document_is_refused(self, data: bytes, line: int | None, reason: str) -> None:
        error = refusal(data)
        assert error.line == line
        assert reason in str(error)

    def test_size_has_a_bound(self) -> None:
        assert "is larger than 64 MiB" in str(refusal(b" " * (MAX_BYTES + 1)))


class TestReadDocument:
    """Files, directories, URLs."""

    def test_a_file_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "api.txt").write_text("openapi: 3.2.0\n")
        monkeypatch.chdir(tmp_path)
        document = read_document("./api.txt")
        assert (document.uri, document.name) == (str(tmp_path / "api.txt"), "./api.txt")
        assert read_document("api.txt", name="pets").name == "pets"
        assert read_document((tmp_path / "api.txt").as_uri()).tree == document.tree

    @pytest.mark.parametrize("entry", ["openapi.yaml", "openapi.json", "swagger.yml"])
    def test_a_directory_is_read_by_its_entry(self, tmp_path: Path, entry: str) -> None:
        (tmp_path / entry).write_text("{openapi: 3.2.0}")
        (tmp_path / "other.yaml").write_text("{}")
        assert read_document(str(tmp_path)).uri == str(tmp_path / entry)

    def test_a_directory_without_or_with_two_entries_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DocumentUnreadable, match=r"the directory holds none of openapi\.yaml, openapi\.yml"):
            read_document(str(tmp_path))
        (tmp_path / "openapi.yaml").write_text("{}")
        (tmp_path / "swagger.json").write_text("{}")
        with pytest.raises(DocumentUnreadable, match=r"holds openapi\.yaml and swagger\.json; name one of them"):
            read_document(str(tmp_path))

    def test_what_cannot_be_read_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(DocumentUnreadable, match=r"missing\.yaml: there is no such file"):
            read_document(str(tmp_path / "missing.yaml"))
        (tmp_path / "file").write_text("a: 1")
        with pytest.raises(DocumentUnreadable, match="cannot be read: Not a directory"):
            read_document(str(tmp_path / "file" / "below.yaml"))
        with pytest.raises(DocumentUnreadable, match="cannot be read"):
            read_document("nul\0byte")
        with pytest.raises(DocumentUnreadable, match="cannot be read: File name too long"):
            read_document("x" * 5000)

    def test_a_link_to_itself_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "loop.yaml").symlink_to("loop.yaml")
        with pytest.raises(DocumentUnreadable, match="cannot be read: Too many levels of symbolic links"):
            read_document(str(tmp_path / "loop.yaml"))

    def test_a_url_needs_leave(self) -> None:
        with pytest.raises(DocumentUnreadable, match="the network may be used only for a URL that you name"):
            read_document("http://127.0.0.1:9/openapi.yaml")


class TestCache:
    """`document_cache`."""

    TEXT = ("a: [on, 012, 12345678901234567890, 0.1, 'é😀']\nb:\n" + "  - some text\n" * 5000).encode()

    def test_a_tree_is_kept_and_found(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        directory = tmp_path / "deep" / "cache"
        first = parse_document(self.TEXT, "/x", cache_dir=directory)
        (entry,) = directory.iterdir()
        assert json.loads(entry.read_text()) == first.tree
        monkeypatch.delattr(yaml12, "parse_yaml")
        again = parse_document(self.TEXT, "/x", cache_dir=directory)
        assert again == first
        assert again.line("/b/2") == 5

    @pytest.mark.parametrize("rubbish", [b"", b"{", b'"text"', b"\xff\xfe", b"[" * 100_000])
    def test_a_damaged_entry_is_ignored_and_written_anew(self, tmp_path: Path, rubbish: bytes) -> None:
        entry = document_cache.entry_path(tmp_path, self.TEXT)
        entry.write_bytes(rubbish)
        tree = parse_document(self.TEXT, "/x", cache_dir=tmp_path).tree
        assert tree["a"] == ["on", 12, 12345678901234567890, 0.1, "é😀"]
        assert json.loads(entry.read_text()) == tree

    def test_where_nothing_can_be_written_the_document_is_still_read(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert parse_document(self.TEXT, "/x", cache_dir=tmp_path / "file").tree["b"]

    def test_small_documents_and_json_are_not_kept(self, tmp_path: Path) -> None:
        parse_document(b"a: 1", "/x", cache_dir=tmp_path)
        parse_document(json.dumps({"a": "x" * 50_000}).encode(), "/x", cache_dir=tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_no_draft_stays(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_: object) -> None:
            raise OSError("no space left")

        monkeypatch.setattr(os, "replace", fail)
        assert parse_document(self.TEXT, "/x", cache_dir=tmp_path).tree["b"]
        assert list(tmp_path.iterdir()) == []
