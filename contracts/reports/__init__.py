"""Renderings of a Run: each format shows the same view."""

from __future__ import annotations

from understudy.contracts.reports.load import load_report
from understudy.contracts.reports.view import View, view_run
from understudy.contracts.reports.writers import FILE_NAMES, Writer, Written, get_writer, write_reports

__all__ = ["FILE_NAMES", "View", "Writer", "Written", "get_writer", "load_report", "view_run", "write_reports"]
