from __future__ import annotations

import pytest

from understudy.specs.model import PathTemplate
from understudy.specs.paths import Match, OtherMethods, Route, Router


def router(*routes: str, base_paths: tuple[str, ...] = ("",)) -> Router[str]:
    """Routes as ``GET /pets/{id}``; each one's value is that text."""
    return Router([route(text, base_paths=base_paths) for text in routes])


def route(text: str, *, base_paths: tuple[str, ...] = ("",)) -> Route[str]:
    method, template = text.split(" ", 1)
    return Route(method, PathTemplate(template), text, base_paths)


def found(match: Match[str] | OtherMethods | None) -> tuple[str, dict[str, str]]:
    assert isinstance(match, Match)
    return match.value, dict(match.parameters)


@pytest.mark.parametrize(
    ("path", "value", "parameters"),
    [
        ("/", "GET /", {}),
        ("/pets", "GET /pets", {}),
        ("/pets/", "GET /pets/", {}),
        ("/pets/mine", "GET /pets/mine", {}),
        ("/pets/%6Dine", "GET /pets/mine", {}),
        ("/pets/7", "GET /pets/{petId}", {"petId": "7"}),
        ("/pets/a%2Fb%20c", "GET /pets/{petId}", {"petId": "a%2Fb%20c"}),
        ("/pets/%zz", "GET /pets/{petId}", {"petId": "%zz"}),
        ("/pets/é", "GET /pets/{petId}", {"petId": "%C3%A9"}),
        ("/pets/7/toys", "GET /pets/{petId}/toys", {"petId": "7"}),
        ("/pets/mine/toys", "GET /pets/mine/{what}", {"what": "toys"}),
        ("/pets/mine/food", "GET /pets/mine/{what}", {"what": "food"}),
        ("/files/report.json", "GET /files/{name}.json", {"name": "report"}),
        ("/files/a.json.json", "GET /files/{name}.json", {"name": "a.json"}),
        ("/files/a%2Ejson", "GET /files/{name}.json", {"name": "a"}),
        ("/files/v-a.json", "GET /files/v-{name}.json", {"name": "a"}),
        ("/files/report.xml", "GET /files/{any}", {"any": "report.xml"}),
        ("/files/.json", "GET /files/{any}", {"any": ".json"}),
        ("/range/1-2", "GET /range/{from}-{to}", {"from": "1", "to": "2"}),
        ("/range/1-2-3", "GET /range/{from}-{to}", {"from": "1", "to": "2-3"}),
        ("/range/--1", "GET /range/{from}-{to}", {"from": "-", "to": "1"}),
        ("/jobs/9:cancel", "GET /jobs/{id}:cancel", {"id": "9"}),
        ("/jobs/9%3Acancel", "GET /jobs/{id}:cancel", {"id": "9"}),
        ("/caf%C3%A9/%C3%A9", "GET /café/{x}", {"x": "%C3%A9"}),
        ("/café/x", "GET /café/{x}", {"x": "x"}),
        ("/odd/{x", "GET /odd/{x", {}),
        ("/twice/1/and/2", "GET /twice/{a/b}/and/{c}", {"a/b": "1", "c": "2"}),
    ],
)
def test_a_path_has_its_route(path: str, value: str, parameters: dict[str, str]) -> None:
    routes = router(
        "GET /pets/{petId}",
        "GET /pets/{petId}/toys",
        "GET /pets/mine",
        "GET /pets/mine/{what}",
        "GET /pets/",
        "GET /pets",
        "GET /",
        "GET /files/{any}",
        "GET /files/{name}.json",
        "GET /files/v-{name}.json",
        "GET /range/{from}-{to}",
        "GET /jobs/{id}:cancel",
        "GET /café/{x}",
        "GET /odd/{x",
        "GET /twice/{a/b}/and/{c}",
    )
    assert found(routes.find("GET", path)) == (value, parameters)


@pytest.mark.parametrize(
    "path",
    ["", "pets", "/Pets", "/pets//", "//pets", "/pets/7/", "/pets/7/8", "/pets/a/b", "/range/1-", "/range/-1", "*"],
)
def test_a_path_without_route_has_none(path: str) -> None:
    assert router("GET /pets", "GET /pets/{id}", "GET /range/{from}-{to}").find("GET", path) is None


