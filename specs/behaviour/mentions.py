"""How an expression is written: which parts of its names it mentions, so that it is bound to nothing else; how deep it
nests."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Final, TypeAlias

from understudy.specs.documents.document import Json

__all__ = ["Mentions", "is_handed_over", "is_optional", "macro_names", "mentions_of", "nesting", "only"]

Mentions: TypeAlias = Mapping[str, "Mentions"] | None
"""Member → what is mentioned of it; None is all there is."""

_MACRO: Final = re.compile(r"\.(?:all|exists|exists_one|filter|map)\s*\(\s*(\w+)\s*,")
_CHAIN: Final = re.compile(r"((?:\.[A-Za-z_]\w*(?!\w|\s*\())*)(\s*,\s*'([^'\\]*)')?")


def mentions_of(source: str, name: str) -> Mentions:
    """What an expression mentions of a name: ``request.body.id`` and ``get(request.body, 'id', …)`` mention one member.

    A text that merely looks like it only makes more of it.
    """
    found: dict[str, dict[str, Json] | None] = {}
    for match in re.finditer(rf"(?<![\w.'\"])(get\(\s*)?{re.escape(name)}\b", source):
        chain = _CHAIN.match(source, match.end())
        path = chain.group(1).split(".")[1:] if chain is not None else []
        if match.group(1) and chain is not None and chain.group(2):
            path.append(chain.group(3))
        if not path:
            return None
        _add(found, path)
    return found or None


def only(value: Json, mentions: Mentions) -> Json:
    """A value without the members that aren't mentioned; what is no object is left as it is."""
    if mentions is None or not isinstance(value, Mapping):
        return value
    return {name: only(item, mentions[name]) for name, item in value.items() if name in mentions}


def is_optional(source: str, name: str) -> bool:
    """Whether an expression says what it is without a name: ``name == null`` or ``get(name, …, otherwise)``."""
    return bool(re.search(rf"(?<![\w.'\"])(?:{name}\s*[!=]=\s*null\b|(?<=get\()\s*{name}\s*,)", source))


def is_handed_over(source: str, name: str, functions: Collection[str]) -> bool:
    """Whether an expression does nothing with a name but give it to functions as what they are about."""
    name = re.escape(name)
    handed = rf"(?<![\w.'\"])(?:{'|'.join(functions)})\(\s*{name}\s*(?=[,)])"
    return len(re.findall(handed, source)) == len(re.findall(rf"\b{name}\b", source)) > 0


def macro_names(source: str) -> frozenset[str]:
    """The names that comprehension macros give to items."""
    return frozenset(_MACRO.findall(source))


def nesting(source: str) -> int:
    """How deep comprehension macros stand inside each other's parentheses."""
    starts = {source.index("(", match.start()) for match in _MACRO.finditer(source)}
    deepest, stack = 0, []
    quote = ""
    for index, character in enumerate(source):
        if quote:
            quote = "" if character == quote and source[index - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            stack.append(index in starts)
            deepest = max(deepest, sum(stack))
        elif character == ")" and stack:
            stack.pop()
    return deepest


def _add(found: dict[str, Json], path: list[str]) -> None:
    name, *rest = path
    if not rest:
        found[name] = None
    elif name not in found:
        found[name] = {}
        _add(found[name], rest)
    elif found[name] is not None:
        _add(found[name], rest)
