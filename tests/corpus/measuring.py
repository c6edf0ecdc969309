"""Serve documents that aren't ours and look at every answer: `make corpus DOCS=DIR`.

Each document is served by the command, in a process of its own, twice; every operation that documents a success is
sent a valid request, the second time in reversed order. Nothing here knows any of the documents.
"""

from __future__ import annotations

import contextlib
import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from tests.corpus.witness import find_fault, read_values
from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.requests.composer import Composer, Uncomposable
from understudy.contracts.sending.credentials import attach, credential_attachments
from understudy.specs.catalog import load_api
from understudy.specs.content import Direction
from understudy.specs.errors import SuiteError
from understudy.specs.model import Api, Operation
from understudy.specs.paths import Match, Route, Router
from understudy.specs.wire.media_types import find_content, find_media_type, kind
from understudy.specs.wire.styles import compile_header

ANSWER_SECONDS: Final = 30.0
START_SECONDS: Final = 60.0
_SERVED: Final = re.compile(rb"operations at http://127\.0\.0\.1:(\d+)")
_COMMAND: Final = "from understudy.contracts.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came over the wire; status 0 for none."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Measured:
    """What became of one document; `faults` is empty when everything is as it should be.

    Attributes:
        asked: Operations that document a 2xx, ``2XX`` or ``default`` and can be reached.
        left_out: The others, each with the reason.
        load_seconds: From the start of the process until it listens.
        rss_mb: The most memory that the server ever had.
    """

    name: str
    openapi: str = ""
    operations: int = 0
    quirks: int = 0
    asked: int = 0
    answered: int = 0
    valid: int = 0
    same: int = 0
    load_seconds: float = 0.0
    rss_mb: float = 0.0
    faults: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def measure(path: Path, name: str, options: tuple[str, ...] = ("--stateless",)) -> Measured:
    """Serve a document and look at all its answers.

    Args:
        options: Of `understudy mock`. Without ``--stateless`` the second round has the order of the first.
    """
    found = Measured(name)
    try:
        api = load_api(str(path))
    except SuiteError as error:
        found.faults.append(f"not loaded: {error}")
        return found
    found.openapi, found.operations, found.quirks = api.openapi, len(api.operations), len(api.quirks)
    router = Router(Route(each.method, each.path, each) for each in api.operations)
    cases = [each for each in make_cases(api, found.left_out) if _is_own(each, router, found.left_out)]
    cases.sort(key=lambda each: each[0].method == "DELETE")  # what has been deleted is rightly gone
    found.asked = len({operation for operation, _ in cases})
    first: dict[int, Reply] = {}
    with _serving(path, options, found) as port:
        for number, (_, case) in enumerate(cases):
            first[number] = send(port, case)
    order = reversed(range(len(cases))) if "--stateless" in options else range(len(cases))
    with _serving(path, options, found) as port:
        second = {number: send(port, cases[number][1]) for number in order}
    failed: dict[str, set[Operation]] = {"answered": set(), "valid": set(), "same": set()}
    for number, (operation, case) in enumerate(cases):
        reply = first[number]
        unanswered = judge_status(operation, reply)
        invalid = unanswered or judge(operation, reply)
        if invalid and any(not (judge_status(each, reply) or judge(each, reply)) for each in _owners(case, router)):
            unanswered = invalid = ""  # nothing tells the request from one to another operation with that path
        another = "" if reply == second[number] else "another answer the second time"
        for kind_of, fault in (("answered", unanswered), ("valid", invalid), ("same", another)):
            if fault:
                failed[kind_of].add(operation)
        if invalid or another:
            found.faults.append(f"{case.method} {case.target} {case.note}: {invalid or another}")
    found.answered, found.valid, found.same = (found.asked - len(each) for each in failed.values())
    return found


def make_cases(api: Api, left_out: list[str]) -> Iterator[tuple[Operation, Case]]:
    """Valid requests: one of each operation that documents a success, and one for each media type of that.

    Args:
        left_out: Takes up the other operations, with the reason.
    """
    for operation in api.operations:
        if not any(each.is_success or each.status == "default" for each in operation.responses):
            left_out.append(f"{operation.label}: documents no 2xx, 2XX or default")
        else:
            composer = Composer(operation, "corpus")
            try:
                for accept in ("", *_media_types(operation)):
                    draft = replace(composer.draft(), accept=accept, note=accept)
                    case = composer.write(draft, Mode.POSITIVE, Phase.EXAMPLES)
                    yield operation, attach(case, credential_attachments(operation, {}))
            except (Uncomposable, SuiteError) as error:
                left_out.append(f"{operation.label}: no valid request: {error}")


