"""Jobs: a report is queued, runs, and completes or fails."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from tests.apps.desk.parts import Call, Office, Part, Shelf
from tests.apps.desk.settings import stamp
from tests.apps.desk.shapes import integer, members, one_of

KINDS = ("daily", "weekly", "summary")


@dataclass(frozen=True, slots=True)
class Report:
    id: str
    kind: Any
    rows: Any
    created: datetime


class Reports(Part):
    NEW = staticmethod(members({"kind": one_of(*KINDS), "rows": integer(0, 1000)}))

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf: Shelf[Report] = Shelf()

    async def create(self, call: Call) -> Response:
        body = await self.reading.json(call, self.NEW)
        report = Report(self.office.new_id(), body.get("kind", "daily"), body.get("rows", 0), self.now())
        self.store(call, report)
        return self.accepted(report)

    def accepted(self, report: Report) -> Response:
        return self.answers.json(202, self.shown(report), {"Location": f"/reports/{report.id}"})

    def store(self, call: Call, report: Report) -> None:
        self.shelf.keep(call.workspace, report.id, report)

    def age(self, report: Report) -> float:
        """Seconds since it was begun."""
        return float((self.now() - report.created).total_seconds())

    def status(self, report: Report) -> str:
        settings, age = self.office.settings, self.age(report)
        if age < settings.queued:
            return "queued"
        if age < settings.queued + settings.running:
            return "running"
        return self.end(report)

    def end(self, report: Report) -> str:
        return "failed" if report.rows == 0 else "completed"

    def progress(self, report: Report, status: str) -> int:
        settings = self.office.settings
        if status == "queued":
            return 0
        if status == "running":
            return min(99, int(99 * (self.age(report) - settings.queued) / settings.running))
        return 100

    def shown(self, report: Report) -> dict[str, Any]:
        status = self.status(report)
        return {
            "id": report.id,
            "kind": report.kind,
            "rows": report.rows,
            "status": status,
            "progress": self.progress(report, status),
            "created_at": stamp(report.created),
            **self.ending(report, status),
        }

    def ending(self, report: Report, status: str) -> dict[str, Any]:
        """What is there only once it has ended."""
        if status not in ("completed", "failed"):
            return {}
        settings = self.office.settings
        finished = {"finished_at": stamp(report.created + timedelta(seconds=settings.queued + settings.running))}
        if status == "failed":
            return {**finished, "reason": "there are no rows"}
        return {**finished, "result": self.result(report)}

    def result(self, report: Report) -> dict[str, Any]:
        return {"title": f"{report.kind} report", "rows": report.rows}

    def get(self, call: Call) -> Report:
        report = self.find(call.workspace, call.path["reportId"])
        if report is None:
            raise self.gone("report")
        return report

    def find(self, workspace: str, key: str) -> Report | None:
        return self.shelf.find(workspace, key)

    async def show(self, call: Call) -> Response:
        return self.answers.json(200, self.shown(self.get(call)))

    async def index(self, call: Call) -> Response:
        """In the order in which they were asked for."""
        kind = self.reading.query_name(call, "kind", KINDS)
        items = [self.listed(report) for report in self.shelf.all(call.workspace) if self.matches(report, kind)]
        return self.answers.json(200, {"items": items, "total": len(items)})

    def listed(self, report: Report) -> dict[str, Any]:
        return self.shown(report)

    def matches(self, report: Report, kind: str | None) -> bool:
        return kind in (None, report.kind)

    async def remove(self, call: Call) -> Response:
        report = self.get(call)
        self.shelf.drop(call.workspace, report.id)
        return self.answers.nothing()
