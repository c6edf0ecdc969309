"""Why a request has no answer, in words; and what the words tell about sending it again."""

from __future__ import annotations

import re
import ssl

import httpcore

from understudy.contracts.case import Exchange
from understudy.contracts.sending.connections import Cancelled

__all__ = ["came_too_late", "never_connected", "plain", "was_cut_off", "why_missing"]

_NO_CONNECTION = "no connection: "
_TOO_LATE = "no answer within "
_CUT_OFF = "the connection was closed "


def why_missing(error: Exception, seconds: float, received: int) -> str:
    """What went wrong before the head of an answer was whole.

    Args:
        error: As httpcore raised it, or what it didn't wrap.
        seconds: How long the answer was waited for.
        received: Octets that had come back.
    """
    text = plain(error)
    match error:
        case Cancelled():
            return "the run was stopped"
        case httpcore.ConnectTimeout():
            return f"no connection within {seconds:g} s"
        case httpcore.ConnectError() if isinstance(error.__context__, ssl.SSLCertVerificationError):
            return f"{_NO_CONNECTION}the certificate is not accepted: {error.__context__.verify_message}"
        case httpcore.ConnectError():
            return f"{_NO_CONNECTION}{text}"
        case httpcore.TimeoutException():
            return f"{_TOO_LATE}{seconds:g} s"
        case httpcore.RemoteProtocolError() if "buffer too long" in text:
            return "the head of the answer is longer than 100 KiB"
        case httpcore.RemoteProtocolError() if "disconnected" not in text:
            return f"the answer is not HTTP: {text}"
        case httpcore.RemoteProtocolError() if received:
            return f"{_CUT_OFF}{received} octets into the head of the answer"
        case httpcore.RemoteProtocolError():
            return f"{_CUT_OFF}before an answer"
        case httpcore.NetworkError():
            return f"{_CUT_OFF}before an answer: {text}"
        case _:
            return f"{type(error).__name__}: {text}"


def plain(error: Exception) -> str:
    """An error's text without what only its programmers understand: numbers of errors, Python's way to write octets."""
    text = str(error) or type(error).__name__
    text = re.sub(r"""bytearray\(b(['"])(.*)\1\)""", r'"\2"', text)
    return re.sub(r"\[Errno -?\d+\] | \(_ssl\.c:\d+\)", "", text)


def came_too_late(exchange: Exchange) -> bool:
    """Whether we stopped waiting for the answer."""
    return exchange.answer is None and exchange.error.startswith(_TOO_LATE)


def was_cut_off(exchange: Exchange) -> bool:
    """Whether the connection was closed or reset instead of an answer: the request may have taken effect."""
    return exchange.answer is None and exchange.error.startswith(_CUT_OFF)


def never_connected(exchange: Exchange) -> bool:
    """Whether a connection was refused, so that nothing was sent."""
    return exchange.answer is None and exchange.error.startswith(_NO_CONNECTION)
