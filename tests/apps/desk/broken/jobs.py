"""Bugs of the reports, which are jobs."""

from __future__ import annotations

from typing import Any

from tests.apps.desk.reports import Report, Reports
from tests.apps.desk.settings import stamp
from tests.apps.desk.variants import variant


@variant("jobs", "progress falls", "progress of a running report is less than it was")
class ProgressFalls(Reports):
    def progress(self, report: Report, status: str) -> int:
        progress = super().progress(report, status)
        return 99 - progress if status == "running" else progress


@variant("jobs", "a running report is queued once more", "queued after running")
class QueuedAgain(Reports):
    def status(self, report: Report) -> str:
        settings = self.office.settings
        middle = settings.queued + settings.running / 2
        return "queued" if middle <= self.age(report) < middle + settings.running / 3 else super().status(report)


@variant("jobs", "the result is there too early", "a running report has a result")
class ResultEarly(Reports):
    def ending(self, report: Report, status: str) -> dict[str, Any]:
        return {"result": self.result(report)} if status == "running" else super().ending(report, status)


@variant("jobs", "there is no result", "a completed report has none")
class NoResult(Reports):
    def ending(self, report: Report, status: str) -> dict[str, Any]:
        return {name: value for name, value in super().ending(report, status).items() if name != "result"}


@variant("jobs", "no report ever ends", "it is running long after its time")
class NeverFinishes(Reports):
    def end(self, report: Report) -> str:
        return "running"

    def progress(self, report: Report, status: str) -> int:
        return min(99, super().progress(report, status))


@variant("jobs", "a completed report fails later", "failed after completed")
class EndChanges(Reports):
    def end(self, report: Report) -> str:
        settings = self.office.settings
        late = self.age(report) > settings.queued + settings.running + 0.5
        return "failed" if late else super().end(report)


@variant("jobs", "a report without rows completes", "completed, where failed is said")
class NeverFails(Reports):
    def end(self, report: Report) -> str:
        return "completed"


@variant("jobs", "a completed report stands at 99", "progress isn't 100 at the end")
class StuckAt99(Reports):
    def progress(self, report: Report, status: str) -> int:
        return min(99, super().progress(report, status))


@variant("jobs", "finished_at is the time of reading", "it is another at each GET")
class FinishedMoves(Reports):
    def ending(self, report: Report, status: str) -> dict[str, Any]:
        ending = super().ending(report, status)
        return {**ending, "finished_at": stamp(self.now())} if ending else ending


@variant("jobs", "a failed report has a result", "a result beside a reason")
class ResultOfFailure(Reports):
    def ending(self, report: Report, status: str) -> dict[str, Any]:
        ending = super().ending(report, status)
        return {**ending, "result": self.result(report)} if status == "failed" else ending


@variant("jobs", "the result is that of another number of rows", "result.rows isn't rows")
class WrongResult(Reports):
    def result(self, report: Report) -> dict[str, Any]:
        return {"title": f"{report.kind} report", "rows": max(0, int(report.rows) - 1)}
