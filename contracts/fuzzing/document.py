"""The document as the fuzzer gets it: in OpenAPI 3.2, and no more of it than a run is about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from understudy.specs.conversion.convert import Target, convert_api
from understudy.specs.documents.document import Json
from understudy.specs.model import Api, Link, Operation, Response
from understudy.specs.wire.json_bodies import dump_json

__all__ = ["fuzzing_document"]


def fuzzing_document(api: Api, selected: Sequence[Operation]) -> dict[str, Json]:
    """A document of its own, which may be changed.

    Operations that aren't selected are in it where they share a path with one that is: what methods a path has is
    asked, too. Links to others are left out with them. Reading a document costs the fuzzer as much as a hundred cases,
    and under pytest each operation is a run of its own.
    """
    paths = {operation.path for operation in selected}
    kept = [operation for operation in api.operations if operation.path in paths]
    labels = {operation.label for operation in kept}

    def leads_inside(link: Link) -> bool:
        target = api.find_operation(link.operation)
        return target is not None and target.label in labels

    def without_ways_out(response: Response) -> Response:
        return replace(response, links=tuple(filter(leads_inside, response.links)))

    within = tuple(replace(each, responses=tuple(map(without_ways_out, each.responses))) for each in kept)
    converted = convert_api(replace(api, operations=within, webhooks={}), Target.V3_2)
    document: dict[str, Json] = json.loads(dump_json(converted.document))
    return document
