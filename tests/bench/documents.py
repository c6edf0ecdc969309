"""The documents that the benchmark serves: a small one with a case of each kind, and synthetic ones of any size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

__all__ = ["EVENTS", "ORDER", "STATIC", "STREAM", "small_document", "synthetic_document", "write_document"]

EVENTS: Final = 50
"""Events of one stream."""
STATIC: Final[dict[str, Any]] = {"status": "ok", "version": "1.4.2", "checks": {"database": "up", "queue": "up"}}
ORDER: Final[dict[str, Any]] = {
    "customer": {"name": "Ada Castro", "email": "ada.castro@example.com", "tier": "gold"},
    "lines": [
        {"sku": "ABC-1234", "quantity": 2, "price": {"amount": 19.5, "currency": "EUR"}},
        {"sku": "DEF-5678", "quantity": 1, "price": {"amount": 5.25, "currency": "EUR"}},
    ],
    "shipping": {"street": "1 Mill Lane", "city": "Porto", "country": "PT", "postcode": "40001"},
    "notes": "Please ring twice.",
}
STREAM: Final = "".join(
    f'id: {index}\nevent: step\ndata: {{"index":{index},"text":"word number {index}"}}\n\n' for index in range(EVENTS)
)

_PRICE: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["amount", "currency"],
    "properties": {
        "amount": {"type": "number", "minimum": 0, "multipleOf": 0.01},
        "currency": {"enum": ["EUR", "USD", "GBP"]},
    },
}
_NEW_ORDER: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["customer", "lines"],
    "additionalProperties": False,
    "properties": {
        "customer": {
            "type": "object",
            "required": ["name", "email"],
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 80},
                "email": {"type": "string", "format": "email"},
                "tier": {"enum": ["basic", "silver", "gold"]},
            },
        },
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["sku", "quantity"],
                "properties": {
                    "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
                    "quantity": {"type": "integer", "minimum": 1, "maximum": 99},
                    "price": {"$ref": "#/components/schemas/Price"},
                },
            },
        },
        "shipping": {
            "type": "object",
            "required": ["street", "city", "country"],
            "properties": {
                "street": {"type": "string", "maxLength": 120},
                "city": {"type": "string"},
                "country": {"type": "string", "pattern": "^[A-Z]{2}$"},
                "postcode": {"type": "string"},
            },
        },
        "notes": {"type": "string", "maxLength": 500},
    },
}
_ORDER: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "status", "createdAt", "customer", "lines", "total"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"enum": ["new", "paid", "sent", "done"]},
        "createdAt": {"type": "string", "format": "date-time"},
        "total": {"$ref": "#/components/schemas/Price"},
        **_NEW_ORDER["properties"],
    },
}
_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        }
    },
}
_PET: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "minimum": 1, "readOnly": True},
        "name": {"type": "string", "maxLength": 60},
        "kind": {"enum": ["cat", "dog", "bird"]},
    },
}


def small_document() -> dict[str, Any]:
    """One operation for each kind of request that is measured. OpenAPI 3.1, so that Prism can serve it."""
    order_id = {"name": "orderId", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}
    pet_id = {"name": "petId", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    created = {"id": "ord-1", "status": "new"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bench", "version": "1"},
        "paths": {
            "/static": {"get": {"responses": {"200": _json({"type": "object"}, example=STATIC)}}},
            "/orders/{orderId}": {
                "parameters": [order_id],
                "get": {"responses": {"200": _json(_ref("Order")), "404": _json(_ref("Problem"))}},
            },
            "/orders": {
                "post": {
                    "requestBody": {"required": True, **_content(_ref("NewOrder"))},
                    "responses": {
                        "201": _json({"type": "object"}, example=created),
                        "422": _json(_ref("Problem")),
                    },
                },
            },
            "/events": {
                "get": {
                    "responses": {
                        "200": {
                            "description": "",
                            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": STREAM}},
                        }
                    }
                }
            },
            "/pets": {
                "post": {
                    "requestBody": {"required": True, **_content(_ref("Pet"))},
                    "responses": {"201": _json(_ref("Pet"))},
                },
            },
            "/pets/{petId}": {
                "parameters": [pet_id],
                "get": {"responses": {"200": _json(_ref("Pet")), "404": _json(_ref("Problem"))}},
            },
        },
        "components": {
            "schemas": {
                "NewOrder": _NEW_ORDER,
                "Order": _ORDER,
                "Price": _PRICE,
                "Problem": _PROBLEM,
                "Pet": _PET,
            }
        },
    }


def synthetic_document(operations: int, *, dense: bool) -> dict[str, Any]:
    """A document with so many operations: a GET and a POST for each resource.

    Args:
        dense: Every schema refers to three others and to itself, so that one reaches all; else each stands alone.
    """
    resources = -(-operations // 2)
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in range(resources):
        name = f"Resource{number}"
        schemas[name] = _synthetic_schema(number, resources, dense=dense)
        item_id = {"name": "itemId", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}
        path: dict[str, Any] = {
            "parameters": [item_id],
            "get": {
                "operationId": f"getResource{number}",
                "summary": f"Get one of the items of kind {number}",
                "responses": {"200": _json(_ref(name)), "404": _json(_ref("Problem"))},
            },
        }
        if 2 * number + 1 < operations:
            path["post"] = {
                "operationId": f"makeResource{number}",
                "summary": f"Make an item of kind {number}",
                "requestBody": {"required": True, **_content(_ref(name))},
                "responses": {"201": _json(_ref(name)), "422": _json(_ref("Problem"))},
            }
        paths[f"/area{number % 20}/resource{number}/{{itemId}}"] = path
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Synthetic {operations}", "version": "1"},
        "paths": paths,
        "components": {"schemas": {**schemas, "Problem": _PROBLEM}},
    }


def write_document(document: dict[str, Any], path: Path) -> Path:
    """Write a document as the file's name says; in JSON with line breaks, as people publish them."""
    if path.suffix == ".json":
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
    else:
        dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
        with path.open("w", encoding="utf-8") as file:
            yaml.dump(document, file, Dumper=dumper, sort_keys=False)
    return path


