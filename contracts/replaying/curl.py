"""Write a case as a curl command line for a POSIX shell: paste it, and the same request is sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from understudy.contracts.case import Case
from understudy.contracts.secrecy.redaction import PLACEHOLDER, Redaction

__all__ = ["curl_line", "curl_words", "is_stream", "lay_out", "shell_word"]

MAX_WIDTH = 100
"""Longer lines are broken after each option."""

MAX_ARGUMENT = 30_000
"""Octets; longer bodies come through a pipe, since systems limit the length of one argument."""

MAX_BODY = 100_000
"""Octets of a body that are written out, long runs of one octet aside; of a longer one only the size is given."""

MAX_SEGMENTS = 20
MIN_RUN = 1_000

_PLAIN = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff0-\uffff]")
_SAFE_IN_FORMAT = frozenset(range(0x20, 0x7F)) - frozenset(b"%\\'")
_AUTOMATIC = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent"})
_SEQUENTIAL = re.compile(r"text/event-stream|application/(?:jsonl|x-ndjson|json-seq|x-jsonlines)|multipart/mixed")


def is_stream(media_types: Iterable[str | None]) -> bool:
    """Whether one of these values of `Accept` or `Content-Type` names a sequential media type."""
    return any(_SEQUENTIAL.search((media_type or "").lower()) for media_type in media_types)


def curl_line(case: Case, base_url: str, redaction: Redaction | None = None, *, stream: bool = False) -> str:
    """The command line that sends a case, over several lines where it is long.

    Secrets become shell variables, in bodies ``•••``. What curl sends by itself isn't written (``Host``,
    ``Content-Length``, ``Connection``, ``User-Agent``, ``Accept-Encoding``).

    Args:
        base_url: What the case's target is below.
        redaction: What is secret; None masks what names and looks tell.
        stream: Whether the answer is one; a case that accepts one is taken for one anyway.
    """
    return lay_out(curl_words((redaction or Redaction()).case(case), base_url, stream=stream))


def curl_words(
    case: Case, base_url: str, *, stream: bool = False, options: Sequence[str] = (), variables: Iterable[str] = ()
) -> tuple[str, ...]:
    """The parts of the line for a case that has been redacted: method and URL first, then an option each.

    Args:
        options: Further options of curl, as they are written.
        variables: Names of shell variables that the case has, beside those that stand for secrets.
    """
    known = _variables(variables)
    url = base_url.rstrip("/") + case.target
    pipe, data = _body(case.body, known)
    stream = stream or is_stream(value for name, value in case.headers if name.lower() == "accept")
    buffer = ["--no-buffer"] if stream else []
    first = " ".join(["curl", *options, *buffer, *_method(case), *_url_options(url), shell_word(url, known)])
    pause = f"sleep {case.pause:g} && " if case.pause else ""
    return (pause + pipe + first, *_headers(case, known), *data)


def lay_out(words: Sequence[str], max_width: int = MAX_WIDTH) -> str:
    """On one line if that has at most ``max_width`` characters, else broken after each part."""
    line = " ".join(words)
    return line if len(line) <= max_width and "\n" not in line else " \\\n  ".join(words)


def shell_word(text: str, known: re.Pattern[str] = PLACEHOLDER) -> str:
    """Quote a word for a POSIX shell; what is ``known``, such as ``$TOKEN``, stays a variable."""
    if _PLAIN.fullmatch(text):
        return text
    literals = known.split(text)
    variables = known.findall(text)
    if not variables:
        return _quoted(text) or "''"
    if not re.search(r'[\\"`!$]', "".join(literals)):
        return f'"{text}"'
    quoted = [f'{_quoted(literal)}"{variable}"' for literal, variable in zip(literals, variables, strict=False)]
    return "".join((*quoted, _quoted(literals[-1])))


def _variables(names: Iterable[str]) -> re.Pattern[str]:
    """Finds placeholders and variables of these names; neither pattern has groups."""
    others = "|".join(re.escape(name) for name in sorted(names))
    return re.compile(rf"{PLACEHOLDER.pattern}|\$(?:{others})(?![A-Za-z0-9_])") if others else PLACEHOLDER


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'" if text else ""


def _method(case: Case) -> list[str]:
    if case.method == "HEAD" and case.body is None:
        return ["--head"]
    if case.method == "GET" and case.body is None:
        return []
    return [f"-X {shell_word(case.method)}"]


def _url_options(url: str) -> list[str]:
    options = []
    if re.search(r"[\[\]{}]", url):
        options.append("--globoff")
    if re.search(r"/\.\.?(/|\?|$)", url):
        options.append("--path-as-is")
    return options


def _headers(case: Case, known: re.Pattern[str]) -> list[str]:
    options = []
    names = set()
    for name, value in case.headers:
        names.add(name.lower())
        if name.lower() not in _AUTOMATIC:
            options.append("-H " + shell_word(f"{name}: {value}" if value.strip() else f"{name};", known))
    if case.body is not None and "content-type" not in names:
        options.append("-H 'Content-Type:'")
    return options


def _body(body: bytes | None, known: re.Pattern[str]) -> tuple[str, list[str]]:
    """What goes before ``curl``, and the option that takes the body; variables in it only where there are some."""
    if body is None:
        return "", []
    text = _printable_text(body)
    if text is not None and len(body) <= MAX_ARGUMENT:
        word = _quoted(text) or "''" if known is PLACEHOLDER else shell_word(text, known)
        return "", [f"--data-raw {word}"]
    segments = [*islice(_segments(body), MAX_SEGMENTS + 1)]
    if len(segments) > MAX_SEGMENTS or sum(end - start for start, end, repeats in segments if not repeats) > MAX_BODY:
        return f"# body.bin: {len(body):,} octets, too many to write out\n", ["--data-binary @body.bin"]
    commands = [
        _repeat(body[start], end - start) if repeats else _print(body[start:end]) for start, end, repeats in segments
    ]
    script = commands[0] if len(commands) == 1 else "{ " + "; ".join(commands) + "; }"
    return f"{script} | ", ["--data-binary @-"]


def _segments(body: bytes) -> Iterator[tuple[int, int, bool]]:
    """Start and end of each part, and whether it is a long run of one octet."""
    done = 0
    for start, end in _runs(body):
        if start > done:
            yield done, start, False
        yield start, end, True
        done = end
    if done < len(body):
        yield done, len(body), False


def _runs(body: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each run of at least `MIN_RUN` equal octets: such a run fills a window of half its length."""
    window = MIN_RUN // 2
    at = done = 0
    while at + window <= len(body):
        octet = body[at : at + 1]
        if body[at : at + window] != octet * window:
            at += window
            continue
        start, end = at, len(body)
        while start > done and body[start - 1] == octet[0]:
            start -= 1
        if other := re.compile(b"[^" + re.escape(octet) + b"]", re.DOTALL).search(body, at):
            end = other.start()
        if end - start >= MIN_RUN:
            yield start, end
            done = end
        at = end


def _repeat(octet: int, times: int) -> str:
    zeros = f"head -c {times} /dev/zero"
    return zeros if octet == 0 else f"{zeros} | tr '\\000' '\\{octet:03o}'"


def _print(octets: bytes) -> str:
    text = _printable_text(octets)
    if text is not None:
        return f"printf %s {_quoted(text)}"
    if len(octets) <= 200:
        escaped = "".join(_octal(octet) for octet in octets)
        # A format that begins with a hyphen would be taken for an option.
        return f"printf '{escaped}'" if octets[0] != ord("-") else f"printf '\\055{escaped[1:]}'"
    return f"printf %s {base64.b64encode(octets).decode()} | base64 -d"


def _octal(octet: int) -> str:
    return chr(octet) if octet in _SAFE_IN_FORMAT else f"\\{octet:03o}"


def _printable_text(octets: bytes) -> str | None:
    """The text, None where a terminal or an editor might not keep or show every character of it."""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _UNPRINTABLE.search(text) else text
