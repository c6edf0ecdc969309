"""What a document says about behaviour, interpreted once, as pure functions.

`reads` says what must be known to answer a request, `step` what may be answered and what it changes. They know no
store, no clock and no socket: the mock generates from them, the contracts observe by them.
"""

from understudy.specs.behaviour.expectation import Expectation, Free, Known, ResponsePattern
from understudy.specs.behaviour.state import NOTHING, Outcome, Query, Record, Request, Snapshot
from understudy.specs.behaviour.step import reads, step

__all__ = [
    "NOTHING",
    "Expectation",
    "Free",
    "Known",
    "Outcome",
    "Query",
    "Record",
    "Request",
    "ResponsePattern",
    "Snapshot",
    "reads",
    "step",
]
