"""Exchange checks, a module for each question. Importing this package registers them all."""

from understudy.contracts.checks import (
    bodies,
    conventions,
    headers,
    limits,
    media_types,
    schemas,
    server_errors,
    statuses,
    streams,
    timing,
)

__all__ = [
    "bodies",
    "conventions",
    "headers",
    "limits",
    "media_types",
    "schemas",
    "server_errors",
    "statuses",
    "streams",
    "timing",
]
