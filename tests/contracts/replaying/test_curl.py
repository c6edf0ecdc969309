"""The command line sends the same request: judged by a shell, not by eye."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from understudy.contracts.case import Case, Mode, Phase
from understudy.contracts.replaying.curl import curl_line, lay_out, shell_word
from understudy.contracts.secrecy.redaction import Redaction

BASE = "http://127.0.0.1:4010/v1/"


def case(
    target: str = "/pets", method: str = "GET", headers: tuple[tuple[str, str], ...] = (), body: bytes | None = None
) -> Case:
    return Case(f"{method} /pets", method, target, headers, body, Mode.POSITIVE, Phase.FUZZING)


@pytest.fixture(scope="module")
def spy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a `curl` that writes down its arguments, each ended by NUL, and its input."""
    directory = tmp_path_factory.mktemp("spy")
    script = directory / "curl"
    script.write_text(
        '#!/bin/sh\nprintf "%s\\0" "$@" > "$OUT.args"\ncase " $* " in *" @- "*) cat > "$OUT.input";; esac\n'
    )
    script.chmod(0o755)
    return directory


def run_line(line: str, spy: Path, tmp_path: Path) -> tuple[list[str], bytes | None]:
    """What curl would be given: its arguments, and its input where it reads one."""
    out = tmp_path / "out"
    environment = {"PATH": f"{spy}:{os.defpath}", "OUT": str(out), "TOKEN": "the token", "API_KEY": "k'1"}
    subprocess.run(["/bin/sh", "-eu", "-c", line], env=environment, check=True, capture_output=True, timeout=20)
    arguments = Path(f"{out}.args").read_bytes().decode().split("\0")[:-1]
    given = Path(f"{out}.input")
    return arguments, given.read_bytes() if given.exists() else None


def test_a_short_line_stays_one() -> None:
    assert curl_line(case("/pets?limit=3"), BASE) == "curl 'http://127.0.0.1:4010/v1/pets?limit=3'"


