"""Real HTTP servers on loopback that receive as asked: well, badly, or never to the end."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Request:
    """What arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A running server: its port, what it received, and the names that clients asked for by SNI."""

    port: int
    requests: list[Request] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/hook", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"


@contextmanager
def receiving(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A server that reads a POST, notes it, and then behaves."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.body = body
            receiver.requests.append(Request(self.path, dict(self.headers.items()), body))
            with suppress(OSError):  # the client may have left
                behaviour(self)
            self.close_connection = True

        do_GET = do_POST  # noqa: N815 - a followed redirect would arrive as this

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def process_request(self, request: socket.socket | tuple[bytes, socket.socket], address: object) -> None:
            receiver.connections += 1
            super().process_request(request, address)

        def handle_error(self, *_: object) -> None:
            pass  # a client that refuses the certificate

    with Server(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(server.server_address[1])
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: receiver.names.append(name)
            server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()


def answering(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answers properly."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return behave


def late(seconds: float) -> Behaviour:
    """Accepts after a while."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        answering(200)(handler)

    return behave


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """Sends a header that never ends, a byte now and then: each read succeeds, the answer never comes."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(3000):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.02)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """Accepts, then sends a body without end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        handler.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def stalling(handler: BaseHTTPRequestHandler) -> None:
    """Accepts, sends the beginning of a body and stops."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
    handler.wfile.flush()
    time.sleep(60)


def resetting(handler: BaseHTTPRequestHandler) -> None:
    """Breaks the connection instead of an answer."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.connection.close()


def resetting_in_the_body(handler: BaseHTTPRequestHandler) -> None:
    """Breaks the connection after it accepted."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")
    handler.wfile.flush()
    time.sleep(0.05)
    resetting(handler)


def babbling(handler: BaseHTTPRequestHandler) -> None:
    """Answers in no known protocol."""
    handler.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")


def hanging_up(handler: BaseHTTPRequestHandler) -> None:
    """Says nothing."""
