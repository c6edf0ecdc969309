from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from understudy.mockserver.app import create_app
from understudy.mockserver.mock import Mounted
from understudy.specs.errors import UsageError
from understudy.specs.model import Api

MakeApi = Callable[..., Api]
MakeClient = Callable[..., httpx.Client]


def document(paths: str, server: str = "/", errors: str = "") -> str:
    operations = ", ".join(
        f"'{path}': {{get: {{responses: {{'200':"
        f" {{description: '', content: {{text/plain: {{example: {name}}}}}}}}}}}}}"
        for path, name in (each.split("=") for each in paths.split())
    )
    return f"servers: [{{url: '{server}'}}]\npaths: {{{operations}}}\n{errors}"


def test_several_documents_share_a_port(mock: MakeClient, make_api: MakeApi) -> None:
    client = mock(make_api(document("/a=one"), "one"), make_api(document("/b=two", "/api"), "two"))
    assert (client.get("/a").text, client.get("/b").text, client.get("/api/b").text) == ("one", "two", "two")


def test_a_route_claimed_twice_is_refused_with_both_names_and_the_remedy(make_api: MakeApi) -> None:
    one, two = make_api(document("/a/{x}=one"), "one"), make_api(document("/a/{y}=two"), "two")
    with pytest.raises(UsageError) as raised:
        create_app([one, two])
    assert "one GET /a/{x} and two GET /a/{y}" in str(raised.value)
    assert "two@/two" in str(raised.value)


def test_a_prefix_keeps_documents_apart(mock: MakeClient, make_api: MakeApi) -> None:
    one, two = make_api(document("/a=one", "/v1"), "one"), make_api(document("/a=two", "/v1"), "two")
    client = mock(one, Mounted(two, "/second"))
    assert [client.get(path).text for path in ("/a", "/v1/a", "/second/a", "/second/v1/a")] == [
        "one",
        "one",
        "two",
        "two",
    ]
    assert client.get("/second/b").status_code == 404


def test_within_a_document_the_full_path_goes_before_the_bare_one(mock: MakeClient) -> None:
    client = mock(document("/v1/a=bare /a=full", "/v1"))
    assert (client.get("/v1/a").text, client.get("/a").text, client.get("/v1/v1/a").text) == ("full", "full", "bare")


def test_two_templates_of_one_shape_in_a_document_are_a_warning(
    make_api: MakeApi, caplog: pytest.LogCaptureFixture
) -> None:
    create_app([make_api(document("/a/{x}=one /a/{y}=two"))])
    assert "GET /a/{x} hides it but from what fits its parameters less" in caplog.text


ERRORS = """
x-understudy: {errors: {envelopes: [{schema: '#/components/schemas/E', body: {told_by: %s}}]}}
components: {schemas: {E: {type: object}}}
"""


@pytest.mark.parametrize(
    ("path", "teller"), [("/x/none", "one"), ("/y/none", "two"), ("/y/deep/none", "two"), ("/none", None)]
)
def test_an_unknown_path_is_answered_by_the_document_it_lies_below(
    mock: MakeClient, make_api: MakeApi, path: str, teller: str | None
) -> None:
    one = make_api(document("/a=1", "/x", ERRORS % "one"), "one")
    two = make_api(document("/b=2", "/y", ERRORS % "two"), "two")
    answer = mock(one, two).get(path)
    assert answer.status_code == 404
    assert answer.json().get("told_by") == teller
    assert mock(one, two).post("/b").json() == {"told_by": "two"}


@pytest.mark.parametrize(
    ("path", "nearest"),
    [("/pet", "/pets"), ("/pets/1/toy", "/pets/{id}/toys"), ("/PETS", ""), ("/x", ""), ("/" + "z" * 5000, "")],
)
def test_the_nearest_path_is_named_where_one_is_near(mock: MakeClient, path: str, nearest: str) -> None:
    detail = mock(document("/pets=1 /pets/{id}=2 /pets/{id}/toys=3 /owners=4")).get(path).json()["detail"]
    assert detail.partition("nearest documented path is ")[2] == nearest
