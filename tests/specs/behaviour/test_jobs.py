"""Records that move by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from understudy.specs.behaviour.jobs import Job, State, advanced, find_fault, seconds_of
from understudy.specs.behaviour.values import UNKNOWN, Scene, compile_value
from understudy.specs.build import build_api
from understudy.specs.documents.document import Json, parse_document
from understudy.specs.errors import UnsupportedKeyword
from understudy.specs.model import Api

BEGUN = datetime(2026, 3, 4, 9, tzinfo=UTC)
FAILS = compile_value("= record.rows == 0")
WAITING = State("queued", 1.0, None, 0, frozenset())
WORKING = State("running", 2.0, None, None, frozenset())
FAILED = State("failed", None, FAILS, 0, frozenset({"reason"}))
DONE = State("done", None, None, None, frozenset({"url"}))
JOB = Job("status", "begun", "percent", "ended", (WAITING, WORKING, FAILED, DONE))
MEMBERS: dict[str, Json] = {"begun": "2026-03-04T09:00:00Z", "rows": 3, "reason": "none", "url": "/x", "percent": 77}


def at(seconds: float, members: dict[str, Json] = MEMBERS, job: Job = JOB) -> dict[str, Json]:
    return advanced(job, members, Scene({}, {"pace": BEGUN + timedelta(seconds=seconds)}))


@pytest.mark.parametrize(
    ("seconds", "status", "percent"),
    [
        (-5, "queued", 0),
        (0, "queued", 0),
        (0.999, "queued", 0),
        (1, "running", 0),
        (2, "running", 50),
        (2.999, "running", 99),
        (3, "done", 100),
        (1e6, "done", 100),
    ],
)
def test_the_time_since_it_was_begun_tells_the_state(seconds: float, status: str, percent: int) -> None:
    found = at(seconds)
    assert (found["status"], found["percent"]) == (status, percent)


def test_what_a_state_has_is_only_there_in_it() -> None:
    assert at(1).keys() == {"begun", "rows", "status", "percent"}
    assert at(3) == {
        "begun": "2026-03-04T09:00:00Z",
        "rows": 3,
        "status": "done",
        "percent": 100,
        "url": "/x",
        "ended": "2026-03-04T09:00:03Z",
    }
    failed = at(3, {**MEMBERS, "rows": 0})
    assert (failed["status"], failed["percent"], failed["reason"], "url" in failed) == ("failed", 0, "none", False)


def test_an_end_whose_condition_cannot_be_told_is_not_taken() -> None:
    assert at(9, {"begun": MEMBERS["begun"]})["status"] == "done"


def test_who_does_not_know_the_pace_knows_nothing_of_it() -> None:
    found = advanced(JOB, MEMBERS, Scene({}, {}))
    unknown = {name for name, value in found.items() if value is UNKNOWN}
    assert unknown == {"status", "percent", "ended", "reason", "url"}
    assert found["rows"] == 3
    assert at(3, {"begun": UNKNOWN})["status"] is UNKNOWN


@example([(2.0, None), (1.0, 0)], [1.0, 2.0])
@example([(1e-300, None), (5e-324, None), (1e16, None), (0.1, None)], [0.0, 1e-320])
@given(
    st.lists(st.tuples(st.floats(0, 50), st.none() | st.integers(0, 100)), max_size=4),
    st.lists(st.floats(0, 400), min_size=2, max_size=8),
)
def test_time_never_takes_a_job_back(lasting: list[tuple[float, int | None]], moments: list[float]) -> None:
    fixed = sorted(progress for _, progress in lasting if progress is not None)
    states = [
        State(str(n), seconds, None, fixed.pop(0) if progress is not None else None, frozenset())
        for n, (seconds, progress) in enumerate(lasting)
    ]
    job = Job("status", "begun", "percent", None, (*states, DONE))
    seen = [at(moment, job=job) for moment in sorted(moments)]
    order = [str(index) for index in range(len(states))] + ["done"]
    ranks = [order.index(each["status"]) for each in seen]
    assert ranks == sorted(ranks)
    percents = [each["percent"] for each in seen]
    assert percents == sorted(percents)
    assert all((each["percent"] == 100) == (each["status"] == "done") for each in seen)


@pytest.mark.parametrize(("text", "seconds"), [("250ms", 0.25), ("1.5s", 1.5), ("2m", 120), ("1h", 3600)])
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "s", "-1s", "1 s", "1d"])
def test_another_form_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        seconds_of(text)


@pytest.mark.parametrize(
    ("states", "fault"),
    [
        ((WAITING, DONE), ""),
        ((DONE,), ""),
        ((WAITING, WORKING), "at least one that stays"),
        ((DONE, WAITING), "come first"),
        ((WAITING, FAILED), "the last state must have no `when`"),
        ((State("a", 1.0, FAILS, None, frozenset()), DONE), "only a state that stays"),
    ],
)
def test_states_lead_to_an_end(states: tuple[State, ...], fault: str) -> None:
    found = find_fault(Job("status", "begun", None, None, states))
    assert fault in found
    assert bool(found) == bool(fault)


DOCUMENT = """
openapi: 3.2.0
info: {{title: Jobs, version: '1'}}
paths: {{}}
x-understudy:
  resources:
    export:
      key: id
      job: {{status: status, since: begun, states: {states}}}
"""


def build(states: str) -> Api:
    return build_api(parse_document(DOCUMENT.format(states=states).encode(), "/jobs.yaml"))


def test_a_job_is_read() -> None:
    api = build("[{name: a, for: 1s}, {name: b, when: '= record.x', has: [c]}, {name: d}]")
    (resource,) = api.resources.values()
    assert resource.job is not None
    assert [(each.name, each.seconds, {*each.has}) for each in resource.job.states] == [
        ("a", 1.0, set()),
        ("b", None, {"c"}),
        ("d", None, set()),
    ]
    assert [each.when is not None for each in resource.job.states] == [False, True, False]


@pytest.mark.parametrize(
    ("states", "pointer", "reason"),
    [
        ("[{name: a, for: 1s}]", "/states", "at least one that stays"),
        ("[{name: a, for: soon}, {name: b}]", "/states/0/for", "does not match"),
        ("[]", "/states", "less than 1 item"),
        ("[{name: a, has: c}]", "/states/0/has", "not of type"),
        ("[{name: a, fro: 1s}]", "/states/0/fro", "did you mean 'for'?"),
        ("[{name: a, when: '= recrod.x'}, {name: b}]", "/states/0/when", "recrod"),
    ],
)
def test_an_ill_formed_job_is_refused_with_its_place(states: str, pointer: str, reason: str) -> None:
    with pytest.raises(UnsupportedKeyword) as caught:
        build(states)
    assert caught.value.pointer == f"/x-understudy/resources/export/job{pointer}"
    assert reason in str(caught.value)
