"""Probes, a module for each question. Importing this package registers them all, in the order they are run."""

# isort: off
from understudy.contracts.probes import (
    authentication,
    made_credentials,
    examples,
    malformed_bodies,
    methods,
    refusals,
    streams,
    locations,
    caching,
    conditions,
    repeats,
    sizes,
    uploads,
    downloads,
    limits,
    unusual_requests,
    stream_texts,
    border_values,
)
# isort: on

__all__ = [
    "authentication",
    "border_values",
    "caching",
    "conditions",
    "downloads",
    "examples",
    "limits",
    "locations",
    "made_credentials",
    "malformed_bodies",
    "methods",
    "refusals",
    "repeats",
    "sizes",
    "stream_texts",
    "streams",
    "unusual_requests",
    "uploads",
]
