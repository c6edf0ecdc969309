"""Hypothesis used inside another program, possibly a test run of its user's that has Hypothesis, too: nothing of ours
stays behind in it or on the disk, and nothing of theirs changes what is drawn."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from hypothesis import configuration
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.internal.intervalsets import IntervalSet

__all__ = ["as_a_guest"]

_HOME: Final = "__hypothesis_home_directory"

_NOTHING: Final = IntervalSet(())
_UTF_8: Final = IntervalSet(((0, 0xD7FF), (0xE000, 0x10FFFF)))
"""Every code point but the surrogates (RFC 3629, section 3)."""

_find_intervals: Final = charmap.intervals_from_codec


@contextmanager
def as_a_guest() -> Iterator[None]:
    """Hypothesis keeps caches in the working directory, draws on the constants of whatever modules are loaded, and
    warns where it can't; a warning that somebody made an error would end the engine's thread without a word."""
    home, constants = getattr(configuration, _HOME), providers._get_local_constants
    # Below what is no directory nothing can be written, which Hypothesis puts up with.
    configuration.set_hypothesis_home_dir(Path(os.devnull) / "understudy")
    providers._get_local_constants = Constants
    providers.CONSTANTS_CACHE.cache.clear()
    charmap.intervals_from_codec = _known_intervals
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        setattr(configuration, _HOME, home)
        providers._get_local_constants = constants
        providers.CONSTANTS_CACHE.cache.clear()
        charmap.intervals_from_codec = _find_intervals


@cache
def _known_intervals(codec: str) -> tuple[IntervalSet, IntervalSet]:
    """What a codec can encode, and what of that doesn't come back as it was.

    Hypothesis tries every code point and remembers the outcome on the disk, which we don't let it: a second, and
    200 MB, for what is known of UTF-8.
    """
    return (_UTF_8, _NOTHING) if codec == "utf-8" else _find_intervals(codec)
