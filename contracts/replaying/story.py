"""A conversation as commands for a shell: what a request took from an earlier answer, it takes from the one you get."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Final, final

from understudy.contracts.case import Exchange
from understudy.contracts.replaying.bindings import ETAG, LOCATION, Binding, bind, find_value
from understudy.contracts.replaying.curl import curl_words, is_stream, lay_out, shell_word
from understudy.contracts.secrecy.masking import MASK
from understudy.specs.pointers import JsonPointer, tokens

__all__ = ["Command", "tell"]

MAX_WAIT: Final = 120
"""Seconds."""

_PLAIN_KEY: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@final
@dataclass(frozen=True, slots=True)
class Command:
    """One request.

    Attributes:
        wait: Seconds before it, so that what takes its time has come as far as it had; 0 for none.
        words: The parts of the line with curl.
        captures: Lines that keep in variables what later requests take from the answer.
    """

    words: tuple[str, ...]
    captures: tuple[str, ...] = ()
    wait: int = 0

    @property
    def text(self) -> str:
        """All of it, over several lines where it is long."""
        return "\n".join(self._lines(lay_out(self.words)))

    @property
    def line(self) -> str:
        """All of it on one line, save newlines within a body."""
        return "; ".join(self._lines(" ".join(self.words)))

    def _lines(self, curl: str) -> tuple[str, ...]:
        return (*([f"sleep {self.wait}"] if self.wait else []), curl, *self.captures)


def tell(exchanges: Sequence[Exchange], bindings: Iterable[Binding], base_url: str) -> tuple[Command, ...]:
    """A command for each exchange of a conversation that has been redacted.

    Status and headers are shown (``-i``) with every answer of which nothing is kept; what is kept goes through
    ``answer1.json``, for `jq`.
    """
    bindings = [binding for binding in bindings if binding.step < len(exchanges)]
    names: dict[str, str] = {}
    commands = []
    for step, exchange in enumerate(exchanges):
        kept = [binding for binding in bindings if binding.step == step]
        command = _command(step, exchange, kept, names, base_url, [each.name for each in bindings])
        commands.append(replace(command, wait=_wait(exchanges[step - 1], exchange)) if step else command)
        for binding in kept:
            value = find_value(exchange.answer, binding.place) if exchange.answer else None
            if value is not None and MASK not in value:
                names[value] = binding.name
    return tuple(commands)


def _wait(before: Exchange, exchange: Exchange) -> int:
    """Seconds between two answers by the server's own clock; one second where the same is asked again."""
    if before.answer is None or exchange.answer is None:
        return 0
    try:
        first, second = (parsedate_to_datetime(each.header("date") or "") for each in (before.answer, exchange.answer))
        passed = int((second - first).total_seconds())
    except (ValueError, TypeError):
        passed = 0  # no dates, or one with a zone and one without
    same = before.case.method == exchange.case.method == "GET" and before.case.target == exchange.case.target
    is_polled = same and before.answer.body != exchange.answer.body
    return min(max(passed - 1, int(is_polled)), MAX_WAIT)


def _command(
    step: int,
    exchange: Exchange,
    kept: Sequence[Binding],
    names: dict[str, str],
    base_url: str,
    variables: Sequence[str],
) -> Command:
    body, head = f"answer{step + 1}.json", f"answer{step + 1}.head"
    in_head = any(binding.place in (ETAG, LOCATION) for binding in kept)
    stream = is_stream([exchange.answer.header("content-type") if exchange.answer else None])
    options = ["-i"] if not kept else ["-sS", f"-D {head}"] if in_head else ["-sS"]
    if exchange.case.method == "HEAD" and not kept:
        options = []
    words = curl_words(bind(exchange.case, names), base_url, stream=stream, options=options, variables=variables)
    if not kept:
        return Command(words)
    captures = tuple(f"{binding.name}=$({_reader(binding, head, body)})" for binding in kept)
    return Command((*words, f"| tee {body}"), captures)


def _reader(binding: Binding, head: str, body: str) -> str:
    match binding.place:
        case place if place == ETAG:
            return f"sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' {head} | tr -d '\\r'"
        case place if place == LOCATION:
            return f"sed -n 's/^[Ll]ocation: *//p' {head} | tr -d '\\r' | sed 's|[?#].*||; s|/*$||; s|.*/||'"
        case place:
            return f"jq -r {shell_word(_path(place))} {body}"


def _path(pointer: str) -> str:
    """``/items/0/a b`` → ``.items[0]["a b"]``; a number is taken for an index."""
    steps = []
    for token in tokens(JsonPointer(pointer)):
        if token.isdigit():
            steps.append(f"[{token}]")
        else:
            steps.append(f".{token}" if _PLAIN_KEY.fullmatch(token) else f"[{json.dumps(token)}]")
    return "." + "".join(steps).removeprefix(".")
