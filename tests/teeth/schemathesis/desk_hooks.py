"""What schemathesis has to be told to send and read JSON Lines and to make files."""

from __future__ import annotations

import json
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis import HookContext

for _name in ("application/pdf", "image/png"):
    schemathesis.openapi.media_type(_name, strategies.binary(max_size=1000))


@schemathesis.serializer("application/jsonl")
def write_lines(context: Any, value: Any) -> bytes:
    records = value if isinstance(value, list) else [value]
    return "".join(json.dumps(record) + "\n" for record in records).encode()


@schemathesis.deserializer("application/jsonl")
def read_lines(context: Any, response: Any) -> Any:
    return [json.loads(line) for line in response.content.decode().split("\n") if line]


@schemathesis.hook
def before_load_schema(context: HookContext, raw: dict[str, Any]) -> None:
    """`itemSchema` of JSON Lines as the schema of an array, which schemathesis reads."""
    path = raw["paths"]["/directory"]
    response = path["get"]["responses"]["200"]["content"]["application/jsonl"]
    request = path["post"]["requestBody"]["content"]["application/jsonl"]
    response["schema"] = {"type": "array", "items": response.pop("itemSchema")}
    request["schema"] = {"type": "array", "minItems": 1, "items": request.pop("itemSchema")}
