"""Exchange checks, a module for each question. Importing this package registers them all."""

from understudy.contracts.checks import bodies, headers, media_types, schemas, server_errors, statuses, streams, timing

__all__ = ["bodies", "headers", "media_types", "schemas", "server_errors", "statuses", "streams", "timing"]