_WORDS: Final = ("label", "amount", "city", "email", "count", "status", "note", "color", "weight", "startsAt", "tags")


def _synthetic_schema(number: int, resources: int, *, dense: bool) -> dict[str, Any]:
    """About 4 kB as indented JSON: 600 operations, so 300 of them and their paths, make about 3 MB."""
    members: dict[str, Any] = {"id": {"type": "string", "format": "uuid"}}
    for index in range(30):
        word = _WORDS[index % len(_WORDS)]
        members[f"{word}{index}"] = {
            "description": f"What is known of the {word} of an item of kind {number}, number {index} of its members.",
            **_KINDS[index % len(_KINDS)],
        }
    if dense:
        for step in (1, 7, 31):
            members[f"next{step}"] = _ref(f"Resource{(number * 3 + step) % resources}")
        members["children"] = {"type": "array", "maxItems": 3, "items": _ref(f"Resource{number}")}
    return {"type": "object", "required": ["id", "label0", "amount1"], "properties": members}


_KINDS: Final[tuple[dict[str, Any], ...]] = (
    {"type": "string", "maxLength": 80},
    {"type": "number", "minimum": 0, "maximum": 10000},
    {"type": "string", "enum": ["small", "middle", "large"]},
    {"type": "string", "format": "date-time"},
    {"type": "integer", "minimum": 0, "maximum": 99},
    {"type": "boolean", "default": False},
    {"type": "array", "maxItems": 4, "items": {"type": "string", "maxLength": 20}},
    {
        "type": "object",
        "required": ["amount"],
        "properties": {"amount": {"type": "number"}, "currency": {"type": "string", "pattern": "^[A-Z]{3}$"}},
    },
)


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _content(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema, **more}}}


def _json(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": "", **_content(schema, **more)}
