from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from understudy.specs.documents.document import read_document
from understudy.specs.documents.fetching import fetch_url
from understudy.specs.errors import DocumentUnreadable


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/loop"):
            self.send_response(302)
            self.send_header("location", "/loop/again")
            self.end_headers()
        elif self.path == "/moved":
            self.send_response(301)
            self.send_header("location", "/deep/openapi.yaml")
            self.end_headers()
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("location", "ftp://127.0.0.1/x")
            self.end_headers()
        elif self.path == "/missing":
            self.send_error(404)
        elif self.path == "/bomb":
            self.send_response(200)
            self.send_header("content-encoding", "gzip")
            self.end_headers()
            self.wfile.write(gzip.compress(b" " * 5_000_000))
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("content-length", "1000")
            self.end_headers()
            self.wfile.write(b"openapi")
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"openapi: 3.2.0\n")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


def test_a_url_is_read_and_the_base_is_the_one_that_answered(server: str) -> None:
    document = read_document(f"{server}/moved", fetch=True)
    assert document.tree == {"openapi": "3.2.0"}
    assert (document.uri, document.name) == (f"{server}/deep/openapi.yaml", f"{server}/moved")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing", "the server answered 404 Not Found"),
        ("/loop", "is redirected more than 5 times"),
        ("/away", "cannot be fetched"),
        ("/bomb", "is larger than 1 MiB"),
        ("/cut", "cannot be fetched: peer closed connection"),
    ],
)
def test_what_is_no_answer_is_refused(server: str, path: str, reason: str) -> None:
    with pytest.raises(DocumentUnreadable, match=reason) as caught:
        fetch_url(server + path, "api", max_bytes=1024**2)
    assert caught.value.document == "api"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://[::1/x", "http://127.0.0.1:99999/"])
def test_an_address_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(DocumentUnreadable, match="cannot be fetched"):
        fetch_url(url, "api", max_bytes=10)


def test_the_whole_has_a_deadline(server: str) -> None:
    clock = iter([0.0, 21.0])
    with pytest.raises(DocumentUnreadable, match="was not read within 20 seconds"):
        fetch_url(f"{server}/slow", "api", max_bytes=1024, elapsed=lambda: next(clock))
