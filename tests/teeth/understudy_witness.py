"""One run of Understudy that ends at the first finding that counts; prints it as JSON.

``python -m tests.teeth.understudy_witness DOCUMENT URL SECONDS SEED KNOWN``, where KNOWN is a JSON array of
[claim, operation] that don't count, or ``null`` to go on to the end and collect all. `understudy test` has no option
to end at the first finding: that is why this drives `run_checks` itself, with the settings of
``--profile standard --max-time SECONDS``.
"""

from __future__ import annotations

import json
import sys
import time

from tests.apps.desk.settings import MAIN_KEY
from understudy.contracts.events import ErrorRaised, ExchangeDone, FailureFound
from understudy.contracts.running.runner import run_checks
from understudy.contracts.settings import EVERY_SCHEME, Profile, Settings
from understudy.specs.catalog import load_api


def main(document: str, url: str, seconds: float, seed: int, known: list[list[str]] | None) -> dict[str, object]:
    """What was found, and after how long and how many exchanges."""
    settings = Settings(profile=Profile.STANDARD, max_seconds=seconds, seed=seed, credentials={EVERY_SCHEME: MAIN_KEY})
    began = time.monotonic()
    findings: list[list[str]] = []
    errors: list[str] = []
    exchanges = 0
    events = run_checks(load_api(document), url, settings, document=document)
    for event in events:
        if isinstance(event, ExchangeDone):
            exchanges += 1
        elif isinstance(event, ErrorRaised):
            errors.append(event.message)
        elif isinstance(event, FailureFound):
            failure = event.failure
            findings.append([failure.claim.id, failure.operation, failure.message])
            if known is not None and [failure.claim.id, failure.operation] not in known:
                break
    return {
        "findings": findings,
        "errors": errors[:5],
        "exchanges": exchanges,
        "seconds": round(time.monotonic() - began, 1),
    }


if __name__ == "__main__":
    _, _document, _url, _seconds, _seed, _known = sys.argv
    sys.stdout.write(json.dumps(main(_document, _url, float(_seconds), int(_seed), json.loads(_known))) + "\n")
