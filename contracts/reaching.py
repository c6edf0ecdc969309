"""Reach an operation with a request that is accepted: where its values name nothing, a record is made."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, final
from urllib.parse import unquote

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.probing import Subject, Told, accepted, ask
from understudy.contracts.requests.composer import Composer, Draft, Uncomposable
from understudy.contracts.sending.minted_keys import key_names, minted_keys
from understudy.contracts.sending.transport import Unsendable
from understudy.specs.documents.document import Json
from understudy.specs.model import Location, Operation, Parameter
from understudy.specs.path_templates import bare_path, parse_template

__all__ = ["Control", "below", "make_record", "reach"]

MAX_LEVELS: Final = 3
"""A record in a record in a record."""

_NAMES_NOTHING: Final = frozenset({404, 410})

Values = dict[tuple[Location, str], Json]


@final
@dataclass(frozen=True, slots=True)
class Control:
    """A request in good order, and how it was answered.

    Attributes:
        draft: With the values that were sent.
        before: The requests that made what it is about; empty where nothing had to be made.
    """

    draft: Draft
    exchange: Exchange
    before: tuple[Exchange, ...] = ()

    @property
    def case(self) -> Case:
        """What was sent, credentials and all."""
        return self.exchange.case


def reach(subject: Subject, draft: Draft) -> Generator[Case | Told, Exchange | None, Control]:
    """Send a draft; where it names what isn't there, make that, and send it again.

    Raises:
        Uncomposable: It can't be written.
    """
    exchange = yield from ask(subject.dress(subject.composer.write(draft, Mode.POSITIVE, Phase.PROBES)))
    if exchange.answer is None or exchange.answer.status not in _NAMES_NOTHING:
        return Control(draft, exchange)
    made = yield from make_record(subject)
    if made is None:
        return Control(draft, exchange)
    before, values = made
    draft = replace(draft, values={**draft.values, **values})
    again = yield from ask(subject.dress(subject.composer.write(draft, Mode.POSITIVE, Phase.PROBES)))
    return Control(draft, again, before)


def make_record(
    subject: Subject,
) -> Generator[Case | Told, Exchange | None, tuple[tuple[Exchange, ...], Values] | None]:
    """Make what an operation's path names, what it lies in included.

    Returns:
        What was sent, and the path's values; None where nothing could be made.
    """
    before: list[Exchange] = []
    values: Values = {}
    names = _path_parameters(subject.operation)
    for prefix, parameter in names[:MAX_LEVELS]:
        creator = _find_creator(subject, prefix)
        if creator is None:
            return None
        exchange = yield from _create(subject, creator, values)
        if exchange is None or not accepted(exchange):
            return None
        before.append(exchange)
        key = _key_of(exchange, creator, prefix)
        if not key:
            return None
        values[Location.PATH, parameter] = _typed(subject.operation, parameter, key)
    return (tuple(before), values) if names and len(names) <= MAX_LEVELS else None


def _create(
    subject: Subject, creator: Operation, values: Mapping[tuple[Location, str], Json]
) -> Generator[Case | Told, Exchange | None, Exchange | None]:
    composer = Composer(creator, f"for {subject.operation.label}")
    try:
        draft = composer.draft()
        known = {key: value for key, value in values.items() if key in draft.values}
        draft = replace(draft, values={**draft.values, **known}, note=f"make what {subject.operation.method} needs")
        return (yield from ask(subject.dress(composer.write(draft, Mode.POSITIVE, Phase.PROBES))))
    except (Uncomposable, Unsendable):
        return None


def _path_parameters(operation: Operation) -> list[tuple[str, str]]:
    """Each path that ends in a parameter, with the parameter's name: ``/a/{b}``, ``/a/{b}/c/{d}``."""
    found = []
    texts = bare_path(operation.path).removeprefix("/").split("/")
    for index, segment in enumerate(parse_template(operation.path)):
        if segment.names and segment.is_whole:
            found.append(("/" + "/".join(texts[: index + 1]), segment.names[0]))
    return found


def _find_creator(subject: Subject, prefix: str) -> Operation | None:
    """The POST to the collection, or else the PUT of the record itself."""
    collection = _shape(prefix.rpartition("/")[0])
    operations = subject.api.operations
    posts = (each for each in operations if each.method == "POST" and _shape(each.path) == collection)
    puts = (each for each in operations if each.method == "PUT" and _shape(each.path) == _shape(prefix))
    return next(posts, None) or next(puts, None)


def _shape(path: str) -> tuple[str, ...]:
    """A path without the names of its parameters, which may differ from one to the other."""
    return tuple("{}" if part.startswith("{") else part for part in path.strip("/").split("/"))


def below(
    subject: Subject, made: Control, tails: frozenset[str], method: str = "GET"
) -> Iterator[tuple[Operation, Case]]:
    """Requests to the record that a POST has made, and to what lies below it.

    Args:
        tails: What may follow the record's path, without slash; ``""`` is the record itself.
    """
    creator = subject.operation
    above = creator.path.rstrip("/") + "/"
    for getter in subject.api.operations:
        name, _, tail = getter.path.removeprefix(above).partition("/")
        if getter.method != method or not getter.path.startswith(above) or name[:1] != "{" or tail not in tails:
            continue
        key = _key_of(made.exchange, creator, above + name)
        try:
            composer = Composer(getter, f"for {creator.label}")
            draft = composer.draft()
            values = {
                **draft.values,
                **{each: made.draft.values[each] for each in draft.values if each in made.draft.values},
            }
            values[Location.PATH, name[1:-1]] = _typed(getter, name[1:-1], key)
            if key:
                yield getter, subject.dress(composer.write(replace(draft, values=values), Mode.POSITIVE, Phase.PROBES))
        except Uncomposable:
            continue


def _key_of(exchange: Exchange, creator: Operation, prefix: str) -> str:
    answer, case = exchange.answer, exchange.case
    if answer is None:
        return ""
    if creator.method == "PUT":
        return unquote(case.target.partition("?")[0].rpartition("/")[2])
    if location := answer.header("location"):
        return unquote(location.partition("?")[0].rstrip("/").rpartition("/")[2])
    return next(iter(minted_keys(case, answer, key_names(creator.path, [parse_template(prefix)]))), "")


def _typed(operation: Operation, name: str, key: str) -> Json:
    """A key as its parameter has it: a number where the document says so."""
    parameter = next((each for each in operation.parameters if _is_path(each, name)), None)
    raw = parameter.schema.target.raw if parameter and parameter.schema else None
    is_number = isinstance(raw, dict) and raw.get("type") == "integer"
    return int(key) if is_number and key.isdigit() and key.isascii() and len(key) < 20 else key


def _is_path(parameter: Parameter, name: str) -> bool:
    return parameter.location is Location.PATH and parameter.name == name
