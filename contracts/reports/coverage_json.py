"""Coverage of an operation in the JSON report: written, and read back."""

from __future__ import annotations

from understudy.contracts.coverage import Form, Goals, Input, InputKey, Reached
from understudy.contracts.reports.coverage import FormView, InputView, StatusView, cover_inputs, cover_statuses
from understudy.contracts.verdict import OperationResult
from understudy.specs.documents.document import Json

__all__ = ["read_goals", "read_reached", "write_coverage"]


def write_coverage(operation: OperationResult) -> Json:
    """The member ``coverage`` of an operation."""
    seen: dict[str, dict[str, int]] = {}
    for (status, name), times in operation.reached.media_types.items():
        seen.setdefault(str(status), {})[name] = times
    return {
        "statuses": [_status(status, operation) for status in cover_statuses(operation) if status.documented],
        "mediaTypes": seen,
        "parameters": [_input(each) for each in cover_inputs(operation)],
    }


def _status(status: StatusView, operation: OperationResult) -> Json:
    return {
        "status": status.key,
        "times": status.times,
        "reason": status.reason,
        "outOfReach": operation.plan.goals.beyond.get(status.key, ""),
        "mediaTypes": [each.name for each in status.media_types if each.documented],
    }


def _input(view: InputView) -> Json:
    return {
        "in": view.location,
        "name": view.name,
        "required": view.required,
        "reached": view.is_reached,
        "forms": {form.value: _form(each) for form, each in zip(Form, view.forms, strict=True)},
    }


def _form(view: FormView) -> Json:
    return {
        "possible": view.possible,
        "reached": view.reached,
        "statuses": {str(status): times for status, times in view.statuses},
        "reason": view.reason,
    }


def read_goals(operation: Json) -> Goals:
    """What there was to reach; nothing in a report that was written before coverage was."""
    coverage = operation.get("coverage")
    if coverage is None:
        return Goals()
    return Goals(
        inputs=tuple(
            Input(_key(each), each["required"], tuple(form for form in Form if each["forms"][form.value]["possible"]))
            for each in coverage["parameters"]
        ),
        media_types={each["status"]: tuple(each["mediaTypes"]) for each in coverage["statuses"] if each["mediaTypes"]},
        beyond={each["status"]: each["outOfReach"] for each in coverage["statuses"] if each["outOfReach"]},
    )


def read_reached(operation: Json) -> Reached:
    """What was reached of it."""
    coverage = operation.get("coverage")
    if coverage is None:
        return Reached()
    inputs = {
        (_key(each), form): {int(status): times for status, times in each["forms"][form.value]["statuses"].items()}
        for each in coverage["parameters"]
        for form in Form
    }
    return Reached(
        inputs={place: times for place, times in inputs.items() if times},
        media_types={
            (int(status), name): times
            for status, names in coverage["mediaTypes"].items()
            for name, times in names.items()
        },
    )


def _key(each: Json) -> InputKey:
    return each["in"], each["name"]
