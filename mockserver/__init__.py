"""Serve OpenAPI documents as mock servers."""

from understudy.mockserver.app import Mounted, Served, create_app
from understudy.mockserver.running import Running, running
from understudy.mockserver.settings import RANDOM, Settings

__all__ = ["RANDOM", "Mounted", "Running", "Served", "Settings", "create_app", "running"]
