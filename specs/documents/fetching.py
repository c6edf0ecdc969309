"""Read the octets behind an `http:` or `https:` URL, within limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from understudy.specs.errors import DocumentUnreadable

__all__ = ["fetch_url"]

MAX_REDIRECTS: Final = 5
ACCEPT: Final = "application/yaml, application/json, application/vnd.oai.openapi, text/yaml, */*;q=0.1"


def fetch_url(
    url: str,
    name: str,
    *,
    max_bytes: int,
    timeout_seconds: float = 20.0,
    elapsed: Callable[[], float] = time.monotonic,
) -> tuple[str, bytes]:
    """GET a URL.

    Args:
        url: `http:` or `https:`; up to five redirects are followed. Proxies are those of the environment.
        name: What errors call the document.
        max_bytes: A longer body is refused as soon as it passes this many octets (after decompression).
        timeout_seconds: For connecting, for each read, and for the whole.
        elapsed: Seconds on a clock that never goes back.

    Returns:
        The URL that answered, after redirects, and its body.

    Raises:
        DocumentUnreadable: No answer in time, a status other than 2xx, too many redirects, or too large a body.
    """
    import httpx  # a third of our start-up time, and most documents are files

    began = elapsed()
    body = bytearray()
    try:
        with (
            httpx.Client(follow_redirects=True, max_redirects=MAX_REDIRECTS, timeout=timeout_seconds) as client,
            client.stream("GET", url, headers={"accept": ACCEPT}) as response,
        ):
            if not response.is_success:
                raise DocumentUnreadable(name, f"the server answered {response.status_code} {response.reason_phrase}")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > max_bytes:
                    raise DocumentUnreadable(name, f"is larger than {max_bytes // 1024**2} MiB")
                if elapsed() - began > timeout_seconds:
                    raise DocumentUnreadable(name, f"was not read within {timeout_seconds:g} seconds")
            return str(response.url), bytes(body)
    except httpx.TimeoutException as error:
        raise DocumentUnreadable(name, f"no answer within {timeout_seconds:g} seconds") from error
    except httpx.TooManyRedirects as error:
        raise DocumentUnreadable(name, f"is redirected more than {MAX_REDIRECTS} times") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DocumentUnreadable(name, f"cannot be fetched: {str(error) or type(error).__name__}") from error
