"""Expressions in CEL: bounded before they run, bound to what they mention, given long lists without a copy."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias, final

from understudy.specs.behaviour.evaluation import UNKNOWN, Scene, TooMuchToSee, Unknown, ValueFailed, rfc3339
from understudy.specs.behaviour.functions import FUNCTIONS, number_of
from understudy.specs.behaviour.mentions import (
    Mentions,
    is_handed_over,
    is_optional,
    macro_names,
    mentions_of,
    nesting,
    only,
)
from understudy.specs.behaviour.plain_values import Plain, compile_plain
from understudy.specs.documents.document import Json
from understudy.specs.expressions import ExpressionError
from understudy.specs.model import MISSING, Missing

__all__ = ["NAMES", "Rows", "compile_cel"]

MAX_SOURCE: Final = 600
MAX_NESTING: Final = 2
MAX_ITEMS: Final = 500_000
"""Values that one expression sees, lists that it only hands to functions not counted."""
MAX_NESTED_ITEMS: Final = 20_000
"""Likewise of one whose comprehensions nest."""
MAX_TEXT: Final = 32 * 1024 * 1024
LONG_TEXT: Final = 64 * 1024
"""A longer member is bound only to an expression that has its name in it; others move it unseen."""
NAMES: Final = frozenset({"request", "credential", "record", "records", "parent", "now", "text", "total"})
"""What every expression may mention; an action's `with` adds names."""

_HANDLE: Final = f"\0{secrets.token_hex(8)}\0"
"""Begins the text that stands for a list where an expression only hands it on; no client can send it."""

HIDDEN: Final = f"{_HANDLE}?"
"""Stands for a member that nobody has seen, where an expression moves the object it is in."""

Evaluate: TypeAlias = Callable[[Scene], Json | Missing | Unknown]
Call: TypeAlias = Callable[..., Json]


@final
class Rows(list[Json]):
    """Records that an expression sees under a name.

    Args:
        unknown: The members that are UNKNOWN in one of them or more.
    """

    def __init__(self, records: list[dict[str, Json]]) -> None:
        super().__init__(records)
        self.unknown = frozenset(name for record in records for name, value in record.items() if value is UNKNOWN)


@final
class _Program(NamedTuple):
    """A compiled expression.

    Attributes:
        parts: Name → what is mentioned of it.
        optional: The names that it says what it is without.
        handed: Those with which it does nothing but hand them to functions.
        max_items: How many values it may see.
    """

    source: str
    run: Callable[[dict[str, Json], dict[str, Call]], Json]
    functions: dict[str, Call]
    parts: Mapping[str, Mentions]
    optional: frozenset[str]
    handed: frozenset[str]
    plain: Plain | None
    max_items: int


def compile_cel(source: str, names: frozenset[str]) -> tuple[Evaluate, frozenset[str]]:
    """What evaluates an expression, and the names that it mentions.

    Args:
        names: What it may mention.

    Raises:
        ExpressionError: It is malformed, too long, nests too deeply, or mentions an unknown name.
    """
    if len(source) > MAX_SOURCE:
        raise ExpressionError(f"an expression of {len(source)} characters; at most {MAX_SOURCE} are read")
    program = _compile(source)
    unknown = sorted(program.parts.keys() - names)
    if unknown:
        raise ExpressionError(f"{source!r} mentions {unknown[0]!r}; known here: {', '.join(sorted(names))}")
    return lambda scene: _evaluate(program, scene), frozenset(program.parts)


@lru_cache(maxsize=4096)
def _compile(source: str) -> _Program:
    depth = nesting(source)
    if depth > MAX_NESTING:
        raise ExpressionError(f"{source!r}: comprehensions nest at most {MAX_NESTING} deep")
    import cel  # only documents with an expression pay for it

    try:
        compiled = cel.compile(source)
    except ValueError as error:
        raise ExpressionError(f"{source!r} is not CEL: {str(error).splitlines()[0]}") from error
    mentioned = frozenset(compiled.variables()) - macro_names(source)

    def run(values: dict[str, Json], functions: dict[str, Call]) -> Json:
        return compiled.execute(cel.Context(values, functions))

    return _Program(
        source,
        run,
        {name: FUNCTIONS[name] for name in compiled.functions() if name in FUNCTIONS},
        {name: mentions_of(source, name) for name in mentioned},
        frozenset(name for name in mentioned if is_optional(source, name)),
        frozenset(name for name in mentioned if is_handed_over(source, name, FUNCTIONS)),
        compile_plain(source),
        MAX_NESTED_ITEMS if depth > 1 else MAX_ITEMS,
    )


