"""A load generator: keeps a number of connections busy with ready-made requests and notes how long each answer took.

    python benchmarks/load.py PORT CONNECTIONS SECONDS FILE [RATE]

FILE holds requests, each preceded by its length in 4 bytes; they are sent in turn, RATE of them a second where one is
given. Prints one line of JSON: answers by status, seconds, percentiles of the latency in milliseconds. A process of its
own, on plain sockets, so that it costs the measured server as little as it can.
"""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import uvloop


def requests_of(path: Path) -> list[bytes]:
    data, found, at = path.read_bytes(), [], 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def write_requests(path: Path, requests: list[bytes]) -> None:
    path.write_bytes(b"".join(struct.pack(">I", len(each)) + each for each in requests))


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Load:
    """Answers so far."""

    def __init__(self, requests: Iterator[bytes], rate: float) -> None:
        self.requests, self.rate = requests, rate
        self.statuses: Counter[str] = Counter()
        self.latencies: list[float] = []
        self.started = time.perf_counter()
        self.sent = 0

    async def one(self, port: int, until: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while time.perf_counter() < until:
            await self.pace()
            started = time.perf_counter()
            writer.write(next(self.requests))
            try:
                status, closing = await answer(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                status, closing = "closed", True
            self.statuses[status] += 1
            self.latencies.append(time.perf_counter() - started)
            if closing:
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()

    async def pace(self) -> None:
        self.sent += 1
        if self.rate:
            ahead = self.started + self.sent / self.rate - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)


async def answer(reader: asyncio.StreamReader) -> tuple[str, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"content-length: " in head:
        await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))
    elif b"chunked" in head:
        while not (await reader.readline()).startswith(b"0"):
            await reader.readuntil(b"\r\n")
        await reader.readline()
    return head[9:12].decode(), b"connection: close" in head


async def main(port: int, connections: int, seconds: float, path: Path, rate: float) -> None:
    load = Load(cycle(requests_of(path)), rate)
    until = time.perf_counter() + seconds
    await asyncio.gather(*(load.one(port, until) for _ in range(connections)))
    taken = time.perf_counter() - load.started
    ordered = sorted(load.latencies)
    shares = {name: ordered[int(len(ordered) * share)] * 1000 for name, share in (("p50", 0.5), ("p99", 0.99))}
    print(json.dumps({"statuses": load.statuses, "seconds": taken, **shares, "max": ordered[-1] * 1000}))


if __name__ == "__main__":
    port, connections, seconds, path = sys.argv[1:5]
    pace = float(sys.argv[5]) if len(sys.argv) > 5 else 0.0
    uvloop.run(main(int(port), int(connections), float(seconds), Path(path), pace))
