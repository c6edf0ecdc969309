"""Who may come in, to which workspace, how often; and the keys of a workspace."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response

from tests.apps.desk.parts import Call, Office, Part, Shelf
from tests.apps.desk.problems import Problem
from tests.apps.desk.settings import stamp
from tests.apps.desk.shapes import integer, members, text

MOST_WINDOWS = 10_000
WORKSPACE = r"[a-z][a-z0-9-]{0,39}"


@dataclass(frozen=True, slots=True)
class Key:
    id: str
    label: str
    secret: str
    created: datetime
    expires: datetime | None

    def shown(self) -> dict[str, object]:
        """As lists show it: what opens the desk is masked."""
        value: dict[str, object] = {
            "id": self.id,
            "label": self.label,
            "masked": f"dk_…{self.secret[-4:]}",
            "created_at": stamp(self.created),
        }
        if self.expires is not None:
            value["expires_at"] = stamp(self.expires)
        return value


@dataclass(slots=True)
class Window:
    """What a key has sent since the window began."""

    began: datetime
    used: int = 0


class Gate(Part):
    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.made: Shelf[Key] = Shelf()
        self.windows: dict[str, Window] = {}

    def admit(self, call: Call) -> None:
        """Let the request in: key and workspace, in this order."""
        call.key = self.bearer(call)
        workspaces = self.workspaces(call.key)
        call.workspace = self.workspace(call)
        if workspaces is not None and call.workspace != workspaces:
            raise Problem("forbidden", "the key opens another workspace")

    def bearer(self, call: Call) -> str:
        scheme, _, key = (call.header("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", key) is None:
            raise self.stranger()
        return key

    def workspaces(self, key: str) -> str | None:
        """The one workspace that a key opens; None: all."""
        given = self.office.settings.keys
        if key in given:
            return given[key]
        for workspace, made in self.made.everywhere():
            if made.secret == key and self.lives(made):
                return workspace
        raise self.stranger()

    def lives(self, key: Key) -> bool:
        return key.expires is None or bool(self.now() < key.expires)

    def stranger(self) -> Problem:
        return Problem("unauthorized", "send a valid key as a bearer token", headers={"WWW-Authenticate": "Bearer"})

    def workspace(self, call: Call) -> str:
        name = call.header("x-workspace")
        if name is None or re.fullmatch(WORKSPACE, name, re.ASCII) is None:
            raise Problem("bad-request", "the header X-Workspace names no workspace")
        return name

    def count(self, call: Call) -> None:
        """Count a request, whatever becomes of it."""
        settings, now = self.office.settings, self.now()
        caller = call.header("authorization") or ""
        window = self.windows.get(caller)
        if window is None or (now - window.began).total_seconds() >= settings.window:
            if len(self.windows) >= MOST_WINDOWS:
                self.windows.clear()
            window = self.windows[caller] = Window(now)
        window.used += 1
        left = settings.window - (now - window.began).total_seconds()
        call.extra.update(self.limits(settings.limit, max(0, settings.limit - window.used), left))
        if window.used > settings.limit:
            self.refuse(math.ceil(left))

    def limits(self, limit: int, remaining: int, seconds: float) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(limit),
            "RateLimit-Remaining": str(remaining),
            "RateLimit-Reset": str(math.ceil(seconds)),
        }

    def refuse(self, seconds: int) -> None:
        raise Problem("rate-limited", "the key has used up its requests", headers={"Retry-After": str(seconds)})


class Keys(Part):
    NEW = staticmethod(members({"label": text(1, 60)}, {"expires_in": integer(1, 86_400)}))

    async def create(self, call: Call) -> Response:
        body = await self.reading.json(call, self.NEW)
        now = self.now()
        seconds = body.get("expires_in")
        name = self.office.new_id()
        key = Key(
            name,
            body.get("label", ""),
            "dk_" + self.office.new_id().replace("-", ""),
            now,
            None if seconds is None else now + timedelta(seconds=int(seconds)),
        )
        self.gate.made.keep(call.workspace, name, key)
        return self.answers.created({**key.shown(), "key": key.secret}, f"/keys/{name}")

    async def index(self, call: Call) -> Response:
        items = [self.listed(key) for key in self.living(call)]
        return self.answers.json(200, {"items": items, "total": len(items)})

    def living(self, call: Call) -> list[Key]:
        return [key for key in self.gate.made.all(call.workspace) if self.gate.lives(key)]

    def listed(self, key: Key) -> dict[str, object]:
        return key.shown()

    def get(self, call: Call) -> Key:
        key = self.gate.made.find(call.workspace, call.path["keyId"])
        if key is None or not self.gate.lives(key):
            raise self.gone("key")
        return key

    async def show(self, call: Call) -> Response:
        return self.answers.json(200, self.get(call).shown())

    async def remove(self, call: Call) -> Response:
        self.revoke(call, self.get(call))
        return self.answers.nothing()

    def revoke(self, call: Call, key: Key) -> None:
        self.gate.made.drop(call.workspace, key.id)

    async def whoami(self, call: Call) -> Response:
        """Which key this is."""
        mine = next((key for key in self.gate.made.all(call.workspace) if key.secret == call.key), None)
        value: dict[str, object] = {"workspace": call.workspace, "label": "main" if mine is None else mine.label}
        if mine is not None:
            value["key_id"] = mine.id
        return self.answers.json(200, value)
