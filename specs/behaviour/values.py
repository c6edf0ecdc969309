"""Values in declarations: constants, runtime expressions, and expressions in CEL, bounded before they run.

    "active"                          a constant
    "$request.path.sessionId"         a runtime expression (`expressions.py`); `{…}` puts one into a text
    "= now + duration('60m')"         CEL; names are bound only if the expression mentions them

A value is UNKNOWN when something that it needs isn't known yet: the contracts then say nothing instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, final

from understudy.specs.behaviour.cel_values import NAMES, compile_cel
from understudy.specs.behaviour.evaluation import UNKNOWN, Scene, Unknown, ValueFailed, rfc3339
from understudy.specs.documents.document import Json
from understudy.specs.expressions import Context, Message, compile_template
from understudy.specs.model import MISSING, Missing

__all__ = ["NAMES", "UNKNOWN", "Scene", "Unknown", "Value", "ValueFailed", "compile_value", "rfc3339"]

_PARAMETER: Final = re.compile(r"\$request\.(path|query)\.(.+)", re.DOTALL)
"""A runtime expression that is nothing but a parameter's value: what most keys are."""


@final
class Value:
    """A compiled value; `evaluate` gives JSON, MISSING (no value: the member is left out) or UNKNOWN."""

    __slots__ = ("_evaluate", "_names", "source")

    def __init__(
        self,
        source: Json,
        evaluate: Callable[[Scene], Json | Missing | Unknown],
        names: frozenset[str] = frozenset(),
    ) -> None:
        self.source = source
        self._evaluate = evaluate
        self._names = names

    def __repr__(self) -> str:
        return f"Value({self.source!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Value) and other.source == self.source

    def __hash__(self) -> int:
        return hash(repr(self.source))

    def mentions(self, name: str) -> bool:
        """Whether an expression in it mentions a name of the scene."""
        return name in self._names

    def mentions_only(self, names: frozenset[str]) -> bool:
        """Whether its expressions mention no other names of the scene."""
        return self._names <= names

    def evaluate(self, scene: Scene) -> Json | Missing | Unknown:
        """Raises `ValueFailed` when the expression doesn't fit what it sees."""
        return self._evaluate(scene)


def compile_value(source: Json, names: frozenset[str] = frozenset()) -> Value:
    """Compile a value of a declaration.

    Args:
        names: What it may mention besides `NAMES`.

    Raises:
        ExpressionError: The expression is malformed, too long, nests too deeply, or mentions an unknown name.
    """
    if isinstance(source, str) and source.startswith("="):
        return Value(source, *compile_cel(source[1:].strip(), names | NAMES))
    if isinstance(source, dict):
        members = {key: compile_value(item, names) for key, item in source.items()}
        return Value(source, lambda scene: _object(members, scene), _names_of(members.values()))
    if isinstance(source, list):
        items = [compile_value(item, names) for item in source]
        return Value(source, lambda scene: _array(items, scene), _names_of(items))
    if isinstance(source, str) and "$" in source:
        template = compile_template(source)
        parameter = _PARAMETER.fullmatch(source)
        if parameter is not None:
            place, name = parameter.groups()
            return Value(source, lambda scene: scene.request.get(place, {}).get(name, MISSING))
        is_timed = "$now" in source
        return Value(source, lambda scene: _template(template.evaluate, scene, is_timed=is_timed))
    return Value(source, lambda _: source)


def _names_of(values: Iterable[Value]) -> frozenset[str]:
    return frozenset(name for value in values for name in value._names)


def _object(members: Mapping[str, Value], scene: Scene) -> Json | Unknown:
    out = {}
    for key, member in members.items():
        value = member.evaluate(scene)
        if value is UNKNOWN:
            return UNKNOWN
        if value is not MISSING:
            out[key] = value
    return out


def _array(items: list[Value], scene: Scene) -> Json | Unknown:
    out = []
    for item in items:
        value = item.evaluate(scene)
        if value is UNKNOWN:
            return UNKNOWN
        if value is not MISSING:
            out.append(value)
    return out


def _template(evaluate: Callable[[Context], Json | Missing], scene: Scene, *, is_timed: bool) -> Json | Missing:
    request = scene.request
    message = Message(
        path=request.get("path", {}),
        query=request.get("query", {}),
        headers=request.get("header", {}),
        body=request.get("body", MISSING),
    )
    now = scene.names.get("now") if is_timed else None
    moment = rfc3339(now.replace(microsecond=0)) if isinstance(now, datetime) else None
    return evaluate(Context(request=message, now=moment))
