"""Skills of AIVAX: what holds between requests, against the mock in this process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.apps.mocked_api import MockedApi, lines_of
from understudy.specs.documents.document import Json

pytest_plugins = ("tests.apps.store_fixtures",)

SKILLS: Final = "/api/v1/skills"
IMPORT: Final = f"{SKILLS}/management/import"
EXPORT: Final = f"{SKILLS}/management/export.jsonl"
CLEAR: Final = f"{SKILLS}/management/clear"
POLICY: Final = "019ca2e8-9d74-7250-b1c6-4a7f83e5d02b"
UNKNOWN: Final = "7b0c1d7e-5a0e-4f0f-9a65-0f6f2f5c9d11"
OPTIONS: Final[Json] = {"instructionSources": [], "allowedToolsNames": ["web_search", "code"]}
GIFT: Final[Json] = {"slug": "gift-wrap", "description": "For presents.", "instructions": "Ask for the colour."}
TWO: Final[list[Json]] = [{**GIFT, "options": OPTIONS}, {"slug": "Opening.Hours", "instructions": "Ten to six."}]


@pytest.fixture
def mock(each_state: str) -> Iterator[MockedApi]:
    """The mock on each kind of store."""
    with MockedApi("aivax", state=each_state) as opened:
        yield opened


def id_of(mock: MockedApi, slug: str) -> str:
    [row] = [each for each in mock.get(SKILLS) if each["slug"] == slug]
    return str(row["id"])


def slugs(mock: MockedApi) -> list[str]:
    return [each["slug"] for each in mock.get(SKILLS)]


def test_i1_a_skill_reads_back_as_it_was_created(mock: MockedApi) -> None:
    mock.ask("POST", SKILLS, {**GIFT, "options": OPTIONS})
    read = mock.get(f"{SKILLS}/{id_of(mock, 'gift-wrap')}")
    assert {name: read[name] for name in (*GIFT, "options")} == {**GIFT, "options": OPTIONS}


def test_i2_a_skill_is_listed_until_it_is_deleted(mock: MockedApi) -> None:
    before = slugs(mock)
    mock.ask("POST", SKILLS, GIFT)
    assert slugs(mock) == [*before, "gift-wrap"]
    mock.ask("DELETE", f"{SKILLS}/{id_of(mock, 'gift-wrap')}")
    assert slugs(mock) == before


def test_i3_a_skill_that_is_changed_shows_it_and_others_do_not(mock: MockedApi) -> None:
    mock.ask("POST", SKILLS, {**GIFT, "options": OPTIONS})
    skill = id_of(mock, "gift-wrap")
    before, other = mock.get(f"{SKILLS}/{skill}"), mock.get(f"{SKILLS}/{POLICY}")
    mock.ask("PUT", f"{SKILLS}/{skill}", {"instructions": "Blue.", "options": {"allowedToolsNames": []}})
    options: Json = {"instructionSources": [], "allowedToolsNames": []}
    assert mock.get(f"{SKILLS}/{skill}") == {**before, "instructions": "Blue.", "options": options}
    assert mock.get(f"{SKILLS}/{POLICY}") == other


def test_i4_a_deleted_skill_is_gone(mock: MockedApi) -> None:
    mock.ask("DELETE", f"{SKILLS}/{POLICY}")
    assert mock.send("GET", f"{SKILLS}/{POLICY}").status_code == 404
    assert mock.send("PUT", f"{SKILLS}/{POLICY}", {"instructions": "x"}).status_code == 404
    assert mock.send("DELETE", f"{SKILLS}/{POLICY}").status_code == 404
    assert mock.send("GET", f"{SKILLS}/{UNKNOWN}").status_code == 404


def test_what_a_skill_is_made_without_is_made_up(mock: MockedApi) -> None:
    some: list[Json] = [{}, {"allowedToolsNames": ["code"]}]
    for options in some:
        mock.ask("POST", SKILLS, {"options": options})
    made = slugs(mock)[2:]
    assert len(set(made)) == 2
    read = mock.get(f"{SKILLS}/{id_of(mock, made[0])}")
    assert (read["instructions"], read["description"]) == ("", None)
    *_, line = lines_of(mock.export(EXPORT))
    assert line["options"] == {"instructionSources": [], "allowedToolsNames": ["code"]}
    assert mock.import_lines(IMPORT, "skills", mock.export(EXPORT)) == {"enqueued": 0, "skipped": 4}


def test_two_skills_never_have_one_slug(mock: MockedApi) -> None:
    mock.ask("POST", SKILLS, GIFT)
    assert mock.send("POST", SKILLS, {**GIFT, "slug": "GIFT-Wrap"}).status_code == 400
    skill = id_of(mock, "gift-wrap")
    assert mock.send("PUT", f"{SKILLS}/{skill}", {"slug": "Return-Policy"}).status_code == 400
    mock.ask("PUT", f"{SKILLS}/{skill}", {"slug": "Gift-Wrap"})
    assert slugs(mock)[-1] == "Gift-Wrap"


def test_i6_an_import_shows_each_slug_once_and_exports_as_it_was(mock: MockedApi) -> None:
    mock.ask("DELETE", CLEAR)
    assert mock.import_lines(IMPORT, "skills", TWO) == {"enqueued": 2, "skipped": 0}
    assert slugs(mock) == ["gift-wrap", "Opening.Hours"]
    empty: Json = {"instructionSources": [], "allowedToolsNames": []}
    assert lines_of(mock.export(EXPORT)) == [TWO[0], {**TWO[1], "description": None, "options": empty}]


def test_i6_an_export_that_is_imported_again_changes_nothing(mock: MockedApi) -> None:
    mock.import_lines(IMPORT, "skills", TWO)
    before, exported = mock.get(SKILLS), mock.export(EXPORT)
    mock.wait(hours=1)
    assert mock.import_lines(IMPORT, "skills", exported) == {"enqueued": 0, "skipped": 4}
    assert (mock.get(SKILLS), mock.export(EXPORT)) == (before, exported)


def test_i6_lines_are_matched_by_slug_without_regard_to_case(mock: MockedApi) -> None:
    mock.ask("POST", SKILLS, {**GIFT, "options": OPTIONS})
    skill = id_of(mock, "gift-wrap")
    line = {"slug": "GIFT-WRAP", "instructions": "Green."}
    # The second of two equal lines brings nothing new: the first has just made what it says.
    assert mock.import_lines(IMPORT, "skills", [line, line, {**line, "slug": "new"}, {**line, "slug": "NEW"}]) == {
        "enqueued": 3,
        "skipped": 1,
    }
    read = mock.get(f"{SKILLS}/{skill}")
    assert (read["slug"], read["instructions"], read["description"], read["options"]) == (
        "GIFT-WRAP",
        "Green.",
        None,
        OPTIONS,
    )
    assert slugs(mock)[-2:] == ["GIFT-WRAP", "NEW"]


def test_i6_an_import_with_a_bad_line_changes_nothing(mock: MockedApi) -> None:
    before = mock.get(SKILLS)
    content = b'{"slug": "fine", "instructions": "x"}\n{"slug": "no instructions"}\n'
    refused = mock.send("POST", IMPORT, files={"skills": ("skills.jsonl", content, "application/jsonl")})
    assert refused.status_code == 400
    assert mock.get(SKILLS) == before


def test_i7_clearing_leaves_no_skill(mock: MockedApi) -> None:
    mock.import_lines(IMPORT, "skills", TWO)
    mock.ask("DELETE", CLEAR)
    assert (mock.get(SKILLS), mock.export(EXPORT)) == ([], b"")
    mock.ask("DELETE", CLEAR)


def test_i8_the_tools_of_a_skill_are_counted(mock: MockedApi) -> None:
    mock.import_lines(IMPORT, "skills", TWO)
    counts = {each["slug"]: each["allowedToolsCount"] for each in mock.get(SKILLS)}
    assert counts == {"return-policy": 1, "order-status": 0, "gift-wrap": 2, "Opening.Hours": 0}
    for row in mock.get(SKILLS):
        assert row["allowedToolsCount"] == len(mock.get(f"{SKILLS}/{row['id']}")["options"]["allowedToolsNames"])