def test_a_long_line_is_broken_after_each_option() -> None:
    headers = (("Authorization", "Bearer abc"), ("Accept", "application/json"), ("Content-Type", "application/json"))
    assert curl_line(case("/pets", "POST", headers, b'{"name": "Ada"}'), BASE) == (
        "curl -X POST http://127.0.0.1:4010/v1/pets \\\n"
        '  -H "Authorization: Bearer $TOKEN" \\\n'
        "  -H 'Accept: application/json' \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        """  --data-raw '{"name": "Ada"}'"""
    )


@pytest.mark.parametrize(
    ("method", "body", "options"),
    [
        ("GET", None, []),
        ("GET", b"x", ["-X", "GET"]),
        ("HEAD", None, ["--head"]),
        ("DELETE", None, ["-X", "DELETE"]),
        ("POST", b"", ["-X", "POST"]),
        ("M-SEARCH", None, ["-X", "M-SEARCH"]),
    ],
)
def test_methods(method: str, body: bytes | None, options: list[str], spy: Path, tmp_path: Path) -> None:
    arguments, _ = run_line(curl_line(case(method=method, body=body), BASE), spy, tmp_path)
    assert arguments[: len(options) + 1] == [*options, "http://127.0.0.1:4010/v1/pets"]
    rest = ["-H", "Content-Type:", "--data-raw", body.decode()] if body is not None else []
    assert arguments[len(options) + 1 :] == rest


@pytest.mark.parametrize(
    ("target", "option"),
    [("/p?ids[]=1", "--globoff"), ("/p?x={a}", "--globoff"), ("/a/../b", "--path-as-is"), ("/a/.", "--path-as-is")],
)
def test_curl_may_not_reinterpret_the_target(target: str, option: str) -> None:
    assert f" {option} " in curl_line(case(target), BASE)
    assert option not in curl_line(case("/p?x=1..2&y=./z"), BASE)


def test_headers_that_curl_sends_by_itself_are_left_out_and_empty_ones_are_kept(spy: Path, tmp_path: Path) -> None:
    headers = (
        ("Host", "h"),
        ("Content-Length", "3"),
        ("User-Agent", "u"),
        ("Accept-Encoding", "gzip"),
        ("X-None", ""),
        ("X-A", "1"),
    )
    arguments, _ = run_line(curl_line(case(headers=headers), BASE), spy, tmp_path)
    assert arguments == ["http://127.0.0.1:4010/v1/pets", "-H", "X-None;", "-H", "X-A: 1"]


def test_secrets_are_variables_that_the_shell_fills_in(spy: Path, tmp_path: Path) -> None:
    headers = (("Authorization", "Bearer sk-1234"), ("X-Quoted", 'say "hi" `date` $HOME \\ ! it\'s'))
    redaction = Redaction({"sk-1234": "TOKEN"})
    line = curl_line(case("/pets?x=a'b&api-key=sk-1234", headers=headers), BASE, redaction)
    assert "sk-1234" not in line
    arguments, _ = run_line(line, spy, tmp_path)
    assert arguments == [
        "http://127.0.0.1:4010/v1/pets?x=a'b&api-key=the token",
        "-H",
        "Authorization: Bearer the token",
        "-H",
        'X-Quoted: say "hi" `date` $HOME \\ ! it\'s',
    ]


@pytest.mark.parametrize(
    "text",
    ["", "plain", "it's", "a b", "$HOME", "`x`", '"', "\\", "!", "a\nb", "~", "*", "-n", "#c", "é•", "''", "a;b|c&d"],
)
def test_every_word_comes_through_the_shell(text: str, spy: Path, tmp_path: Path) -> None:
    assert run_line(f"curl {shell_word(text)}", spy, tmp_path)[0] == [text]


@pytest.mark.parametrize("text", ["$TOKEN", "a $TOKEN b", "x!$TOKEN'$API_KEY\"", "$HOME$TOKEN`"])
def test_only_placeholders_are_expanded(text: str, spy: Path, tmp_path: Path) -> None:
    expected = text.replace("$TOKEN", "the token").replace("$API_KEY", "k'1")
    assert run_line(f"curl {shell_word(text)}", spy, tmp_path)[0] == [expected]


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x01\xff",
        b"\r\n",
        b"%s %d \\n ' \" \x1b[31m",
        "right \u202e left".encode(),
        b"\x89PNG\r\n" + b"\0" * 5_000 + b"tail",
        b"a" * 1_000_000,
        b"--b\r\n\r\n" + b"\xff" * 3_000 + b"\r\n" + b"0" * 999 + b"\r\n--b--\r\n",
        bytes(range(256)) * 40,
        "é".encode() * 20_000,
        b"'" * 100 + b"\x00",
        b"%" * 2_000 + b"\x01",
    ],
    ids=range(11),
)
def test_octets_reach_curl_unchanged(body: bytes, spy: Path, tmp_path: Path) -> None:
    line = curl_line(case(method="POST", body=body), BASE)
    arguments, given = run_line(line, spy, tmp_path)
    assert arguments[-2:] == ["--data-binary", "@-"]
    assert given == body
    assert line.isprintable() or set(line) - {"\n"} == {character for character in line if character.isprintable()}


@pytest.mark.parametrize("body", [b"a\nb\tc", b"@file", "“é” 🍏".encode(), b"it's", b"-x", b"\\"])
def test_text_is_shown_as_text(body: bytes, spy: Path, tmp_path: Path) -> None:
    arguments, given = run_line(curl_line(case(method="POST", body=body), BASE), spy, tmp_path)
    assert (arguments[-2:], given) == (["--data-raw", body.decode()], None)


def test_what_is_too_long_to_write_out_is_named() -> None:
    body = os.urandom(300_000)
    line = curl_line(case(method="POST", body=body), BASE)
    assert line.startswith("# body.bin: 300,000 octets, too many to write out\ncurl -X POST ")
    assert "--data-binary @body.bin" in line
    assert len(line) < 300


def test_many_runs_are_too_long_as_well() -> None:
    body = b"".join(bytes([index]) * 1_500 for index in range(100))
    assert "body.bin" in curl_line(case(method="POST", body=body), BASE)


@pytest.mark.parametrize(
    "accept", ["text/event-stream", "application/json, Text/Event-Stream;q=0.5", "application/jsonl"]
)
def test_streams_are_not_buffered(accept: str) -> None:
    assert curl_line(case(headers=(("Accept", accept),)), BASE).startswith("curl --no-buffer ")


def test_a_stream_may_be_known_from_its_answer() -> None:
    assert curl_line(case(), BASE, stream=True).startswith("curl --no-buffer ")
    assert "--no-buffer" not in curl_line(case(headers=(("Accept", "text/plain"),)), BASE)


def test_laying_out() -> None:
    assert lay_out(("curl x", "-H y"), 11) == "curl x -H y"
    assert lay_out(("curl x", "-H y"), 10) == "curl x \\\n  -H y"
    assert lay_out(("curl x", "-d 'a\nb'"), 99) == "curl x \\\n  -d 'a\nb'"
