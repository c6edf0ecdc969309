"""What isn't served as it stands is named while the server starts."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from understudy.mockserver.serving import load_report
from understudy.mockserver.serving.load_report import find_lines, reporting

DOCUMENT = """\
openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /silent: {get: {}}
  /pets:
    get:
      responses:
        '200':
          description: d
          content:
            application/json:
              schema: {type: object, properties: {name: {type: string, pattern: '^[\\w-.]+$'}}}
              examples: {rex: {value: {name: 5}}, tom: {value: {name: tom}}}
  /impossible:
    get: {responses: {'200': {description: d, content: {application/json: {schema: {type: integer, enum: [a]}}}}}}
"""


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "pets.yaml"
    path.write_text(DOCUMENT)
    return str(path)


def test_what_is_not_served_as_it_stands_is_named_with_its_place(document: str) -> None:
    place = f"{document}#/paths/"
    content = "responses/200/content/application~1json"
    lines = list(find_lines(document, None))
    assert [line.split(": ")[0] for line in lines] == [
        f"nothing to answer with {place}~1silent/get",
        f"schema {place}~1pets/get/{content}/schema/properties/name/pattern",
        f"example not served {place}~1pets/get/{content}/examples/rex",
        f"no value {place}~1impossible/get/{content}/schema",
    ]


def test_it_comes_to_an_end(document: str) -> None:
    ticks = itertools.count(0.0, load_report.MAX_SECONDS)
    assert list(find_lines(document, None, lambda: next(ticks)))[1:] == [
        f"schema: not all was looked at in time; `understudy specs lint {document}` does"
    ]


def test_no_more_than_so_many_are_shown(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_report, "MAX_LINES", 0)
    assert f"example not served: there are more; `understudy specs lint {document}` lists them" in list(
        find_lines(document, None)
    )


def test_it_is_said_by_a_process_that_does_not_outlive_the_server(
    document: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with reporting([document], None):
        text = ""
        while "no value" not in text:
            text += capfd.readouterr().out
    assert text.count("quirk") == 4
    endless = tmp_path / "endless.yaml"
    os.mkfifo(endless)
    with reporting([str(endless)], None):
        pass  # nobody will ever write into it