def _evaluate(program: _Program, scene: Scene) -> Json | Missing | Unknown:
    source = program.source
    if program.plain is not None:
        told = _plain(source, program.plain, scene)
        if told is not MISSING:
            return told
    values: dict[str, Json] = {}
    lists: dict[str, Rows] = {}
    copy = _Copy(program)
    for name, mentions in program.parts.items():
        value = scene.request if name == "request" else scene.names.get(name, MISSING)
        if value is MISSING and name in program.optional:
            value = None
        if value is MISSING:
            return MISSING
        if value is UNKNOWN:
            return UNKNOWN
        if type(value) is Rows and name in program.handed:
            lists[_HANDLE + name] = value
            values[name] = _HANDLE + name
            copy.hidden |= value.unknown
        else:
            are_records = type(value) is Rows or name == "records"
            values[name] = copy.known(only(value, mentions), TooMuchToSee if are_records else ValueFailed)
    if copy.hidden and any(member in source for member in copy.hidden):
        return UNKNOWN
    if scene.work is not None:
        scene.work.add(copy.size + sum(map(len, lists.values())))
    functions = program.functions
    if lists:
        functions = {name: _taking(call, lists, copy) for name, call in functions.items()}
    try:
        return _json(program.run(values, functions), copy.kept)
    except KeyError:
        return MISSING
    except (TypeError, ValueError, RuntimeError, OverflowError, ArithmeticError) as error:
        raise copy.failed or ValueFailed(f"= {source}: {error}") from error


def _plain(source: str, plain: Plain, scene: Scene) -> Json | Missing:
    try:
        return plain({**scene.names, "request": scene.request})
    except (TypeError, ValueError) as error:
        raise ValueFailed(f"= {source}: {error}") from error


def _taking(call: Call, lists: Mapping[str, Rows], copy: _Copy) -> Call:
    """A function that is given a list where an expression hands it the text that stands for one."""

    def called(first: Json, *others: Json) -> Json:
        rows = lists.get(first) if isinstance(first, str) else None
        if rows is None:
            return call(first, *others)
        try:
            return copy.known(call(rows, *others), TooMuchToSee)
        except ValueFailed as error:
            # CEL tells of an error in a function as text alone.
            copy.failed = error
            raise

    return called


@final
class _Copy:
    """Copies what an expression sees, and counts it; something short stands for what it may move, but not look at.

    Attributes:
        hidden: Names of the members that were UNKNOWN.
        kept: What something short stands for: an UNKNOWN member, a long text that isn't mentioned.
        size: How many values were copied.
        failed: Why copying failed inside a function.
    """

    __slots__ = ("_max_items", "_source", "failed", "hidden", "kept", "size")

    def __init__(self, program: _Program) -> None:
        self._source = program.source
        self._max_items = program.max_items
        self.hidden: set[str] = set()
        self.kept: dict[str, Json] = {HIDDEN: UNKNOWN}
        self.size = 0
        self.failed: ValueFailed | None = None

    def known(self, value: Json, failure: type[ValueFailed]) -> Json:
        """The copy of a value; fails so where there is too much of it."""
        self.size += 1
        if self.size > self._max_items:
            raise failure(f"more than {self._max_items:,} values in one expression")
        kind = type(value)
        if kind is str:
            if len(value) > MAX_TEXT:
                raise ValueFailed(f"a text of more than {MAX_TEXT} characters in an expression")
            return value
        if kind is int or kind is float:
            return number_of(value)
        if kind is dict or isinstance(value, Mapping):
            out = {}
            for key, item in value.items():
                if item is UNKNOWN:
                    self.hidden.add(key)
                    out[key] = HIDDEN
                elif isinstance(item, str) and len(item) > LONG_TEXT and key not in self._source:
                    out[key] = f"\0{len(self.kept)}\0"
                    self.kept[out[key]] = item
                elif item is not MISSING:
                    out[key] = self.known(item, failure)
            return out
        if isinstance(value, (list, tuple)):
            return [self.known(item, failure) for item in value if item is not UNKNOWN]
        return value


def _json(value: Json, kept: Mapping[str, Json]) -> Json:
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
