"""Probes, a module for each question. Importing this package registers them all, in the order they are run."""

from understudy.contracts.probes import authentication, examples, malformed_bodies, methods, streams

__all__ = ["authentication", "examples", "malformed_bodies", "methods", "streams"]
