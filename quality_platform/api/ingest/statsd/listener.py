"""The UDP socket: datagrams gathered into spool entries, what there is no room for counted as lost.

Belongs here: the socket, groups, the bound on memory. Does not belong here: what datagrams say (`lines.py`).
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from quality_platform.api.ingest.contract import RefusedError
from quality_platform.api.ingest.intake import Intake
from quality_platform.api.ingest.statsd.door import NAME
from quality_platform.api.ingest.statsd.dropped import Dropped
from quality_platform.errors import ConfigurationError
from quality_platform.settings import Settings
from quality_platform.spool.item import Entry

GROUP_BYTES = 64 * 1024
GROUP_SECONDS = 0.2
KERNEL_BYTES = 4 * 1024 * 1024
MOST_WAITING = 64
"""Groups that may wait for the disk, 4 MB: with a lake or disk that is away, what follows is lost and counted."""

OVERFLOW = "udp_overflow"


@asynccontextmanager
async def listening(settings: Settings, intake: Intake) -> AsyncIterator[None]:
    """Listen as long as the context lasts, where a port is set. Raises ConfigurationError when it
    cannot be."""
    if not settings.statsd_port:
        yield
        return
    if not settings.statsd_project:
        raise ConfigurationError(
            "QUALITY_PLATFORM_STATSD_PORT is set, but not whose metrics come there.",
            hint="Set QUALITY_PLATFORM_STATSD_PROJECT to a project's name.",
        )
    try:
        listener = await Listener.listen(settings.host, settings.statsd_port, settings.statsd_project, intake)
    except OSError as error:
        raise ConfigurationError(
            f"UDP port {settings.statsd_port} of {settings.host} cannot be listened on: {error.strerror}.",
            hint="Set QUALITY_PLATFORM_STATSD_PORT to a free one.",
        ) from error
    try:
        yield
    finally:
        await listener.close()


class Listener(asyncio.DatagramProtocol):
    """One socket for one project, in the event loop's thread."""

    def __init__(self, project: str, intake: Intake) -> None:
        self._project = project
        self._intake = intake
        self._datagrams: list[bytes] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: set[asyncio.Task[None]] = set()
        self._transport: asyncio.BaseTransport | None = None
        self._dropped = Dropped()

    @classmethod
    async def listen(cls, host: str, port: int, project: str, intake: Intake) -> Listener:
        """A listener on `host` and `port`. Raises OSError when the port is taken."""
        loop = asyncio.get_running_loop()
        _, listener = await loop.create_datagram_endpoint(lambda: cls(project, intake), local_addr=(host, port))
        return listener

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is open."""
        self._transport = transport
        found = transport.get_extra_info("socket")
        # the kernel drops what comes while nobody reads; it gives as much of this as its own limit allows
        found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
        self._dropped = Dropped(found.fileno())

    def datagram_received(self, data: bytes, addr: object) -> None:
        """Keep a datagram; the sender's address goes no further."""
        self._datagrams.append(data)
        self._size += len(data) + 1
        if self._size >= GROUP_BYTES:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GROUP_SECONDS, self.flush)

    def error_received(self, exc: Exception) -> None:
        """Nothing is sent, so there is nothing to be told."""

    def flush(self) -> None:
        """Hand the group over to the spool."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._count_dropped()
        body, self._datagrams, self._size = b"\n".join(self._datagrams), [], 0
        if not body:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._lose(_items(body))
            return
        task = asyncio.get_running_loop().create_task(self._spool(body))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def close(self) -> None:
        """Close the socket and wait until what came is on the disk."""
        if self._transport is not None:
            self._transport.close()
        self.flush()
        while self._waiting:
            await asyncio.wait(self._waiting)

    async def _spool(self, body: bytes) -> None:
        items, room = _items(body), self._intake.room()
        try:
            room.reach(len(body))
            limited = self._intake.over_quota(self._project, items)
            meta = {"items": items, **({"over_quota": list(limited)} if limited else {})}
            written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._intake.spool(Entry(self._project, NAME, int(time.time() * 1e6), body, meta), written)
            await written
            self._intake.accepted(NAME, items)
        except RefusedError:
            self._lose(items)
        finally:
            room.give_back()

    def _count_dropped(self) -> None:
        """What the kernel had no room for, in datagrams: nobody knows how many lines were in them."""
        dropped = self._dropped.since_last()
        if dropped:
            self._lose({"metric": dropped})

    def _lose(self, items: Mapping[str, int]) -> None:
        self._intake.refused(NAME, self._project, RefusedError(503, OVERFLOW, "No room.", items=items))


def _items(body: bytes) -> dict[str, int]:
    """Lines: what they hold is found out when they are decoded."""
    return {"metric": sum(1 for line in body.split(b"\n") if line.strip()) or 1}
