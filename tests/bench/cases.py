"""The requests that are measured, by kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, final

from tests.bench.client import request
from tests.bench.documents import ORDER

__all__ = ["CASES", "STREAM_REQUEST", "Case"]

STREAM_REQUEST: Final = request("GET", "/events")


@final
@dataclass(frozen=True)
class Case:
    """One kind of request.

    Attributes:
        make: The request by its number.
        status: Of every answer; `bare` of bare Starlette's, which refuses nothing.
        target: The least ratio to bare Starlette that is wanted, by CPU time; None where none is named.
    """

    name: str
    make: Callable[[int], bytes]
    status: int
    bare: int
    target: float | None


def _order(number: int, **changes: Any) -> bytes:
    body = {**ORDER, "notes": f"order {number}", **changes}
    return request("POST", "/orders", json.dumps(body).encode())


def _invalid(number: int) -> bytes:
    lines = [{"sku": "abc", "quantity": 0}, {"quantity": 1}]
    return _order(number, lines=lines)


CASES: Final = (
    Case("GET, static example", lambda number: request("GET", "/static"), 200, 200, 1.0),
    Case("GET, generated body, another path each time", lambda n: request("GET", f"/orders/o{n}"), 200, 200, 0.5),
    Case("GET, generated body, the same path", lambda number: request("GET", "/orders/o1"), 200, 200, None),
    Case("POST, valid body", _order, 201, 201, 0.7),
    Case("POST, rejected body", _invalid, 422, 201, 0.5),
)
