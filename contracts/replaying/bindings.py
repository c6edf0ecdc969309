"""What requests took from the answers before them, by name: to send them again, take it from the answers you get.

Keys of records, entity tags and cursors are others in every run. A value that a request has is bound to the first
answer that had it, unless an earlier request had it already: then we made it up, and it may stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, final
from urllib.parse import quote, unquote, unquote_plus

from understudy.contracts.case import Answer, Case, Exchange
from understudy.contracts.secrecy.masking import MASK
from understudy.specs.documents.document import Json
from understudy.specs.member_names import singular
from understudy.specs.pointers import JsonPointer, child, tokens
from understudy.specs.wire.json_bodies import MalformedJson, load_json

__all__ = [
    "ETAG",
    "LOCATION",
    "Binding",
    "bind",
    "fill",
    "find_bindings",
    "find_given",
    "find_value",
    "token_of",
    "values_of",
]

MAX_LEAVES: Final = 5_000
LOCATION, ETAG = "header location", "header etag"
"""Places in an answer's head: the last segment of `Location`, and the whole entity tag."""

_IDENTIFIES: Final = re.compile(r"(?:^|[a-z_-])(?:[Ii][Dd]|ID|[Kk]ey|[Uu]uid|UUID|[Ss]lug|[Tt]oken|[Cc]ursor)$")
_TRACEABLE: Final = re.compile(r"(?=.*[0-9]).{6,}", re.DOTALL)
"""Text that no two answers share by chance."""
_GENERIC: Final = frozenset({"ID", "KEY", "NAME", "SLUG", "UUID"})
_RESERVED: Final = re.compile(
    r"PATH|HOME|IFS|ENV|PS[0-9]|E?UID|PPID|(?:OLD)?PWD|SHELL|USER|TERM|LANG|(?:LC|LD|DYLD|BASH|CURL|SSL)_.*|.*_PROXY|BASH.*"
)
"""Variables that mean something to a shell, or to what it runs."""
_UNBOUND: Final = frozenset({"accept", "accept-encoding", "content-type", "content-length", "host", "user-agent"})
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*+)"')


@final
@dataclass(frozen=True, slots=True)
class Binding:
    """A value of an answer that later requests have.

    Attributes:
        name: Of a shell variable, without the ``$``: ``TICKET_ID``.
        step: Whose answer it is, from 0.
        place: A JSON Pointer into the body, `LOCATION` or `ETAG`.
    """

    name: str
    step: int
    place: str


def find_bindings(exchanges: Sequence[Exchange]) -> tuple[tuple[Binding, str], ...]:
    """What the requests of a conversation took from its answers, each with its value, in the order of the answers."""
    wanted = [dict.fromkeys(values_of(exchange.case)) for exchange in exchanges]
    parameters = {value: name for exchange in exchanges for value, name in _path_parameters(exchange.case)}
    found: dict[str, Binding] = {}
    sent: set[str] = set()
    for step, exchange in enumerate(exchanges):
        sent.update(wanted[step])
        later = {value for values in wanted[step + 1 :] for value in values} - sent - found.keys()
        if not later or exchange.answer is None:
            continue
        for place, value in _leaves(exchange.answer):
            if (
                value in later
                and value not in found
                and MASK not in value
                and (_identifies(place) or _TRACEABLE.fullmatch(value))
            ):
                word = _upper(parameters.get(value) or _member(place))
                found[value] = Binding(_name(word, exchange.case, found.values()), step, place)
    return tuple((binding, value) for value, binding in found.items())


def find_given(exchange: Exchange) -> Iterator[str]:
    """What an answer identifies records by, and its request didn't: keys, tokens, entity tags."""
    if exchange.answer is not None:
        sent = set(values_of(exchange.case))
        yield from (value for place, value in _leaves(exchange.answer) if _identifies(place) and value not in sent)


def find_value(answer: Answer, place: str) -> str | None:
    """What stands at a place of an answer, as text; None where nothing does."""
    return next((value for each, value in _leaves(answer) if each == place), None)


def bind(case: Case, names: Mapping[str, str]) -> Case:
    """The case with ``$NAME`` for each value: a whole path segment, query value, header or string of a JSON body.

    Args:
        names: By value. A value that would be written otherwise where it stands is left as it is.
    """
    if not names:
        return case
    path, mark, query = case.target.partition("?")
    path = "/".join(_shown(segment, unquote(segment), names) for segment in path.split("/"))
    pairs = [pair.partition("=") for pair in query.split("&")]
    query = "&".join(f"{name}{equals}{_shown(value, unquote_plus(value), names)}" for name, equals, value in pairs)
    headers = tuple((name, _bound_header(name, value, names)) for name, value in case.headers)
    return replace(case, target=path + mark + query, headers=headers, body=_bound_body(case.body, names))


