"""A log gives the same events however it was read: at once, or in any pieces while it was written."""

from __future__ import annotations

import os
import tempfile
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.collectors.logs import COLLECTOR
from quality_platform.collectors.logs import records as records_module
from quality_platform.collectors.tail import lines as lines_module
from quality_platform.collectors.tail.reading import BLOCK
from quality_platform.model.configuration import QualityConfig

Config = Callable[..., QualityConfig]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def printed(error: Callable[[], None]) -> str:
    try:
        error()
    except Exception:
        return traceback.format_exc()
    raise AssertionError("nothing was raised")


def plain() -> None:
    raise ValueError("bad\nmessage of two lines")


def chained() -> None:
    try:
        plain()
    except ValueError as error:
        raise RuntimeError("outer") from error


def grouped() -> None:
    try:
        chained()
    except RuntimeError as error:
        raise ExceptionGroup("two", [error, KeyError("a")]) from None


TRACES = [printed(plain), printed(chained), printed(grouped)]
SYSLOG = "".join(f"Jan  2 03:04:05 web-1 app[7]: {line}\n" for line in TRACES[1].splitlines() if line)
PIECES = [
    *TRACES,
    SYSLOG,
    "2026-01-02 03:04:05,678 ERROR shop.cart: lost\n",
    "2026-01-02 03:04:06,678 INFO shop.cart: fine\n",
    "2026-01-02 03:04:07,678 WARNING odd\n  with details\n",
    "Jan  2 03:04:08 web-1 sshd[9]: Failed password\n",
    "<11>1 2026-01-02T03:04:05Z web-1 app 12 - - lost\n",
    '{"time": "2026-01-02T03:04:09Z", "level": "error", "message": "json"}\n',
    '{"level": "error", "message": "without time"}\n',
    '{"level": "info", "message": "fine"}\n',
    '{"part": "of a message"}\n',
    "ERROR:root:boom\n",
    "INFO:root:fine\n",
    "an error without more\n",
    "plain\n",
    "    indented\n",
    "Error: js\n    at f (/app/a.js:1:2)\n",
    "Caused by: java.io.IOException: x\n\tat a.B.c(B.java:1)\n",
    "\n",
    "\r\n",
    "\n\nDuring handling of the above exception, another exception occurred:\n\n",
    "Traceback (most recent call last):\n",
    '  File "/app/a.py", line 1, in f\n',
    "  | stray margin\n",
    "\0\0\n",
    "caf\u00e9 failed\n",
]

texts = st.lists(st.sampled_from(PIECES), max_size=12).map(lambda pieces: "".join(pieces).encode())


@pytest.mark.parametrize("form", ["auto", "json", "traceback", "syslog", "text"])
@settings(max_examples=60, deadline=None)
@given(text=texts, cuts=st.lists(st.integers(0, 3000), max_size=8), block=st.sampled_from([13, 50_000]))
def test_pieces_give_what_the_whole_gives(
    form: str, text: bytes, cuts: list[int], block: int, new_memory: Any, log_config: Config
) -> None:
    """While it is written the file is a second old; in the end nobody has written for two minutes. Blocks have
    `block` lines, records at most 12."""
    # the first line has a time, so that no event gets the file's
    content = b"2026-01-02 03:04:00,000 INFO begin\n" + text
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(records_module, "MAX_RECORD_LINES", 11)
        path = Path(folder) / "app.log"
        config = log_config(path, form=form)
        whole = new_memory()
        write(path, content)
        whole.collect(COLLECTOR, config, now=NOW + timedelta(minutes=2))
        path.unlink()
        patch.setattr(lines_module, "MAX_LINES", block)
        pieces = new_memory()
        for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
            write(path, content[start:stop])
            pieces.collect(COLLECTOR, config, now=NOW + timedelta(seconds=1))
        pieces.collect(COLLECTOR, config, now=NOW + timedelta(minutes=2))
    assert pieces.rows == whole.rows
    assert refusals(pieces) == refusals(whole)
    assert counted(pieces) == counted(whole)


def test_blank_lines_without_end_hold_nothing_up(tmp_path: Path, memory: Any, log_config: Config) -> None:
    write(tmp_path / "app.log", b"ERROR:root:a\n" + b"\n" * 70_000 + b"ERROR:root:b\n")
    memory.collect(COLLECTOR, log_config(tmp_path / "app.log"), now=NOW + timedelta(minutes=2))
    assert [(row["message"], row["source_line"]) for row in memory.rows] == [("a", 1), ("b", 70_002)]


def test_a_block_has_room_for_the_longest_record() -> None:
    assert records_module.MAX_RECORD_LINES < lines_module.MAX_LINES
    # characters of four bytes, and the line that goes over the limit
    assert 4 * (records_module.MAX_RECORD_CHARACTERS + lines_module.LINE_LIMIT) < BLOCK


def write(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))


def refusals(memory: Any) -> list[tuple[str, str]]:
    return [(item.position, item.reason) for item in memory.rejected]


def counted(memory: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for batch in memory.batches:
        for name, count in batch.read_from["counts"].items():
            total[name] = total.get(name, 0) + count
    return {name: count for name, count in total.items() if count}
