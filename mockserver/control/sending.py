"""Callbacks and webhooks on demand: which there are, and sending one now."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from understudy.mockserver.calling.callbacks import find_sendable, make_request, sendable
from understudy.mockserver.calling.outgoing import Refused
from understudy.specs.errors import UsageError
from understudy.specs.model import MISSING

if TYPE_CHECKING:
    from understudy.mockserver.calling.outgoing import Sent
    from understudy.mockserver.control.controls import Controls
    from understudy.specs.documents.document import Json

__all__ = ["describe_sent", "list_callbacks", "send_callback"]


def list_callbacks(controls: Controls) -> list[Json]:
    """What the documents say that their APIs send, in document order."""
    return [
        {
            "document": api.api.name,
            "kind": kind,
            "name": name,
            "method": operation.method,
            "target": str(operation.path) if kind == "callback" else "",
            "summary": operation.summary,
        }
        for api in controls.apis
        for kind, name, operation in sendable(api.api)
    ]


async def send_callback(
    controls: Controls, name: str, url: str, body: Json = MISSING, *, document: str = ""
) -> tuple[Sent, ...]:
    """Send the requests of a callback or webhook, one after the other, and wait for their answers.

    Args:
        name: As `list_callbacks` has it; the last part of a callback's is enough.
        url: Where to. A callback goes there, too: there is no request whose URL its expression could take.
        body: What to send; MISSING takes the first valid example, else makes it up.
        document: Needed where two documents have one of that name; empty otherwise.

    Raises:
        UsageError: There is none of that name, or in two documents; or it can't be made so.
    """
    found = [
        (api.api.name, operations)
        for api in controls.apis
        if document in ("", api.api.name) and (operations := find_sendable(api.api, name))
    ]
    if len(found) != 1:
        known = ", ".join(dict.fromkeys(f"{each['document']}: {each['name']}" for each in list_callbacks(controls)))
        hint = "; `document` tells two of one name apart" if found else ""
        raise UsageError(
            "callback", name[:100], (known or "none: the documents have neither callbacks nor webhooks") + hint
        )
    try:
        requests = [make_request(each, name, url, f"{controls.seed}/{name}", body) for each in found[0][1]]
    except Refused as error:
        raise UsageError("callback", name[:100], f"what the document describes ({error})") from error
    return tuple([await controls.sender.send(each) for each in requests])


def describe_sent(sent: Sent) -> Json:
    """What was sent and what came back, as the control API shows it."""
    outgoing = sent.outgoing
    try:
        body = {"body": outgoing.body.decode()}
    except UnicodeDecodeError:
        body = {"bodyBase64": base64.b64encode(outgoing.body).decode("ascii")}
    return {
        "method": outgoing.method,
        "url": outgoing.url,
        "headers": [{"name": name, "value": value} for name, value in outgoing.headers],
        **body,
        "status": sent.status,
        "reason": sent.reason,
    }