def _owners(case: Case, router: Router[Operation]) -> list[Operation]:
    """The operations that have a request's path and method."""
    found = router.find(case.method, case.target.partition("?")[0])
    return [found.value, *(each.value for each in found.rivals)] if isinstance(found, Match) else []


def _is_own(asked: tuple[Operation, Case], router: Router[Operation], left_out: list[str]) -> bool:
    operation, case = asked
    owners = _owners(case, router)
    if not any(each is operation for each in owners):
        # Such as `/pets/{id}` beside `/pets/mine`, asked for "mine".
        other = owners[0].label if owners else "none"
        left_out.append(f"{operation.label}: a request to {case.target} is one to {other}")
        return False
    return True


def _media_types(operation: Operation) -> tuple[str, ...]:
    """What the lowest success may be sent as, where there is a choice."""
    success = min((each for each in operation.responses if each.is_success), key=lambda each: each.status, default=None)
    # What a stream is sent instead of is told by the request alone, whatever is accepted.
    free = [each for each in success.content if not (each.stream and each.stream.when)] if success else []
    names = [each.name for each in free if find_media_type(each.name)]
    return tuple(names) if len(names) > 1 else ()


@contextlib.contextmanager
def _serving(path: Path, options: tuple[str, ...], found: Measured) -> Iterator[int]:
    began = time.monotonic()
    arguments = [str(path), "--port", "0", "--pace", "0", "--no-cache", "--log-level", "error", *options]
    command = [sys.executable, "-c", _COMMAND, "mock", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            shown = b""
            for line in process.stdout:
                shown += line
                served = _SERVED.search(line)
                if served:
                    break
            else:
                raise RuntimeError(f"{path.name} isn't served: {shown.decode(errors='replace')[-300:]}")
            port = int(served.group(1))
            while send(port, Case("", "OPTIONS", "*", (), None, Mode.POSITIVE, Phase.EXAMPLES)).status == 0:
                if time.monotonic() - began > START_SECONDS:
                    raise RuntimeError(f"{path.name} doesn't answer")
            found.load_seconds = found.load_seconds or time.monotonic() - began
            yield port
            found.rss_mb = max(found.rss_mb, _peak_mb(process.pid))
        finally:
            process.terminate()


def _peak_mb(pid: int) -> float:
    """As Linux tells it; 0 where nobody does."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(peak.group(1)) / 1024 if peak else 0.0


def send(port: int, case: Case) -> Reply:
    """Send a request on a connection of its own; `Date` is no part of the reply."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        headers = {name: value.encode("latin-1", "replace") for name, value in case.headers}
        is_chunked = "transfer-encoding" in (name.lower() for name in headers)
        # Clients of `http.client` say that they take no encoding, unless told not to.
        connection.putrequest(case.method, case.target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if case.body is not None and not is_chunked and "content-length" not in map(str.lower, headers):
            connection.putheader("Content-Length", str(len(case.body)))
        connection.endheaders(case.body, encode_chunked=is_chunked)
        response = connection.getresponse()
        told = {name.lower(): value for name, value in response.getheaders() if name.lower() != "date"}
        return Reply(response.status, told, response.read())
    except (OSError, http.client.HTTPException) as error:
        return Reply(0, {"error": repr(error)}, b"")
    finally:
        connection.close()


def judge_status(operation: Operation, reply: Reply) -> str:
    """Why a reply is no documented success; empty when it is one."""
    problem = reply.headers.get("x-understudy-problem", reply.headers.get("error", ""))
    if not 200 <= reply.status < 300 or operation.find_response(reply.status) is None:
        return f"{reply.status} {problem or reply.body[:200].decode('utf-8', 'replace')}"
    return ""


def judge(operation: Operation, reply: Reply) -> str:
    """What of a success isn't as it is documented; empty when all is."""
    response = operation.find_response(reply.status)
    assert response is not None
    for header in response.headers:
        text = reply.headers.get(header.name.lower())
        schema = header.content.schema if header.content is not None else header.schema
        if text is None:
            if header.required:
                return f"the header {header.name} is missing"
            continue
        fault = find_fault(schema, Direction.RESPONSE, compile_header(header).parse(text)) if schema else ""
        if fault:
            return f"the header {header.name}: {fault}"
    content_type = reply.headers.get("content-type", "")
    if not response.content:
        return f"an undocumented body of {content_type}" if reply.body else ""
    if reply.status in (204, 205) or operation.method == "HEAD":
        return ""
    media_type = find_content(response.content, content_type)
    if media_type is None:
        return f"the undocumented media type {content_type!r}"
    try:
        for schema, value in read_values(media_type, kind(content_type), content_type, reply.body):
            fault = find_fault(schema, Direction.RESPONSE, value)
            if fault:
                return fault
    except ValueError as error:
        return f"not {content_type}: {error}"
    return ""
