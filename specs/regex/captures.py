"""Spell out the backreferences of an expression: `(['"]).*\\1` becomes `'.*'|".*"`."""

from __future__ import annotations

from typing import Final

from understudy.specs.generation.chance import Chance
from understudy.specs.generation.language_strings import MAX_DRAWN, LanguageStrings
from understudy.specs.regex.language import Reach, language_of
from understudy.specs.regex.languages import Algebra
from understudy.specs.regex.parser import RegexUnsupported
from understudy.specs.regex.tree import Alternation, Backreference, Chars, Group, Look, Regex, Repeat, Sequence

__all__ = ["spell_captures"]

MAX_TEXTS: Final = 8


def spell_captures(regex: Regex) -> Regex:
    """The expression with a few captured texts in place of each group that is referred to: a part of what it matches.

    Raises:
        RegexUnsupported: A reference to no group, or to one that cannot be drawn from.
    """
    group = _find_captured(regex)
    if group is None:
        return regex
    algebra = Algebra()
    strings = LanguageStrings(algebra, language_of(spell_captures(group.item), algebra, Reach.WHOLE), 0, MAX_DRAWN)
    if not strings:
        return Chars(())
    random = Chance("captures")
    texts = dict.fromkeys(strings.draw(random) for _ in range(MAX_TEXTS))
    spelled = tuple(_spell(regex, group, Sequence(tuple(Chars(((ord(c), ord(c)),)) for c in text))) for text in texts)
    return spell_captures(Alternation(spelled) if len(spelled) > 1 else spelled[0])


def _find_captured(root: Regex) -> Group | None:
    """The first group that a backreference names; None when there is no backreference."""
    parts = _parts(root)
    for part in parts:
        if isinstance(part, Backreference):
            for group in parts:
                if isinstance(group, Group) and part.group in (group.number, group.name):
                    if part in _parts(group.item):
                        raise RegexUnsupported(f"a backreference to {part.group!r} inside that group")
                    return group
            raise RegexUnsupported(f"a backreference to {part.group!r}, which is no group")
    return None


def _parts(root: Regex) -> list[Regex]:
    found: list[Regex] = [root]
    for part in found:
        match part:
            case Sequence(items):
                found.extend(items)
            case Alternation(options):
                found.extend(options)
            case Group(item) | Repeat(item, _, _) | Look(item, _, _):
                found.append(item)
    return found


def _spell(regex: Regex, group: Group, text: Regex) -> Regex:
    """The expression with a text in place of a group and of the references to it."""
    match regex:
        case Group(item, number, name):
            return text if regex == group else Group(_spell(item, group, text), number, name)
        case Backreference(named):
            return text if named in (group.number, group.name) else regex
        case Sequence(items):
            return Sequence(tuple(_spell(item, group, text) for item in items))
        case Alternation(options):
            return Alternation(tuple(_spell(option, group, text) for option in options))
        case Repeat(item, low, high):
            return Repeat(_spell(item, group, text), low, high)
        case Look(item, behind, negative):
            return Look(_spell(item, group, text), behind, negative)
        case _:
            return regex
