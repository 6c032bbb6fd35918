"""What is written as a request and read as an answer, byte by byte."""

from __future__ import annotations

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.notifications.exchange import (
    LONGEST_ANSWER,
    LONGEST_HEAD,
    NoAnswer,
    Reply,
    exchange,
    request,
)
from quality_platform.notifications.stream import BoundedStream, Deadline

MOST = 16


class Script(httpcore.NetworkStream):
    """The other side: says these parts, then hangs up; an exception is raised. Notes what it is told."""

    def __init__(self, *parts: bytes | Exception) -> None:
        self.parts, self.heard = list(parts), b""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        part = self.parts.pop(0) if self.parts else b""
        if isinstance(part, Exception):
            raise part
        return part

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.heard += buffer


def answer(*parts: bytes | Exception) -> Reply:
    return exchange(BoundedStream(Script(*parts), Deadline(10.0)), b"POST", MOST)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    ("parts", "reply"),
    [
        ((OK,), Reply(200, b"ok", None, True)),
        ((b"HTTP/1.1 204 No Content\r\n\r\n",), Reply(204, b"", None, True)),
        ((b"HTTP/1.1 429 Slow\r\nretry-after: 7\r\nContent-Length: 0\r\n\r\n",), Reply(429, b"", "7", True)),
        ((b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",), Reply(200, b"", None, False)),
        ((b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",), Reply(200, b"ok", None, False)),
        # until the connection ends
        ((b"HTTP/1.1 200 OK\r\n\r\nall", b" of it"), Reply(200, b"all of it", None, False)),
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",), Reply(200, b"ok", None, True)),
        # something is announced, then comes the answer
        ((b"HTTP/1.1 100 Continue\r\n\r\n", OK), Reply(200, b"ok", None, True)),
        ((b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n" + OK,), Reply(200, b"ok", "9", True)),
        ((b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",), 101),
        # the status has been said, what comes after it does not matter
        ((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"garbage\r\n"), Reply(200, b"", None, False)),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", httpcore.ReadError("reset")), Reply(200, b"half", None, False)),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", httpcore.ReadTimeout("late")), Reply(200, b"half", None, False)),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 50,), Reply(200, b"x" * MOST, None, False)),
        # two answers to one question: the second is nobody's
        ((OK + b"HTTP/1.1 500 No\r\nRetry-After: 5\r\nContent-Length: 0\r\n\r\n",), Reply(200, b"ok", None, False)),
    ],
)  # fmt: skip
def test_answers(parts: tuple[bytes | Exception, ...], reply: Reply | int) -> None:
    found = answer(*parts)
    assert (found.status if isinstance(reply, int) else found) == reply


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ((), NoAnswer),
        ((httpcore.ReadError("reset"),), NoAnswer),
        ((b"HTTP/1.1 200",), httpcore.RemoteProtocolError),
        ((b"HTTP/1.1 200 OK\r\nX: ", httpcore.ReadError("reset")), httpcore.ReadError),
        ((b"HTTP/1.1 200 OK\r\nX: ", httpcore.ReadTimeout("late")), httpcore.ReadTimeout),
        ((b"SSH-2.0-OpenSSH_9.2\r\n",), httpcore.RemoteProtocolError),
        ((b"HTTP/1.1 two hundred\r\n\r\n",), httpcore.RemoteProtocolError),
        ((b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",), httpcore.RemoteProtocolError),
        ((b"HTTP/1.1 100 Continue\r\n\r\n",), httpcore.RemoteProtocolError),
    ],
)
def test_no_answers(parts: tuple[bytes | Exception, ...], error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        answer(*parts)
    assert isinstance(raised.value, NoAnswer) == (error is NoAnswer)


def test_a_head_without_end_is_no_answer() -> None:
    endless = [b"HTTP/1.1 200 OK\r\n", *[b"X: " + b"a" * 1000 + b"\r\n"] * 1000]
    with pytest.raises(httpcore.RemoteProtocolError, match="has no end"):
        answer(*endless)
    assert LONGEST_HEAD < 1000 * 1000


def test_a_body_in_a_million_chunks_is_cut() -> None:
    script = Script(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1;" + b"e" * 9000 + b"\r\nx\r\n"] * 1000
    )
    assert exchange(BoundedStream(script, Deadline(10.0)), b"", 10**9).status == 200
    assert len(script.parts) > 1000 - LONGEST_ANSWER // 9000 - 2


@given(st.integers(1, len(OK) - 1).flatmap(lambda cut: st.tuples(st.just(cut), st.integers(cut, len(OK)))))
def test_it_does_not_matter_how_the_answer_is_cut(cuts: tuple[int, int]) -> None:
    first, second = cuts
    parts = [part for part in (OK[:first], OK[first:second], OK[second:]) if part]
    assert answer(*parts) == Reply(200, b"ok", None, True)


@given(st.binary(max_size=400))
def test_whatever_comes_ends_in_an_answer_or_an_error_of_the_network(content: bytes) -> None:
    try:
        reply = answer(content)
    except (httpcore.NetworkError, httpcore.ProtocolError):
        return
    assert reply.status >= 100


def test_a_request_is_framed_once() -> None:
    sent = request("POST", b"/hook", b"h.example:8080", {"X-A": "1", "X-B": "two words"}, b"{}")
    assert sent == (
        b"POST /hook HTTP/1.1\r\nHost: h.example:8080\r\nX-A: 1\r\nX-B: two words\r\nContent-Length: 2\r\n\r\n{}"
    )


@given(st.text(max_size=50))
def test_no_value_of_a_header_can_begin_another_line(value: str) -> None:
    sent = request("POST", b"/", b"h", {"X-A": value}, b"")
    head, _, rest = sent.partition(b"\r\n\r\n")
    assert rest == b""
    lines = head.split(b"\r\n")
    assert [line.partition(b":")[0] for line in lines[1:]] == [b"Host", b"X-A", b"Content-Length"]
    assert not any(letter in head.replace(b"\r\n", b"") for letter in b"\r\n\0")


@pytest.mark.parametrize(
    "name",
    ["", "X Y", "X:", "X\r\nY", "X\n", "Ü", "Content-Length", "content-length", "Transfer-Encoding", "Host",
     "Connection", "Expect", "Upgrade", "TE", "Trailer"],
)  # fmt: skip
def test_a_header_that_frames_the_message_or_is_none_is_refused(name: str) -> None:
    with pytest.raises(httpcore.LocalProtocolError):
        request("POST", b"/", b"h", {name: "1"}, b"")
