"""Give parameters the values that the user named: tenants and other things that a run can't make for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, quote_plus, unquote_plus

from understudy.contracts.case import Case
from understudy.specs.model import Location, Operation
from understudy.specs.path_templates import Segment, parse_template

__all__ = ["fix_parameters"]


def fix_parameters(case: Case, operation: Operation, values: Mapping[str, str]) -> Case:
    """The case with these values in place of its own, as far as the operation has parameters of these names.

    A path that isn't one of the operation's keeps its own. A parameter that the case leaves out is put in, because
    what is asked about may depend on it.

    Args:
        values: Name of a path, query or header parameter → its value as text; it is escaped here.
    """
    declared = {(each.location, each.name) for each in operation.parameters if each.name in values}
    if not declared:
        return case
    path, _, query = case.target.partition("?")
    path = _fix_path(path, parse_template(operation.path), values)
    pairs = [pair for pair in query.split("&") if pair]
    headers = list(case.headers)
    for location, name in declared:
        if location is Location.QUERY:
            pairs = [pair for pair in pairs if unquote_plus(pair.partition("=")[0]) != name]
            pairs.append(f"{quote_plus(name)}={quote_plus(values[name])}")
        elif location is Location.HEADER:
            headers = [(each, value) for each, value in headers if each.lower() != name.lower()]
            headers.append((name, values[name]))
    target = f"{path}?{'&'.join(pairs)}" if pairs else path
    return replace(case, target=target, headers=tuple(headers))


def _fix_path(path: str, template: tuple[Segment, ...], values: Mapping[str, str]) -> str:
    texts = path.removeprefix("/").split("/")
    if len(texts) != len(template):
        return path
    return "/" + "/".join(
        quote(values[segment.names[0]], safe="") if segment.is_whole and segment.names[0] in values else text
        for segment, text in zip(template, texts, strict=True)
    )
