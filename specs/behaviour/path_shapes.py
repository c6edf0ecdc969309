"""Which paths are a collection and its items: `/pets` and `/pets/{petId}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, final

from understudy.specs.model import Operation
from understudy.specs.path_templates import Segment, bare_path, parse_template

__all__ = ["Collection", "Step", "find_collections", "find_steps"]

_SUFFIX: Final = ".json"


@final
@dataclass(frozen=True, slots=True)
class Step:
    """What stands between two slashes: a literal, or a parameter's name."""

    text: str
    is_parameter: bool


@final
@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """A path that ends with a literal, and the path below it that ends with one parameter more.

    Attributes:
        steps: Those of the collection; the parameters among them are named as in the first operation.
        key: The parameter that names an item.
        item_path: As the document writes it.
        of_all: Method → operation on the collection; methods are as in the model.
        of_one: Method → operation on an item.
        doubt: Why the paths can't be told apart from others; empty when they can.
    """

    steps: tuple[Step, ...]
    key: str
    item_path: str
    of_all: Mapping[str, Operation]
    of_one: Mapping[str, Operation]
    doubt: str

    @property
    def name(self) -> str:
        """The literal that the collection's path ends with."""
        return self.steps[-1].text

    @property
    def path(self) -> str:
        """The collection's path, without what doesn't count: a final slash, ``.json``."""
        return "/" + "/".join(f"{{{step.text}}}" if step.is_parameter else step.text for step in self.steps)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Those on the collection, then those on an item."""
        return (*self.of_all.values(), *self.of_one.values())

    def owns(self, operation: Operation) -> bool:
        """Whether an operation's path is an item's, or lies below it."""
        steps = find_steps(operation.path)
        depth = len(self.steps) + 1
        return steps is not None and len(steps) >= depth and _shape(steps[:depth]) == (*_shape(self.steps), "")


def find_steps(path: str) -> tuple[Step, ...] | None:
    """``/pets/{petId}.json`` and ``/pets/{petId}/`` → the literal ``pets`` and the parameter ``petId``.

    None where a parameter is only a part of what stands between two slashes, and where the path has a query or
    fragment: then it is but one of the things that are done there.
    """
    if bare_path(path) != path:
        return None
    segments = list(parse_template(path))
    if len(segments) > 1 and segments[-1].literals == (b"",):
        segments.pop()
    steps = [_step(segment, is_last=index == len(segments) - 1) for index, segment in enumerate(segments)]
    whole = tuple(step for step in steps if step is not None)
    return whole if len(whole) == len(steps) else None


def find_collections(operations: Iterable[Operation]) -> list[Collection]:
    """Every path that ends with a literal and one parameter, with the path above it; outer ones first."""
    by_shape: dict[tuple[str, ...], list[tuple[tuple[Step, ...], Operation]]] = {}
    for operation in operations:
        steps = find_steps(operation.path)
        if steps is not None:
            by_shape.setdefault(_shape(steps), []).append((steps, operation))
    found = [
        _collection(by_shape.get(shape[:-1], []), ones)
        for shape, ones in by_shape.items()
        if len(shape) > 1 and shape[-1] == "" and shape[-2] != ""
    ]
    return sorted(found, key=lambda collection: len(collection.steps))


def _collection(
    alls: list[tuple[tuple[Step, ...], Operation]], ones: list[tuple[tuple[Step, ...], Operation]]
) -> Collection:
    steps, first = ones[0]
    names = {each for each, _ in ones} | {(*each, steps[-1]) for each, _ in alls}
    doubt = ""
    if len(names) > 1:
        doubt = f"the parameters of {first.path} have other names elsewhere"
    of_all, of_one = ({operation.method: operation for _, operation in each} for each in (alls, ones))
    if len(of_all) < len(alls) or len(of_one) < len(ones):
        doubt = f"{first.path} or the path above it is written in two ways with one method"
    return Collection(steps[:-1], steps[-1].text, first.path, of_all, of_one, doubt)


def _shape(steps: tuple[Step, ...]) -> tuple[str, ...]:
    """The literals; empty for parameters, whose names don't tell paths apart."""
    return tuple("" if step.is_parameter else step.text for step in steps)


def _step(segment: Segment, *, is_last: bool) -> Step | None:
    literals = [literal.decode("utf-8", "replace") for literal in segment.literals]
    if is_last:
        literals[-1] = literals[-1].removesuffix(_SUFFIX)
    if segment.is_literal:
        return Step(literals[0], is_parameter=False) if literals[0] else None
    return Step(segment.names[0], is_parameter=True) if literals == ["", ""] else None
