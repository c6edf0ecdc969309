"""Rewrite a written document (`document_writer.py`) object by object: what each version changes hangs on this walk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from understudy.specs.documents.document import Json
from understudy.specs.pointers import child
from understudy.specs.versions import METHODS

__all__ = ["Rewrite", "Rewriting", "rewrite_document"]

Rewrite: TypeAlias = Callable[[dict[str, Json], str], "dict[str, Json] | None"]
"""An object, its parts rewritten already, and its JSON Pointer → the object to put there; None leaves it out."""


def _keep(value: dict[str, Json], pointer: str) -> dict[str, Json]:
    return value


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What to do with each kind of object; arguments are fresh dictionaries whose values are shared.

    Attributes:
        schema: A whole Schema Object or Boolean, subschemas not rewritten.
    """

    schema: Callable[[Json, str], Json]
    path_item: Rewrite = _keep
    operation: Rewrite = _keep
    parameter: Rewrite = _keep
    header: Rewrite = _keep
    media_type: Rewrite = _keep
    encoding: Rewrite = _keep
    security_scheme: Rewrite = _keep


def rewrite_document(document: dict[str, Json], rewriting: Rewriting) -> dict[str, Json]:
    """The document with every object rewritten; the one given stays as it is."""
    walk = _Walk(rewriting)
    new = dict(document)
    for key in ("paths", "webhooks"):
        if key in document:
            new[key] = _each(document[key], f"/{key}", walk.path_item)
    if "components" in document:
        components = dict(document["components"])
        for key, rewrite in (("responses", walk.response), ("securitySchemes", rewriting.security_scheme)):
            if key in components:
                components[key] = _each(components[key], f"/components/{key}", rewrite)
        if "schemas" in components:
            components["schemas"] = {
                name: rewriting.schema(schema, child("/components/schemas", name))
                for name, schema in components["schemas"].items()
            }
        new["components"] = components
    return new


@dataclass(frozen=True, slots=True)
class _Walk:
    to: Rewriting

    def path_item(self, item: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        new = {
            key: self.operation(value, child(pointer, key)) if key in METHODS else value for key, value in item.items()
        }
        if "additionalOperations" in item:
            new["additionalOperations"] = _each(
                item["additionalOperations"], child(pointer, "additionalOperations"), self.operation
            )
        return self.to.path_item(new, pointer)

    def operation(self, operation: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        new = dict(operation)
        if "parameters" in operation:
            place = child(pointer, "parameters")
            written = [self.parameter(each, child(place, index)) for index, each in enumerate(operation["parameters"])]
            new["parameters"] = [each for each in written if each is not None]
        if "requestBody" in operation:
            body = operation["requestBody"]
            place = child(pointer, "requestBody", "content")
            new["requestBody"] = {**body, "content": _each(body["content"], place, self.media_type)}
        new["responses"] = _each(operation["responses"], child(pointer, "responses"), self.response)
        if "callbacks" in operation:
            place = child(pointer, "callbacks")
            new["callbacks"] = {
                name: _each(items, child(place, name), self.path_item) for name, items in operation["callbacks"].items()
            }
        return self.to.operation(new, pointer)

    def response(self, response: dict[str, Json], pointer: str) -> dict[str, Json]:
        new = dict(response)
        if "headers" in response:
            new["headers"] = _each(response["headers"], child(pointer, "headers"), self.header)
        if "content" in response:
            new["content"] = _each(response["content"], child(pointer, "content"), self.media_type)
        return new

    def parameter(self, parameter: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        return self.to.parameter(self.schema_or_content(parameter, pointer), pointer)

    def header(self, header: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        return self.to.header(self.schema_or_content(header, pointer), pointer)

    def schema_or_content(self, holder: dict[str, Json], pointer: str) -> dict[str, Json]:
        new = dict(holder)
        if "schema" in holder:
            new["schema"] = self.to.schema(holder["schema"], child(pointer, "schema"))
        if "content" in holder:
            new["content"] = _each(holder["content"], child(pointer, "content"), self.media_type)
        return new

    def media_type(self, media_type: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        new = dict(media_type)
        for key in ("schema", "itemSchema", "x-itemSchema"):
            if key in media_type:
                new[key] = self.to.schema(media_type[key], child(pointer, key))
        self.encodings(new, pointer)
        return self.to.media_type(new, pointer)

    def encodings(self, new: dict[str, Json], pointer: str) -> None:
        if "encoding" in new:
            new["encoding"] = _each(new["encoding"], child(pointer, "encoding"), self.encoding)
        if "itemEncoding" in new:
            new["itemEncoding"] = self.encoding(new["itemEncoding"], child(pointer, "itemEncoding"))
        if "prefixEncoding" in new:
            place = child(pointer, "prefixEncoding")
            new["prefixEncoding"] = [
                self.encoding(each, child(place, index)) for index, each in enumerate(new["prefixEncoding"])
            ]

    def encoding(self, encoding: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        new = dict(encoding)
        if "headers" in encoding:
            new["headers"] = _each(encoding["headers"], child(pointer, "headers"), self.header)
        self.encodings(new, pointer)
        return self.to.encoding(new, pointer)


def _each(members: dict[str, Json], pointer: str, rewrite: Rewrite) -> dict[str, Json]:
    written = {name: rewrite(dict(value), child(pointer, name)) for name, value in members.items()}
    return {name: value for name, value in written.items() if value is not None}
