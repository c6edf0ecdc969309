"""One page that lists the reports of several runs; it needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from markupsafe import Markup, escape

from understudy.contracts.reports.conclusion import conclude, outcome
from understudy.contracts.verdict import Run
from understudy.contracts.wording import count

__all__ = ["Entry", "render_index"]

_STYLE: Final = """
:root { color-scheme: light dark; --ground: #f6f6f3; --panel: #fff; --ink: #1b1e24; --quiet: #585f6b; --line: #dcdedb;
  --link: #1f4fbf; --passed: #16713f; --failed: #b3261e; --other: #8a5300; --on: #fff; }
@media (prefers-color-scheme: dark) { :root { --ground: #131519; --panel: #1b1e24; --ink: #e8eaee; --quiet: #a6adb9;
  --line: #31363f; --link: #8db4ff; --passed: #62c88f; --failed: #ff9186; --other: #f2b85f; --on: #14161a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 40px 20px; }
h1 { margin: 0 0 4px; font-size: 2rem; line-height: 1.2; }
h2 { margin: 0; font-size: 1.25rem; }
p { margin: 4px 0; }
.quiet { color: var(--quiet); }
ul { list-style: none; margin: 28px 0 0; padding: 0; display: grid; gap: 14px; }
li { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; }
.outcome { display: inline-block; padding: 0 .5em; border-radius: 5px; color: var(--on); background: var(--other); }
.passed { background: var(--passed); }
.failed { background: var(--failed); }
a { color: var(--link); overflow-wrap: anywhere; }
"""


@final
@dataclass(frozen=True, slots=True)
class Entry:
    """A run and where its report lies, as the page links to it."""

    name: str
    run: Run
    link: str


def render_index(entries: Iterable[Entry]) -> str:
    """The page; entries in the order given."""
    items = Markup("\n").join(_item(entry) for entry in entries)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<title>Understudy: conformance reports</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        "<h1>Conformance reports</h1>\n"
        '<p class="quiet">Each document was served by the mock and tested over HTTP.</p>\n'
        f"<ul>\n{items}\n</ul>\n</main>\n</body>\n</html>\n"
    )


def _item(entry: Entry) -> Markup:
    run = entry.run
    word = outcome(run.exit_code)
    facts = ", ".join(
        (
            count(len(run.operations), "operation"),
            count(run.cases, "case"),
            f"{run.elapsed_ms / 1000:.0f} s",
            f"seed {run.start.seed}",
        )
    )
    return Markup(
        '<li><h2><a href="{link}">{title}</a></h2>'
        '<p><strong class="outcome {kind}">{word}</strong> {conclusion}</p>'
        '<p class="quiet">{name}: {facts}</p></li>'
    ).format(
        link=entry.link,
        title=run.start.title,
        kind=escape(word.lower()),
        word=word,
        conclusion=conclude(run),
        name=entry.name,
        facts=facts,
    )
