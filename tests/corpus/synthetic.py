"""Documents of any size whose schemas refer to one another, in circles too."""

from __future__ import annotations

from understudy.specs.documents.document import Json

__all__ = ["make_document"]


def make_document(operations: int, *, references: int = 3) -> Json:
    """An OpenAPI 3.1 document with that many operations and as many schemas.

    Args:
        references: How many other schemas each one refers to; all of them can be reached from any of them.
    """
    paths: dict[str, Json] = {}
    schemas: dict[str, Json] = {}
    for number in range(operations):
        others = [(number * (5 + step) + step + 1) % operations for step in range(references)]
        members: dict[str, Json] = {f"r{step}": _optional(f"S{other}") for step, other in enumerate(others)}
        schemas[f"S{number}"] = {
            "type": "object",
            "required": ["id", "name"],
            "properties": {"id": {"type": "integer"}, "name": {"type": "string", "minLength": 1}, **members},
        }
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/S{number}"}}}
        operation: Json = {"responses": {"200": {"description": "d", "content": content}}}
        if number % 3 == 0:
            operation["requestBody"] = {"required": True, "content": content}
        paths[f"/r{number}/{{id}}"] = {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "post" if number % 3 == 0 else "get": operation,
        }
    info = {"title": f"{operations} operations", "version": "1"}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}


def _optional(name: str) -> Json:
    """One of each: a reference, a list of them, and a choice."""
    reference = {"$ref": f"#/components/schemas/{name}"}
    match int(name[1:]) % 3:
        case 0:
            return reference
        case 1:
            return {"type": "array", "items": reference}
        case _:
            return {"oneOf": [{"type": "null"}, reference]}
