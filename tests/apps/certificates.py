"""Certificates for the loopback, and servers that show them."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

from tests.apps import raw_server

__all__ = ["certificate", "over_tls"]


def certificate(folder: Path, *, days: int = 2) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    cert, key, request, extension = (folder / name for name in ("cert.pem", "key.pem", "request.pem", "extension"))
    extension.write_text("subjectAltName=IP:127.0.0.1", encoding="ascii")
    for command in (
        f"openssl req -newkey rsa:2048 -nodes -subj /CN=127.0.0.1 -keyout {key} -out {request}",
        f"openssl x509 -req -in {request} -signkey {key} -days {days} -extfile {extension} -out {cert}",
    ):
        subprocess.run(command.split(), check=True, capture_output=True)
    return cert, key


def over_tls(cert: Path, key: Path, *, asks_for: Path | None = None) -> raw_server.Script:
    """A server that answers everything with an object, over TLS, to clients with a certificate if it asks for one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if asks_for is not None:
        context.load_verify_locations(asks_for)
        context.verify_mode = ssl.CERT_REQUIRED

    def script(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            raw_server.answer(raw_server.json_answer(b"{}", b"Connection: close"))(secured)

    return script
