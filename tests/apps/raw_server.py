"""A server on a loopback socket that answers each connection with a script: octets and nothing else."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

Script = Callable[[socket.socket], None]


def read_request(connection: socket.socket) -> bytes:
    """The head of one request and the body that its Content-Length announces."""
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received:
            return data
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            missing = int(line.split(b":")[1]) - len(body)
            while missing > 0:
                received = connection.recv(65536)
                missing -= len(received)
                data += received
    return data


def answer(octets: bytes) -> Script:
    """Read one request, send these octets, close."""

    def script(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(octets)

    return script


def json_answer(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """The octets of an answer with a JSON body."""
    head = [b"HTTP/1.1 " + status, b"Content-Type: application/json", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    """Close so that the other side sees a reset, not an end."""
    read_request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextlib.contextmanager
def serving(script: Script, host: str = "127.0.0.1") -> Iterator[str]:
    """Run the script on each connection, in a thread of its own, until the block ends; gives the base URL."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        stopped = threading.Event()

        def handle(connection: socket.socket) -> None:
            # The client may leave at any time.
            with connection, contextlib.suppress(OSError):
                script(connection)

        def accept() -> None:
            while not stopped.is_set():
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=handle, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            name = f"[{host}]" if ":" in host else host
            yield f"http://{name}:{listener.getsockname()[1]}"
        finally:
            stopped.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)
