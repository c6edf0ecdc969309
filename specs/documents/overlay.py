"""Read an Overlay (OpenAPI Overlay Specification 1.0, 1.1): changes to a description that isn't ours to edit."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from typing import Final, final

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

from understudy.specs.documents.document import Document, Json
from understudy.specs.errors import OverlayRefused
from understudy.specs.model import MISSING, Missing
from understudy.specs.pointers import JsonPointer, child

__all__ = ["Overlay", "OverlayAction", "is_overlay", "read_overlay"]

MAX_ACTIONS: Final = 10_000
_VERSION: Final = re.compile(r"1\.([01])\.[0-9]+")
_PATHS: Final = JSONPathEnvironment(strict=True)
"""RFC 9535 and nothing else."""
_ROOT: Final = ("overlay", "info", "extends", "actions")
_ACTION: Final = ("target", "description", "update", "copy", "remove")


@final
@dataclass(frozen=True, slots=True)
class OverlayAction:
    """One change.

    Attributes:
        target: The places it changes.
        text: The target as written.
        update: What is merged there; MISSING for none.
        copy: The one place whose value is merged there; None for none.
        remove: Whether the places are removed.
        pointer: Where it stands in the overlay.
    """

    target: JSONPath
    text: str
    update: Json | Missing
    copy: JSONPath | None
    remove: bool
    pointer: JsonPointer


@final
@dataclass(frozen=True, slots=True)
class Overlay:
    """An overlay that was read.

    Attributes:
        extends: URI reference to the description that it was made for; empty for any.
        actions: In their order.
    """

    document: Document
    extends: str
    actions: tuple[OverlayAction, ...]


def is_overlay(tree: Json) -> bool:
    """Whether a document says that it is an overlay."""
    return isinstance(tree, dict) and "overlay" in tree and "openapi" not in tree and "swagger" not in tree


def read_overlay(document: Document) -> Overlay:
    """Read an overlay.

    Raises:
        OverlayRefused: It is none, is of a version that isn't known, has an unknown member, or a target that is no
            JSONPath of RFC 9535; the message says where, and what to write.
    """
    root = JsonPointer("")
    members = document.tree
    if not is_overlay(members):
        raise refusal(document, root, "is no overlay: it begins with `overlay: 1.1.0`, then `info` and `actions`")
    version = _VERSION.fullmatch(str(members["overlay"]))
    if version is None:
        reason = f"is of the version {members['overlay']!r}; 1.0 and 1.1 are known: write `overlay: 1.1.0`"
        raise refusal(document, child(root, "overlay"), reason)
    _check_members(document, members, _ROOT, root)
    extends = members.get("extends", "")
    if not isinstance(extends, str):
        raise refusal(document, child(root, "extends"), "is a URI reference to the description")
    place = child(root, "actions")
    actions = members.get("actions")
    if not isinstance(actions, list) or not actions:
        raise refusal(document, place, "an overlay has `actions`: an array with at least one")
    if len(actions) > MAX_ACTIONS:
        raise refusal(document, place, f"has {len(actions)} actions; at most {MAX_ACTIONS} are read")
    read = tuple(
        _action(document, each, child(place, index), knows_copy=version.group(1) == "1")
        for index, each in enumerate(actions)
    )
    return Overlay(document, extends, read)


def refusal(document: Document, pointer: JsonPointer, reason: str) -> OverlayRefused:
    """The error about a place in an overlay."""
    return OverlayRefused(document.name, reason, pointer=pointer, line=document.line(pointer))


def _action(document: Document, value: Json, place: JsonPointer, *, knows_copy: bool) -> OverlayAction:
    if not isinstance(value, dict):
        raise refusal(document, place, "an action is an object with a `target`")
    if "copy" in value and not knows_copy:
        raise refusal(document, child(place, "copy"), "`copy` came with version 1.1: write `overlay: 1.1.0`")
    _check_members(document, value, _ACTION, place)
    if not isinstance(value.get("target"), str):
        raise refusal(document, place, "an action has a `target`: a JSONPath such as $.paths['/pets'].get")
    remove = value.get("remove", False)
    if not isinstance(remove, bool):
        raise refusal(document, child(place, "remove"), "is true or false")
    if not remove and "update" in value and "copy" in value:
        raise refusal(document, place, "has both `update` and `copy`: make two actions of it")
    if not remove and "update" not in value and "copy" not in value:
        raise refusal(document, place, "says nothing to do: give it `update`, `copy` or `remove: true`")
    return OverlayAction(
        target=_path(document, value["target"], child(place, "target")),
        text=value["target"],
        update=value.get("update", MISSING),
        copy=_path(document, value["copy"], child(place, "copy")) if "copy" in value else None,
        remove=remove,
        pointer=place,
    )


def _path(document: Document, text: Json, place: JsonPointer) -> JSONPath:
    if not isinstance(text, str):
        raise refusal(document, place, "is a JSONPath such as $.paths['/pets'].get")
    try:
        path = _PATHS.compile(text)
    except (JSONPathError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it nests too deeply"
        raise refusal(document, place, f"{text!r} is no JSONPath (RFC 9535): {reason}") from error
    assert isinstance(path, JSONPath), "strict paths aren't compounds"
    return path


def _check_members(document: Document, members: dict[str, Json], known: tuple[str, ...], place: JsonPointer) -> None:
    for name in members:
        if name not in known and not name.startswith("x-"):
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(map(repr, known))}"
            raise refusal(document, child(place, name), f"unknown member {name!r}; {hint}")
