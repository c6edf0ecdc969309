"""Behaviour of a document that declares none, read from its paths, methods, schemas and links: certain, or not at all.

VOCABULARY.md lists each fact, what it takes to be inferred, and whether a live API that does otherwise fails. Nothing
is guessed: what leaves a doubt stays stateless, and the evidence says what the doubt is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, final

from understudy.specs.behaviour.declarations import Action, Parent, Resource, Verb
from understudy.specs.behaviour.inferred_changes import (
    infer_delete,
    infer_patch,
    infer_put,
    infer_put_on_all,
    infer_read,
    makes_by_put,
)
from understudy.specs.behaviour.inferred_creates import infer_create
from understudy.specs.behaviour.inferred_facts import Evidence, Fact, Inferred, Uncertain
from understudy.specs.behaviour.inferred_lists import infer_list
from understudy.specs.behaviour.inferred_makers import Maker, find_makers, find_other_maker, find_twin
from understudy.specs.behaviour.item_schemas import Item, find_item, find_key
from understudy.specs.behaviour.path_shapes import Collection, find_collections
from understudy.specs.behaviour.values import compile_value
from understudy.specs.errors import DocumentError
from understudy.specs.member_names import singular, words_of
from understudy.specs.model import Api, Operation

__all__ = ["Inference", "infer_behaviour", "with_inferred"]

_DEEDS: Final = frozenset(
    (
        *("add", "authenticate", "authorize", "batch", "bulk", "calculate", "check", "compute", "convert", "create"),
        *("delete", "download", "echo", "execute", "export", "fetch", "find", "get", "import", "invoke", "login"),
        *("logout", "lookup", "ping", "predict", "preview", "query", "remove", "render", "search", "send", "sync"),
        *("translate", "update", "upload", "validate", "verify"),
    )
)
"""Words that the name of a remote procedure begins with; a collection is named by a noun."""

_Infer = Callable[[Operation, Collection, Item, Resource], Inferred]

_OF_ALL: Final[Mapping[str, _Infer]] = {"GET": infer_list, "PUT": infer_put_on_all}
_OF_ONE: Final[Mapping[str, _Infer]] = {
    "GET": infer_read,
    "HEAD": infer_read,
    "PUT": infer_put,
    "PATCH": infer_patch,
    "DELETE": infer_delete,
}


@final
@dataclass(frozen=True)
class Inference:
    """What is inferred of a document; nothing where it declares behaviour itself.

    Attributes:
        resources: By name, parents before what belongs to them.
        actions: By the operation's label.
        evidence: Resource by resource, each followed by its operations; then the operations that aren't touched.
    """

    resources: Mapping[str, Resource]
    actions: Mapping[str, Action]
    evidence: tuple[Evidence, ...]


def with_inferred(api: Api) -> Api:
    """The document with what is inferred of its behaviour; the same object where that is nothing."""
    if api.is_stateless:
        return api
    inference = infer_behaviour(api)
    if not inference.actions:
        return api
    operations = tuple(replace(each, action=inference.actions.get(each.label)) for each in api.operations)
    return replace(api, operations=operations, resources=inference.resources)


def infer_behaviour(api: Api) -> Inference:
    """What paths, methods, schemas and links make certain of a document's behaviour.

    Schemas that can't be read only leave a doubt: this raises nothing.
    """
    if api.resources or any(operation.action is not None for operation in api.operations):
        return Inference({}, {}, (Evidence(api.name, None, "declares behaviour itself: nothing is inferred"),))
    return _Inferring(api).infer()


@final
class _Inferring:
    """Works through the collections of one document, outer ones first."""

    def __init__(self, api: Api) -> None:
        self.operations = api.operations
        self.items: dict[Collection, Item] = {}
        self.resources: dict[Collection, Resource] = {}
        self.actions: dict[str, Action] = {}
        self.evidence: list[Evidence] = []
        self.doubts: dict[str, str] = {}
        self.own: set[str] = set()
        """Labels of operations that make or change the records of the collection they are on, and no others."""

    def infer(self) -> Inference:
        """Everything, in order."""
        collections = find_collections(self.operations)
        for collection in collections:
            with self.doubting(collection.operations):
                self.items[collection] = _find_named_item(collection, self.operations)
        self.own = {each.label for found in self.items for each in found.of_one.values()}
        self.own |= {found.of_all["POST"].label for found in self.items if "POST" in found.of_all}
        for collection in list(self.items):
            with self.doubting(collection.operations):
                self.infer_resource(collection)
        untouched = [each.label for each in self.operations if each.label not in self.actions]
        otherwise = "its path is neither that of a collection with items, nor that of an item"
        doubts = [Evidence(label, None, self.doubts.get(label, otherwise)) for label in untouched]
        resources = {resource.name: resource for resource in self.resources.values()}
        return Inference(resources, self.actions, (*self.evidence, *doubts))

    @cached_property
    def makers(self) -> list[Maker]:
        """The operations that may make records."""
        return find_makers(self.operations)

    @contextmanager
    def doubting(self, operations: Iterable[Operation]) -> Iterator[None]:
        """Keep the first doubt about operations, and go on after it."""
        try:
            yield
        except (Uncertain, DocumentError) as doubt:
            for operation in operations:
                self.doubts.setdefault(operation.label, str(doubt))

    def infer_resource(self, collection: Collection) -> None:
        """A resource, if its records are made and shown by operations that are certain, and by no others."""
        item = self.items[collection]
        twin = find_twin(collection, self.items)
        if twin:
            raise Uncertain(twin)
        resource, about = self.describe(collection, item)
        found: dict[str, Inferred] = {}
        post = collection.of_all.get("POST")
        if post is not None:
            found[post.label] = infer_create(collection, item, resource)
        elif not makes_by_put(collection):
            raise Uncertain(f"nothing makes its records: there is no POST {collection.path}, and no PUT with 201")
        others = [(each, _OF_ALL.get(each.method)) for each in collection.of_all.values() if each.method != "POST"]
        others += [(each, _OF_ONE.get(each.method)) for each in collection.of_one.values()]
        for operation, infer in others:
            with self.doubting([operation]):
                if infer is None:
                    raise Uncertain(f"nothing is inferred from {operation.method} on {operation.path}")
                found[operation.label] = infer(operation, collection, item, resource)
        verbs = {action.verb for action, _ in found.values()}
        if not verbs & {Verb.CREATE, Verb.UPSERT}:
            raise Uncertain(f"nothing certainly makes the records of {collection.path}")
        if not verbs & {Verb.READ, Verb.LIST}:
            raise Uncertain(f"nothing certainly shows the records of {collection.path}")
        other = find_other_maker(collection, item, self.makers, frozenset({*self.own, *found}))
        if other:
            raise Uncertain(other)
        self.resources[collection] = resource
        self.evidence += about
        for label, (action, evidence) in found.items():
            self.actions[label] = action
            self.evidence += evidence

    def describe(self, collection: Collection, item: Item) -> tuple[Resource, list[Evidence]]:
        """The resource, and what tells it apart: its name, its key, its parent and scope."""
        name = self.name(collection)
        facts = [
            Evidence(name, Fact.RESOURCE, f"what {collection.path} holds and {collection.item_path} names"),
            Evidence(name, Fact.KEY, item.reason),
        ]
        above = self.find_parent(collection)
        parent, known = None, 0
        if above is not None:
            known = len(above.steps) + 1
            parameter = collection.steps[known - 1].text
            parent = Parent(self.resources[above], compile_value(f"$request.path.{parameter}"))
            text = f"belongs to the {parent.resource.name} that {{{parameter}}} names, and is gone when that is"
            facts.append(Evidence(name, Fact.PARENT, text))
        scope = [step.text for step in collection.steps[known:] if step.is_parameter]
        if scope:
            text = f"apart for each {', '.join(f'{{{each}}}' for each in scope)}"
            facts.append(Evidence(name, Fact.SCOPE, text))
        values = tuple(compile_value(f"$request.path.{each}") for each in scope)
        resource = Resource(
            name=name, key=item.key, schema=item.schema, key_schema=item.key_schema, scope=values, parent=parent
        )
        return resource, facts

    def find_parent(self, collection: Collection) -> Collection | None:
        """The nearest collection whose item the path leads through, if the path names it by its own key."""
        for above in sorted(self.resources, key=lambda each: len(each.steps), reverse=True):
            depth = len(above.steps)
            if depth + 1 >= len(collection.steps) or collection.steps[:depth] != above.steps:
                continue
            named = collection.steps[depth]
            if not named.is_parameter:
                continue
            item = self.items[above]
            found = find_key(item.schema, replace(above, key=named.text))
            if named.text == above.key or (found is not None and found[0] == item.key):
                return above
        return None

    def name(self, collection: Collection) -> str:
        """A name that no other resource has: ``pet``, else with what stands before it, else with a number."""
        words = [_noun(step.text) for step in collection.steps if not step.is_parameter]
        taken = {resource.name for resource in self.resources.values()}
        for length in range(1, len(words) + 1):
            name = "-".join(words[-length:])
            if name not in taken:
                return name
        return f"{name}-{len(taken) + 1}"


def _find_named_item(collection: Collection, operations: Iterable[Operation]) -> Item:
    """The items of a collection that is called like one, and can be told apart from others.

    Raises:
        Uncertain: It isn't, or can't.
    """
    if collection.doubt:
        raise Uncertain(collection.doubt)
    if _DEEDS & set(words_of(collection.name)[:1]):
        raise Uncertain(f"{collection.path} is called like something to do, not like a collection")
    return find_item(collection, operations)


def _noun(literal: str) -> str:
    words = words_of(literal)
    name = "-".join((*words[:-1], singular(words[-1]))) if words else "record"
    return name if name[0].isalpha() else f"record-{name}"
