"""Serve OpenAPI documents as mock servers."""

from understudy.mockserver.app import create_app
from understudy.mockserver.mock import Mounted
from understudy.mockserver.serving.running import Running, RunningMock, running
from understudy.mockserver.serving.served import Served
from understudy.mockserver.settings import RANDOM, ControlAccess, Settings

__all__ = [
    "RANDOM",
    "ControlAccess",
    "Mounted",
    "Running",
    "RunningMock",
    "Served",
    "Settings",
    "create_app",
    "running",
]
