"""A real browser, driven by the Chrome DevTools Protocol."""

from __future__ import annotations

import json
import shutil
import time
from itertools import count
from pathlib import Path

from websockets.sync.client import ClientConnection

from understudy.specs.documents.document import Json

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    "--remote-debugging-port=0",
)
SECONDS = 30


class Page:
    """One tab, driven by the Chrome DevTools Protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = count(1)
        self.logged: list[Json] = []

    def send(self, method: str, **parameters: Json) -> Json:
        """The command's result; what the page logs meanwhile is kept."""
        wanted = next(self._ids)
        self._socket.send(json.dumps({"id": wanted, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=SECONDS))
            if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
                self.logged.append(message)
            if message.get("id") == wanted:
                assert "error" not in message, message
                return message["result"]

    def open(self, place: Path | str, width: int, theme: str) -> None:
        """Load a file or a URL at a width, in the light or dark theme."""
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.send("Emulation.setDeviceMetricsOverride", **metrics)
        self.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        url = place.as_uri() if isinstance(place, Path) else place
        self.send("Page.navigate", url=url)
        self.wait(f"document.readyState + location.protocol === 'complete{url.partition('/')[0]}'")

    def wait(self, condition: str) -> None:
        """Until an expression of the page is true."""
        deadline = time.monotonic() + SECONDS
        while self.ask(condition) is not True:
            assert time.monotonic() < deadline, f"the page did not come to: {condition}"

    def ask(self, expression: str) -> Json:
        """The value of an expression in the page."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, userGesture=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")
