"""python -m tests.corpus DIR|FILE... [-- OPTIONS]: a table of what became of each document; 1 when something is wrong.

Of a directory: the files that its README.md names in back quotes, else whatever begins like an OpenAPI document.
Options after ``--`` are given to `understudy mock`; without any it is ``--stateless``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.corpus.measuring import Measured, measure

_BEGINS: Final = re.compile(r"""^[ \t]{0,4}["']?(?:openapi|swagger)["']?\s*:\s*["']?[23]\.""", re.MULTILINE)
_COLUMNS: Final = "{:<28} {:<7} {:>6} {:>6} {:>10} {:>10} {:>10} {:>7} {:>7} {:>8}"
MAX_RSS_MB: Final = 300


def find_documents(place: Path) -> Iterator[Path]:
    """The documents that a directory holds; a file is one itself."""
    if place.is_file():
        yield place
        return
    table = place / "README.md"
    named = re.findall(r"`([^`\n]+\.(?:ya?ml|json))`", table.read_text()) if table.is_file() else []
    entries = [path for name in dict.fromkeys(named) if (path := place / name).is_file()]
    if entries:
        yield from entries
        return
    for path in sorted(place.rglob("*")):
        if path.suffix in (".yaml", ".yml", ".json") and _BEGINS.search(path.read_text(errors="replace")):
            yield path


def _name(path: Path, place: Path) -> str:
    """The first folder below the directory, which says more than ``openapi``."""
    return path.relative_to(place).parts[0] if path != place and path.parent != place else path.stem


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and say whether all is well."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options = tuple(arguments[split + 1 :]) or ("--stateless",)
    documents = [(path, Path(place)) for place in arguments[:split] for path in find_documents(Path(place))]
    if not documents:
        print("no documents: python -m tests.corpus DIR", file=sys.stderr)
        return 2
    print(
        _COLUMNS.format(
            *(["document", "openapi", "ops", "quirks", "answered", "valid", "same", "load_s", "rss_MB", "left_out"])
        )
    )
    results = [_shown(measure(path, _name(path, place), options)) for path, place in documents]
    for found in results:
        for fault in found.faults:
            print(f"FAULT {found.name}: {fault}")
        for reason in found.left_out:
            print(f"left out {found.name}: {reason}")
    asked, answered = sum(each.asked for each in results), sum(each.answered for each in results)
    print(f"{len(results)} documents, {asked} operations asked, {answered} answered, ", end="")
    print(f"{sum(each.valid for each in results)} valid, {sum(each.same for each in results)} the same twice, ", end="")
    print(f"at most {max(each.rss_mb for each in results):.0f} MB")
    return int(any(each.faults or each.rss_mb > MAX_RSS_MB for each in results))


def _shown(found: Measured) -> Measured:
    shares = [f"{count}/{found.asked}" for count in (found.answered, found.valid, found.same)]
    figures = [f"{found.load_seconds:.2f}", f"{found.rss_mb:.0f}", str(len(found.left_out))]
    row = _COLUMNS.format(found.name[:28], found.openapi, found.operations, found.quirks, *shares, *figures)
    print(row, flush=True)
    return found


sys.exit(main(sys.argv[1:]))
