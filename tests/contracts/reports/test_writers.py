"""Reports are written side by side: what goes wrong with one costs no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.contracts.reports import FILE_NAMES, get_writer, html, load_report, write_reports, writers
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.verdict import Run
from understudy.specs.errors import UsageError

SECRETS = ("tok-4e1f0c9a77", "hunter2", "at-998877", "s3cr3t")
REDACTION = Redaction({"tok-4e1f0c9a77": "TOKEN"})


def test_every_format_is_written_and_none_holds_a_secret(rich_run: Run, tmp_path: Path) -> None:
    written = write_reports(rich_run, FILE_NAMES, tmp_path / "new" / "reports", REDACTION)
    assert [(report.name, report.error) for report in written] == [(name, "") for name in FILE_NAMES]
    for report in written:
        text = report.path.read_text(encoding="utf-8")
        assert not [secret for secret in SECRETS if secret in text]
        assert "$TOKEN" in text
        assert "cca4465fdb84" in text


def test_the_same_run_gives_the_same_bytes(rich_run: Run, tmp_path: Path) -> None:
    first, second = (write_reports(rich_run, FILE_NAMES, tmp_path / name, REDACTION) for name in ("a", "b"))
    for one, other in zip(first, second, strict=True):
        assert one.path.read_bytes() == other.path.read_bytes()


def test_a_loaded_run_renders_as_the_first_did(rich_run: Run, tmp_path: Path) -> None:
    """Save for what a report leaves out by design: the octets of bodies beyond their limit."""
    write_reports(rich_run, FILE_NAMES, tmp_path / "a", REDACTION)
    write_reports(load_report(tmp_path / "a" / "report.json"), FILE_NAMES, tmp_path / "b", Redaction())
    for name in FILE_NAMES.values():
        assert (tmp_path / "b" / name).read_bytes() == (tmp_path / "a" / name).read_bytes()


def test_an_unknown_format_is_refused_before_anything_is_written(rich_run: Run, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="report: got 'pdf'; allowed: html, json, junit, markdown, sarif"):
        write_reports(rich_run, ["html", "pdf"], tmp_path, REDACTION)
    assert not [*tmp_path.iterdir()]


def test_a_name_given_twice_is_written_once(rich_run: Run, tmp_path: Path) -> None:
    assert len(write_reports(rich_run, ["markdown", "markdown"], tmp_path, REDACTION)) == 1


def test_a_writer_that_crashes_is_reported_and_the_others_finish(
    rich_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(run: Run, path: Path) -> None:
        raise RecursionError(f"{len(run.findings)} findings were too many for {path.name}")

    monkeypatch.setattr(html, "write", crash)
    written = write_reports(rich_run, ["html", "json"], tmp_path, REDACTION)
    assert [report.error for report in written] == [
        "the html writer crashed with RecursionError: 7 findings were too many for report.html",
        "",
    ]
    assert (tmp_path / "report.json").exists()


def test_a_file_that_cannot_be_written_is_reported(rich_run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    written = write_reports(rich_run, ["html", "junit"], tmp_path, REDACTION)
    assert "Is a directory" in written[0].error
    assert str(tmp_path / "report.html") in written[0].error
    assert written[1].error == ""
    (tmp_path / "file").write_text("")
    assert all(
        "Not a directory" in report.error
        for report in write_reports(rich_run, ["json"], tmp_path / "file" / "x", REDACTION)
    )


def test_formats_are_imported_when_asked_for() -> None:
    assert get_writer("html") is html.write
    assert set(writers.FILE_NAMES) == {"html", "json", "junit", "markdown", "sarif"}
