"""Nothing that opens a door leaves with a report, and what is shown still runs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from understudy.contracts.case import Answer, Case, Chunk, Exchange, Mode, Phase
from understudy.contracts.claims import Claim, Failure, Severity
from understudy.contracts.events import (
    ClaimSkipped,
    ErrorRaised,
    FailureFound,
    FlakyFound,
    OperationPlanned,
    RunFinished,
    RunStarted,
)
from understudy.contracts.running.folding import fold
from understudy.contracts.secrecy.redaction import MAX_LEARNT, PLACEHOLDER, Redaction
from understudy.contracts.secrecy.run_redaction import redact_run
from understudy.contracts.verdict import Run
from understudy.specs.errors import UsageError
from understudy.specs.pointers import JsonPointer
from understudy.specs.schemas.validation import Violation

PLAIN = Redaction()
KNOWN = Redaction({"sk-live-1": "TOKEN", "tenant/2": "TENANT_TOKEN"}, frozenset({"appid"}))


def violation(pointer: str, actual: object, message: str = "") -> Violation:
    return Violation(JsonPointer(pointer), "minLength", 8, actual, JsonPointer("/minLength"), message)


def answer(body: bytes, media_type: str = "application/json", *headers: tuple[str, str]) -> Answer:
    return Answer(200, "OK", (("Content-Type", media_type), *headers), body, 1.0, 1.0)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc", "Bearer $TOKEN"),
        ("authorization", "abc", "$TOKEN"),
        ("Authorization", "Basic dXNlcg==", "Basic $CREDENTIALS"),
        ("Authorization", 'Digest username="a", nonce="b"', "Digest $CREDENTIALS"),
        ("Proxy-Authorization", "bearer abc", "bearer $TOKEN"),
        ("X-API-Key", "abc", "$API_KEY"),
        ("apikey", "abc", "$API_KEY"),
        ("X-Auth-Token", "abc", "$AUTH_TOKEN"),
        ("X-API-Key", "", ""),
        ("Authorization", "Bearer understudy-made-up", "Bearer understudy-made-up"),
        ("Cookie", "sid=abc; theme=; x", "sid=$SID_COOKIE; theme=; x"),
        ("Accept", "application/json", "application/json"),
        ("Idempotency-Key", "abc", "abc"),
    ],
)
def test_request_headers(name: str, value: str, shown: str) -> None:
    assert PLAIN.request_header(name, value) == shown
    assert PLAIN.request_header(name, shown) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer sk-live-1", "Bearer $TOKEN"),
        ("Authorization", "Bearer wrong", "Bearer $OTHER_TOKEN"),
        ("X-Tenant", "tenant/2", "$TENANT_TOKEN"),
        ("AppId", "abc", "$OTHER_APP_ID_SECRET"),
        ("X-Trace", "from sk-live-1", "from $TOKEN"),
    ],
)
def test_with_known_credentials_others_can_be_told_apart(name: str, value: str, shown: str) -> None:
    assert KNOWN.request_header(name, value) == shown


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("/pets?limit=3", "/pets?limit=3"),
        ("/pets?api-key=sk-live-1&limit=3", "/pets?api-key=$TOKEN&limit=3"),
        ("/pets?api%2Dkey=other", "/pets?api%2Dkey=$OTHER_API_KEY"),
        ("/keys/sk-live-1/use", "/keys/$TOKEN/use"),
        ("/keys/tenant%2F2", "/keys/$TENANT_TOKEN"),
        ("/pets?token=", "/pets?token="),
        ("/pets?token=$TOKEN", "/pets?token=$TOKEN"),
    ],
)
def test_targets(target: str, shown: str) -> None:
    assert KNOWN.target(target) == shown


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Set-Cookie", "sid=abc; Path=/; HttpOnly", "sid=•••; Path=/; HttpOnly"),
        ("X-Auth-Token", "abc", "•••"),
        ("Location", "/login?token=abc&x=1", "/login?token=•••&x=1"),
        ("WWW-Authenticate", 'Bearer realm="api", error="invalid_token"', 'Bearer realm="api", error="invalid_token"'),
        ("Content-Type", "application/json", "application/json"),
    ],
)
def test_answer_headers(name: str, value: str, shown: str) -> None:
    assert PLAIN.answer_header(name, value) == shown
    assert PLAIN.answer_header(name, shown) == shown


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        ("application/json", b'{"password": "hunter2"}', '{"password": "•••"}'),
        (None, b'{"password": "hunter2"}', '{"password": "•••"}'),
        ("application/x-www-form-urlencoded", b"password=hunter2&a=b", "password=•••&a=b"),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nx: name="password"\r\n\r\nhunter2\r\n--b--',
            '--b\r\nx: name="password"\r\n\r\n•••\r\n--b--',
        ),
        ("application/soap+xml", b"<password>hunter2</password>", "<password>•••</password>"),
        ("text/plain", b"my token is sk-live-1", "my token is •••"),
        ("application/json", b'{"appid": "x"}', '{"appid": "•••"}'),
        ("text/html", b"Bearer eyJhbGciOiJI.eyJzdWIi.c2ln", "Bearer •••"),
    ],
)
def test_bodies(media_type: str | None, body: bytes, shown: str) -> None:
    masked = KNOWN.body(body, media_type)
    assert masked.decode() == shown
    assert KNOWN.body(masked, media_type) == masked


def test_octets_without_secrets_stay_the_same() -> None:
    body = bytes(range(256)) * 3
    assert KNOWN.body(body, "application/octet-stream") is body
    assert KNOWN.body(body + b"sk-live-1" + body, None) == body + "•••".encode() + body


def test_short_credentials_are_masked_only_where_their_name_tells() -> None:
    redaction = Redaction({"a": "TOKEN"})
    assert redaction.text("a banana") == "a banana"
    assert redaction.request_header("Authorization", "Bearer a") == "Bearer $TOKEN"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ada:pw@host/x", "https://•••@host/x"),
        ("the key sk_test_0123456789abcdefgh is wrong", "the key ••• is wrong"),
        ("Basic authentication is required, or Bearer tokens", "Basic authentication is required, or Bearer tokens"),
        ("sent Authorization: Bearer a1b2c3d4", "sent Authorization: Bearer •••"),
    ],
)
def test_prose(text: str, shown: str) -> None:
    assert PLAIN.text(text) == shown


def test_violations() -> None:
    masked = PLAIN.violation(violation("/user/password", "hunter2", "'hunter2' is too short"))
    assert (masked.actual, masked.message, masked.expected) == ("•••", "'•••' is too short", 8)
    assert PLAIN.violation(violation("", {"token": "t", "id": 1})).actual == {"token": "•••", "id": 1}
    assert PLAIN.violation(violation("/name", "Al")).actual == "Al"


@pytest.mark.parametrize("name", ["token", "MY TOKEN", "TOKENS", "1TOKEN", ""])
def test_a_variable_must_look_like_one(name: str) -> None:
    with pytest.raises(UsageError, match="credential name"):
        Redaction({"secret-value": name})


def test_placeholders_are_told_from_other_dollars() -> None:
    found = PLACEHOLDER.findall("$TOKEN $API_KEY2 $OTHER_SID_COOKIE $HOME $TOKENS $tOKEN a$P_1_KEY")
    assert found == ["$TOKEN", "$OTHER_SID_COOKIE", "$P_1_KEY"]


def test_what_answers_carried_is_masked_wherever_it_comes_again() -> None:
    created = answer(
        b'{"id": 1, "grantKey": "grant-55667788"}', "application/json", ("Set-Cookie", "sid=session-1234; Path=/")
    )
    redaction = PLAIN.learning([created])
    assert redaction.text("refused grant-55667788 and session-1234") == "refused ••• and •••"
    assert redaction.target("/grants/grant-55667788") == "/grants/$SECRET"
    assert PLAIN.learning([redaction.answer(created)]).learnt == frozenset()


def test_learning_is_bounded() -> None:
    body = "[" + ",".join(f'{{"token": "token-number-{index}"}}' for index in range(5_000)) + "]"
    assert len(PLAIN.learning([answer(body.encode())] * 3).learnt) == MAX_LEARNT


def _run() -> Run:
    claim = Claim("c", "C", Severity.LOW, "", "", "tests")
    case = Case(
        "POST /login",
        "POST",
        "/login?api-key=sk-live-1",
        (("Authorization", "Bearer sk-live-1"), ("Content-Type", "application/json"), ("Cookie", "sid=cookie-value-1")),
        b'{"password": "hunter2hunter2"}',
        Mode.POSITIVE,
        Phase.PROBES,
        "with sk-live-1",
    )
    reply = replace(
        answer(b'{"accessToken": "issued-998877"}', "application/json", ("Set-Cookie", "sid=cookie-value-2")),
        reason="OK sk-live-1",
        chunks=(Chunk(1.0, b'{"accessToken": "issued-998877"}'),),
    )
    failure = Failure(
        claim,
        "POST /login",
        "200",
        "issued-998877 and sk-live-1 differ",
        [violation("/accessToken", "issued-998877", "issued-998877!")],
    )
    start = RunStarted(
        "Login",
        "1",
        "3.2.0",
        "https://ada:pa55word@host/openapi.yaml?token=doc-token-1",
        "http://ada:pa55word@host",
        1,
        "",
        (OperationPlanned("POST /login", "", (), ()),),
        (claim,),
        (),
        {"header": "X: sk-live-1", "password": "opt-password", "profile": "quick"},
    )
    return fold(
        [
            start,
            FailureFound(failure, (Exchange(case, reply), Exchange(case, None, "sk-live-1 was refused"))),
            FlakyFound(Failure(claim, "POST /login", "flaky", "issued-998877 once"), (Exchange(case, reply),)),
            ClaimSkipped("d", "POST /login", "sk-live-1 is not a tenant"),
            ErrorRaised("POST /login", None, "cannot parse issued-998877"),
            ErrorRaised("", None, "sk-live-1"),
            RunFinished(1.0),
        ]
    )


def test_a_redacted_run_holds_no_secret_at_all() -> None:
    redacted = redact_run(_run(), KNOWN)
    shown = repr(redacted)
    for secret in ("sk-live-1", "hunter2", "cookie-value", "issued-998877", "pa55word", "doc-token-1", "opt-password"):
        assert secret in repr(_run())
        assert secret not in shown
    assert redacted.start.settings["profile"] == "quick"
    assert redacted.findings[0].message == "••• and $TOKEN differ"
    assert redact_run(redacted, KNOWN) == redacted
    assert redact_run(redacted, PLAIN) == redacted
