"""Delete what a run has made: by the document's own DELETE, with the headers of the request that made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Final, final
from urllib.parse import quote, unquote_to_bytes, urlsplit

from understudy.contracts.case import Case, Exchange, Mode, Phase
from understudy.contracts.sending.minted_keys import key_names, minted_keys
from understudy.contracts.sending.transport import Unsendable
from understudy.contracts.wording import count
from understudy.specs.model import Api, Location, Operation
from understudy.specs.path_templates import Segment, parse_template

__all__ = ["Tidier"]

MAX_MADE: Final = 5_000
"""Records that are remembered; more are only counted."""

_GONE: Final = frozenset({404, 410})
_OF_CONTENT: Final = frozenset({"content-type", "content-length", "content-encoding", "idempotency-key", "accept"})


@final
class Tidier:
    """Learns from exchanges what was made, and deletes it, the last first.

    Args:
        base_path: Of the target's base URL, which `Location` may repeat.
    """

    def __init__(self, api: Api, base_path: str) -> None:
        self._api = api
        self._base_path = base_path
        self._templates = {each.label: parse_template(each.path) for each in api.operations}
        self._deletes = [each for each in api.operations if each.method == "DELETE"]
        self._made: dict[str, Exchange] = {}
        self._left: Counter[str] = Counter()

    def learn(self, exchange: Exchange) -> None:
        """Note what an exchange has made or deleted."""
        answer, case = exchange.answer, exchange.case
        if answer is None or not (200 <= answer.status < 300 or answer.status in _GONE):
            return
        path = case.target.partition("?")[0]
        if case.method == "DELETE":
            self._made.pop(path, None)
            return
        if answer.status not in _GONE:
            for made in self._paths(exchange, path):
                if len(self._made) < MAX_MADE:
                    self._made.setdefault(made, exchange)
                else:
                    self._left[case.operation] += 1

    def tidy(self, send: Callable[[Case], Exchange], is_over: Callable[[], bool]) -> None:
        """Delete what is left of it, as long as there is time."""
        for path, maker in reversed(list(self._made.items())):
            if is_over():
                return
            case = self._deletion(path, maker)
            if case is not None:
                with suppress(Unsendable):
                    self.learn(send(case))

    def notes(self) -> Iterator[str]:
        """What is left behind, by the operation that made it."""
        left = self._left + Counter(exchange.case.operation for exchange in self._made.values())
        for label, number in left.items():
            yield f"{label}: {count(number, 'record')} made by the test and not deleted again"

    def _paths(self, exchange: Exchange, path: str) -> Iterator[str]:
        """The paths of what an exchange made, as far as a DELETE or a GET of the document has such a path."""
        answer, case = exchange.answer, exchange.case
        assert answer is not None
        found: list[str] = []
        if case.method == "PUT" and answer.status == 201:
            found.append(path)
        if case.method == "POST":
            names = self._names_of_keys(case.operation)
            found += [f"{path.rstrip('/')}/{quote(key, safe='')}" for key in minted_keys(case, answer, names)]
            if not found and (location := answer.header("location")):
                found.append(urlsplit(location).path.removeprefix(self._base_path))
        yield from (each for each in found if self._is_item(each))

    def _names_of_keys(self, label: str) -> frozenset[tuple[str, ...]]:
        operation = self._api.find_operation(label)
        return key_names(operation.path, self._templates.values()) if operation is not None else frozenset()

    def _is_item(self, path: str) -> bool:
        return any(template[-1].names and _fits(template, path) for template in self._templates.values() if template)

    def _deletion(self, path: str, maker: Exchange) -> Case | None:
        """The request that deletes a record; None where no operation does, or it needs what the maker hadn't."""
        headers = tuple(pair for pair in maker.case.headers if pair[0].lower() not in _OF_CONTENT)
        query = maker.case.target.partition("?")[2]
        for operation in self._deletes:
            if _fits(self._templates[operation.label], path) and _is_told(operation, dict(headers), query):
                target = f"{path}?{query}" if _takes_query(operation) and query else path
                note = "clean up"
                return Case(operation.label, "DELETE", target, headers, None, Mode.POSITIVE, Phase.PROBES, note)
        return None


def _fits(template: tuple[Segment, ...], path: str) -> bool:
    """Whether a path is one of a template's."""
    texts = path.removeprefix("/").split("/")
    return len(texts) == len(template) and all(map(_captures, template, texts))


def _captures(segment: Segment, text: str) -> bool:
    return unquote_to_bytes(text) == segment.literals[0] if segment.is_literal else segment.capture(text) is not None


def _takes_query(operation: Operation) -> bool:
    return any(each.required and each.location is Location.QUERY for each in operation.parameters)


def _is_told(operation: Operation, headers: Mapping[str, str], query: str) -> bool:
    """Whether what made a record says all that an operation needs besides its path."""
    names = {name.lower() for name in headers}
    asked = {pair.partition("=")[0] for pair in query.split("&")}
    needed = [each for each in operation.parameters if each.required]
    return all(
        each.location is Location.PATH
        or (each.location is Location.HEADER and each.name.lower() in names)
        or (each.location is Location.QUERY and each.name in asked)
        for each in needed
    )
