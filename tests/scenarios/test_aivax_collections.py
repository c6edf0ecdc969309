"""Collections, documents and searches of AIVAX: what holds between requests, against the mock in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from uuid import UUID

import pytest

from tests.apps.mocked_api import MockedApi, lines_of
from understudy.specs.documents.document import Json

pytest_plugins = ("tests.apps.store_fixtures",)

COLLECTIONS: Final = "/api/v1/collections"
HANDBOOK: Final = "019ca2f0-3a48-7c6b-9d21-e84f05b7a912"
WAITING: Final = "019cb311-9dd9-7d15-96e7-8f03b4c2a5d0"
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"
INDEXING: Final = 2
"""Seconds until a document is indexed."""
LEAFLET: Final[Json] = {
    "name": "leaflet:1",
    "contents": "Parcels leave the harbour on Mondays.",
    "reference": "leaflet",
    "tags": ["parcels", "harbour town"],
    "metadata": {"page": 1},
}
LINES: Final[list[Json]] = [
    {"docid": "one", "text": "The lighthouse opens at ten.", "__ref": "tour", "__tags": ["tour"], "__meta": {"n": 1}},
    {"docid": "two", "text": "The lighthouse closes at six.", "__ref": "tour"},
    {"docid": "three", "text": "Boats leave from the north quay."},
]


@pytest.fixture
def mock(each_state: str) -> Iterator[MockedApi]:
    """The mock on each kind of store."""
    with MockedApi("aivax", state=each_state) as opened:
        yield opened


@pytest.fixture
def collection(mock: MockedApi) -> str:
    return create(mock)


def create(mock: MockedApi, name: str = "Harbour guide", **more: Json) -> str:
    return str(mock.ask("POST", COLLECTIONS, {"collectionName": name, **more})["collectionId"])


def put(mock: MockedApi, collection: str, **document: Json) -> Json:
    return mock.ask("PUT", f"{COLLECTIONS}/{collection}/documents", document)


def load(mock: MockedApi, collection: str, lines: list[Json] | bytes) -> tuple[int, int]:
    counts = mock.import_lines(f"{COLLECTIONS}/{collection}/documents", "documents", lines)
    return counts["enqueued"], counts["skipped"]


def browse(mock: MockedApi, collection: str, query: str = "") -> list[Json]:
    return list(mock.get(f"{COLLECTIONS}/{collection}/documents{query}"))


def names(mock: MockedApi, collection: str, query: str = "") -> list[str]:
    return [each["name"] for each in browse(mock, collection, query)]


def state(mock: MockedApi, collection: str) -> tuple[int, int, int]:
    counts = mock.get(f"{COLLECTIONS}/{collection}")["state"]
    return counts["total"], counts["indexed"], counts["queued"]


def listed(mock: MockedApi) -> list[tuple[str, str]]:
    return [(each["id"], each["name"]) for each in mock.get(COLLECTIONS)["items"]]


def search(mock: MockedApi, *collections: str, **more: Json) -> list[Json]:
    return list(mock.ask("POST", "/api/v1/query", {"collections": list(collections), **more}))


def test_i1_a_collection_reads_back_as_it_was_created(mock: MockedApi) -> None:
    collection = create(mock, "Guide", context="What visitors ask", tags="harbour,  visitors ,")
    read = mock.get(f"{COLLECTIONS}/{collection}")
    assert (read["name"], read["tags"]) == ("Guide", ["harbour", "visitors"])
    assert state(mock, collection) == (0, 0, 0)
    assert mock.get(f"{COLLECTIONS}/{create(mock)}")["tags"] == []


def test_i1_a_document_reads_back_as_it_was_written(mock: MockedApi, collection: str) -> None:
    document = put(mock, collection, **LEAFLET)["documentId"]
    read = mock.get(f"{COLLECTIONS}/{collection}/documents/{UUID(document)}")
    assert {name: read[name] for name in LEAFLET} == LEAFLET
    assert (read["characterCount"], read["wordCount"], read["approximateTokenCount"]) == (37, 6, 7)
    assert read["createdAt"] == read["updatedAt"] == "2026-11-20T09:30:00Z"


def test_i2_collections_and_documents_are_listed_until_they_are_deleted(mock: MockedApi) -> None:
    before = listed(mock)
    collection = create(mock)
    assert listed(mock) == [*before, (collection, "Harbour guide")]
    document = put(mock, collection, **LEAFLET)["documentId"]
    other = put(mock, collection, name="other", contents="Other.")["documentId"]
    assert [each["id"] for each in browse(mock, collection)] == [document, other]
    mock.ask("DELETE", f"{COLLECTIONS}/{collection}/documents/{document}")
    assert [each["id"] for each in browse(mock, collection)] == [other]
    mock.ask("DELETE", f"{COLLECTIONS}/{collection}")
    assert listed(mock) == before


def test_i3_a_collection_that_is_changed_shows_it_and_others_do_not(mock: MockedApi, collection: str) -> None:
    put(mock, collection, **LEAFLET)
    other = mock.get(f"{COLLECTIONS}/{HANDBOOK}")
    mock.ask("PUT", f"{COLLECTIONS}/{collection}", {"collectionName": "Guide", "tags": "new"})
    read = mock.get(f"{COLLECTIONS}/{collection}")
    assert (read["name"], read["tags"], read["state"]["total"]) == ("Guide", ["new"], 1)
    assert mock.get(f"{COLLECTIONS}/{HANDBOOK}") == other


def test_i4_what_is_deleted_is_gone(mock: MockedApi, collection: str) -> None:
    document = put(mock, collection, **LEAFLET)["documentId"]
    place = f"{COLLECTIONS}/{collection}/documents/{document}"
    mock.ask("DELETE", place)
    assert [mock.send(method, place).status_code for method in ("GET", "DELETE")] == [404, 404]
    mock.ask("DELETE", f"{COLLECTIONS}/{collection}")
    for method, path in (
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/documents"),
        ("DELETE", "/reset-only"),
        ("DELETE", "/vectors-only"),
        ("GET", "/export.jsonl"),
    ):
        assert mock.send(method, f"{COLLECTIONS}/{collection}{path}").status_code == 404, (method, path)
    assert mock.send("PUT", f"{COLLECTIONS}/{collection}/documents", LEAFLET).status_code == 404


def test_a_document_is_found_in_its_own_collection_only(mock: MockedApi, collection: str) -> None:
    document = put(mock, collection, **LEAFLET)["documentId"]
    assert mock.send("GET", f"{COLLECTIONS}/{HANDBOOK}/documents/{document}").status_code == 404
    assert mock.send("GET", f"{COLLECTIONS}/{collection}/documents/{WAITING}").status_code == 404


def test_what_a_document_is_made_without_is_made_up(mock: MockedApi, collection: str) -> None:
    made = [put(mock, collection, **each)["state"] for each in ({"name": "no text"}, {"contents": "No name."}, {})]
    assert made == ["Created", "Created", "Created"]
    assert all(each["name"] and each["contentsPreview"] for each in browse(mock, collection))
    assert len(set(names(mock, collection))) == 3
    assert put(mock, collection, name="no text", tags=["new"])["state"] == "Modified"
    assert mock.ask("POST", COLLECTIONS, {"tags": "no name"})["collectionId"]


def test_i9_what_an_import_brings_is_counted(mock: MockedApi, collection: str) -> None:
    assert load(mock, collection, LINES) == (3, 0)
    assert load(mock, collection, LINES) == (0, 3)
    more: list[Json] = [LINES[0], {**LINES[1], "text": "New."}, {"docid": "four", "text": "Four."}]
    assert load(mock, collection, more) == (2, 1)
    assert names(mock, collection) == ["one", "two", "three", "four"]


def test_i9_a_large_import_is_counted_twice_the_same(mock: MockedApi, collection: str) -> None:
    lines: list[Json] = [{"docid": f"page-{number}", "text": f"Text of page {number}."} for number in range(400)]
    assert load(mock, collection, [*lines, *lines[:50]]) == (400, 50)
    assert load(mock, collection, lines) == (0, 400)
    assert state(mock, collection) == (400, 0, 400)


def test_i9_an_import_with_a_bad_line_changes_nothing(mock: MockedApi, collection: str) -> None:
    place = f"{COLLECTIONS}/{collection}/documents"
    for content in (b'{"docid": "a", "text": "x"}\n{"docid": "b"}\n', b'{"docid": "a", "text": "x"}\n{"docid": \n'):
        refused = mock.send("POST", place, files={"documents": ("d.jsonl", content, "application/jsonl")})
        assert refused.status_code == 400
    assert browse(mock, collection) == []


def test_i10_a_name_that_is_known_changes_its_document(mock: MockedApi, collection: str) -> None:
    first = put(mock, collection, **LEAFLET)
    second = put(mock, collection, name="leaflet:1", contents="On Tuesdays.", tags=None)
    assert (first["state"], second["state"]) == ("Created", "Modified")
    assert first["documentId"] == second["documentId"]
    assert names(mock, collection) == ["leaflet:1"]
    read = mock.get(f"{COLLECTIONS}/{collection}/documents/{first['documentId']}")
    assert (read["contents"], read["reference"], read["tags"]) == ("On Tuesdays.", "leaflet", [])
    assert put(mock, HANDBOOK, **LEAFLET)["documentId"] != first["documentId"]


def test_i11_a_document_is_queued_until_it_is_indexed(mock: MockedApi, collection: str) -> None:
    document = put(mock, collection, **LEAFLET)["documentId"]
    load(mock, collection, LINES)
    place = f"{COLLECTIONS}/{collection}/documents/{document}"

    def states() -> tuple[Json, ...]:
        read, rows = mock.get(place), browse(mock, collection)
        assert {each["indexState"] for each in rows} == {read["state"]}
        assert state(mock, collection)[0] == len(rows)
        return (read["state"], read["indexedAt"], *state(mock, collection))

    assert states() == ("Queued", None, 4, 0, 4)
    mock.wait(seconds=INDEXING)
    assert states() == ("Indexed", "2026-11-20T09:30:02Z", 4, 4, 0)


def test_i11_only_a_new_text_is_indexed_again(mock: MockedApi, collection: str) -> None:
    document = put(mock, collection, **LEAFLET)["documentId"]
    load(mock, collection, LINES)
    mock.wait(seconds=INDEXING)
    put(mock, collection, **{**LEAFLET, "tags": ["other"], "metadata": None})
    assert load(mock, collection, [{**LINES[0], "__tags": ["other"]}]) == (1, 0)
    assert state(mock, collection) == (4, 4, 0)
    read = mock.get(f"{COLLECTIONS}/{collection}/documents/{document}")
    assert (read["tags"], read["metadata"], read["updatedAt"]) == (["other"], {}, "2026-11-20T09:30:02Z")
    put(mock, collection, **{**LEAFLET, "contents": "New."})
    assert load(mock, collection, [{**LINES[0], "text": "New."}]) == (1, 0)
    assert state(mock, collection) == (4, 2, 2)
    assert names(mock, collection, "?state=queued") == ["leaflet:1", "one"]


def test_i12_an_emptied_collection_stays(mock: MockedApi) -> None:
    assert state(mock, HANDBOOK) == (3, 2, 1)
    name = mock.get(f"{COLLECTIONS}/{HANDBOOK}")["name"]
    mock.ask("DELETE", f"{COLLECTIONS}/{HANDBOOK}/reset-only")
    assert browse(mock, HANDBOOK) == []
    assert state(mock, HANDBOOK) == (0, 0, 0)
    assert mock.get(f"{COLLECTIONS}/{HANDBOOK}")["name"] == name


def test_i13_new_vectors_queue_every_document_and_keep_it(mock: MockedApi, collection: str) -> None:
    load(mock, collection, LINES)
    mock.wait(seconds=INDEXING)
    before = browse(mock, collection)
    mock.ask("DELETE", f"{COLLECTIONS}/{collection}/vectors-only")
    after = browse(mock, collection)
    assert [{**each, "indexState": "Indexed"} for each in after] == before
    assert {each["indexState"] for each in after} == {"Queued"}
    assert state(mock, collection) == (3, 0, 3)
    mock.wait(seconds=INDEXING)
    assert browse(mock, collection) == before


@pytest.mark.parametrize("source", ["imported", HANDBOOK])
def test_i14_an_export_fills_another_collection_with_the_same(mock: MockedApi, collection: str, source: str) -> None:
    if source == "imported":
        source = create(mock, "Source")
        load(mock, source, LINES)
    exported = mock.export(f"{COLLECTIONS}/{source}/export.jsonl")
    assert load(mock, collection, exported) == (3, 0)
    assert mock.export(f"{COLLECTIONS}/{collection}/export.jsonl") == exported
    assert {line["docid"] for line in lines_of(exported)} == set(names(mock, collection))
    assert load(mock, source, exported) == (0, 3)


def test_i14_an_export_leaves_nothing_out(mock: MockedApi, collection: str) -> None:
    load(mock, collection, LINES)
    rest: dict[str, Json] = {"__ref": None, "__tags": [], "__meta": {}}
    assert lines_of(mock.export(f"{COLLECTIONS}/{collection}/export.jsonl")) == [{**rest, **line} for line in LINES]


def test_i15_documents_are_kept_by_state(mock: MockedApi, collection: str) -> None:
    load(mock, collection, LINES[:2])
    mock.wait(seconds=INDEXING)
    load(mock, collection, LINES)
    assert names(mock, collection, "?state=indexed") == ["one", "two"]
    assert names(mock, collection, "?state=queued") == ["three"]
    assert {each["indexState"] for each in browse(mock, collection, "?state=queued")} == {"Queued"}
    assert {each["indexState"] for each in browse(mock, collection, "?state=indexed")} == {"Indexed"}
    assert names(mock, HANDBOOK, "?state=queued") == ["returns-leaflet:2"]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("-t tour", ["one"]),
        ("-t 'harbour town'", ["leaflet:1"]),
        ("-r tour", ["one", "two"]),
        ("-r tou", []),
        ("-c lighthouse", ["one", "two"]),
        ('-c "north quay"', ["three"]),
        ("-n leaflet -t parcels", ["leaflet:1"]),
        ("-n leaflet -t tour", []),
        ("", ["leaflet:1", "one", "two", "three"]),
        ("-c \"isn't closed", []),
        ("-n", ["leaflet:1", "one", "two", "three"]),
    ],
)
def test_documents_are_found_by_switches(mock: MockedApi, collection: str, filter_: str, found: list[str]) -> None:
    put(mock, collection, **LEAFLET)
    load(mock, collection, LINES)
    sent = str(filter_.replace("&", "%26").replace(" ", "%20"))
    assert names(mock, collection, f"?filter={sent}") == found
    document = browse(mock, collection)[0]["id"]
    assert names(mock, collection, f"?filter=-i%20{document[9:20]}") == ["leaflet:1"]


def test_documents_are_sorted_as_asked(mock: MockedApi, collection: str) -> None:
    for line in LINES:
        load(mock, collection, [line])
        mock.wait(seconds=60)
    load(mock, collection, [{**LINES[0], "text": "Changed."}])
    assert names(mock, collection, "?order_by=created_at_asce") == ["one", "two", "three"]
    assert names(mock, collection, "?order_by=created_at_desc") == ["three", "two", "one"]
    assert names(mock, collection, "?order_by=updated_at_desc") == ["one", "three", "two"]
    assert names(mock, collection, "?order_by=indexed_at_asce") == ["one", "two", "three"]
    mock.wait(seconds=INDEXING)
    assert names(mock, collection, "?order_by=indexed_at_asce") == ["two", "three", "one"]


def test_i16_a_search_is_ranked_and_cut(mock: MockedApi, collection: str) -> None:
    load(mock, collection, LINES)
    assert search(mock, collection, term="lighthouse opens") == []
    mock.wait(seconds=INDEXING)
    hits = search(mock, collection, term="when does the lighthouse open and opens at ten", minScore=0.1)
    assert [each["documentName"] for each in hits] == ["one", "two", "three"]
    scores = [each["score"] for each in hits]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[1]
    first = hits[0]
    assert (first["documentContent"], first["metadata"]) == (LINES[0]["text"], LINES[0]["__meta"])
    assert first["documentId"] == browse(mock, collection)[0]["id"]
    assert [each["documentName"] for each in search(mock, collection, term="the lighthouse", top=1)] == ["one"]
    load(mock, collection, [{"docid": f"page-{number}", "text": "lighthouse"} for number in range(9)])
    mock.wait(seconds=INDEXING)
    assert len(search(mock, collection, terms=["lighthouse"])) == 5
    assert len(search(mock, collection, terms=["lighthouse"], top=128)) == 11


def test_i16_a_document_counts_by_the_term_it_fits_best(mock: MockedApi, collection: str) -> None:
    load(mock, collection, LINES)
    mock.wait(seconds=INDEXING)
    hits = search(mock, collection, terms=["nothing of this", "north quay", "lighthouse six hundred"], minScore=0.6)
    assert [(each["documentName"], each["score"]) for each in hits] == [("three", 1), ("two", 0.666667)]
    assert search(mock, collection, terms=[]) == []
    assert search(mock, collection, term="xylophone") == []


def test_i16_only_the_collections_that_are_named_are_searched(mock: MockedApi, collection: str) -> None:
    other = create(mock, "Other")
    load(mock, collection, LINES)
    load(mock, other, [{"docid": "four", "text": "A lighthouse of another town."}])
    mock.wait(seconds=INDEXING)

    def found(*collections: str) -> set[str]:
        return {each["documentName"] for each in search(mock, *collections, term="lighthouse")}

    assert found(other) == {"four"}
    assert found(collection, other, collection, UNKNOWN) == {"one", "two", "four"}
    assert found(HANDBOOK) == found(UNKNOWN) == found() == set()
    mock.ask("DELETE", f"{COLLECTIONS}/{other}")
    assert found(collection, other) == {"one", "two"}


def test_i16_references_come_along_when_asked_for(mock: MockedApi, collection: str) -> None:
    load(mock, collection, LINES)
    mock.wait(seconds=INDEXING)
    for more in ({}, {"includeReferences": False}):
        assert [each["referencedDocuments"] for each in search(mock, collection, term="opens", **more)] == [[]]
    [hit] = search(mock, collection, term="opens", includeReferences=True)
    two = browse(mock, collection)[1]
    assert hit["referencedDocuments"] == [{"documentId": two["id"], "documentContent": LINES[1]["text"]}]
    [alone] = search(mock, collection, term="boats", includeReferences=True)
    assert alone["referencedDocuments"] == []


def test_a_search_of_the_examples_finds_what_is_there(mock: MockedApi) -> None:
    terms = ["How do I send a book back?", "return label postage"]
    [hit] = search(mock, HANDBOOK, terms=terms, minScore=0.4, includeReferences=True, top=10)
    assert hit["documentName"] == "returns-leaflet:1"
    assert [each["documentId"] for each in hit["referencedDocuments"]] == [WAITING]
    [other] = search(mock, HANDBOOK, term="How long does delivery take?")
    assert other["documentName"] == "shipping-times"


def test_i35_the_documents_of_a_deleted_collection_are_gone(mock: MockedApi, collection: str) -> None:
    document = put(mock, collection, **LEAFLET)["documentId"]
    mock.wait(seconds=INDEXING)
    seeded = f"{COLLECTIONS}/{HANDBOOK}/documents/{WAITING}"
    mock.get(seeded)
    for each in (collection, HANDBOOK):
        mock.ask("DELETE", f"{COLLECTIONS}/{each}")
    assert mock.send("GET", f"{COLLECTIONS}/{collection}/documents/{document}").status_code == 404
    assert mock.send("GET", seeded).status_code == 404
    assert search(mock, collection, HANDBOOK, terms=["parcels", "books"]) == []
