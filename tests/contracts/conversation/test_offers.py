"""Each claim of the model that can't be judged has its reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.apps.small_api import api_of
from tests.apps.spoiled_library import LIBRARY
from understudy.contracts.claims import Claim
from understudy.contracts.conversation.claims import INFERRED_CLAIMS, MODEL_CLAIMS
from understudy.contracts.conversation.offers import find_lack
from understudy.contracts.conversation.trust import trust_in
from understudy.specs.catalog import load_api

OK = {"200": {"description": ""}}


@pytest.mark.parametrize("claim", MODEL_CLAIMS, ids=lambda claim: claim.id)
def test_what_offers_nothing_lacks_what_each_claim_needs(claim: Claim) -> None:
    action: dict[str, Any] = {"read": "pet", "key": "$request.path.id"}
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
    get = {"x-understudy": {"action": action}, "responses": OK}
    api = api_of(
        {"/pets/{id}": {"parameters": [key], "get": get}}, **{"x-understudy": {"resources": {"pet": {"key": "id"}}}}
    )
    lack = find_lack(claim, trust_in(api), [each for each in api.operations if each.action is not None])
    assert lack
    assert lack.startswith(("no ", "nobody", "there is no"))


@pytest.mark.parametrize("claim", MODEL_CLAIMS, ids=lambda claim: claim.id)
def test_what_offers_all_lacks_nothing(claim: Claim) -> None:
    api = load_api(LIBRARY)
    assert find_lack(claim, trust_in(api), [each for each in api.operations if each.action is not None]) is None


def test_what_is_inferred_is_no_claim_but_for_some() -> None:
    api = api_of({"/pets": {"get": {"responses": OK}}})
    lacks = {claim.id: find_lack(claim, trust_in(api), ()) or "" for claim in MODEL_CLAIMS}
    told = {name for name, lack in lacks.items() if lack.startswith("the document declares no behaviour")}
    assert told == lacks.keys() - INFERRED_CLAIMS
