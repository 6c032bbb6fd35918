"""Follows a file as the collectors do, with a parser that takes every line."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from quality_platform.collectors.tail import reading as reading_module
from quality_platform.collectors.tail.following import read
from quality_platform.collectors.tail.lines import Lines
from quality_platform.collectors.tail.reading import Parsed, Reading

NOW = datetime(2026, 3, 1, tzinfo=UTC)
LONG_AGO = (NOW - timedelta(days=1)).timestamp()
JUST_NOW = NOW.timestamp() - 1


class Follower:
    """Reads a path again and again, with nothing but the newest position as memory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.block = reading_module.BLOCK
        self.cursor: dict[str, object] | None = None
        self.readings: list[Reading] = []
        self.lines: list[str] = []
        self.places: list[tuple[int, int, int]] = []

    def __call__(self, *, now: datetime = NOW) -> list[str]:
        """What is new."""
        before = len(self.lines)
        for reading in read(str(self.path), self.cursor, now, self._take, self.block):
            self.readings.append(reading)
            self.cursor = reading.end.as_cursor()
            self.lines += reading.parsed.rows["line"].to_pylist()
        return self.lines[before:]

    def _take(self, lines: Lines) -> Parsed:
        texts = [item.decode("utf-8", "replace")[:40] for item in lines.items]
        self.places += [(lines.generation, lines.starts[i], lines.number + i) for i in range(len(texts))]
        return Parsed(len(texts), pa.table({"line": pa.array(texts, pa.string())}))


def append(path: Path, text: str, modified: float = LONG_AGO) -> None:
    with path.open("a", newline="") as file:
        file.write(text)
    os.utime(path, (modified, modified))
