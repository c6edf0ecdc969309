"""Serve one desk on a free port of the loopback until it is ended: ``python -m tests.teeth.serving NAME``.

The first line it prints is its URL.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys

import uvicorn

from tests.teeth.subjects import subject


def main(name: str) -> None:
    logging.disable()  # what a broken desk has to say of itself is no news
    # The protocol is said, because asyncio sends small answers at once only where it knows that this is TCP.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)  # from here on clients wait, instead of being refused
        config = uvicorn.Config(subject(name).app(), access_log=False, log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
        sys.stdout.flush()
        asyncio.run(server.serve(sockets=[listening]))


if __name__ == "__main__":
    main(sys.argv[1])
