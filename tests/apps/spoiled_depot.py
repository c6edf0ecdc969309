"""The depot's faults: name, the claim that must be broken, and the operations that it concerns."""

from __future__ import annotations

DEPOT_SPOILERS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("open-delete", "credential-missing-refused", ("dropCrate", "addCrate")),
    ("empty-token", "credential-malformed-refused", ("getCrate", "addCrate")),
    ("scheme-case", "credential-scheme-any-case", ("getCrate", "addCrate")),
    ("any-size", "oversized-body-refused", ("addCrate",)),
    ("small-size", "largest-body-accepted", ("addCrate",)),
    ("any-file-size", "oversized-file-refused", ("printLabel",)),
    ("any-file-type", "undocumented-file-type-refused", ("printLabel",)),
    ("file-name", "unicode-file-name-accepted", ("printLabel",)),
    ("location", "created-location-leads-to-it", ("addCrate", "getCrate")),
    ("always-200", "not-modified-answered", ("addCrate", "getCrate")),
    ("no-412", "failed-precondition-refused", ("addCrate", "dropCrate")),
    ("key-ignored", "idempotency-key-honoured", ("addCrate",)),
    ("put-once", "put-repeatable", ("addCrate", "replaceCrate")),
    ("ascii-only", "unicode-text-accepted", ("addCrate",)),
    ("more-after-json", "malformed-body-refused", ("addCrate",)),
    ("falls-over", "no-server-error", ("addCrate", "replaceCrate")),
    ("any-code", "invalid-request-refused", ("addCrate",)),
    ("length-of-nothing", "no-content-has-none", ("addCrate", "dropCrate")),
    ("charset", "json-charset-utf-8", ("addCrate",)),
    ("problem-status", "problem-status-right", ("getCrate",)),
    ("no-retry-after", "retry-after-given", ("weigh",)),
    ("limit-malformed", "limit-headers-right", ("addCrate",)),
    ("limit-past", "limit-headers-right", ("addCrate",)),
    ("limit-rises", "limit-remaining-falls", ("addCrate", "getCrate")),
    ("no-limit", "limit-kept", ("weigh",)),
    ("no-pings", "stream-pings-in-time", ("watchBelt",)),
    ("left-open", "stream-closed-after-its-end", ("watchBelt",)),
    ("any-contact", "invalid-request-refused", ("addCrate",)),
)
