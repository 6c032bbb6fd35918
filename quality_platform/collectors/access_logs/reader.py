"""The parser of access logs: lines into rows of `raw.request_samples`.

Belongs here: rows, refusals, counts, identity. Does not belong here: formats.

The client's address is not kept: who asked is told by the name of a user who is logged in, as a keyed hash, or not
at all.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quality_platform.collectors.access_logs.access import Access
from quality_platform.collectors.access_logs.json_line import json_access
from quality_platform.collectors.access_logs.text_line import text_access
from quality_platform.collectors.fields import printable
from quality_platform.collectors.instants import AHEAD, MICROSECOND, microseconds
from quality_platform.collectors.logs.json_decode import decode_object
from quality_platform.collectors.privacy.text import scrub
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.tail.lines import Lines
from quality_platform.collectors.tail.reading import Parsed
from quality_platform.model.batch import ORIGINAL_LIMIT, Rejected, Source
from quality_platform.model.live_sources import AccessLogSource
from quality_platform.model.tables_live import REQUEST_SAMPLES

FAILED = 500


@dataclass(slots=True)
class _Block:
    """What becomes of one block of lines. `prefix` is the part of the identities that they share."""

    lines: Lines
    prefix: bytes
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


class AccessLogReader:
    """A parser for one file."""

    def __init__(self, options: AccessLogSource, source: Source, path: str, secret: bytes, now: datetime) -> None:
        self._options = options
        self._source = source
        self._file = printable(path, 4096)
        self._service = options.service or source.project
        self._secret = secret
        self._now = microseconds(now)
        self._latest = self._now + AHEAD // MICROSECOND
        self._users: dict[str, str] = {}

    def __call__(self, lines: Lines) -> Parsed:
        """Takes every line: each is a record of its own."""
        block = _Block(lines, f"{self._source.source_id}\0{lines.generation}\0".encode())
        for index, line in enumerate(lines.items):
            if not line or line.isspace():
                continue
            found = "The line is longer than 256 KiB." if index in lines.oversized else self._access(line)
            if isinstance(found, str):
                block.rejected.append(_refusal(lines, index, found))
            else:
                block.rows.append(self._row(found, index, line, block))
        block.counts["lines"] = len(lines.items)
        rows = table_of(REQUEST_SAMPLES, block.rows)
        return Parsed(len(lines.items), rows, tuple(block.rejected), dict(block.counts))

    def _access(self, line: bytes) -> Access | str:
        form, unit = self._options.format, self._options.duration
        if form == "json" or (form == "auto" and line[:1] == b"{"):
            fields = decode_object(line)
            return fields if isinstance(fields, str) else json_access(fields, unit)
        return text_access(line.decode("utf-8", "replace").rstrip(), unit)

    def _row(self, access: Access, index: int, line: bytes, block: _Block) -> tuple[Any, ...]:
        """The values in the order of the table's columns."""
        time, method, route, status, size, duration, user = access
        if time > self._latest:
            time = self._now
            block.counts["clock_ahead"] += 1
        place = b"%b%d\0" % (block.prefix, block.lines.starts[index])
        return (
            hashlib.sha256(place + line).hexdigest()[:32],
            time,
            "http.server",
            self._service,
            route,
            method,
            status,
            status is not None and status >= FAILED,
            duration,
            None,
            None,
            size,
            None,
            None,
            None,
            None,
            self._options.environment,
            None if user is None else self._user_key(user),
            self._file,
            block.lines.number + index,
        )

    def _user_key(self, user: str) -> str:
        known = self._users.get(user)
        if known is None:
            known = self._users[user] = pseudonym(self._secret, self._source.project, user)
        return known


def _refusal(lines: Lines, index: int, reason: str) -> Rejected:
    text = lines.items[index][:ORIGINAL_LIMIT].decode("utf-8", "replace")
    return Rejected(
        table=REQUEST_SAMPLES.name,
        position=f"line {lines.number + index}",
        reason=reason,
        original=scrub(text).encode("utf-8", "replace")[:ORIGINAL_LIMIT],
    )
