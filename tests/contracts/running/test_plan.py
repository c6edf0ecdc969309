"""What a run will do is decided before it begins."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import api_of
from understudy.contracts.case import Phase
from understudy.contracts.claims import claims
from understudy.contracts.running.plan import make_plan, select_claims
from understudy.contracts.settings import Profile, Settings
from understudy.specs.errors import UsageError
from understudy.specs.model import Api


def described(operation_id: str, tag: str) -> dict[str, Any]:
    return {"operationId": operation_id, "tags": [tag], "responses": {"200": {"description": ""}}}


API: Api = api_of(
    {
        "/pets": {"get": described("listPets", "pets"), "post": described("createPet", "pets")},
        "/shops/{id}": {"get": {**described("getShop", "shops"), "parameters": []}},
    }
)


@pytest.mark.parametrize(
    ("include", "exclude", "selected"),
    [
        ((), (), ["listPets", "createPet", "getShop"]),
        (("listPets",), (), ["listPets"]),
        (("pets",), (), ["listPets", "createPet"]),
        (("/shops/*",), (), ["getShop"]),
        (("GET *",), (), ["listPets", "getShop"]),
        ((), ("*Pet*",), ["getShop"]),
        (("pets",), ("POST /pets",), ["listPets"]),
    ],
)
def test_operations_are_chosen_by_id_label_path_and_tag(
    include: tuple[str, ...], exclude: tuple[str, ...], selected: list[str]
) -> None:
    plan = make_plan(API, Settings(include=include, exclude=exclude))
    assert [operation.id for operation in plan.selected] == selected
    assert len(plan.operations) == 3
    assert {each.operation_id for each in plan.operations if not each.skipped} == set(selected)


def test_a_pattern_without_a_match_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"--include.*listPets"):
        make_plan(API, Settings(include=("nothing",)))
    with pytest.raises(UsageError, match=r"--claims.*stream-framing"):
        make_plan(API, Settings(claims=("stream-*", "!nothing")))


def test_everything_is_judged_unless_something_is_chosen() -> None:
    assert make_plan(API, Settings()).claims == claims()
    assert make_plan(API, Settings()).phases == (
        Phase.EXAMPLES, Phase.PROBES, Phase.COVERAGE, Phase.FUZZING,
    )  # fmt: skip
    fuzzed = make_plan(API, Settings(phases=frozenset({Phase.FUZZING, Phase.LINKS})))
    assert fuzzed.phases == (Phase.FUZZING,), "no link leads anywhere"
    only = make_plan(API, Settings(claims=("head-like-get",)))
    assert [claim.id for claim in only.claims] == ["head-like-get"]
    assert only.phases == (Phase.PROBES,)
    assert [probe.name for probe in only.probes(Phase.PROBES, API.operations[0])] == ["head_requests"]
    without = {claim.id for claim in select_claims(("!head-like-get",))}
    assert without == {claim.id for claim in claims()} - {"head-like-get"}


def test_a_claim_has_one_owner() -> None:
    names = [claim.id for claim in claims()]
    assert len(names) == len(set(names))
    owners = {claim.owner.partition(".")[0] for claim in claims()}
    assert owners == {"checks", "conversation", "limit_watch", "probes", "promptness", "schemathesis"}


@pytest.mark.parametrize("wrong", [{"rate": 0}, {"max_seconds": -1}, {"request_seconds": 0}, {"max_body_bytes": 0}])
def test_numbers_must_be_positive(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="above 0"):
        Settings(**wrong)


def test_settings_name_secrets_but_do_not_tell_them() -> None:
    settings = Settings(headers=(("X-Key", "hush"),), credentials={"Bearer": "hush"}, profile=Profile.QUICK)
    shown = settings.describe()
    assert shown["headers"] == "X-Key"
    assert shown["credentials for"] == "Bearer"
    assert "hush" not in str(shown)
    assert settings.seconds == 60
    assert Settings(max_seconds=5).seconds == 5
