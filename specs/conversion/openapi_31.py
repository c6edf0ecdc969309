"""Say in OpenAPI 3.1 what a written document says in 3.2."""

from __future__ import annotations

from typing import Final, final

from understudy.specs.conversion.document_rewriting import Rewriting, rewrite_document
from understudy.specs.conversion.losses import Losses
from understudy.specs.documents.document import Json
from understudy.specs.pointers import child, tokens
from understudy.specs.schemas.translation import subschemas
from understudy.specs.wire import jsonl, sse_events
from understudy.specs.wire.media_types import Kind, kind
from understudy.specs.wire.sse_events import UnencodableEvent

__all__ = ["VERSION", "say_in_31"]

VERSION: Final = "3.1.0"
"""The patch release that every 3.1 tool knows."""


def say_in_31(document: dict[str, Json], losses: Losses) -> dict[str, Json]:
    """The document in 3.1.

    The content of a stream becomes what it is on the wire, a string, with its examples as text; the schema of an item
    stays under `x-itemSchema`. (Under 3.1 tools disagree on whether `schema` would be the item or the sequence.)
    """
    down = _Down(losses)
    rewriting = Rewriting(
        schema=down.schema,
        path_item=down.path_item,
        parameter=down.parameter,
        header=down.header,
        media_type=down.media_type,
        encoding=down.encoding,
        security_scheme=down.security_scheme,
    )
    return {**rewrite_document(document, rewriting), "openapi": VERSION}


@final
class _Down:
    def __init__(self, losses: Losses) -> None:
        self._losses = losses

    def path_item(self, item: dict[str, Json], pointer: str) -> dict[str, Json]:
        if item.pop("query", None) is not None:
            self._losses.add(pointer, "the QUERY operation is left out: 3.1 has no place for it", "query")
        for method in item.pop("additionalOperations", {}):
            message = f"the {method} operation is left out: 3.1 has no place for it"
            self._losses.add(pointer, message, "additionalOperations", method)
        return item

    def parameter(self, parameter: dict[str, Json], pointer: str) -> dict[str, Json] | None:
        if parameter["in"] == "querystring":
            self._losses.add(pointer, "the parameter `in: querystring` is left out: 3.1 has no place for it")
            return None
        if parameter.get("style") == "cookie":
            self._losses.add(pointer, "`style: cookie` becomes `form`, which percent-encodes", "style")
            del parameter["style"]
        if parameter["in"] != "query" and parameter.pop("allowReserved", None):
            self._losses.add(pointer, f"`allowReserved` is left out of a {parameter['in']} parameter", "allowReserved")
        return self._with_examples(parameter, pointer)

    def header(self, header: dict[str, Json], pointer: str) -> dict[str, Json]:
        return self._with_examples(header, pointer)

    def media_type(self, media_type: dict[str, Json], pointer: str) -> dict[str, Json]:
        for key in ("prefixEncoding", "itemEncoding"):
            if media_type.pop(key, None) is not None:
                self._losses.add(pointer, "encoding by position is left out: 3.1 knows it by name only", key)
        media_type = self._with_examples(media_type, pointer)
        written_as = kind(tokens(pointer)[-1])
        if written_as.is_sequential:
            return self._stream(media_type, written_as, pointer)
        if "itemSchema" in media_type:
            item = media_type.pop("itemSchema")
            media_type = {"schema": {"type": "array", "items": item}, **media_type}
        return media_type

    def encoding(self, encoding: dict[str, Json], pointer: str) -> dict[str, Json]:
        for key in ("encoding", "prefixEncoding", "itemEncoding"):
            if encoding.pop(key, None) is not None:
                self._losses.add(pointer, "an encoding within an encoding is left out", key)
        return encoding

    def security_scheme(self, scheme: dict[str, Json], pointer: str) -> dict[str, Json]:
        if "deviceAuthorization" in scheme.get("flows", {}):
            self._losses.add(pointer, "the device authorization flow is left out", "flows", "deviceAuthorization")
            scheme["flows"] = {name: flow for name, flow in scheme["flows"].items() if name != "deviceAuthorization"}
        return scheme

    def schema(self, schema: Json, pointer: str) -> Json:
        if not isinstance(schema, dict):
            return schema
        new = dict(schema)
        for key, member in (("discriminator", "defaultMapping"), ("xml", "nodeType")):
            if member in new.get(key, {}):
                self._losses.add(pointer, f"`{member}` is left out", key, member)
                new[key] = {name: value for name, value in new[key].items() if name != member}
        for path, below in subschemas(schema):
            written = self.schema(below, child(pointer, *path))
            if written is below:
                continue
            keyword = path[0]
            if len(path) == 1:
                new[keyword] = written
            else:
                new[keyword] = new[keyword].copy()
                new[keyword][path[1]] = written
        return new if new != schema else schema

    def _stream(self, media_type: dict[str, Json], written_as: Kind, pointer: str) -> dict[str, Json]:
        item = media_type.pop("itemSchema", None)
        new = {**media_type, "schema": {"type": "string"}, **({"x-itemSchema": item} if item is not None else {})}
        if item is not None or "schema" in media_type:
            self._losses.add(pointer, "3.1 can't say what a stream's items are: its content is a string")
        if "example" in new:
            new["example"] = self._as_text(new["example"], written_as, child(pointer, "example"))
        if "examples" in new:
            new["examples"] = {
                name: {**each, "value": self._as_text(each["value"], written_as, child(pointer, "examples", name))}
                for name, each in new["examples"].items()
                if "value" in each
            }
        return new

    def _as_text(self, value: Json, written_as: Kind, pointer: str) -> Json:
        """A stream's items as they are sent."""
        if isinstance(value, str):
            return value
        items = value if isinstance(value, list) else [value]
        try:
            if written_as is Kind.SSE:
                return b"".join(sse_events.encode(sse_events.from_item(item)) for item in items).decode()
        except (UnencodableEvent, AttributeError) as error:
            self._losses.add(pointer, f"the example can't be written as a stream: {error}")
            return ""
        encode = jsonl.encode_line if written_as is Kind.JSON_LINES else jsonl.encode_sequence_record
        return b"".join(encode(item) for item in items).decode(errors="replace")

    def _with_examples(self, holder: dict[str, Json], pointer: str) -> dict[str, Json]:
        """Before 3.2 an example has one `value`: the data, else the text."""
        if "examples" not in holder:
            return holder
        examples = {}
        for name, example in holder["examples"].items():
            rest = {key: value for key, value in example.items() if key not in ("dataValue", "serializedValue")}
            text, data = example.get("serializedValue"), example.get("dataValue")
            if text is not None and "dataValue" in example:
                place = child(pointer, "examples", name, "serializedValue")
                self._losses.add(place, "the serialized form of an example is left out beside its data")
            if text is not None or "dataValue" in example:
                rest["value"] = data if "dataValue" in example else text
            examples[name] = rest
        return {**holder, "examples": examples}
