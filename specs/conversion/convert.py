"""Write an Api in the version of OpenAPI that another tool reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from understudy.specs.conversion.document_rewriting import Rewriting, rewrite_document
from understudy.specs.conversion.document_writer import write_api
from understudy.specs.conversion.losses import Loss, Losses
from understudy.specs.conversion.openapi_30 import say_in_30
from understudy.specs.conversion.openapi_31 import say_in_31
from understudy.specs.documents.document import Json
from understudy.specs.model import Api
from understudy.specs.pointers import tokens
from understudy.specs.wire.media_types import Kind, kind

__all__ = ["Converted", "Loss", "Target", "convert_api"]


class Target(Enum):
    """The version to write."""

    V3_2 = "3.2"
    V3_1 = "3.1"
    V3_0 = "3.0"


@dataclass(frozen=True, slots=True)
class Converted:
    """A document of its own: one tree, whose only references lead into its own `components`.

    Attributes:
        document: JSON values only; parts may be one object, so don't change it.
        losses: What the target can't say, in document order as far as it was written.
    """

    document: dict[str, Json]
    losses: tuple[Loss, ...]


def convert_api(api: Api, target: Target) -> Converted:
    """Write an Api.

    In 3.2 the items of JSON Lines are said twice, by `itemSchema` and by an array in `schema`, which mean the same
    (3.2, Complete vs Streaming Content): schemathesis reads only the second. `x-understudy` is written in no version.

    Raises:
        UnresolvableReference: A schema refers to what is not there.
    """
    losses = Losses()
    document = write_api(api, losses)
    if target is Target.V3_2:
        document = rewrite_document(document, Rewriting(schema=_same, media_type=_say_twice))
    else:
        document = say_in_31(document, losses)
    if target is Target.V3_0:
        document = say_in_30(document, losses)
    return Converted(document, losses.found)


def _same(schema: Json, pointer: str) -> Json:
    return schema


def _say_twice(media_type: dict[str, Json], pointer: str) -> dict[str, Json]:
    if "itemSchema" in media_type and "schema" not in media_type:
        written_as = kind(tokens(pointer)[-1])
        if written_as.is_sequential and written_as is not Kind.SSE:
            return {"schema": {"type": "array", "items": media_type["itemSchema"]}, **media_type}
    return media_type
