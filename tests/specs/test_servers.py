from __future__ import annotations

from pathlib import Path

import pytest

from understudy.specs.catalog import load_api
from understudy.specs.documents.document import Json
from understudy.specs.model import Server, ServerVariable
from understudy.specs.servers import MAX_BASE_PATHS, base_paths, find_url_beside, read_servers

DOCUMENT = str(Path(__file__).parent.parent / "documents" / "openapi32-servers.yaml")


def test_variables_are_replaced_by_given_values_or_defaults() -> None:
    own, mounted = load_api(DOCUMENT).servers
    assert own.expand() == "https://north.harbour.test/api/"
    assert own.expand({"region": "south"}) == "https://south.harbour.test/api/"
    assert mounted.expand({"region": "south"}) == "/mounted"
    assert (own.description, mounted.description) == ("The harbour's own", "")


def test_an_unknown_variable_is_left_as_it_is() -> None:
    assert Server("https://{host}/{x}", "", {"x": ServerVariable("a", ())}).expand() == "https://{host}/a"


def test_each_level_may_have_servers_of_its_own() -> None:
    first = {operation.id: operation.servers[0].expand() for operation in load_api(DOCUMENT).operations}
    assert first == {
        "inherited": "https://north.harbour.test/api/",
        "ofTheItem": "https://item.harbour.test/i",
        "ofTheOperation": "https://operation.harbour.test",
    }


@pytest.mark.parametrize(
    ("url", "variables", "expected"),
    [
        ("https://api.test", {}, ("",)),
        ("https://api.test/", {}, ("",)),
        ("/", {}, ("",)),
        ("", {}, ("",)),
        ("https://api.test/v1/", {}, ("/v1",)),
        ("/a%20b?x=1#y", {}, ("/a%20b",)),
        ("//api.test/v1", {}, ("/v1",)),
        ("http://[", {}, ("",)),
        ("https://{r}.test/v1", {"r": ServerVariable("n", ("n", "s"))}, ("/v1",)),
        ("/{p}", {"p": ServerVariable("b", ("a", "b", "c"))}, ("/b", "/a", "/c")),
        (
            "/{p}/{q}",
            {"p": ServerVariable("a", ("a", "b")), "q": ServerVariable("", ("", "x"))},
            ("/a", "/a/x", "/b", "/b/x"),
        ),
    ],
)
def test_base_paths_are_those_of_every_choice(
    url: str, variables: dict[str, ServerVariable], expected: tuple[str, ...]
) -> None:
    assert base_paths(Server(url, "", variables)) == expected


def test_base_paths_are_bounded() -> None:
    variables = {name: ServerVariable("0", tuple(map(str, range(10)))) for name in "abcdefgh"}
    assert len(base_paths(Server("/" + "/".join(f"{{{name}}}" for name in variables), "", variables))) == MAX_BASE_PATHS


@pytest.mark.parametrize("raw", [None, {}, "text", [1, None, "text", {}, {"description": "no url"}]])
def test_what_is_no_server_is_left_out(raw: Json) -> None:
    assert read_servers(raw) == ()


def test_ill_formed_variables_are_read_with_good_will() -> None:
    raw = [{"url": "/{a}", "variables": {"a": {"enum": "abc"}, "b": 1}}, {"url": 3, "variables": [1]}]
    assert read_servers(raw) == (Server("/{a}", "", {"a": ServerVariable("", ())}), Server("3", "", {}))


@pytest.mark.parametrize(
    ("document", "urls", "expected"),
    [
        ("http://127.0.0.1:8000/openapi.json", ["/"], "http://127.0.0.1:8000"),
        ("http://127.0.0.1:8000/docs/openapi.json", ["../v1/"], "http://127.0.0.1:8000/v1"),
        ("https://api.test/v1/openapi.yaml", ["https://staging.test", "https://API.test/v1"], "https://API.test/v1"),
        ("https://docs.test/openapi.yaml", ["https://api.test"], None),
        ("http://api.test/openapi.yaml", ["https://api.test"], None),
        ("https://api.test/openapi.yaml", ["http://[", "//elsewhere.test"], None),
        ("openapi.yaml", ["/v1"], None),
        ("file:///tmp/openapi.yaml", ["/v1"], None),
        ("http://[", ["/v1"], None),
    ],
)
def test_only_a_documents_own_host_is_taken_for_its_api(document: str, urls: list[str], expected: str | None) -> None:
    assert find_url_beside(document, [Server(url, "", {}) for url in urls]) == expected
