"""Values in declarations: constants, runtime expressions, and expressions in CEL, bounded before they run.

    "active"                          a constant
    "$request.path.sessionId"         a runtime expression (`expressions.py`); `{…}` puts one into a text
    "= now + duration('60m')"         CEL; names are bound only if the expression mentions them

A value is UNKNOWN when something that it needs isn't known yet: the contracts then say nothing instead of guessing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple, final

from understudy.specs.behaviour.functions import FUNCTIONS, number_of
from understudy.specs.behaviour.mentions import Mentions, is_optional, macro_names, mentions_of, nesting, only
from understudy.specs.behaviour.plain_values import Plain, compile_plain
from understudy.specs.documents.document import Json
from understudy.specs.expressions import Context, ExpressionError, Message, compile_template
from understudy.specs.model import MISSING, Missing

__all__ = ["UNKNOWN", "Scene", "Unknown", "Value", "ValueFailed", "compile_value", "rfc3339"]

MAX_SOURCE: Final = 600
MAX_NESTING: Final = 2
MAX_ITEMS: Final = 20_000
MAX_TEXT: Final = 32 * 1024 * 1024
LONG_TEXT: Final = 64 * 1024
"""A longer member is bound only to an expression that has its name in it; others move it unseen."""
_PARAMETER: Final = re.compile(r"\$request\.(path|query)\.(.+)", re.DOTALL)
"""A runtime expression that is nothing but a parameter's value: what most keys are."""
NAMES: Final = frozenset({"request", "credential", "record", "records", "parent", "now", "text", "total"})
"""What every expression may mention; an action's `with` adds names."""


@final
class Unknown(Enum):
    """The value that nobody has seen yet."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN


class ValueFailed(Exception):
    """An expression could not be evaluated: says which, and why."""


@final
class Scene(NamedTuple):
    """What expressions see.

    Attributes:
        request: Decoded: ``path``, ``query``, ``header``, ``cookie``, ``body`` (absent when not sent).
        names: Everything else by name: ``record``, ``records``, ``parent``, ``now``, ``credential``, ``text``, ….
    """

    request: Mapping[str, Json]
    names: Mapping[str, Json]

    def saying(self, **names: Json) -> Scene:
        """The same scene with more names."""
        return Scene(self.request, {**self.names, **names})


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
        return Value(source, *_compile_cel(source[1:].strip(), names | NAMES))
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


def rfc3339(moment: datetime) -> str:
    """UTC with ``Z``; milliseconds only when there are any."""
    moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds" if moment.microsecond >= 1000 else "seconds").replace("+00:00", "Z")


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


def _compile_cel(
    source: str, names: frozenset[str]
) -> tuple[Callable[[Scene], Json | Missing | Unknown], frozenset[str]]:
    if len(source) > MAX_SOURCE:
        raise ExpressionError(f"an expression of {len(source)} characters; at most {MAX_SOURCE} are read")
    if nesting(source) > MAX_NESTING:
        raise ExpressionError(f"{source!r}: comprehensions nest at most {MAX_NESTING} deep")
    program, mentioned = _program(source)
    mentioned -= macro_names(source)
    unknown = sorted(mentioned - names)
    if unknown:
        raise ExpressionError(f"{source!r} mentions {unknown[0]!r}; known here: {', '.join(sorted(names))}")
    parts = {name: mentions_of(source, name) for name in mentioned}
    optional = frozenset(name for name in mentioned if is_optional(source, name))
    plain = compile_plain(source)
    return lambda scene: _run(source, program, parts, optional, plain, scene), mentioned


@lru_cache(maxsize=4096)
def _program(source: str) -> tuple[Callable[[Mapping[str, Json]], Json], frozenset[str]]:
    import cel  # only documents with an expression pay for it

    try:
        compiled = cel.compile(source)
    except ValueError as error:
        raise ExpressionError(f"{source!r} is not CEL: {str(error).splitlines()[0]}") from error
    mentioned = frozenset(compiled.variables())
    called = frozenset(compiled.functions())

    def run(values: Mapping[str, Json]) -> Json:
        context = cel.Context(dict(values), {name: FUNCTIONS[name] for name in called if name in FUNCTIONS})
        return compiled.execute(context)

    return run, mentioned


def _run(
    source: str,
    program: Callable[[Mapping[str, Json]], Json],
    parts: Mapping[str, Mentions],
    optional: frozenset[str],
    plain: Plain | None,
    scene: Scene,
) -> Json | Missing | Unknown:
    if plain is not None:
        told = _plain(source, plain, scene)
        if told is not MISSING:
            return told
    values: dict[str, Json] = {}
    kept: dict[str, str] = {}
    for name, mentions in parts.items():
        value = scene.request if name == "request" else scene.names.get(name, MISSING)
        if value is MISSING and name in optional:
            value = None
        if value is MISSING:
            return MISSING
        if value is UNKNOWN:
            return UNKNOWN
        hidden: set[str] = set()
        values[name] = _known(only(value, mentions), hidden, kept, [0], source)
        if any(member in source for member in hidden):
            return UNKNOWN
    try:
        return _json(program(values), kept)
    except KeyError:
        return MISSING
    except (TypeError, ValueError, RuntimeError, OverflowError, ArithmeticError) as error:
        raise ValueFailed(f"= {source}: {error}") from error


def _plain(source: str, plain: Plain, scene: Scene) -> Json | Missing:
    try:
        return plain({**scene.names, "request": scene.request})
    except (TypeError, ValueError) as error:
        raise ValueFailed(f"= {source}: {error}") from error


def _known(value: Json, hidden: set[str], kept: dict[str, str], size: list[int], source: str) -> Json:
    """A copy without UNKNOWN members, whose names are collected; counts what it copies.

    A long text that isn't mentioned is kept, and a short one stands for it wherever the expression moves it.
    """
    size[0] += 1
    if size[0] > MAX_ITEMS:
        raise ValueFailed(f"more than {MAX_ITEMS} values in one expression")
    if isinstance(value, Mapping):
        out = {}
        for key, item in value.items():
            if item is UNKNOWN:
                hidden.add(key)
            elif isinstance(item, str) and len(item) > LONG_TEXT and key not in source:
                out[key] = f"\0{len(kept)}\0"
                kept[out[key]] = item
            elif item is not MISSING:
                out[key] = _known(item, hidden, kept, size, source)
        return out
    if isinstance(value, (list, tuple)):
        return [_known(item, hidden, kept, size, source) for item in value if item is not UNKNOWN]
    if isinstance(value, str) and len(value) > MAX_TEXT:
        raise ValueFailed(f"a text of more than {MAX_TEXT} characters in an expression")
    return number_of(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _json(value: Json, kept: Mapping[str, str]) -> Json:
    if isinstance(value, str):
        return kept.get(value, value)
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        # CEL's objects have no order, and one request has one answer.
        return {key: _json(value[key], kept) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_json(item, kept) for item in value]
    return value
