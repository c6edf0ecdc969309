"""Tell the user at the terminal how a run goes: live where it is a terminal, line by line elsewhere."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from understudy.contracts.case import Phase
from understudy.contracts.events import (
    ErrorRaised,
    Event,
    ExchangeDone,
    FailureFound,
    FlakyFound,
    PhaseFinished,
    PhaseStarted,
    RunStarted,
)
from understudy.contracts.reports.latency import format_ms
from understudy.contracts.reports.printable import printable, shorten
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.wording import count

__all__ = ["Terminal", "print_prose", "print_text"]

MAX_MESSAGE = 160
MAX_ERRORS = 500
"""Different ones that are told while the run lasts."""


class Terminal:
    """Listens to a run's events. A context manager: leaving it clears the live line, also after an error.

    Args:
        console: Where to write; it knows whether it is a terminal, its width, and whether colours are wanted.
        redaction: What is secret in messages.
        quiet: Write nothing at all.
    """

    def __init__(self, console: Console, redaction: Redaction, *, quiet: bool = False) -> None:
        self._console = console
        self._redaction = redaction
        self._quiet = quiet
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._phase: Phase | None = None
        self._reached: set[str] = set()
        self._planned = 0
        self._cases = 0
        self._found: set[str] = set()
        self._errors = 0
        self._told: set[str] = set()
        if console.is_terminal and not quiet:
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(bar_width=18),
                TextColumn("{task.fields[figures]}", markup=False),
                TimeElapsedColumn(),
                console=console,
                transient=True,
            )
            self._task = self._progress.add_task("starting", total=None, figures="")

    def __enter__(self) -> Terminal:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def feed(self, event: Event) -> None:
        """Take the next event, in the order the runner yields them."""
        match event:
            case RunStarted():
                self._started(event)
            case PhaseStarted(phase):
                self._phase = phase
                self._reached = set()
            case ExchangeDone(exchange):
                self._cases += 1
                self._reached.add(exchange.case.operation)
            case FailureFound(failure):
                if failure.fingerprint not in self._found:
                    self._found.add(failure.fingerprint)
                    place = f"{failure.claim.severity.value} {failure.claim.id}, {failure.operation}"
                    self._line(f"finding: {place}: {failure.message}")
            case FlakyFound(failure):
                self._line(f"seen once, not again: {failure.claim.id}, {failure.operation}: {failure.message}")
            case ErrorRaised(operation, _, message):
                self._errors += 1
                line = f"error: {operation + ': ' if operation else ''}{message}"
                if line not in self._told and len(self._told) < MAX_ERRORS:
                    self._told.add(line)
                    self._line(line)
            case PhaseFinished(phase, elapsed_ms):
                self._line(f"{phase.value}: {self._figures()}, {format_ms(elapsed_ms)}")
            case _:
                return
        if self._progress is not None:
            self._progress.update(
                self._task,
                description=self._phase.value if self._phase else "starting",
                total=self._planned or None,
                completed=len(self._reached),
                figures=self._figures(),
            )

    def _started(self, event: RunStarted) -> None:
        self._planned = sum(not operation.skipped for operation in event.operations)
        target = self._redaction.text(event.target)
        name = f"{event.title} {event.version}".strip()
        what = f"{count(len(event.operations), 'operation')}, {count(len(event.claims), 'claim')}, seed {event.seed}"
        if not self._quiet:
            print_text(self._console, Text(f"{name} at {target}"))
            print_text(self._console, Text(what, "dim"))

    def _figures(self) -> str:
        parts = [
            f"{len(self._reached)}/{self._planned} operations",
            count(self._cases, "case"),
            count(len(self._found), "finding"),
        ]
        return ", ".join([*parts, count(self._errors, "error")] if self._errors else parts)

    def _line(self, text: str) -> None:
        """A line for a log; at a terminal the live line tells as much, and the summary the rest."""
        if self._progress is None and not self._quiet:
            text = " ".join(self._redaction.text(text).split())
            print_text(self._console, Text(shorten(text, MAX_MESSAGE)))


def print_text(console: Console, text: Text) -> None:
    """Print text as it is: no markup, no breaking (a copied command stays whole), nothing that a terminal obeys.

    Characters that the console's encoding lacks become question marks.
    """
    plain = printable(text.plain)
    shown = plain.encode(console.encoding, "replace").decode(console.encoding)
    if shown != text.plain:
        spans = text.spans if len(shown) == len(text.plain) else []
        text = Text(shown, text.style, spans=spans)
    console.print(text, soft_wrap=True, highlight=False)


def print_prose(console: Console, text: Text, indent: str = "") -> None:
    """Print text broken between words at the console's width, each line indented."""
    for line in text.wrap(console, max(20, console.width - len(indent))):
        line.rstrip()
        print_text(console, Text.assemble(indent, line))
