"""One commit as it lies in a log file: a head that can be read without the key, then the sealed entries.

The entries are sealed as one, and a commit is one record, because everything that is done per request under load is
paid a thousand times a second.

The plain form of the entries: length of their head (4 bytes), the head as JSON (project, door, received_at, meta and
body length of each), the bodies one after another.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidTag

from quality_platform.spool.item import Entry
from quality_platform.spool.sealing import Sealing

MAGIC = b"QPS1"
HEAD = struct.Struct(">4sIIqq")
_LENGTH = 4
_TAIL = b"QEND"
# files are made of zeros and a record is written from front to back: what was not finished ends like one of these
_UNFINISHED = tuple(_TAIL[:n] + bytes(len(_TAIL) - n) for n in range(len(_TAIL)))


@dataclass(frozen=True, slots=True)
class Record:
    """A record where it stands: `last` is the place of the last of `count` entries, `end` where the next one begins."""

    last: int
    count: int
    oldest: int
    head: bytes
    blob: bytes
    end: int

    def entries(self, sealing: Sealing) -> list[Entry] | None:
        """What it holds; None when it does not open: half written, damaged, or sealed with another key."""
        try:
            return list(unpack(sealing.open(self.blob, self.head)))
        except (InvalidTag, ValueError):
            return None


def encode(sealing: Sealing, last: int, entries: Sequence[Entry]) -> bytes:
    """A record of `entries`, the last of which has the place `last`."""
    plain = pack(entries)
    oldest = min(entry.received_at for entry in entries)
    # nonce and tag of AES-GCM are 28 bytes together
    head = HEAD.pack(MAGIC, len(plain) + 28, len(entries), last, oldest)
    return head + sealing.seal(plain, head) + _TAIL


def record_at(descriptor: int, at: int) -> Record | None:
    """The record that begins at `at`; None where there is none, or not all of it."""
    head = os.pread(descriptor, HEAD.size, at)
    if len(head) < HEAD.size:
        return None
    magic, size, count, last, oldest = HEAD.unpack(head)
    if magic != MAGIC or count == 0:
        return None
    body = os.pread(descriptor, size + len(_TAIL), at + HEAD.size)
    if len(body) < size + len(_TAIL) or body.endswith(_UNFINISHED):
        return None
    return Record(last, count, oldest, head, body[:size], at + HEAD.size + len(body))


def opened_alone(sealing: Sealing, blob: bytes) -> list[Entry] | None:
    """The entries of a record that stands alone, without its end; None when it does not open."""
    if len(blob) < HEAD.size:
        return None
    head = blob[: HEAD.size]
    _, _, count, last, oldest = HEAD.unpack(head)
    return Record(last, count, oldest, head, blob[HEAD.size :], len(blob)).entries(sealing)


def ends_at(descriptor: int, at: int) -> bool:
    """Whether nothing follows `at`, or a record that its writer did not finish, which nobody was told of."""
    head = os.pread(descriptor, HEAD.size, at)
    if not head.strip(b"\0"):
        return True
    begun = head[: len(MAGIC)].rstrip(b"\0")
    if len(head) < HEAD.size or begun != MAGIC:
        return MAGIC.startswith(begun)
    return record_at(descriptor, at) is None


def pack(entries: Sequence[Entry]) -> bytes:
    """The plain form of some entries."""
    head = orjson.dumps([(e.project, e.door, e.received_at, e.meta, len(e.body)) for e in entries])
    return b"".join((len(head).to_bytes(_LENGTH, "big"), head, *(e.body for e in entries)))


def unpack(plain: bytes) -> Iterator[Entry]:
    """The entries of a plain form, in order."""
    at = _LENGTH + int.from_bytes(plain[:_LENGTH], "big")
    for project, door, received_at, meta, size in orjson.loads(plain[_LENGTH:at]):
        yield Entry(project, door, received_at, plain[at : at + size], meta)
        at += size
