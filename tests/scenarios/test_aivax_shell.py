"""The shells of AIVAX: what holds between requests for files and directories, against the mock in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from tests.apps.mocked_api import MockedApi
from understudy.specs.documents.document import Json

IO: Final = "/api/v1/shell/io"
EVERY_OCTET: Final = bytes(range(256))
FILE: Final = ("GET", "/file"), ("GET", "/file/details"), ("GET", "/file/public-address"), ("DELETE", "/file")
EVERYWHERE: Final = (*FILE, ("POST", "/file"), ("GET", "/listing"), ("POST", "/directory"), ("DELETE", "/directory"))


class Shell:
    """What one user of a mock sees."""

    def __init__(self, mock: MockedApi, user: str = "ann") -> None:
        self.mock = mock
        self.user = user

    def send(self, method: str, path: str, place: str, content: bytes | None = None) -> httpx.Response:
        headers = {"x-shell-user-id": self.user}
        if content is not None:
            headers["content-type"] = "application/octet-stream"
        return self.mock.send(method, f"{IO}{path}?path={quote(place)}", content=content, headers=headers)

    def status(self, method: str, path: str, place: str, content: bytes | None = None) -> int:
        return self.send(method, path, place, content).status_code

    def upload(self, place: str, content: bytes) -> None:
        answer = self.send("POST", "/file", place, content)
        assert answer.status_code == 200, answer.text

    def make(self, place: str) -> None:
        assert self.status("POST", "/directory", place) == 200

    def download(self, place: str) -> bytes:
        answer = self.send("GET", "/file", place)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/octet-stream")
        return answer.content

    def details(self, place: str, path: str = "/file/details") -> Json:
        answer = self.send("GET", path, place)
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    def entries(self, place: str) -> dict[str, Json]:
        answer = self.send("GET", "/listing", place)
        assert answer.status_code == 200, answer.text
        return {each["name"]: each for each in answer.json()["entries"]}

    def gone(self, place: str) -> set[int]:
        """The statuses of all that is asked about a file."""
        return {self.status(method, path, place) for method, path in FILE}


@pytest.fixture
def mock() -> Iterator[MockedApi]:
    with MockedApi("aivax") as opened:
        yield opened


@pytest.fixture
def shell(mock: MockedApi) -> Shell:
    return Shell(mock)


def test_i23_a_directory_is_listed_as_one(shell: Shell) -> None:
    assert shell.entries("/") == {}
    shell.make("/notes")
    [(name, entry)] = shell.entries("/").items()
    assert (name, entry["isDirectory"], entry["size"]) == ("notes", True, None)
    assert shell.entries("/notes") == {}
    shell.make("/notes")
    shell.make("/")
    assert shell.entries("/") == {name: entry}


@pytest.mark.parametrize(
    "content",
    [EVERY_OCTET, EVERY_OCTET * 12_000, b"\0", "Grüße".encode(), b"\xff\xfe", b'{"a": 1}', b"a\r\nb"],
    ids=["every octet", "3 MB", "NUL", "UTF-8", "no UTF-8", "JSON", "lines"],
)
def test_i23_a_file_comes_back_octet_by_octet(shell: Shell, content: bytes) -> None:
    shell.upload("/deep/er/file.bin", content)
    assert shell.download("/deep/er/file.bin") == content
    assert shell.details("/deep/er/file.bin")["size"] == len(content)
    entry = shell.entries("/deep/er")["file.bin"]
    assert (entry["isDirectory"], entry["size"]) == (False, len(content))


def test_i23_what_kind_of_file_it_is_follows_from_name_and_octets(shell: Shell) -> None:
    for name, content in (("a.csv", b"a,b"), ("b.png", b"\x89PNG"), ("c.tar.gz", b"\0"), ("README", "ä".encode())):
        shell.upload(f"/{name}", content)
    kinds = [(each["mimeType"], each["isPlainText"]) for each in map(shell.details, ("/a.csv", "/b.png", "/c.tar.gz"))]
    assert kinds == [("text/csv", True), ("image/png", False), ("application/gzip", False)]
    read = shell.details("/README")
    assert (read["name"], read["mimeType"], read["isPlainText"]) == ("README", "application/octet-stream", True)


def test_i23_an_upload_replaces_what_was_there(shell: Shell) -> None:
    shell.upload("/a.txt", b"first")
    before = shell.details("/a.txt")
    shell.mock.wait(minutes=5)
    shell.upload("/a.txt", b"second!")
    after = shell.details("/a.txt")
    assert shell.download("/a.txt") == b"second!"
    assert (after["size"], list(shell.entries("/"))) == (7, ["a.txt"])
    assert after["createdAtUtc"] == before["createdAtUtc"] < after["lastModifiedUtc"]


def test_i23_directories_on_the_way_are_made_and_stay(shell: Shell) -> None:
    shell.upload("/a/b/c.txt", b"c")
    shell.upload("/a/b/d.txt", b"d")
    assert [list(shell.entries(place)) for place in ("/", "/a", "/a/b")] == [["a"], ["b"], ["c.txt", "d.txt"]]
    for name in ("c.txt", "d.txt"):
        assert shell.status("DELETE", "/file", f"/a/b/{name}") == 200
    assert [list(shell.entries(place)) for place in ("/", "/a", "/a/b")] == [["a"], ["b"], []]
    shell.make("/x/y/z")
    assert list(shell.entries("/x/y")) == ["z"]


def test_i23_a_deleted_file_is_not_found(shell: Shell) -> None:
    shell.upload("/a.txt", b"first")
    shell.upload("/b.txt", b"second")
    assert shell.status("DELETE", "/file", "/a.txt") == 200
    assert shell.gone("/a.txt") == {404}
    assert list(shell.entries("/")) == ["b.txt"]
    shell.upload("/a.txt", b"third")
    assert shell.download("/a.txt") == b"third"


def test_i23_a_directory_goes_with_all_that_is_in_it(shell: Shell) -> None:
    for place in ("/a/b/c.txt", "/a/d.txt", "/ab.txt"):
        shell.upload(place, b"x")
    shell.make("/a/b/e")
    assert shell.status("DELETE", "/directory", "/a") == 200
    assert list(shell.entries("/")) == ["ab.txt"]
    assert [shell.gone(place) for place in ("/a/b/c.txt", "/a/d.txt")] == [{404}, {404}]
    assert [shell.status("GET", "/listing", place) for place in ("/a", "/a/b", "/a/b/e")] == [404, 404, 404]
    shell.make("/a")
    assert shell.entries("/a") == {}


@pytest.mark.parametrize("root", ["/", "//", "/.", "/./"])
def test_i23_the_root_stays(shell: Shell, root: str) -> None:
    shell.upload("/a.txt", b"x")
    assert shell.status("DELETE", "/directory", root) == 400
    assert shell.status("POST", "/file", root, b"x") == 400
    assert list(shell.entries("/")) == ["a.txt"]


def test_i5_nothing_in_a_shell_is_deleted_twice(shell: Shell) -> None:
    shell.upload("/a/b.txt", b"x")
    assert [shell.status("DELETE", "/file", "/a/b.txt") for _ in range(2)] == [200, 404]
    assert [shell.status("DELETE", "/directory", "/a") for _ in range(2)] == [200, 404]


def test_i23_a_file_is_no_directory_and_a_directory_no_file(shell: Shell) -> None:
    shell.upload("/a", b"x")
    shell.make("/b")
    assert [shell.status("GET", "/listing", "/a"), shell.status("DELETE", "/directory", "/a")] == [404, 404]
    assert shell.gone("/b") == {404}
    refused = [
        ("/directory", "/a", None),
        ("/directory", "/a/c", None),
        ("/file", "/a/c/d.txt", b"y"),
        ("/file", "/b", b"y"),
    ]
    assert {shell.status("POST", path, place, content) for path, place, content in refused} == {400}
    assert list(shell.entries("/")) == ["a", "b"]
    assert shell.download("/a") == b"x"


@pytest.mark.parametrize(
    "place",
    [
        "..",
        "/..",
        "/../etc/passwd",
        "/lists/../../etc/passwd",
        "lists/..",
        "/lists/..\\..\\etc",
        "..\\etc",
        "/%2e%2e/etc/passwd",
        "/lists/%2E./etc",
        "/lists/%252e%252e%252fetc",
        "/lists%2f..%2f..%2fetc",
        "/lists%5c..%5cetc",
        "/ .. /etc",
        "/a%00b",
    ],
)
@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_i23_no_path_leads_out_of_the_sandbox(mock: MockedApi, method: str, path: str, place: str) -> None:
    shell = Shell(mock, "customer-204")
    before = shell.entries("/")
    assert shell.status(method, path, place, b"x" if (method, path) == ("POST", "/file") else None) == 400
    assert shell.entries("/") == before


@pytest.mark.parametrize("place", ["a/b.txt", "/a//b.txt", "/a/./b.txt", "//a/b.txt"])
def test_i23_a_file_has_one_place_however_it_is_written(shell: Shell, place: str) -> None:
    shell.upload(place, b"x")
    assert shell.download("/a/b.txt") == b"x"
    assert (list(shell.entries("/")), list(shell.entries("a/"))) == (["a"], ["b.txt"])


@pytest.mark.parametrize("name", ["a..b", "...", "..a", "100%.txt", "ä ö?&#+.txt", "back\\slash", "a%20b"])
def test_i23_a_name_may_be_odd(shell: Shell, name: str) -> None:
    shell.upload(f"/{name}", b"x")
    assert list(shell.entries("/")) == [name]
    assert (shell.details(f"/{name}")["name"], shell.download(f"/{name}")) == (name, b"x")


def test_i24_users_do_not_see_each_others_files(mock: MockedApi) -> None:
    ann, bob = Shell(mock), Shell(mock, "bob")
    ann.upload("/a/b.txt", b"secret")
    assert bob.entries("/") == {}
    assert bob.gone("/a/b.txt") == {404}
    assert [bob.status("GET", "/listing", "/a"), bob.status("DELETE", "/directory", "/a")] == [404, 404]
    bob.upload("/a/b.txt", b"mine")
    assert (ann.download("/a/b.txt"), bob.download("/a/b.txt")) == (b"secret", b"mine")
    assert list(Shell(mock, "customer-204").entries("/lists")) == ["archive", "wishlist.csv"]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_i24_a_user_has_to_be_named(mock: MockedApi, method: str, path: str) -> None:
    content, headers = (b"x", {"content-type": "text/plain"}) if (method, path) == ("POST", "/file") else (None, {})
    answer = mock.send(method, f"{IO}{path}?path=/a", content=content, headers=headers)
    assert answer.status_code == 400
    assert "x-shell-user-id" in answer.json()["error"].lower()


def test_i25_a_public_address_is_that_of_the_file(shell: Shell) -> None:
    shell.upload("/a.txt", b"first")
    shell.upload("/b.txt", b"second!")
    details = [shell.details(place) for place in ("/a.txt", "/b.txt")]
    public = [shell.details(place, "/file/public-address") for place in ("/a.txt", "/b.txt")]
    assert [(each["name"], each["size"]) for each in public] == [(each["name"], each["size"]) for each in details]
    assert len({each["publicUrl"] for each in public}) == 2
    assert shell.status("GET", "/file/public-address", "/c.txt") == 404
