"""Which operation a request belongs to, over all documents that are served on one port."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, final

from understudy.mockserver.answers.remembering import AnswerMemory
from understudy.mockserver.compiled import CompiledApi, CompiledOperation
from understudy.mockserver.problems import Objection, Problem
from understudy.mockserver.requests.rivals import choose_rival
from understudy.mockserver.settings import Limits
from understudy.specs.errors import UsageError
from understudy.specs.path_templates import bare_path
from understudy.specs.paths import Match, OtherMethods, Route, Router
from understudy.specs.pointers import JsonPointer
from understudy.specs.problems import ProblemKind
from understudy.specs.servers import base_paths

if TYPE_CHECKING:
    from understudy.mockserver.requests.incoming import Incoming

__all__ = ["Routes", "allowed_methods", "method_not_allowed"]

_LOG: Final = logging.getLogger("understudy.mockserver")
_MAX_COMPARED: Final = 512
"""Characters of an unknown path that are compared with the documented ones."""


@final
class Routes:
    """The routes of all documents: below each server's base path, and at the bare path.

    Where the bare path of one operation is the full path of another in the same document, the full path has it.

    Raises:
        UsageError: Operations of two documents claim one method and path.
    """

    def __init__(self, apis: Sequence[CompiledApi], limits: Limits, seed: str) -> None:
        self._apis = tuple(apis)
        self.memory: Final = AnswerMemory()
        self.operations: Final = tuple(
            CompiledOperation(api, operation, limits, seed) for api in apis for operation in api.api.operations
        )
        # Operations mostly share one tuple of servers, and working out its paths is the dear part.
        bases: dict[int, tuple[str, ...]] = {}
        full = []
        for each in self.operations:
            servers = each.operation.servers
            if id(servers) not in bases:
                bases[id(servers)] = tuple(dict.fromkeys(base for server in servers for base in base_paths(server)))
            full.append(tuple(each.api.prefix + base for base in bases[id(servers)]))
        self._bases: Final = {
            base: each.api for each, prefixes in zip(self.operations, full, strict=True) for base in prefixes if base
        }
        self._templates: Final = tuple(
            dict.fromkeys(
                prefix + each.operation.path
                for each, prefixes in zip(self.operations, full, strict=True)
                for prefix in (each.api.prefix, *prefixes[:1])
            )
        )
        claims = [_route(each, prefixes) for each, prefixes in zip(self.operations, full, strict=True)]
        self._router = Router([*claims, *(_route(each, (each.api.prefix,)) for each in self.operations)])
        self._refuse_conflicts()

    def find(self, request: Incoming, path: str) -> Match[CompiledOperation] | OtherMethods | None:
        """The operation of a request, a GET's for HEAD; see `Router.find`.

        Args:
            path: The request's, as text.
        """
        found = self._router.find(request.method, path)
        if request.method == "HEAD" and isinstance(found, OtherMethods) and "GET" in found.methods:
            found = self._router.find("GET", path)
        if isinstance(found, Match) and found.rivals:
            return choose_rival(found, request)
        return found

    def find_owner(self, path: str, methods: Sequence[str] = ()) -> CompiledApi | None:
        """The document that speaks for a path: the one that has it with another method, else the only one there is,
        else the one whose prefix or base path it lies below; None when none does."""
        for method in methods:
            found = self._router.find(method, path)
            if found is not None and not isinstance(found, OtherMethods):
                return found.value.api
        if len(self._apis) == 1:
            return self._apis[0]
        below = [base for base in self._bases if f"{path}/".startswith(f"{base}/")]
        return self._bases[max(below, key=len)] if below else None

    def not_found(self, path: str) -> Problem:
        """The problem of a path that nothing is documented for; names the nearest one that is."""
        nearest = self._find_nearest(path)
        hint = f"; the nearest documented path is {nearest}" if nearest else ""
        shown = path if len(path) <= 100 else f"{path[:100]}…"
        objection = Objection("path", JsonPointer(""), "path", f"no documented path matches {shown}{hint}")
        return Problem(ProblemKind.ROUTE_NOT_FOUND, detail=objection.message, objections=(objection,))

    def refuse_below(self, reserved: str) -> None:
        """Raise `UsageError` where a document has a path below one that the mock needs itself."""
        for template in self._templates:
            if f"{template}/".startswith(f"{reserved}/"):
                allowed = (
                    f"paths outside {reserved}: serve the document below a prefix (SPEC@/prefix), or use --no-control"
                )
                raise UsageError("path", template, allowed)

    def _find_nearest(self, path: str) -> str:
        given = path[:_MAX_COMPARED].split("/")
        by_segments = sorted(self._templates, key=lambda each: -_likeness(each.split("/"), given))[:16]
        close = difflib.get_close_matches(path[:_MAX_COMPARED], by_segments, n=1, cutoff=0.5)
        return close[0] if close else ""

    def _refuse_conflicts(self) -> None:
        conflicts = [
            (first.value, second.value, first.base_paths == second.base_paths)
            for first, second in self._router.find_conflicts()
            if first.value is not second.value
        ]
        for one, other, is_real in dict.fromkeys(conflicts):
            if one.api is not other.api:
                names = f"{one.api.api.name} {one.operation.label} and {other.api.api.name} {other.operation.label}"
                remedy = f"a prefix for one of them, such as {other.api.api.name}@/{other.api.api.name}"
                raise UsageError("SPEC", f"two operations claim one route: {names}", remedy)
            one.has_rivals = other.has_rivals = one.has_rivals or other.has_rivals or is_real
            if is_real and bare_path(other.operation.path) == other.operation.path:
                message = "%s: %s hides it but from what fits its parameters less"
                _LOG.warning(message, other.operation.origin, one.operation.label)


def allowed_methods(methods: Sequence[str]) -> bytes:
    """The value of `Allow`: HEAD goes with GET, and OPTIONS always does."""
    extra = ("HEAD", "OPTIONS") if "GET" in methods else ("OPTIONS",)
    return ", ".join(dict.fromkeys((*methods, *extra))).encode("latin-1", "replace")


def method_not_allowed(method: str, path: str, found: OtherMethods) -> Problem:
    """The problem of a method that a path doesn't have."""
    allowed = allowed_methods(found.methods)
    message = f"{path[:100]} doesn't have {method[:40]}; it has {allowed.decode('latin-1')}"
    objection = Objection("request", JsonPointer(""), "method", message)
    return Problem(
        ProblemKind.METHOD_NOT_ALLOWED, detail=message, objections=(objection,), headers=((b"allow", allowed),)
    )


def _route(compiled: CompiledOperation, prefixes: tuple[str, ...]) -> Route[CompiledOperation]:
    return Route(compiled.operation.method, compiled.operation.path, compiled, prefixes)


def _likeness(template: list[str], given: list[str]) -> float:
    alike = sum(one == other or one.startswith("{") for one, other in zip(template, given, strict=False))
    return 2 * alike / (len(template) + len(given))
