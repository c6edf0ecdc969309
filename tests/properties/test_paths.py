from __future__ import annotations

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from understudy.specs.model import PathTemplate
from understudy.specs.paths import Match, OtherMethods, Route, Router

SEGMENTS = st.sampled_from(
    ["a", "b", "a.b", "", "{x}", "{y}", "{x}.a", "a{x}", "{x}.{y}", "{x}{y}", "a{x}.{y}b", ".{y}."]
)
TEMPLATES = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda segments: "/" + "/".join(segments))
BASE_PATHS = st.sampled_from([("",), ("", "/a"), ("/a/b",)])
ROUTES = st.lists(st.tuples(st.sampled_from(["GET", "PUT"]), TEMPLATES, BASE_PATHS), max_size=8)
CHARACTERS = st.sampled_from(["a", "b", ".", "%61", "%2E", "%2e", "%2F", "%"])
PATHS = st.lists(st.lists(CHARACTERS, max_size=4).map("".join), min_size=1, max_size=4).map(
    lambda segments: "/" + "/".join(segments)
)


def capture(template: str, text: str) -> list[str] | None:
    """What each parameter of a segment takes, decoded; by a regular expression over the decoded text."""
    pattern = re.sub(r"\\\{\w+\\\}", "(.+?)", re.escape(template))
    match = re.fullmatch(pattern, unquote(text))
    return list(match.groups()) if match else None


def rank(template: str) -> tuple[int, int, int]:
    """How concrete a segment is; less is more concrete."""
    parameters = template.count("{")
    literal = len(re.sub(r"\{\w+\}", "", template))
    return (0, 0, 0) if not parameters else (2, 0, 0) if parameters == 1 and not literal else (1, -literal, parameters)


def find_naively(routes: list[tuple[str, str, tuple[str, ...]]], method: str, path: str) -> set[str] | list[str] | None:
    """Parameters of the route, the methods of the path, or None: by trying every template."""
    segments = path[1:].split("/")
    candidates = []
    for order, (name, template, base_paths) in enumerate(routes):
        for base in base_paths:
            parts = (base + template)[1:].split("/")
            captures = [capture(part, text) for part, text in zip(parts, segments, strict=False)]
            if len(parts) == len(segments) and None not in captures:
                values = [value for capture in captures for value in capture or ()]
                candidates.append(([rank(part) for part in parts], order, name, values))
    if not candidates:
        return None
    best = min(ranks for ranks, *_ in candidates)
    at_best = [(name, values) for ranks, _, name, values in candidates if ranks == best]
    for name, values in at_best:
        if name == method:
            return values
    return {name for name, _ in at_best}


@given(ROUTES, PATHS)
def test_the_router_agrees_with_trying_every_template(
    routes: list[tuple[str, str, tuple[str, ...]]], path: str
) -> None:
    router = Router(
        [Route(method, PathTemplate(template), index, base) for index, (method, template, base) in enumerate(routes)]
    )
    expected = find_naively(routes, "GET", path)
    match router.find("GET", path):
        case Match() as found:
            assert routes[found.value][0] == "GET"
            names = re.findall(r"\{(\w+)\}", routes[found.value][1])
            assert found.parameters.keys() == set(names)
            assert isinstance(expected, list)
            assert dict(zip(names, expected, strict=True)) == {
                name: unquote(text) for name, text in found.parameters.items()
            }
        case OtherMethods(methods):
            assert set(methods) == expected
        case None:
            assert expected is None
