"""What kind of content a body has, where its media type alone doesn't tell."""

from __future__ import annotations

from understudy.specs.model import MediaType
from understudy.specs.schemas.schema import Schema
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["is_structured", "kind_of_request"]


def is_structured(schema: Schema | None) -> bool:
    """Whether a schema speaks of members or items, so that its values are no plain text and no file."""
    if schema is None or not isinstance(schema.target.raw, dict):
        return False
    raw = schema.target.raw
    kinds = raw.get("type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return "object" in named or "array" in named or "properties" in raw or "items" in raw


def kind_of_request(media_type: MediaType, name: str) -> Kind:
    """The kind of a request's body: what nobody knows, or is said to be plain text, is JSON where its schema speaks of
    members or items. Documents list such media types beside ``application/json``, for the same schema.

    Args:
        name: The media type as it is sent, with or without parameters.
    """
    found = kind(name)
    is_unsaid = found is Kind.BINARY or (found is Kind.TEXT and "yaml" not in name)
    return Kind.JSON if is_unsaid and is_structured(media_type.schema) else found
