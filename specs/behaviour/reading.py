"""Read declarations of behaviour from `x-understudy`: raw members to resources and actions, compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, final

from understudy.specs.behaviour.declarations import (
    Action,
    Credential,
    Needs,
    Order,
    Page,
    Parent,
    Reading,
    Requirement,
    Resource,
    Verb,
)
from understudy.specs.behaviour.jobs import Job, State, find_fault, seconds_of
from understudy.specs.behaviour.values import Value, compile_value
from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.expressions import ExpressionError
from understudy.specs.pointers import JsonPointer
from understudy.specs.problems import ProblemKind
from understudy.specs.schemas.schema import Schema, SchemaSpace

__all__ = ["BehaviourReader"]

T = TypeVar("T")


@final
class BehaviourReader:
    """The document's resources, read once, and the actions that name them.

    Args:
        resources: The node of `resources`; None when the document declares none.

    Raises:
        UnsupportedKeyword: A value that isn't one, a resource that isn't declared, a circle of parents.
    """

    def __init__(self, space: SchemaSpace, resources: Node | None) -> None:
        self._space = space
        self._nodes = {} if resources is None else {name: resources.member(name) for name in resources.value}
        self._reading: list[str] = []
        self.resources: dict[str, Resource] = {}
        for name in self._nodes:
            self._resource(name, self._nodes[name])

    def action(self, node: Node, above: frozenset[str] = frozenset()) -> Action:
        """The action under a node.

        Args:
            above: Names that the action it belongs to gives.
        """
        raw = node.value
        verb = next(verb for verb in Verb if verb.value in raw)
        names, reading = above, dict[str, Reading]()
        for name, each in node.members("with"):
            reading[name] = self._reading_of(each, names, reading)
            names |= {name}
        if "each" in raw:
            self._check_each(node, verb)
            names |= {"item"}
        if "each" in raw or verb is Verb.UPSERT:
            names |= {"counts"}
        let, told = {}, frozenset({"request"})
        for name, each in node.members("let"):
            let[name] = self._value(each, names)
            names |= {name}
            if let[name].mentions_only(told):
                told |= {name}
        default = "" if verb in (Verb.CREATE, Verb.UPDATE, Verb.MERGE, Verb.REPLACE, Verb.UPSERT) else False
        body = raw.get("body", default)
        return Action(
            verb=verb,
            resource=self._resource(raw[verb.value], node.member(verb.value)),
            key=self._optional(node, "key", names),
            find=self._values(node, "find", names),
            each=self._optional(node, "each", names),
            of=self._optional(node, "of", names),
            schema=self._schema(node),
            optional=raw.get("optional") is True,
            body=JsonPointer(body) if body is not False else None,
            rename=raw.get("rename", {}),
            set=self._values(node, "set", names),
            append=self._values(node, "append", names),
            add=self._values(node, "add", names),
            require=tuple(self._requirement(each, names, reading, told) for each in node.items("require")),
            derived=self._values(node, "derived", names),
            where=self._optional(node, "where", names),
            order=_order(raw.get("order", ())),
            page=self._page(node.member("page"), names) if "page" in raw else None,
            items=JsonPointer(raw["items"]) if "items" in raw else None,
            answer=self._values(node, "answer", names),
            headers=self._values(node, "headers", names),
            reading=reading,
            let=let,
            text=self._optional(node, "text", names),
            also=tuple(self.action(each, names) for each in node.items("also")),
        )

    def _resource(self, name: str, source: Node) -> Resource:
        if name in self.resources:
            return self.resources[name]
        node = self._nodes.get(name)
        if node is None:
            known = ", ".join(self._nodes) or "none"
            raise self._refused(source, f"no resource {name!r} is declared at the document's root; there: {known}")
        if name in self._reading:
            raise self._refused(source, f"resource {name!r} is its own ancestor: {' → '.join([*self._reading, name])}")
        self._reading.append(name)
        raw = node.value
        parent = None
        if "parent" in raw:
            above = self._resource(raw["parent"]["resource"], node.member("parent", "resource"))
            parent = Parent(above, self._value(node.member("parent", "key"), frozenset()))
        resource = Resource(
            name=name,
            key=raw.get("key", ""),
            schema=self._schema(node),
            scope=tuple(self._value(each, frozenset()) for each in node.items("scope")),
            parent=parent,
            singleton=raw.get("singleton") is True,
            expires=raw.get("expires"),
            order=_order(raw.get("order", ())),
            defaults=self._values(node, "defaults", frozenset()),
            job=self._job(node.member("job")) if "job" in raw else None,
            derived=self._values(node, "derived", frozenset()),
            credential=self._credential(node, name) if "credential" in raw else None,
            seed=tuple(raw.get("seed", ())),
            seed_scope=tuple(raw["seedScope"]) if "seedScope" in raw else None,
        )
        self._reading.pop()
        if resource.seed_scope is not None and len(resource.seed_scope) != _scope_length(resource):
            reason = f"seedScope has {len(resource.seed_scope)} values, the scope {_scope_length(resource)}"
            raise self._refused(node, reason)
        self.resources[name] = resource
        return resource

    def _requirement(
        self, node: Node, names: frozenset[str], reading: Mapping[str, Reading], told: frozenset[str]
    ) -> Requirement:
        rule = self._value(node.member("rule"), names)
        of_record = [name for name, each in reading.items() if each.is_of_record]
        if any(rule.mentions(name) for name in ("record", "item", *of_record)):
            needs = Needs.RECORD
        else:
            needs = Needs.REQUEST if rule.mentions_only(told) else Needs.RECORDS
        return Requirement(rule, ProblemKind(node.value["problem"]), node.value["detail"], needs)

    def _reading_of(self, node: Node, names: frozenset[str], before: Mapping[str, Reading]) -> Reading:
        raw = node.value
        key = self._optional(node, "key", names)
        of_record = ("record", *(name for name, each in before.items() if each.is_of_record))
        return Reading(
            self._resource(raw["resource"], node),
            key,
            self._optional(node, "of", names),
            tuple(raw["members"]) if "members" in raw else None,
            key is not None and any(key.mentions(name) for name in of_record),
        )

    def _check_each(self, node: Node, verb: Verb) -> None:
        if verb in (Verb.READ, Verb.LIST, Verb.CLEAR):
            raise self._refused(node.member("each"), f"{verb.value} isn't done for each of many; drop `each`")

    def _credential(self, node: Node, name: str) -> Credential:
        raw = node.value
        if raw.get("scope") or "parent" in raw:
            reason = f"the records of {name!r} are credentials, known before any scope is: drop scope and parent"
            raise self._refused(node.member("credential"), reason)
        return Credential(raw["credential"]["member"], raw["credential"].get("prefix", ""))

    def _job(self, node: Node) -> Job:
        raw = node.value
        states = tuple(
            State(
                name=each.value["name"],
                seconds=seconds_of(each.value["for"]) if "for" in each.value else None,
                when=self._optional(each, "when", frozenset()),
                progress=each.value.get("progress"),
                has=frozenset(each.value.get("has", ())),
            )
            for each in node.items("states")
        )
        job = Job(raw["status"], raw["since"], raw.get("progress"), raw.get("until"), states)
        fault = find_fault(job)
        if fault:
            raise self._refused(node.member("states"), fault)
        return job

    def _schema(self, node: Node) -> Schema | None:
        return self._space.at(node.value["schema"], node) if "schema" in node.value else None

    def _page(self, node: Node, names: frozenset[str]) -> Page:
        return Page(
            self._optional(node, "limit", names), self._optional(node, "offset", names), node.value.get("defaultLimit")
        )

    def _values(self, node: Node, key: str, names: frozenset[str]) -> Mapping[str, Value]:
        return {name: self._value(each, names) for name, each in node.members(key)}

    def _optional(self, node: Node, key: str, names: frozenset[str]) -> Value | None:
        return self._value(node.member(key), names) if key in node.value else None

    def _value(self, node: Node, names: frozenset[str]) -> Value:
        return self._compiled(node, lambda: compile_value(node.value, names))

    def _compiled(self, node: Node, compile_it: Callable[[], T]) -> T:
        try:
            return compile_it()
        except ExpressionError as error:
            raise self._refused(node, str(error)) from error

    def _refused(self, node: Node, reason: str) -> UnsupportedKeyword:
        return UnsupportedKeyword(node.origin.uri, reason, pointer=node.origin.pointer)


def _scope_length(resource: Resource) -> int:
    above = 0 if resource.parent is None else _scope_length(resource.parent.resource) + 1
    return above + len(resource.scope)


def _order(raw: Json) -> Order:
    return tuple((name.removeprefix("-"), name.startswith("-")) for name in raw)
