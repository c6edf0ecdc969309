"""What a made-up answer depends on: its seed, and the key that its parts follow from."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from understudy.mockserver.requests.preferences import NO_WISHES, Preferences
from understudy.mockserver.settings import RANDOM, Settings
from understudy.specs.behaviour import Request
from understudy.specs.model import MISSING
from understudy.specs.wire.json_bodies import dump_json

if TYPE_CHECKING:
    from understudy.mockserver.compiled import CompiledOperation
    from understudy.specs.documents.document import Json

__all__ = ["body_key", "draw_seed", "prose_key"]


def draw_seed(wish: Preferences, settings: Settings, *, is_generated: bool) -> tuple[str, bytes]:
    """The seed of this answer and what to tell the client about its wishes."""
    if wish is NO_WISHES and settings.seed is not RANDOM:
        return str(settings.seed), b""
    if wish.seed is not None:
        return str(wish.seed), wish.applied
    if settings.seed is not RANDOM:
        return str(settings.seed), wish.applied
    drawn = wish._replace(seed=secrets.randbits(63))
    return str(drawn.seed), drawn.applied if is_generated else wish.applied


def prose_key(operation: CompiledOperation, request: Request) -> str:
    """What the prose of an answer depends on: path and body, but for what only chooses a form.

    Operations that say the same in other forms share it."""
    said = request.body
    for place in operation.form_members:
        said = _without(said, place)
    body = () if said is MISSING else (said,)
    return hashlib.blake2b(dump_json((request.path, body)), digest_size=16).hexdigest()


def _without(value: Json, place: Sequence[str]) -> Json:
    """A value without a member below it."""
    if not isinstance(value, dict) or place[0] not in value:
        return value
    rest = {name: item for name, item in value.items() if name != place[0]}
    return rest if len(place) == 1 else {**rest, place[0]: _without(value[place[0]], place[1:])}


def body_key(seed: str, status: int, request: Request) -> str:
    """What a made-up body depends on: seed, operation, status, path, query and body, and nothing else."""
    body = () if request.body is MISSING else (request.body,)
    parts = (seed, request.operation.label, status, request.path, request.query, body)
    return hashlib.blake2b(dump_json(parts), digest_size=16).hexdigest()
