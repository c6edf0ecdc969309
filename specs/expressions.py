"""Runtime Expressions (OpenAPI 3.2, Link Object) and our own `$problem.…` and `$now`, alone and inside JSON values.

A value with expressions in it is a template: compiled once, evaluated against what is known of one exchange.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, final

from understudy.specs.documents.document import Json
from understudy.specs.model import MISSING, Missing
from understudy.specs.pointers import tokens
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["Context", "ExpressionError", "Message", "Template", "compile_template"]

PROBLEM_MEMBERS: Final = (
    "kind",
    "status",
    "code",
    "title",
    "detail",
    "field",
    "reason",
    "violations",
    "limit",
    "received",
    "retryAfter",
)
"""What `$problem.` may name."""

_FORMS: Final = (
    "$url",
    "$method",
    "$statusCode",
    "$now",
    *(f"$request.{source}" for source in ("path", "query", "header", "body")),
    *(f"$response.{source}" for source in ("header", "body")),
    *(f"$problem.{member}" for member in PROBLEM_MEMBERS),
)
_FORM: Final = re.compile(r"\$\w*(?:\.\w*)?")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_POINTER: Final = re.compile(r"(?:/(?:[^~/]|~[01])*)*")
_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,9}")
_EMBEDDED: Final = re.compile(r"\{(\$[^{}]*)\}")


class ExpressionError(ValueError):
    """What begins with ``$`` is no expression; the message has the nearest one."""


@final
@dataclass(frozen=True, slots=True)
class Message:
    """What expressions see of a request or a response; what is absent has no value.

    Attributes:
        path: Decoded path parameters by name; a response has none.
        query: Decoded query parameters by name; a response has none.
        headers: Decoded headers, names in lower case.
        body: The decoded body; MISSING when there is none.
    """

    path: Mapping[str, Json] = field(default_factory=dict)
    query: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, Json] = field(default_factory=dict)
    body: Json | Missing = MISSING


@final
@dataclass(frozen=True, slots=True)
class Context:
    """What expressions are evaluated against; what is None or MISSING has no value.

    Attributes:
        url: The whole URL of the request.
        problem: By the names in `PROBLEM_MEMBERS`.
        now: The time, RFC 3339, UTC, whole seconds, ``Z``.
    """

    url: str | None = None
    method: str | None = None
    status_code: int | None = None
    request: Message | None = None
    response: Message | None = None
    problem: Mapping[str, Json] = field(default_factory=dict)
    now: str | None = None


_Evaluate: TypeAlias = Callable[[Context], "Json | Missing"]


@final
@dataclass(frozen=True, slots=True)
class Template:
    """A JSON value with expressions in it.

    Attributes:
        source: As it stands in the document.
        is_constant: Whether there is no expression in it.
    """

    source: Json
    is_constant: bool
    _evaluate: _Evaluate

    def evaluate(self, context: Context) -> Json | Missing:
        """The value, or MISSING where the whole is an expression that has none.

        A string that is exactly an expression becomes its value, whatever the type; in a longer string each
        ``{expression}`` becomes text (strings as they are, else JSON), and one without value leaves the string
        without. Members and items without value are left out. Parts without expressions are shared: don't change them.
        """
        return self._evaluate(context)


def compile_template(value: Json) -> Template:
    """Compile a JSON value; expressions are sought in its strings, not in its member names.

    Raises:
        ExpressionError: A string, or a ``{…}`` in one, begins with ``$`` and is no expression.
    """
    evaluate = _compile(value)
    return Template(value, evaluate is None, evaluate or (lambda _: value))


def _compile(value: Json) -> _Evaluate | None:
    """None for a value without expressions."""
    if isinstance(value, str):
        return _compile_text(value)
    if isinstance(value, dict):
        members = {name: _compile(member) for name, member in value.items()}
        return _object(value, members) if any(members.values()) else None
    if isinstance(value, list):
        items = [_compile(item) for item in value]
        return _array(value, items) if any(items) else None
    return None


def _object(value: dict[str, Json], members: Mapping[str, _Evaluate | None]) -> _Evaluate:
    def evaluate(context: Context) -> Json:
        result = {}
        for name, compiled in members.items():
            member = compiled(context) if compiled else value[name]
            if member is not MISSING:
                result[name] = member
        return result

    return evaluate


def _array(value: list[Json], items: list[_Evaluate | None]) -> _Evaluate:
    def evaluate(context: Context) -> Json:
        found = [compiled(context) if compiled else value[index] for index, compiled in enumerate(items)]
        return [item for item in found if item is not MISSING]

    return evaluate


def _compile_text(text: str) -> _Evaluate | None:
    if text.startswith("$"):
        return _compile_expression(text)
    literals_and_expressions = _EMBEDDED.split(text)
    if len(literals_and_expressions) == 1:
        return None
    literals = literals_and_expressions[::2]
    expressions = [_compile_expression(expression) for expression in literals_and_expressions[1::2]]

    def evaluate(context: Context) -> Json | Missing:
        parts = [literals[0]]
        for expression, literal in zip(expressions, literals[1:], strict=True):
            value = expression(context)
            if value is MISSING:
                return MISSING
            parts += value if isinstance(value, str) else dump_json(value).decode(), literal
        return "".join(parts)

    return evaluate


def _compile_expression(text: str) -> _Evaluate:
    simple = _SIMPLE.get(text)
    if simple is not None:
        return simple
    scope, _, rest = text.partition(".")
    source, _, name = rest.partition(".")
    if scope == "$problem" and rest in PROBLEM_MEMBERS:
        return lambda context: context.problem.get(rest, MISSING)
    if scope in ("$request", "$response"):
        is_request = scope == "$request"
        if source == "header" and _HEADER_NAME.fullmatch(name):
            return _message(is_request, lambda message: message.headers.get(name.lower(), MISSING))
        if is_request and source == "path" and name:
            return _message(is_request, lambda message: message.path.get(name, MISSING))
        if is_request and source == "query" and name:
            return _message(is_request, lambda message: message.query.get(name, MISSING))
        body, _, pointer = rest.partition("#")
        if body == "body" and _POINTER.fullmatch(pointer):
            steps = tokens(pointer)
            return _message(is_request, lambda message: _find(message.body, steps))
        if rest in ("header", "path", "query") and (is_request or rest == "header"):
            raise ExpressionError(f"{text!r} names no {'header' if rest == 'header' else 'parameter'}: {text}.NAME")
    raise ExpressionError(f"{text!r} is no expression; {_nearest(text)}")


_SIMPLE: Final[Mapping[str, _Evaluate]] = {
    "$url": lambda context: MISSING if context.url is None else context.url,
    "$method": lambda context: MISSING if context.method is None else context.method,
    "$statusCode": lambda context: MISSING if context.status_code is None else context.status_code,
    "$now": lambda context: MISSING if context.now is None else context.now,
}


def _message(is_request: bool, read: Callable[[Message], Json | Missing]) -> _Evaluate:
    def evaluate(context: Context) -> Json | Missing:
        message = context.request if is_request else context.response
        return MISSING if message is None else read(message)

    return evaluate


def _find(value: Json | Missing, steps: tuple[str, ...]) -> Json | Missing:
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and _INDEX.fullmatch(step) and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def _nearest(text: str) -> str:
    form = _FORM.match(text)
    near = difflib.get_close_matches(form.group() if form else text, _FORMS, n=1, cutoff=0.0)
    return f"nearest: {near[0]}"
