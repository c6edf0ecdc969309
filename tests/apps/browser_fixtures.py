"""Fixtures of a real browser; a test module names this one in its `pytest_plugins`."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.sync.client import connect

from tests.apps.browser import BROWSER, FLAGS, SECONDS, Page


@pytest.fixture(scope="module")
def debugger() -> Iterator[str]:
    """Address of a fresh browser's debugger."""
    if BROWSER is None:
        message = "Chromium is not installed: run `make system`"
        if os.environ.get("CI"):
            pytest.fail(message, pytrace=False)
        pytest.skip(message)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [BROWSER, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if line.startswith("DevTools listening on ws://"))
            yield line.split("ws://")[1].split("/")[0]
        finally:
            process.kill()
            process.communicate(timeout=SECONDS)


@pytest.fixture
def page(debugger: str) -> Iterator[Page]:
    request = urllib.request.Request(f"http://{debugger}/json/new", method="PUT")
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        address = json.load(answer)["webSocketDebuggerUrl"]
    with connect(address, max_size=None, proxy=None) as socket:
        yield Page(socket)
