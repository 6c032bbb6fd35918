"""One request and its answer on an open connection, by HTTP/1.1. httptools reads the answer.

Belongs here: the bytes of a request, how much of an answer is read. Does not belong here: connecting (`stream.py`),
what a status means (`answers.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpcore

from quality_platform.notifications.plain import single_line
from quality_platform.notifications.stream import BoundedStream

LONGEST_HEAD = 65536
# a body in a million chunks of one byte is no answer either
LONGEST_ANSWER = 262144
_READ = 65536
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# what frames the message is ours to say: a second Content-Length would make two requests of one
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "te", "trailer"})


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: status, the first bytes of the body, its Retry-After, whether the connection can be used again."""

    status: int
    body: bytes
    retry_after: str | None
    keeps: bool


class NoAnswer(httpcore.RemoteProtocolError):
    """The other side hung up before the first byte of an answer."""


def request(method: str, path: bytes, host: bytes, headers: Mapping[str, str], body: bytes) -> bytes:
    """The bytes of a request, header values on one line. Raises LocalProtocolError for a header that may not be."""
    lines = [b"%s %s HTTP/1.1" % (method.encode("ascii"), path), b"Host: " + host]
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or name.lower() in _OURS:
            raise httpcore.LocalProtocolError(f"header {single_line(name, 50)!r}")
        lines.append(name.encode("ascii") + b": " + _value(value))
    lines.append(b"Content-Length: %d\r\n\r\n" % len(body))
    return b"\r\n".join(lines) + body


def _value(text: str) -> bytes:
    # what is plain already, as nearly all is, need not be looked at letter by letter
    plain = text.isascii() and text.isprintable() and len(text) <= 1000
    return text.strip().encode("ascii") if plain else single_line(text).encode("latin-1", "replace")


def exchange(stream: BoundedStream, sent: bytes, most: int) -> Reply:
    """Send a request and read the answer: its head, and of its body the first `most` bytes.

    A body that is longer, breaks off or makes no sense is cut: the status has been said. Raises httpcore's errors,
    among them NoAnswer, where there is no status.
    """
    reading = _Reading(most)
    try:
        stream.write(sent)
        while not reading.done:
            reading.feed(stream.read(_READ))
    except (httpcore.ReadError, httpcore.WriteError) as error:
        if reading.nothing:
            raise NoAnswer(str(error)) from error
        reading.cut(error)
    except (httpcore.TimeoutException, httpcore.RemoteProtocolError) as error:
        reading.cut(error)
    return reading.reply()


class _Reading:
    """What httptools calls while it reads."""

    def __init__(self, most: int) -> None:
        import httptools

        self._failures = (httptools.HttpParserError, httptools.HttpParserUpgrade)
        self._parser: Any = httptools.HttpResponseParser(self)
        self._most = most
        self._length = 0
        self._body = b""
        self._retry_after: str | None = None
        self._status: int | None = None
        self._complete = False
        self._surplus = False
        self._keeps = False
        self.done = False

    @property
    def nothing(self) -> bool:
        """Whether not a byte has come."""
        return self._length == 0

    def feed(self, part: bytes) -> None:
        """Read on; raises RemoteProtocolError where it is not HTTP, or where there is no more."""
        if not part:
            raise (NoAnswer if self.nothing else httpcore.RemoteProtocolError)("the connection ended before an answer")
        self._length += len(part)
        try:
            self._parser.feed_data(part)
        except self._failures as error:
            raise httpcore.RemoteProtocolError(f"not HTTP ({type(error).__name__})") from error
        if self._status is None and self._length > LONGEST_HEAD:
            raise httpcore.RemoteProtocolError("the head of the answer has no end")
        self.done = self.done or self._length > LONGEST_ANSWER or len(self._body) >= self._most

    def cut(self, error: Exception) -> None:
        """Be content with what has come, if that is a status; else raise `error`."""
        if self._status is None:
            raise error
        self.done = True

    def reply(self) -> Reply:
        """What has been read."""
        assert self._status is not None
        return Reply(self._status, self._body[: self._most], self._retry_after, self._keeps and not self._surplus)

    def on_message_begin(self) -> None:
        """Another answer after the only one that was asked for."""
        self._surplus = self._complete

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep the only header of interest."""
        if name.lower() == b"retry-after" and not self._complete:
            self._retry_after = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Know the status; what a 1xx announces is still to come."""
        status = self._parser.get_status_code()
        if not self._complete and (status >= 200 or status == 101):
            self._status = status

    def on_body(self, part: bytes) -> None:
        """Keep the beginning."""
        self._body += part[: self._most - len(self._body)]

    def on_message_complete(self) -> None:
        """Stop, unless it was a 1xx."""
        if self._status is not None and not self._complete:
            self._complete = self.done = True
            self._keeps = bool(self._parser.should_keep_alive())
