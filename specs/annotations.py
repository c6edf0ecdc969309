"""Read what `x-understudy` says into the model; VOCABULARY.md is the text, `vocabulary.py` the registry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import final

from understudy.specs.behaviour.declarations import Action
from understudy.specs.behaviour.limit_reading import LimitReader
from understudy.specs.behaviour.limits import Limit
from understudy.specs.behaviour.reading import BehaviourReader
from understudy.specs.documents.document import Json
from understudy.specs.documents.node import Node
from understudy.specs.documents.tree_walk import walk_objects
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.expressions import ExpressionError, compile_template
from understudy.specs.model import MISSING, Envelope, ErrorKind, Errors, Origin, Ping, Stream
from understudy.specs.pointers import JsonPointer, child, tokens
from understudy.specs.schemas.schema import Schema, SchemaSpace
from understudy.specs.vocabulary import KEYWORD, Place, check_vocabulary

__all__ = ["AnnotationReader"]


@final
class AnnotationReader:
    """Checks and reads the members that stand on one object.

    Every method raises `UnsupportedKeyword` for an unknown or ill-formed member, and `UnresolvableReference` for a
    schema that isn't there.
    """

    def __init__(self, space: SchemaSpace) -> None:
        self._space = space
        self._resources = space.resources
        self._read: set[Origin] = set()

    def errors(self, root: Node) -> Errors:
        """The document's `errors`; empty when it says nothing."""
        raw = self._members(root, Place.DOCUMENT).get("errors")
        if raw is None:
            return Errors((), {})
        node = root.member(KEYWORD, "errors")
        envelopes = []
        for each in node.items("envelopes"):
            schema = self._space.at(each.value["schema"], each)
            self._check_template(each.member("body"))
            envelopes.append(Envelope(schema.target.origin, each.value["body"]))
        return Errors(tuple(envelopes), self._kinds(node))

    @cached_property
    def behaviour(self) -> BehaviourReader:
        """The document's `resources`, and what reads actions that name them."""
        root = self._resources.root
        declared = "resources" in self._members(root, Place.DOCUMENT)
        return BehaviourReader(self._space, root.member(KEYWORD, "resources") if declared else None)

    def action(self, operation: Node) -> Action | None:
        """The operation's `action`; None when it says nothing."""
        if "action" not in self._members(operation, Place.OPERATION):
            return None
        return self.behaviour.action(operation.member(KEYWORD, "action"))

    @cached_property
    def limits(self) -> LimitReader:
        """The document's `limits`, and what reads the names of operations."""
        root = self._resources.root
        declared = "limits" in self._members(root, Place.DOCUMENT)
        return LimitReader(root.member(KEYWORD, "limits") if declared else None)

    def operation_limits(self, operation: Node) -> tuple[Limit, ...]:
        """The limits that count the operation's calls."""
        declared = "limits" in self._members(operation, Place.OPERATION)
        return self.limits.named(operation.member(KEYWORD, "limits") if declared else None)

    def kinds(self, operation: Node) -> Mapping[str, ErrorKind]:
        """What the operation's `errors` says of kinds of problems; empty when it says nothing."""
        if "errors" not in self._members(operation, Place.OPERATION):
            return {}
        return self._kinds(operation.member(KEYWORD, "errors"))

    def _kinds(self, node: Node) -> Mapping[str, ErrorKind]:
        kinds = {}
        for name, each in node.members("kinds"):
            if "body" in each.value:
                self._check_template(each.member("body"))
            kinds[name] = ErrorKind(
                each.value.get("status"), each.value.get("code", MISSING), each.value.get("body", MISSING)
            )
        return kinds

    def stream(self, media_type: Node) -> Stream | None:
        """The media type's `stream`; None when it says nothing."""
        raw = self._members(media_type, Place.MEDIA_TYPE).get("stream")
        if raw is None:
            return None
        node = media_type.member(KEYWORD, "stream")
        text = raw.get("text")
        return Stream(
            when=self._condition(node, "when"),
            first=self._schema(node, "first"),
            repeated=self._schema(node, "repeated"),
            last=self._schema(node, "last"),
            text=JsonPointer(text) if text is not None else None,
            sentinel=raw.get("sentinel"),
            ping=self._ping(node.member("ping")) if "ping" in raw else None,
            resume=raw.get("resume", False),
        )

    def max_bytes(self, request_body: Node) -> int | None:
        """The request body's `maxBytes`; None when there is no limit."""
        value = self._members(request_body, Place.REQUEST_BODY).get("maxBytes")
        return int(value) if value is not None else None

    def refuse_strays(self) -> None:
        """Check what stands where nothing has read it: it may be unused, but not unknown. To be called last."""
        for document in self._resources.documents:
            if not document.mentions(KEYWORD.encode()):
                continue
            for value, pointer, base in walk_objects(document.tree, "", ""):
                origin = Origin(document.uri, pointer)
                if KEYWORD in value and origin not in self._read:
                    self._members(Node(value, origin, base), _place(tokens(pointer)))

    def _members(self, node: Node, place: Place) -> Mapping[str, Json]:
        if KEYWORD not in node.value:
            return {}
        self._read.add(node.origin)
        members: Mapping[str, Json] = node.value[KEYWORD]
        try:
            check_vocabulary(members, place, child(node.origin.pointer, KEYWORD), document="")
        except UnsupportedKeyword as error:
            raise self._unsupported(Origin(node.origin.uri, error.pointer), error.reason) from None
        return members

    def _unsupported(self, origin: Origin, reason: str) -> UnsupportedKeyword:
        name, line = self._resources.name(origin), self._resources.line(origin)
        return UnsupportedKeyword(name, reason, pointer=origin.pointer, line=line)

    def _ping(self, node: Node) -> Ping:
        raw = node.value
        seconds, unless = float(raw["everySeconds"]), self._condition(node, "unless")
        return Ping(raw.get("item"), raw.get("comment") is True, seconds, unless)

    def _schema(self, node: Node, key: str) -> Schema | None:
        return self._space.at(node.value[key], node) if key in node.value else None

    def _condition(self, node: Node, key: str) -> Mapping[str, Json]:
        condition: Mapping[str, Json] = node.value.get(key, {})
        for expression in condition:
            self._check_template(Node(expression, node.member(key).origin, node.base))
        return condition

    def _check_template(self, node: Node) -> None:
        try:
            compile_template(node.value)
        except ExpressionError as error:
            raise self._unsupported(node.origin, str(error)) from error


def _place(path: tuple[str, ...]) -> Place:
    """What kind of object stands at a pointer that no operation leads to."""
    if not path:
        return Place.DOCUMENT
    if path[-2:-1] == ("content",) or path[:-1] == ("components", "mediaTypes"):
        return Place.MEDIA_TYPE
    if path[-1] == "requestBody" or path[:-1] == ("components", "requestBodies"):
        return Place.REQUEST_BODY
    return Place.OTHER