def fill(case: Case, values: Mapping[str, str]) -> Case:
    """The case with values in place of ``$NAME``.

    Args:
        values: By name.
    """
    names = [name for name in values if f"${name}".encode() in b"\n".join(_octets(case))]
    for name in sorted(names, key=len, reverse=True):
        mark, value = f"${name}", values[name]
        case = replace(
            case,
            target=case.target.replace(mark, quote(value, safe="")),
            headers=tuple((header, text.replace(mark, value)) for header, text in case.headers),
            body=case.body.replace(mark.encode(), value.encode()) if case.body else case.body,
        )
    return case


def _octets(case: Case) -> Iterator[bytes]:
    yield case.target.encode("utf-8", "replace")
    yield from (value.encode("utf-8", "replace") for _, value in case.headers)
    yield case.body or b""


def token_of(name: str, value: str) -> str:
    """What of a header's value may be of an answer: a credential without its scheme, else all of it."""
    return value.partition(" ")[2] if name.lower().endswith("authorization") and " " in value else value


def _shown(written: str, value: str, names: Mapping[str, str]) -> str:
    return f"${names[value]}" if value in names and quote(value, safe="") == value else written


def _bound_header(name: str, value: str, names: Mapping[str, str]) -> str:
    token = token_of(name, value)
    return value.removesuffix(token) + f"${names[token]}" if token in names else value


def _bound_body(body: bytes | None, names: Mapping[str, str]) -> bytes | None:
    """Strings of JSON that are a value and need no escapes; a variable in them is expanded inside its quotes."""
    if not body:
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    if text.lstrip()[:1] not in ("{", "[", '"'):
        return body
    return _STRING.sub(lambda match: f'"${names[match[1]]}"' if match[1] in names else match[0], text).encode()


def values_of(case: Case) -> Iterator[str]:
    """Everything in a request that it may have from an answer."""
    path, _, query = case.target.partition("?")
    yield from (unquote(segment) for segment in path.split("/") if segment)
    yield from (unquote_plus(pair.partition("=")[2]) for pair in query.split("&"))
    yield from (token_of(name, value) for name, value in case.headers if name.lower() not in _UNBOUND)
    if case.body:
        yield from (value for _, value in _members(case.body))


def _leaves(answer: Answer) -> Iterator[tuple[str, str]]:
    yield from _members(answer.body)
    if location := answer.header("location"):
        yield LOCATION, unquote(location.partition("?")[0].rstrip("/").rpartition("/")[2])
    if etag := answer.header("etag"):
        yield ETAG, etag


def _members(body: bytes) -> Iterator[tuple[JsonPointer, str]]:
    """Strings and whole numbers of a JSON body, those of the outer values first."""
    try:
        waiting: list[tuple[JsonPointer, Json]] = [(JsonPointer(""), load_json(body))]
    except MalformedJson:
        return
    for place, value in waiting:
        if len(waiting) > MAX_LEAVES:
            return
        if isinstance(value, dict):
            waiting += [(child(place, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            waiting += [(child(place, index), item) for index, item in enumerate(value)]
        elif isinstance(value, (str, int)) and not isinstance(value, bool) and value != "":
            yield place, str(value)


def _is_telling(place: str, value: str) -> bool:
    """Whether a value isn't the same as another by chance."""
    return MASK not in value and (_identifies(place) or _TRACEABLE.fullmatch(value) is not None)


def _identifies(place: str) -> bool:
    return place in (LOCATION, ETAG) or _IDENTIFIES.search((tokens(JsonPointer(place)) or [""])[-1]) is not None


def _path_parameters(case: Case) -> Iterator[tuple[str, str]]:
    """Value and name of each parameter that is a whole segment of the path."""
    template, path = case.operation.partition(" ")[2].split("/"), case.target.partition("?")[0].split("/")
    if len(template) == len(path):
        pairs = zip(template, path, strict=True)
        yield from ((unquote(text), part[1:-1]) for part, text in pairs if part[:1] == "{" and part[-1:] == "}")


def _member(place: str) -> str:
    """What a place is called: the last name in a pointer that is no index."""
    if place in (LOCATION, ETAG):
        return "etag" if place == ETAG else "id"
    return next((token for token in reversed(tokens(JsonPointer(place))) if not token.isdigit()), "id")


def _name(word: str, case: Case, taken: Iterable[Binding]) -> str:
    """``ID`` of an answer of ``POST /tickets`` → ``TICKET_ID``; with a number where that is taken."""
    if word in _GENERIC:
        literals = [part for part in case.operation.partition(" ")[2].split("/") if part and "{" not in part]
        noun = _upper(singular(literals[-1])) if literals else word
        word = f"{noun}_{word}" if noun != word else word
    word = f"{word}_VALUE" if _RESERVED.fullmatch(word) else word
    names = {each.name for each in taken}
    numbered = (f"{word}_{number}" for number in range(2, len(names) + 3))
    return word if word not in names else next(each for each in numbered if each not in names)


def _upper(text: str) -> str:
    word = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)).strip("_").upper()
    return word if word[:1].isalpha() else f"V_{word}".rstrip("_")