def test_an_empty_segment_is_no_parameter() -> None:
    assert router("GET /pets/{id}").find("GET", "/pets/") is None


def test_backtracking_forgets_what_was_captured() -> None:
    routes = router("GET /{a}-{b}/x/y", "GET /{c}/{d}/z")
    assert found(routes.find("GET", "/1-2/x/z")) == ("GET /{c}/{d}/z", {"c": "1-2", "d": "x"})


class TestMethods:
    """The path decides first, then the method."""

    ROUTES = router("GET /pets/mine", "QUERY /pets/mine", "DELETE /pets/{id}", "purge /pets/{petId}")

    def test_the_concrete_path_keeps_its_methods(self) -> None:
        assert self.ROUTES.find("DELETE", "/pets/mine") == OtherMethods(("GET", "QUERY"))

    def test_methods_are_compared_to_the_letter(self) -> None:
        assert found(self.ROUTES.find("purge", "/pets/1")) == ("purge /pets/{petId}", {"petId": "1"})
        assert self.ROUTES.find("PURGE", "/pets/1") == OtherMethods(("DELETE", "purge"))

    def test_a_match_knows_all_methods_of_its_path(self) -> None:
        match = self.ROUTES.find("DELETE", "/pets/1")
        assert isinstance(match, Match)
        assert match.methods == ("DELETE", "purge")
        assert match.template == "/pets/{id}"


class TestBasePaths:
    """One operation below several prefixes."""

    @pytest.mark.parametrize("path", ["/pets/7", "/api/v1/pets/7", "/v2/pets/7"])
    def test_it_is_reached_below_each(self, path: str) -> None:
        routes = router("GET /pets/{id}", base_paths=("", "/api/v1", "/v2/", "/v2"))
        assert found(routes.find("GET", path)) == ("GET /pets/{id}", {"id": "7"})
        assert routes.find_conflicts() == ()

    def test_the_root_is_below_the_base_path(self) -> None:
        routes = router("GET /", base_paths=("/v1",))
        assert found(routes.find("GET", "/v1/")) == ("GET /", {})
        assert routes.find("GET", "/v1") is None

    def test_a_base_path_may_be_decided_by_a_concrete_path(self) -> None:
        routes = Router([route("GET /{tenant}/pets"), route("GET /pets", base_paths=("", "/v1"))])
        assert found(routes.find("GET", "/v1/pets")) == ("GET /pets", {})
        assert found(routes.find("GET", "/v2/pets")) == ("GET /{tenant}/pets", {"tenant": "v2"})


class TestConflicts:
    """Two routes of one method and path."""

    def test_both_are_named_and_the_first_answers(self) -> None:
        first, second, other = route("GET /pets/{id}"), route("GET /pets/{name}"), route("PUT /pets/{name}")
        routes = Router([first, second, other])
        assert routes.find_conflicts() == ((first, second),)
        assert found(routes.find("GET", "/pets/1")) == ("GET /pets/{id}", {"id": "1"})
        assert found(routes.find("PUT", "/pets/1")) == ("PUT /pets/{name}", {"name": "1"})

    def test_a_prefix_can_make_one(self) -> None:
        first, second = route("GET /pets", base_paths=("", "/v1")), route("GET /v1/pets")
        assert Router([first, second]).find_conflicts() == ((first, second),)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("/a/{x}.json", "/a/{x}.xml"), ("/a/{x}", "/a/x"), ("/a", "/a/"), ("/a/{x}{y}", "/a/{x}"), ("/a%2Fb", "/a/b")],
    )
    def test_different_shapes_are_none(self, one: str, other: str) -> None:
        assert router(f"GET {one}", f"GET {other}").find_conflicts() == ()

    @pytest.mark.parametrize(("one", "other"), [("/p%65ts", "/pets"), ("/{a}-{b}", "/{b}-{a}"), ("pets", "/pets")])
    def test_the_same_text_written_otherwise_is_one(self, one: str, other: str) -> None:
        assert len(router(f"GET {one}", f"GET {other}").find_conflicts()) == 1


def test_a_hostile_segment_costs_linear_time() -> None:
    """Were it matched by a backtracking expression, this would take hours."""
    routes = router("GET /{a}-{b}-{c}-{d}-{e}.json")
    assert routes.find("GET", "/" + "-" * 200_000) is None
    assert routes.find("GET", "/" * 200_000) is None
