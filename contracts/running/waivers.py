"""Waivers: findings that a team knows and lives with, each with a reason and a day on which that ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import jsonschema_rs

from understudy.specs.documents.document import read_document
from understudy.specs.errors import DocumentError, UsageError

if TYPE_CHECKING:
    from understudy.contracts.verdict import Finding
    from understudy.specs.documents.document import Json

__all__ = ["Waiver", "read_waivers"]


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of a file of waivers; a finding that has all that it names is waived.

    Attributes:
        fingerprint: Of one finding; None for any.
        claim: Pattern (`*`, `?`) over claim ids.
        operation: Pattern over labels, ``GET /pets/*``; braces and brackets stand for themselves.
        expires: The last day on which it holds; None for no end.
        place: Where it stands in its file, for messages: ``waivers.yaml:7``.
    """

    fingerprint: str | None
    claim: str
    operation: str
    reason: str
    expires: date | None
    place: str

    def covers(self, finding: Finding) -> bool:
        """Whether it is about this finding, expired or not."""
        return (
            (self.fingerprint is None or self.fingerprint == finding.fingerprint)
            and fnmatchcase(finding.claim.id, self.claim)
            and fnmatchcase(finding.operation, self.operation.replace("[", "[[]"))
        )

    def has_expired(self, today: date) -> bool:
        """Whether the last day is over."""
        return self.expires is not None and today > self.expires


def read_waivers(path: str) -> tuple[Waiver, ...]:
    """The waivers of a file: YAML or JSON, as `waivers.schema.json` describes it.

    Raises:
        UsageError: It can't be read, or says something else; the place is named.
    """
    try:
        document = read_document(path)
    except DocumentError as error:
        raise UsageError("--waivers", path, f"a file of waivers that can be read ({error})") from error
    if fault := next(_validator().iter_errors(document.tree), None):
        pointer = "".join(f"/{token}" for token in fault.instance_path)
        place = f"{path}:{document.line(pointer)}"
        raise UsageError("--waivers", place, f"a list `waivers`, each with a `reason` (at {pointer or 'the top'}: "
                         f"{fault.message[:200]})")  # fmt: skip
    entries = document.tree["waivers"]
    return tuple(_waiver(entry, f"{path}:{document.line(f'/waivers/{index}')}") for index, entry in enumerate(entries))


def _waiver(entry: Json, place: str) -> Waiver:
    expires = entry.get("expires")
    return Waiver(
        entry.get("fingerprint"),
        entry.get("claim", "*"),
        entry.get("operation", "*"),
        " ".join(entry["reason"].split()),
        None if expires is None else date.fromisoformat(expires),
        place,
    )


@cache
def _validator() -> jsonschema_rs.Validator:
    text = resources.files("understudy.contracts").joinpath("waivers.schema.json").read_text("utf-8")
    return jsonschema_rs.validator_for(json.loads(text), validate_formats=True)
