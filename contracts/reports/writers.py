"""The report formats, and how they are written: one that crashes doesn't take the others with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TypeAlias, cast

from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.secrecy.run_redaction import redact_run
from understudy.contracts.verdict import Run
from understudy.specs.errors import UsageError

__all__ = ["FILE_NAMES", "Writer", "Written", "get_writer", "write_reports"]

Writer: TypeAlias = Callable[[Run, Path], None]

FILE_NAMES = {
    "html": "report.html",
    "json": "report.json",
    "junit": "junit.xml",
    "markdown": "summary.md",
    "sarif": "report.sarif",
}
"""Format → the file it is written to, in the order they are offered."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of one report: ``error`` is empty when it lies at ``path``."""

    name: str
    path: Path
    error: str


def get_writer(name: str) -> Writer:
    """The writer of a format. Modules are imported when first asked for: the templates cost time.

    Raises:
        UsageError: There is no such format.
    """
    if name not in FILE_NAMES:
        raise UsageError("report", name, ", ".join(FILE_NAMES))
    return cast(Writer, import_module(f"understudy.contracts.reports.{name}").write)


def write_reports(run: Run, names: Iterable[str], directory: Path, redaction: Redaction) -> tuple[Written, ...]:
    """Write each report into a directory, which is made where it is missing.

    Args:
        redaction: What is secret: the credentials that were used and the names that the document marks.

    Returns:
        One entry for each name, in the order given; a writer that crashed is reported, the others finish.

    Raises:
        UsageError: A name isn't a format; nothing is written then.
    """
    writers = [(name, get_writer(name)) for name in dict.fromkeys(names)]
    run = redact_run(run, redaction)
    return tuple(_write(name, writer, run, directory / FILE_NAMES[name]) for name, writer in writers)


def _write(name: str, writer: Writer, run: Run, path: Path) -> Written:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer(run, path)
    except OSError as error:
        return Written(name, path, f"{path}: {error.strerror or error}")
    except Exception as error:  # a fault in one format must not cost the others
        return Written(name, path, f"the {name} writer crashed with {type(error).__name__}: {error}")
    return Written(name, path, "")
