"""Entity tags of records, and what a request makes depend on them (RFC 9110, sections 8.8.3, 13.1.1 and 13.1.2)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, final

from understudy.specs.behaviour.evaluation import Scene
from understudy.specs.behaviour.expectation import Refusal
from understudy.specs.documents.document import Json
from understudy.specs.problems import ProblemKind
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["CONDITIONS", "Conditions", "entity_tag", "find_unmet", "read_tags"]

CONDITIONS: Final = "(conditions)"
"""The conditions of a request among a scene's names; no expression can name them."""
ANY: Final = "*"
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")|(\*)')


@final
@dataclass(frozen=True, slots=True)
class Conditions:
    """What a request makes depend on the tag of the record that it is about, as far as the document hears it.

    Attributes:
        match: The tags of `If-Match`, of which the record must have one; ``*`` is any. None asks for nothing.
        none_match: Likewise of `If-None-Match`: the record must have none of them.
        is_read: Whether a record that has one of those is answered 304; otherwise the request is refused.
    """

    match: Collection[str] | None = None
    none_match: Collection[str] | None = None
    is_read: bool = False

    def find_unmet(self, tag: str | None) -> str | None:
        """What forbids the request, in a sentence; None where nothing does.

        Args:
            tag: The record's; None where there is no record.
        """
        if self.match is not None and not _is_among(tag, self.match):
            return f"If-Match names {', '.join(self.match) or 'nothing'}; the record is {tag or 'not there'}"
        if self.none_match is not None and not self.is_read and _is_among(tag, self.none_match):
            return f"If-None-Match forbids {tag}, which the record is"
        return None

    def is_known(self, tag: str) -> bool:
        """Whether whoever reads has what a tag stands for."""
        return self.is_read and self.none_match is not None and _is_among(tag, self.none_match)


def find_unmet(scene: Scene, record: Mapping[str, Json] | None) -> Refusal | None:
    """The refusal of a request whose condition a record doesn't meet; a record of None isn't there."""
    conditions: Conditions | None = scene.names.get(CONDITIONS)
    if conditions is None:
        return None
    detail = conditions.find_unmet(entity_tag(record) if record is not None else None)
    return Refusal(ProblemKind.PRECONDITION_FAILED, detail) if detail is not None else None


def read_tags(header: str) -> tuple[str, ...]:
    """The tags that a header names, ``*`` among them; weak ones like strong ones, since records are compared whole."""
    return tuple(tag or star for tag, star in _TAG.findall(header))


def entity_tag(shown: Json) -> str:
    """A strong tag of a record as it is shown, or of several: the same for the same members, in whatever order."""
    return f'"{blake2b(dump_json(_sorted(shown)), digest_size=12).hexdigest()}"'


def _sorted(value: Json) -> Json:
    if isinstance(value, Mapping):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, (list, tuple)) else value


def _is_among(tag: str | None, tags: Collection[str]) -> bool:
    return tag is not None and (ANY in tags or tag in tags)
