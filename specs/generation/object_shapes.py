"""Draw objects: required and optional members, free ones under new names, counts and dependencies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, final

from understudy.specs.documents.document import Json
from understudy.specs.generation.drawing import MAX_DEPTH, MAX_SIZE, Draw, Drawable, Drawing, Resting, Unsatisfied
from understudy.specs.generation.free_members import FreeMembers
from understudy.specs.generation.stocks import Stock
from understudy.specs.generation.totals import Total, find_totals, settle_total

__all__ = ["ObjectShape"]

CHANCE_OF_FREE: Final = 0.3


@final
@dataclass(frozen=True)
class ObjectShape:
    """Objects.

    Attributes:
        members: By name, in the order in which they are to appear.
        required: Names; each is in ``members``.
        low: Number of members; so ``high``, where None is without bound.
        needs: Name → names that must be there with it.
        kind: The same for objects of the same schemas; tells an object inside one of its own kind.
    """

    members: Mapping[str, Drawable]
    required: frozenset[str]
    free: FreeMembers
    low: int = 0
    high: int | None = None
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kind: str = ""

    def is_dead(self, levels: int) -> bool:
        """Whether the bounds exclude each other, or a required member has no value."""
        if self.high is not None and (self.low > self.high or len(self.required) > self.high):
            return True
        if not self.required <= self.members.keys():
            return True
        return levels > 0 and any(self.members[name].is_dead(levels - 1) for name in sorted(self.required))

    def draw(self, drawing: Drawing, depth: int) -> Json:
        """An object; optional members that have no value are left out."""
        drawing.grow(len(self.required) + 1)
        if depth >= MAX_DEPTH:
            raise Unsatisfied(f"required members are nested more than {MAX_DEPTH} deep")
        again = drawing.enter(self.kind)
        try:
            if self._is_plain:
                drawn = self._draw_plain(drawing, depth, again)
            else:
                drawn = self._draw_chosen(self._choose(drawing, depth, again), drawing, depth)
            self._draw_free(drawn, drawing, depth)
            for total in self._totals:
                value = settle_total(total, drawn)
                if value is not None and self.members[total[0]].accepts(value):
                    drawn[total[0]] = value
        finally:
            drawing.leave(self.kind)
        return drawn

    @cached_property
    def swift(self) -> Draw:
        """Each member in turn, as far as members don't depend on each other and none is free."""
        return self._draw_swiftly if self._is_bare else self.draw

    @cached_property
    def rests_on(self) -> tuple[Resting, ...] | None:
        """Its members, where they are all there is to it."""
        is_whole = self._is_bare and self.required <= self.members.keys()
        return tuple(self._stocks.get(name, member) for name, member in self.members.items()) if is_whole else None

    @cached_property
    def _is_bare(self) -> bool:
        return self._is_plain and not self.low and not self.free.is_invited and not self._totals

    def height(self, limit: int) -> int | None:
        """1 above the highest required member."""
        if limit < 1 or self.is_dead(0):
            return None
        highest = 0
        for name in self._closed_required:
            height = self.members[name].height(limit - 1) if name in self.members else None
            if height is None:
                return None
            highest = max(highest, height)
        return highest + 1

    def finite(self) -> tuple[Json, ...] | None:
        """Not known, but for the empty object."""
        return ({},) if self.high == 0 else None

    @cached_property
    def _closed_required(self) -> tuple[str, ...]:
        """What is required, and what that needs."""
        return tuple(self._with_needs(sorted(self.required)))

    @cached_property
    def _is_plain(self) -> bool:
        return self.high is None and not self.needs

    @cached_property
    def _plan(self) -> tuple[tuple[str, Drawable, bool, bool], ...]:
        """Each member with its name, whether it is required, and whether it is no scalar."""
        return tuple(
            (name, member, name in self.required, member.height(0) is None) for name, member in self.members.items()
        )

    @cached_property
    def _stocks(self) -> dict[str, Stock]:
        """Of the members that are no scalars."""
        return {name: Stock(member, self.kind, name) for name, member, _, is_nested in self._plan if is_nested}

    @cached_property
    def _totals(self) -> tuple[Total, ...]:
        return find_totals(self.members)

    def _with_needs(self, names: list[str]) -> dict[str, None]:
        found = dict.fromkeys(names)
        waiting = list(found)
        while waiting:
            for name in self.needs.get(waiting.pop(), ()):
                if name not in found:
                    found[name] = None
                    waiting.append(name)
        return found

    def _draw_plain(self, drawing: Drawing, depth: int, again: int) -> dict[str, Json]:
        drawn: dict[str, Json] = {}
        for name, member, is_required, is_nested in self._plan:
            if is_required:
                drawn[name] = _draw_required(name, member, drawing, depth)
            elif drawing.wants_optional(depth, again if is_nested else 0):
                try:
                    drawn[name] = member.draw(drawing, depth + 1)
                except Unsatisfied:
                    continue
                drawing.grow(1)
        return drawn

    def _draw_swiftly(self, drawing: Drawing, depth: int) -> Json:
        """See `swift`. How likely members are is reckoned once for the object, not for each of them."""
        if depth >= MAX_DEPTH:
            raise Unsatisfied(f"required members are nested more than {MAX_DEPTH} deep")
        draw_random = drawing.random.random
        plan, has_nested = self._swift_plan
        chance = nested_chance = drawing.open_object(depth, len(plan))
        if has_nested:
            nested_chance = chance * drawing.chance_of_again(drawing.enter(self.kind))
        drawn: dict[str, Json] = {}
        try:
            for name, draw, is_required, is_nested in plan:
                if is_required or draw_random() < (nested_chance if is_nested else chance):
                    try:
                        drawn[name] = draw(drawing, depth + 1)
                    except Unsatisfied as error:
                        if is_required:
                            error.trail.append(name)
                            raise
        finally:
            if has_nested:
                drawing.leave(self.kind)
        return drawn

    @cached_property
    def _swift_plan(self) -> tuple[tuple[tuple[str, Draw, bool, bool], ...], bool]:
        """As `_plan`, with how to draw each member; and whether one may hold another object of this kind."""
        plan = tuple(
            (name, self._stocks[name].draw if nested else member.swift, required, nested)
            for name, member, required, nested in self._plan
        )
        return plan, any(nested for _, _, _, nested in plan)

    def _choose(self, drawing: Drawing, depth: int, again: int) -> set[str]:
        """Names of the members to draw: the required ones, and optional ones with what they need."""
        chosen = set(self._closed_required)
        for name, _, _, is_nested in self._plan:
            if name not in chosen and drawing.wants_optional(depth, again if is_nested else 0):
                wanted = {*chosen, *self._with_needs([name])}
                if self.high is None or len(wanted) <= self.high:
                    chosen = wanted
        return chosen

    def _draw_chosen(self, chosen: set[str], drawing: Drawing, depth: int) -> dict[str, Json]:
        needed = set(self._closed_required)
        drawn: dict[str, Json] = {}
        dropped: set[str] = set()
        order = [*(name for name in self.members if name in chosen), *sorted(chosen - set(self.members))]
        for name in order:
            member = self.members.get(name) or self.free.member(name)
            if name in needed:
                if member is None:
                    raise Unsatisfied(f"{name!r} is required and not allowed")
                drawn[name] = _draw_required(name, member, drawing, depth)
                continue
            try:
                if member is None:
                    raise Unsatisfied("not allowed")
                drawn[name] = member.draw(drawing, depth + 1)
            except Unsatisfied:
                dropped.add(name)
        drawing.grow(len(drawn))
        while dropped:
            lost = dropped.pop()
            dropped |= {name for name in drawn if lost in self.needs.get(name, ())}
            for name in dropped:
                drawn.pop(name, None)
        return drawn

    def _draw_free(self, drawn: dict[str, Json], drawing: Drawing, depth: int) -> None:
        """Add optional members until there are enough, then free ones, and some where the schema invites them."""
        if len(drawn) < self.low:
            self._draw_more(drawn, drawing, depth)
        wanted = self.low
        if self.free.is_invited and not drawing.hastens(depth):
            if not self.members:
                wanted = max(wanted, 1 + int(drawing.random.random() * 2))
            elif drawing.random.random() < CHANCE_OF_FREE:
                wanted = max(wanted, len(drawn) + 1)
        if self.high is not None:
            wanted = min(wanted, self.high)
        if wanted > MAX_SIZE:
            raise Unsatisfied(f"{wanted:,} members are more than the {MAX_SIZE:,} that are drawn")
        while len(drawn) < wanted:
            try:
                name = self.free.draw_name(drawing, drawn)
                member = self.free.member(name)
                if member is None or name in self.needs:
                    raise Unsatisfied(f"{name!r} is not allowed")
                drawn[name] = member.draw(drawing, depth + 1)
            except Unsatisfied as error:
                if len(drawn) >= self.low:
                    return
                error.trail.append("a free member")
                raise
            drawing.grow(1)

    def _draw_more(self, drawn: dict[str, Json], drawing: Drawing, depth: int) -> None:
        for name in self.members:
            if len(drawn) >= self.low:
                return
            missing = [need for need in self._with_needs([name]) if need not in drawn]
            if not missing or (self.high is not None and len(drawn) + len(missing) > self.high):
                continue
            try:
                found = {need: self.members[need].draw(drawing, depth + 1) for need in missing if need in self.members}
            except Unsatisfied:
                continue
            if len(found) == len(missing):
                drawn.update(found)


def _draw_required(name: str, member: Drawable, drawing: Drawing, depth: int) -> Json:
    try:
        return member.draw(drawing, depth + 1)
    except Unsatisfied as error:
        error.trail.append(name)
        raise
