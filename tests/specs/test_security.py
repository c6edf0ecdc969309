from __future__ import annotations

from pathlib import Path

import pytest

from understudy.specs.catalog import load_api
from understudy.specs.content import Location, SecurityKind
from understudy.specs.model import Api

DOCUMENT = Path(__file__).parent.parent / "documents" / "openapi32-security.yaml"


@pytest.fixture(scope="module")
def api() -> Api:
    return load_api(str(DOCUMENT))


def test_schemes_are_read(api: Api) -> None:
    found = {
        name: (scheme.kind, scheme.location, scheme.parameter, scheme.scheme)
        for name, scheme in api.security_schemes.items()
    }
    assert found == {
        "bearer": (SecurityKind.HTTP, None, "", "bearer"),
        "key": (SecurityKind.API_KEY, Location.QUERY, "api-key", ""),
        "query": (SecurityKind.API_KEY, Location.QUERY, "api-key", ""),
        "login": (SecurityKind.OAUTH2, None, "", ""),
        "certificate": (SecurityKind.MUTUAL_TLS, None, "", ""),
        "discovery": (SecurityKind.OPEN_ID_CONNECT, None, "", ""),
    }
    assert (api.security_schemes["bearer"].bearer_format, api.security_schemes["bearer"].description) == (
        "JWT",
        "A token",
    )


@pytest.mark.parametrize(
    ("name", "alternatives"),
    [
        ("inherited", [[("bearer", ())]]),
        ("optional", [[], [("key", ())]]),
        ("both", [[("bearer", ("read",)), ("key", ())]]),
        ("open", []),
        ("byReference", [[("bearer", ())]]),
        ("unknown", [[("bearer", ())]]),
    ],
)
def test_requirements_are_alternatives_of_schemes(
    api: Api, name: str, alternatives: list[list[tuple[str, tuple[str, ...]]]]
) -> None:
    operation = api.find_operation(name)
    assert operation is not None
    found = [[(scheme.name, scopes) for scheme, scopes in each.schemes] for each in operation.security]
    assert found == alternatives


def test_what_nobody_could_meet_is_a_quirk(api: Api) -> None:
    assert [(quirk.origin.pointer, quirk.message.split(";")[0]) for quirk in api.quirks] == [
        ("/components/securitySchemes/unheard", "security scheme 'unheard' has no known `type` and `in`"),
        ("/components/securitySchemes/misplaced", "security scheme 'misplaced' has no known `type` and `in`"),
        ("/paths/~1unknown/get", "security scheme 'nobody' isn't defined under components/securitySchemes"),
    ]
