"""A real HTTP server on loopback that keeps its connections, and ends them as asked: early, late, or between two requests."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

ACCEPTED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Lasting:
    """The server: requests of each connection, in the order of connections. `answers` are given in turn, the last for ever;
    None hangs up without one. After `most` requests a connection is closed."""

    port: int
    answers: tuple[bytes | None, ...] = (ACCEPTED,)
    most: int = 10**9
    connections: list[list[bytes]] = field(default_factory=list)
    given: int = 0

    def url(self, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/hook"

    @property
    def per_connection(self) -> list[int]:
        return [len(requests) for requests in self.connections]


@contextmanager
def lasting(
    *answers: bytes | None, most: int = 10**9, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Lasting]:
    """A running server on `host`, encrypted by `tls`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as listener:
        server = Lasting(listener.getsockname()[1], answers or (ACCEPTED,), most)
        ended = threading.Event()
        open_: list[socket.socket] = []
        threading.Thread(target=_accept, args=(listener, server, open_, ended, tls), daemon=True).start()
        yield server
        ended.set()
        for connection in open_:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _accept(
    listener: socket.socket,
    server: Lasting,
    open_: list[socket.socket],
    ended: threading.Event,
    tls: ssl.SSLContext | None,
) -> None:
    while not ended.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        if tls is not None:
            connection = tls.wrap_socket(connection, server_side=True)
        open_.append(connection)
        requests: list[bytes] = []
        server.connections.append(requests)
        threading.Thread(target=_serve, args=(connection, server, requests), daemon=True).start()


def _serve(connection: socket.socket, server: Lasting, requests: list[bytes]) -> None:
    with suppress(OSError), connection:
        while len(requests) < server.most and (content := _read(connection)):
            requests.append(content)
            answer = server.answers[min(server.given, len(server.answers) - 1)]
            server.given += 1
            if answer is None:
                return
            connection.sendall(answer)


def _read(connection: socket.socket) -> bytes:
    content = b""
    while b"\r\n\r\n" not in content:
        part = connection.recv(65536)
        if not part:
            return b""
        content += part
    head, _, body = content.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"Content-Length"))
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
