"""An error body where the document has no envelope: its own example, else a generated one, with the reason put in
wherever the schema allows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.problems import PROBLEM_JSON, Problem, problem_members
from understudy.specs.model import MISSING, Direction, Missing
from understudy.specs.schemas.any_text import takes_any_text
from understudy.specs.wire.json_bodies import dump_json

if TYPE_CHECKING:
    from understudy.mockserver.compiled_media_type import CompiledMediaType
    from understudy.specs.documents.document import Json

__all__ = ["ImprovisedError", "merge_patch"]

_TEXT_MEMBERS: Final = ("detail", "message", "msg", "reason", "error", "error_description", "description", "title")
"""Members in which APIs put the reason, the most telling first."""
_STATUS_MEMBERS: Final = ("status", "statusCode", "status_code", "code")
_PLACEHOLDER: Final = "the reason goes here: 6f1c7f6b"


@final
class ImprovisedError:
    """The body of one status in one media type: what of it is the same each time is made once."""

    def __init__(self, media_type: CompiledMediaType, status: int) -> None:
        self._media_type = media_type
        self._status = status
        self._is_problem = media_type.content_type == PROBLEM_JSON

    def write(self, problem: Problem) -> bytes | None:
        """The body with the reason, where it has a place for it; None where the document's body can't be made."""
        if self._is_problem:
            members = problem_members(problem, self._status)
            if self._media_type.is_valid(members):
                return dump_json(members)
        if not self._media_type.is_json:
            is_said = self._media_type.is_text and self._media_type.is_valid(problem.text)
            return problem.text.encode() if is_said else self._media_type.usual_body
        if self._around is not None:
            before, after = self._around
            return before + dump_json(problem.text) + after
        return None if self._value is MISSING else dump_json(self._with_reason(self._value, problem.text))

    @cached_property
    def _value(self) -> Json | Missing:
        return _with_status(self._media_type, self._status)

    def _with_reason(self, value: Json, text: str) -> Json:
        told = (merge_patch(value, _nested(path, text)) for path in _text_places(value))
        return next((patched for patched in told if self._media_type.is_valid(patched)), value)

    @cached_property
    def _around(self) -> tuple[bytes, bytes] | None:
        """What is written before and after the reason, where the schema leaves the reason's member quite free."""
        path = next(_text_places(self._value), None)
        if path is None:
            return None
        schema = self._media_type.media_type.schema
        if schema is not None and not takes_any_text(schema.standalone(Direction.RESPONSE), path):
            return None
        marked = merge_patch(self._value, _nested(path, _PLACEHOLDER))
        pieces = dump_json(marked).split(dump_json(_PLACEHOLDER))
        return (pieces[0], pieces[1]) if len(pieces) == 2 and self._media_type.is_valid(marked) else None


def merge_patch(target: Json, patch: Json) -> Json:
    """RFC 7396: members of the patch replace or join those of the target; null removes."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


def _nested(path: tuple[str, ...], value: Json) -> Json:
    for name in reversed(path):
        value = {name: value}
    return value


def _with_status(media_type: CompiledMediaType, status: int) -> Json | Missing:
    value = media_type.usual_value
    for patch in _status_patches(value, status):
        patched = merge_patch(value, patch)
        if media_type.is_valid(patched):
            value = patched
    return value


def _status_patches(value: Json, status: int) -> Iterator[Json]:
    """Every member that could hold the status, one at a time; also inside an object under ``error``."""
    if not isinstance(value, dict):
        return
    for name in _STATUS_MEMBERS:
        member = value.get(name)
        if isinstance(member, int) and not isinstance(member, bool):
            yield {name: status}
        elif isinstance(member, str) and member.isdigit():
            yield {name: str(status)}
    for patch in _status_patches(value.get("error"), status):
        yield {"error": patch}


def _text_places(value: Json) -> Iterator[tuple[str, ...]]:
    """Every member that could hold the reason, the most telling first; also inside an object under ``error``."""
    if not isinstance(value, dict):
        return
    for path in _text_places(value.get("error")):
        yield ("error", *path)
    for name in _TEXT_MEMBERS:
        if isinstance(value.get(name), str):
            yield (name,)
