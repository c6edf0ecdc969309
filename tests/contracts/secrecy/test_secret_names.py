"""Which names are secret, and which only sound like it."""

from __future__ import annotations

import pytest

from understudy.contracts.secrecy.secret_names import find_password_names, is_secret_container, is_secret_name, words

SECRET = """
Authorization Proxy-Authorization Cookie Set-Cookie X-API-Key api-key apiKey apikey APIKey access_token accessToken
refreshToken id_token token x-auth-token X-CSRF-Token password newPassword passwd pwd passphrase secret client_secret
clientSecret grantKey grant_key accessKey privateKey secretKey AWSSecretAccessKey jwt pin X-Amz-Signature sig
X-Amz-Credential apiKeys tokens secrets signing-key
"""
HARMLESS = """
max_tokens maxTokens completion_tokens prompt_tokens total_tokens pageToken nextPageToken next_token tokenizer
token_type key keys Idempotency-Key sortKey primaryKey publicKey author authority cookieConsentShown monkey secretary
passenger spin signatureAlgorithm functionSignature sessionId id name Content-Type 7 -
"""


@pytest.mark.parametrize("name", SECRET.split())
def test_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["", *HARMLESS.split()])
def test_not_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_words() -> None:
    assert words("X-apiKey_v2") == ("x", "api", "key", "v", "2")
    assert words("HTTPServerError") == ("http", "server", "error")
    assert words("Schlüssel") == ("schl", "ssel")
    assert words("—") == ()


def test_a_container_is_secret_as_a_whole_unless_it_is_plural() -> None:
    assert is_secret_container("secret")
    assert is_secret_container("clientCredential")
    assert not is_secret_container("apiKeys")
    assert not is_secret_container("tokens")
    assert not is_secret_container("name")


def test_names_that_a_document_marks() -> None:
    tree = {
        "components": {
            "schemas": {
                "Login": {
                    "properties": {
                        "phrase": {"type": "string", "format": "password"},
                        "user": {"type": "string"},
                        "deep": {"items": [{"properties": {"answer": {"format": "password"}}}]},
                    }
                }
            }
        },
        "paths": {
            "/login": {
                "parameters": [
                    {"name": "X-Word", "in": "header", "schema": {"type": "string", "format": "password"}},
                    {"name": "old", "in": "query", "type": "string", "format": "password"},
                    {"name": "plain", "in": "query", "schema": {"type": "string"}},
                ]
            }
        },
        "example": {"name": "not-a-parameter", "format": "password"},
    }
    assert find_password_names(tree) == {"phrase", "answer", "X-Word", "old"}


@pytest.mark.parametrize("tree", [None, True, 7, "format", [], {"properties": ["format"]}, {"properties": {"a": True}}])
def test_trees_that_are_no_documents(tree: object) -> None:
    assert find_password_names(tree) == frozenset()


def test_a_deep_tree_is_no_trouble() -> None:
    tree: object = {"properties": {"word": {"format": "password"}}}
    for _ in range(100_000):
        tree = [tree]
    assert find_password_names(tree) == {"word"}
