"""The table of features names every field of the specification, and tests that there are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
TABLE: Final = ROOT / "specs" / "FEATURES.md"

FIELDS: Final = {
    "OpenAPI Object": "openapi $self info jsonSchemaDialect servers paths webhooks components security tags "
    "externalDocs",
    "Info Object": "title summary description termsOfService contact license version",
    "Contact Object": "name url email",
    "License Object": "name identifier url",
    "Server Object": "url description name variables",
    "Server Variable Object": "enum default description",
    "Components Object": "schemas responses parameters examples requestBodies headers securitySchemes links callbacks "
    "pathItems mediaTypes",
    "Paths Object": "/{path}",
    "Path Item Object": "$ref summary description get put post delete options head patch trace query "
    "additionalOperations servers parameters",
    "Operation Object": "tags summary description externalDocs operationId parameters requestBody responses callbacks "
    "deprecated security servers",
    "External Documentation Object": "description url",
    "Parameter Object": "name in description required deprecated allowEmptyValue example examples style explode "
    "allowReserved schema content",
    "Request Body Object": "description content required",
    "Media Type Object": "schema itemSchema example examples encoding prefixEncoding itemEncoding",
    "Encoding Object": "contentType headers encoding prefixEncoding itemEncoding style explode allowReserved",
    "Responses Object": "default {HTTP_status_code}",
    "Response Object": "summary description headers content links",
    "Callback Object": "{expression}",
    "Example Object": "summary description dataValue serializedValue value externalValue",
    "Link Object": "operationRef operationId parameters requestBody description server",
    "Header Object": "description required deprecated example examples style explode schema content",
    "Tag Object": "name summary description externalDocs parent kind",
    "Reference Object": "$ref summary description",
    "Schema Object": "discriminator xml externalDocs example",
    "Discriminator Object": "propertyName mapping defaultMapping",
    "XML Object": "nodeType name namespace prefix attribute wrapped",
    "Security Scheme Object": "type description name in scheme bearerFormat flows openIdConnectUrl oauth2MetadataUrl "
    "deprecated",
    "OAuth Flows Object": "implicit password clientCredentials authorizationCode deviceAuthorization",
    "OAuth Flow Object": "authorizationUrl deviceAuthorizationUrl tokenUrl refreshUrl scopes",
    "Security Requirement Object": "{name}",
}
"""The fixed and patterned fields of OpenAPI 3.2, chapter 4."""


def sections() -> dict[str, list[list[str]]]:
    """The rows of each object's table, cell by cell."""
    found: dict[str, list[list[str]]] = {}
    for part in TABLE.read_text(encoding="utf-8").split("\n## ")[1:]:
        title, _, rest = part.partition("\n")
        rows = [line.strip("| ").split(" | ") for line in rest.splitlines() if line.startswith("| `")]
        found[title] = rows
    return found


def fields(rows: list[list[str]]) -> list[str]:
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row[0])]


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_its_row(name: str) -> None:
    wanted = [field.replace("_", " ") for field in FIELDS[name].split()]
    found = fields(sections()[name])
    assert set(wanted) <= set(found)
    assert len(found) == len(set(found))
    if name != "Schema Object":
        assert set(found) == set(wanted)


def test_what_is_used_names_a_test_and_what_is_ignored_a_reason() -> None:
    for name, rows in sections().items():
        for row in rows:
            assert len(row) == 5, row
            _, *uses, shown = row
            assert set(uses) <= {"yes", "–"}, row
            tests = re.findall(r"`([^`]+\.py(?:::\w+)?)`", shown)
            assert bool(tests) == ("yes" in uses), (name, row)
            assert tests or len(shown) > 10, (name, row)


def test_the_tests_that_it_names_are_there() -> None:
    named = re.findall(r"`([^`]+\.py)(?:::(\w+))?`", TABLE.read_text(encoding="utf-8").replace("`tests/", "`"))
    missing = []
    for path, function in named:
        file = ROOT / "tests" / path
        if not file.is_file() or (function and f"def {function}(" not in file.read_text(encoding="utf-8")):
            missing.append(f"{path}::{function}")
    assert missing == []
    assert len(named) > 100
