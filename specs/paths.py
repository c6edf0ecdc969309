"""Find the route that a request's path belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, NamedTuple, TypeVar, final
from urllib.parse import quote

from understudy.specs.model import PathTemplate
from understudy.specs.path_templates import Segment, bare_path, decode_segment, parse_as_written

__all__ = ["Match", "OtherMethods", "Route", "Router"]

T = TypeVar("T")

_ASCII: Final = bytes(range(128))


@final
@dataclass(frozen=True, slots=True)
class Route(Generic[T]):
    """One operation and where it can be reached.

    Attributes:
        method: Compared to the letter: methods are case-sensitive (RFC 9110, section 9.1).
        template: Below each base path.
        value: What a match gives back.
        base_paths: Path prefixes without a final slash, such as ``/api/v1``; ``""`` is the bare path.
    """

    method: str
    template: PathTemplate
    value: T
    base_paths: tuple[str, ...] = ("",)


@final
class Match(NamedTuple, Generic[T]):
    """A route and what its parameters took.

    Attributes:
        parameters: Name → the text as it was sent, still percent-encoded: a style is split before it is decoded
            (`percent.decode`).
        methods: All methods of the path, in route order.
        rivals: The same for each other route that claims the method and path, in route order; mostly none.
    """

    value: T
    template: PathTemplate
    parameters: Mapping[str, str]
    methods: tuple[str, ...]
    rivals: tuple[Match[T], ...] = ()


@final
@dataclass(frozen=True, slots=True)
class OtherMethods:
    """The path is known, but not with this method.

    Attributes:
        methods: Those it has, in route order; never empty.
    """

    methods: tuple[str, ...]


@dataclass(slots=True)
class _Node(Generic[T]):
    """A place in the tree of segments."""

    literals: dict[bytes, _Node[T]] = field(default_factory=dict)
    mixed: list[tuple[Segment, _Node[T]]] = field(default_factory=list)
    whole: _Node[T] | None = None
    routes: dict[str, list[tuple[Route[T], tuple[str, ...]]]] = field(default_factory=dict)
    """By method, each with the names of all parameters from left to right; the first has the path."""


@final
class Router(Generic[T]):
    """Routes, compiled once.

    A path goes to the template that is concrete furthest to the left: of ``/pets/mine`` and ``/pets/{id}`` the first
    takes ``/pets/mine``, whatever the method is (OpenAPI 3.2, Path Templating Matching). A segment that is part text,
    part parameter comes between the two, more text first. Slashes are exact: ``/pets/`` isn't ``/pets``. A parameter
    never takes an empty segment or a slash. Neither names of parameters nor a query or fragment tell templates apart;
    but a path that has its ``?`` or ``#`` percent-encoded goes to the one template that is written so.

    The cost of a look-up depends on the path's length, not on the number of routes.

    Args:
        routes: Where two claim one method and path the first has it, and the other is its rival if it lies below the
            same base paths; see `find_conflicts`.
    """

    def __init__(self, routes: Iterable[Route[T]]) -> None:
        self._root: _Node[T] = _Node()
        self._literal: dict[str, _Node[T]] = {}
        self._conflicts: list[tuple[Route[T], Route[T]]] = []
        for route in routes:
            for base_path in dict.fromkeys(route.base_paths):
                self._add(route, base_path.rstrip("/") + "/" + route.template.removeprefix("/"))

    def find(self, method: str, path: str) -> Match[T] | OtherMethods | None:
        """The route of a request.

        Args:
            path: The path of the request target as it was sent, percent-encoded, without query. Other characters
                than ASCII are taken for their percent-encoded UTF-8.

        Returns:
            None where no template matches the path.
        """
        captured: list[str] = []
        if not path.isascii():
            path = quote(path, safe=_ASCII, errors="surrogatepass")
        node = self._literal.get(path) or _find(self._root, path.split("/")[1:], 0, captured)
        if node is None or not path.startswith("/"):
            return None
        methods = tuple(node.routes)
        if method not in node.routes:
            return OtherMethods(methods)
        (route, names), *others = node.routes[method]
        match = Match(route.value, route.template, dict(zip(names, captured, strict=True)), methods)
        if not others:
            return match
        rivals = tuple(
            Match(other.value, other.template, dict(zip(theirs, captured, strict=True)), methods)
            for other, theirs in others
        )
        return match._replace(rivals=rivals)

    def find_conflicts(self) -> tuple[tuple[Route[T], Route[T]], ...]:
        """Pairs of routes that claim the same method and path, names of parameters aside; the first one has it."""
        return tuple(dict.fromkeys(self._conflicts))

    def _add(self, route: Route[T], template: str) -> None:
        bare = bare_path(template)
        self._place(route, bare)
        if bare != template:
            self._place(route, template)

    def _place(self, route: Route[T], template: str) -> None:
        segments = parse_as_written(template)
        node = self._root
        for segment in segments:
            node = _below(node, segment)
        taken = node.routes.setdefault(route.method, [])
        if any(other is route for other, _ in taken):
            return
        if taken:
            self._conflicts.append((taken[0][0], route))
        if not taken or taken[0][0].base_paths == route.base_paths:
            taken.append((route, tuple(name for segment in segments for name in segment.names)))
        if all(segment.is_literal for segment in segments):
            self._literal[template] = node


def _below(node: _Node[T], segment: Segment) -> _Node[T]:
    if segment.is_literal:
        return node.literals.setdefault(segment.literals[0], _Node())
    if segment.is_whole:
        if node.whole is None:
            node.whole = _Node()
        return node.whole
    for other, below in node.mixed:
        if other.literals == segment.literals:
            return below
    below = _Node()
    node.mixed.append((segment, below))
    node.mixed.sort(key=lambda entry: (-sum(map(len, entry[0].literals)), len(entry[0].names)))
    return below


def _find(node: _Node[T], segments: list[str], index: int, captured: list[str]) -> _Node[T] | None:
    """The first node with routes, depth first; never deeper than the deepest template."""
    if index == len(segments):
        return node if node.routes else None
    text = segments[index]
    literal = node.literals.get(decode_segment(text) if "%" in text else text.encode())
    if literal is not None:
        found = _find(literal, segments, index + 1, captured)
        if found is not None:
            return found
    for segment, below in node.mixed:
        parts = segment.capture(text)
        if parts is not None:
            captured += parts
            found = _find(below, segments, index + 1, captured)
            if found is not None:
                return found
            del captured[-len(parts) :]
    if node.whole is not None and text:
        captured.append(text)
        found = _find(node.whole, segments, index + 1, captured)
        if found is not None:
            return found
        captured.pop()
    return None
