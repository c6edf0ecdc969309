"""Secrets in the text of bodies, whole or broken; everything else stays as it is."""

from __future__ import annotations

import json

import pytest

from understudy.contracts.secrecy.masking import (
    MASK,
    MAX_DEPTH,
    mask_json,
    mask_multipart,
    mask_pairs,
    mask_value,
    mask_xml,
)
from understudy.contracts.secrecy.secret_names import is_secret_name


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"token": "abc", "name": "Ada"}', '{"token": "•••", "name": "Ada"}'),
        ('{"token":"a\\"b\\\\","x":1}', '{"token":"•••","x":1}'),
        ('{"pin": 1234, "password": -1.5e3}', '{"pin": "•••", "password": "•••"}'),
        ('{"token": "", "secret": null, "password": false}', '{"token": "", "secret": null, "password": false}'),
        ('{"tokens": 17, "max_tokens": "5"}', '{"tokens": 17, "max_tokens": "5"}'),
        ('{"tokens": ["a", "b"], "b": ["c"]}', '{"tokens": ["•••", "•••"], "b": ["c"]}'),
        (
            '{"secret": {"a": "x", "b": ["y", {"c": "z"}]}, "d": "e"}',
            '{"secret": {"a": "•••", "b": ["•••", {"c": "•••"}]}, "d": "e"}',
        ),
        ('{"apiKeys": [{"id": "k1", "apiKey": "s"}]}', '{"apiKeys": [{"id": "•••", "apiKey": "•••"}]}'),
        ('{"credentials": {"user": "ada", "password": "s"}}', '{"credentials": {"user": "ada", "password": "•••"}}'),
        ('{"key": "dk_0d9c4b6f21aa0d9c4b6f21aa", "n": {"key": "size"}}', '{"key": "•••", "n": {"key": "size"}}'),
        ('{"key": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}', '{"key": "7c9e6679-7425-40de-944b-e07fc1f90ae7"}'),
        ('{"token": "$OTHER_TOKEN", "password": "$5"}', '{"token": "$OTHER_TOKEN", "password": "•••"}'),
        ('["token", "abc"]', '["token", "abc"]'),
        ('"token"', '"token"'),
        ('{"note": "the \\"token\\": \\"x\\""}', '{"note": "the \\"token\\": \\"x\\""}'),
        ('{"a": {"token": {}}, "b": "c"}', '{"a": {"token": {}}, "b": "c"}'),
    ],
)
def test_json(text: str, masked: str) -> None:
    assert mask_json(text, is_secret_name).text == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ('{"token": "cut off he', '{"token": "•••"'),
        ('{"token" : \n "a",, "x": }', '{"token" : \n "•••",, "x": }'),
        ('{"token": abc}', '{"token": "•••"}'),
        ('}}]{"token": "a"}', '}}]{"token": "•••"}'),
        ('{"a": "say \\"hi\n{"token": "x"}', '{"a": "say \\"hi\n{"token": "•••"}'),
        ('data: {"token": "x"}\n\ndata: {"word": "y"}\n\n', 'data: {"token": "•••"}\n\ndata: {"word": "y"}\n\n'),
        ('{"id":1}\n{"password":"p"}\n', '{"id":1}\n{"password":"•••"}\n'),
    ],
)
def test_what_is_broken_or_a_stream_is_masked_too(text: str, masked: str) -> None:
    assert mask_json(text, is_secret_name).text == masked


def test_json_within_json() -> None:
    inner = json.dumps({"token": "s3cret", "word": "ok"})
    masked = mask_json(json.dumps({"data": json.dumps({"more": inner})}), is_secret_name)
    assert masked.secrets == ("s3cret",)
    assert json.loads(json.loads(json.loads(masked.text)["data"])["more"]) == {"token": MASK, "word": "ok"}


def test_secrets_are_reported_decoded() -> None:
    assert mask_json('{"token": "a\\u00e9\\n", "pin": 7}', is_secret_name).secrets == ("aé\n", "7")


def test_masking_twice_changes_nothing() -> None:
    once = mask_json('{"token": "abc", "pin": 4711, "secret": {"a": 1}}', is_secret_name)
    again = mask_json(once.text, is_secret_name)
    assert (again.text, again.secrets) == (once.text, ())


def test_a_megabyte_of_brackets_and_quotes_takes_no_time() -> None:
    text = '{"token":[' * 100_000 + '"a' * 1_000
    assert "a" not in mask_json(text, is_secret_name).text[1_000_000:]


def test_pairs() -> None:
    masked = mask_pairs("a=1&api_key=k%20y&password=&token=•••&flag", is_secret_name)
    assert masked.text == "a=1&api_key=•••&password=&token=•••&flag"
    assert masked.secrets == ("k y",)
    assert mask_pairs("http://h/p?token=x&y=z", is_secret_name).text == "http://h/p?token=•••&y=z"
    assert (
        mask_pairs("api%5Fkey=x", is_secret_name, lambda name, value: f"<{name}:{value}>").text
        == "api%5Fkey=<api_key:x>"
    )


def test_xml() -> None:
    masked = mask_xml('<a><s:password kind="x">p&amp;q</s:password><name>n</name><token/></a>', is_secret_name)
    assert masked.text == '<a><s:password kind="x">•••</s:password><name>n</name><token/></a>'
    assert masked.secrets == ("p&amp;q",)


def test_multipart() -> None:
    def part(head: str, content: str) -> str:
        return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n"

    text = (
        part('name="password"', "p\r\nq")
        + part('name="meta"', '{"token": "t"}')
        + part('name="file"', "x")
        + "--b--\r\n"
    )
    masked = mask_multipart(text, "b", is_secret_name)
    expected = part('name="password"', MASK) + part('name="meta"', '{"token": "•••"}') + part('name="file"', "x")
    assert masked.text == expected + "--b--\r\n"
    assert masked.secrets == ("p\r\nq", "t")
    assert mask_multipart(masked.text, "b", is_secret_name).secrets == ()


def test_values() -> None:
    value = {
        "token": "t",
        "n": 1,
        "keep": True,
        "secret": {"a": None, "b": [2, "x"]},
        "apiKeys": {"id": "k"},
        "s": "shout",
    }
    assert mask_value(value, False, is_secret_name, str.upper) == {
        "token": MASK,
        "n": 1,
        "keep": True,
        "secret": {"a": None, "b": [MASK, MASK]},
        "apiKeys": {"id": "K"},
        "s": "SHOUT",
    }
    assert mask_value(["a", 1, False], True, is_secret_name, str) == [MASK, MASK, False]


def test_values_without_end_are_cut() -> None:
    value: list[object] = []
    for _ in range(5_000):
        value = [value]
    assert json.dumps(mask_value(value, False, is_secret_name, str), ensure_ascii=False).count("[") == MAX_DEPTH + 1
