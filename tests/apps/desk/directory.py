"""The address book of a workspace: sent and read as JSON Lines; and its figures."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from tests.apps.desk.parts import Call, Office, Part, Shelf
from tests.apps.desk.settings import stamp
from tests.apps.desk.shapes import members, text

MOST_BYTES = 131_072
MOST_LINES = 200


class Directory(Part):
    CONTACT = staticmethod(
        members(
            {"email": text(1, 80, form="email"), "name": text(1, 80)}, {"phone": text(0, 20, pattern=r"[+][0-9]{6,15}")}
        )
    )

    def __init__(self, office: Office) -> None:
        super().__init__(office)
        self.shelf: Shelf[dict[str, Any]] = Shelf()

    async def bring(self, call: Call) -> Response:
        """All of the lines or none; one with a known address takes the old one's place."""
        contacts = await self.reading.json_lines(call, self.CONTACT, most_bytes=MOST_BYTES, most_lines=MOST_LINES)
        known = self.known(call)
        for contact in self.taken(contacts):
            self.shelf.keep(call.workspace, str(contact.get("email")), contact)
        fresh = {str(contact.get("email")) for contact in contacts} - known
        return self.answers.json(200, {"received": len(contacts), "added": len(fresh)})

    def known(self, call: Call) -> set[str]:
        return {str(contact.get("email")) for contact in self.shelf.all(call.workspace)}

    def taken(self, contacts: list[Any]) -> list[Any]:
        return contacts

    async def export(self, call: Call) -> Response:
        """Ordered by address."""
        contacts = sorted(self.exported(call), key=lambda contact: str(contact.get("email")))
        return Response(self.write(contacts), 200, self.headers())

    def exported(self, call: Call) -> list[dict[str, Any]]:
        return self.shelf.all(call.workspace)

    def headers(self) -> dict[str, str]:
        return {"Content-Type": "application/jsonl"}

    def write(self, contacts: list[dict[str, Any]]) -> bytes:
        return "".join(self.line(contact) for contact in contacts).encode()

    def line(self, contact: dict[str, Any]) -> str:
        return json.dumps(contact, ensure_ascii=False) + "\n"

    async def clear(self, call: Call) -> Response:
        for contact in self.shelf.all(call.workspace):
            self.shelf.drop(call.workspace, contact["email"])
        return self.answers.nothing()


class Figures(Part):
    async def health(self, call: Call) -> Response:
        return self.answers.json(200, {"status": "ok", "time": stamp(self.now())})

    async def stats(self, call: Call) -> Response:
        parts: dict[str, Any] = dict(self.office.parts)
        tickets = parts["tickets"].shelf.all(call.workspace)
        value = {
            "tickets": len(tickets),
            "open_tickets": self.open_tickets(tickets),
            "files": len(parts["files"].shelf.all(call.workspace)),
            "open_streams": parts["chat"].open.get(call.workspace, 0),
        }
        return self.answers.json(200, value)

    def open_tickets(self, tickets: list[Any]) -> int:
        return sum(ticket.status == "open" for ticket in tickets)
