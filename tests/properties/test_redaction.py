"""Laws of redaction: no secret is left, nothing else changes, twice is once."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from understudy.contracts.secrecy.masking import MASK, mask_json
from understudy.contracts.secrecy.redaction import Redaction
from understudy.contracts.secrecy.secret_names import is_secret_name
from understudy.specs.documents.document import Json

SECRET = "zq7-credential-9x"
REDACTION = Redaction({SECRET: "TOKEN"})

_NAMES = st.sampled_from(
    ["token", "password", "apiKey", "secret", "tokens", "name", "id", "items", "max_tokens", 'q"x']
)
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.just(SECRET), st.just(f"see {SECRET}."))
_VALUES: st.SearchStrategy[Json] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_NAMES, inner, max_size=4)),
    max_leaves=12,
)
_DOCUMENTS = st.builds(json.dumps, _VALUES, ensure_ascii=st.booleans(), indent=st.sampled_from([None, 1]))


def _has_secret(value: Json, secret: bool) -> bool:
    """Whether a string stands directly under a secret name; the law told a second time, on parsed values."""
    if isinstance(value, dict):
        return any(_has_secret(item, is_secret_name(key) and not isinstance(item, dict)) for key, item in value.items())
    if isinstance(value, list):
        return any(_has_secret(item, secret) for item in value)
    return secret and isinstance(value, str) and value not in ("", MASK)


@given(_DOCUMENTS)
def test_masked_json_is_json_without_secrets(text: str) -> None:
    masked = mask_json(text, is_secret_name)
    assert not _has_secret(json.loads(masked.text), False)
    assert (masked.text == text) is not bool(masked.secrets)
    assert mask_json(masked.text, is_secret_name).text == masked.text


@given(_DOCUMENTS, st.integers(0, 400))
def test_a_body_cut_anywhere_shows_no_more_than_the_whole(text: str, cut: int) -> None:
    masked = mask_json(text[:cut], is_secret_name).text
    assert mask_json(text, is_secret_name).text.startswith(masked.removesuffix(f'"{MASK}"'))


@given(_DOCUMENTS)
def test_an_exact_credential_is_nowhere(text: str) -> None:
    masked = REDACTION.body(text.encode(), "application/json")
    assert SECRET.encode() not in masked
    assert REDACTION.body(masked, "application/json") == masked


@given(
    st.binary(max_size=300), st.sampled_from([None, "application/json", "text/xml", "multipart/form-data; boundary=x"])
)
def test_octets_never_break_it(octets: bytes, media_type: str | None) -> None:
    masked = REDACTION.body(octets + SECRET.encode() + octets, media_type)
    assert SECRET.encode() not in masked
    assert REDACTION.body(masked, media_type) == masked


@given(st.text(max_size=60), st.text(max_size=60))
def test_headers_and_targets_show_no_credential(before: str, after: str) -> None:
    for name in ("Authorization", "Cookie", "X-Anything", "api-key"):
        shown = REDACTION.request_header(name, f"{before}{SECRET}{after}")
        assert SECRET not in shown
        assert REDACTION.request_header(name, shown) == shown
    target = REDACTION.target(f"/{before}{SECRET}?{after}&key={SECRET}")
    assert SECRET not in target
    assert REDACTION.target(target) == target
