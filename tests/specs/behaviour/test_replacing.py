"""A `replace` that is declared: the whole body takes the place of all that clients may write."""

from __future__ import annotations

import httpx

from tests.apps.small_api import api_of
from understudy.mockserver.serving.running import running

NOTE = {
    "type": "object",
    "required": ["id", "title", "made_at"],
    "properties": {
        "id": {"type": "string"},
        "title": {"type": "string"},
        "body": {"type": "string", "default": "empty"},
        "colour": {"type": "string"},
        "tag": {"type": "string"},
        "made_at": {"type": "string"},
        "reads": {"type": "integer"},
    },
}
WRITE = {
    "type": "object",
    "required": ["title"],
    "properties": {name: NOTE["properties"][name] for name in ("title", "body", "colour", "tag")},  # type: ignore[index]
}


def test_what_is_not_sent_has_its_default_or_is_gone() -> None:
    body = {"content": {"application/json": {"schema": WRITE}}}
    answer = {"description": "", "content": {"application/json": {"schema": NOTE}}}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    api = api_of(
        {
            "/notes": {
                "post": {
                    "requestBody": body,
                    "responses": {"201": answer},
                    "x-understudy": {"action": {"create": "note"}},
                }
            },
            "/notes/{id}": {
                "parameters": [key],
                "put": {
                    "requestBody": body,
                    "responses": {"200": answer},
                    "x-understudy": {"action": {"replace": "note", "key": "$request.path.id"}},
                },
            },
        },
        **{
            "x-understudy": {
                "resources": {"note": {"key": "id", "defaults": {"made_at": "$now", "tag": "none", "reads": 0}}}
            }
        },
    )
    with running(api) as mock, httpx.Client(base_url=mock.url) as client:
        whole = {"title": "a", "body": "long", "colour": "red", "tag": "x"}
        made = client.post("/notes", json=whole).json()
        again = client.put(f"/notes/{made['id']}", json={"title": "b"}).json()
    assert again == {
        "id": made["id"],
        "title": "b",
        "body": "empty",
        "tag": "none",
        "made_at": made["made_at"],
        "reads": 0,
    }
