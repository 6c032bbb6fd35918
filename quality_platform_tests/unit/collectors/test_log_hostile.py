"""Whatever stands in a log: it is read, counted, refused or scrubbed, and never stops the reading."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.collectors.logs import COLLECTOR, json_exceptions, json_line
from quality_platform.collectors.logs.event import Origin
from quality_platform.collectors.logs.reader import LogReader
from quality_platform.collectors.tail.lines import LINE_LIMIT, Lines, cut

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FORMS = ["auto", "json", "traceback", "syslog", "text"]


def parse(content: bytes, form: Any) -> Any:
    piece = cut(content, 0, inside=False, at_end=True, closed=True)
    assert piece is not None
    lines = Lines(piece.items, piece.starts, 1, 0, True, 1.7e9, piece.oversized)
    parsed = LogReader(form, Origin("log:p:/x", "p", "/x", b"s", None, None), NOW)(lines)
    assert parsed.taken == len(piece.items)
    parsed.rows.validate(full=True)
    return parsed


NAMES = sorted(
    {name for group in (
        json_line.LEVEL, json_line.MESSAGE, json_line.TIME, json_line.EXCEPTION, json_line.LOGGER, json_line.USER,
        json_line.SESSION, json_line.TRACE, json_line.RELEASE, json_exceptions.TYPE_KEYS, json_exceptions.MESSAGE_KEYS,
        json_exceptions.STACK_KEYS, ("record", "levelno", "handled", "exceptions", "stacks", "lineno", "line", "filename", "id"),
    ) for name in group}
)  # fmt: skip
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**25), 10**25) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["error", "3", "ERROR", "2026-01-02T03:04:05Z", "Traceback (most recent call last):\n  x\nE: y", "E: x\n    at f (a.js:1:2)"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), values, min_size=1, max_size=8))
def test_any_values_in_known_fields(fields: dict[str, Any]) -> None:
    parsed = parse(json.dumps({"level": "error", **fields}).encode() + b"\n", "auto")
    assert parsed.rows.num_rows + parsed.counts.get("below_level", 0) == 1


@settings(max_examples=100, deadline=None)
@given(
    content=st.lists(
        st.binary(max_size=30) | st.sampled_from([b"\n", b"ERROR ", b"<11>1 ", b"2026-01-02 03:04:05 ", b"  | ", b"{"])
    ).map(b"".join),
    form=st.sampled_from(FORMS),
)
def test_any_bytes(content: bytes, form: str) -> None:
    parse(content + b"\n", form)


SEEDS = [
    "a", "A", "a.", "at ", "    at a (", "at a.", "  File \"", "  | ", "  +-+---------------- 1 ----------------", "+-", "ERROR", "ERROR ", "[ERROR",
    "level=", "Error", "AError", "no ", "0 failed ", "<11>1 ", "[a=\"", "[a] ", "\\", "1.", "1:", "2026-01-02 ", "x: ", "x - ", "msg=\"", "msg=\\",
    "Caused by: ", "{", "[", '{"a":', "Traceback (most recent call last):", "a<locals>", "\x1b[", "\x1b[1", "ü", "\xff",
]  # fmt: skip


@pytest.mark.parametrize("form", ["auto", "syslog"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_longest_line_of_anything_takes_little_time(seed: str, form: str) -> None:
    line = (seed * LINE_LIMIT).encode()[: LINE_LIMIT - 100]
    started = time.process_time()
    for before in (
        b"",
        b"2026-01-02 03:04:05 ERROR ",
        b"<11>Jan  2 03:04:05 h a: ",
        b"Traceback (most recent call last):\n",
    ):
        parse(before + line + b"\n", form)
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "line",
    [
        "    at f (a.js:1:2)",
        "  | x",
        "Caused by: x",
        "",
        '  File "a.py", line 1, in f',
        "During handling of the above exception, another exception occurred:",
    ],
)
def test_a_record_without_end_takes_little_time(line: str) -> None:
    started = time.process_time()
    parse(b"2026-01-02 03:04:05 ERROR x\n" + (line + "\n").encode() * 20_000, "auto")
    assert time.process_time() - started < 30


def test_the_worst_line_is_kept_within_its_limits(tmp_path: Path, memory: Any, log_config: Callable[..., Any]) -> None:
    frames = [{"filename": "x" * 5000, "name": "y" * 5000, "lineno": 10**30}] * 1000
    path = tmp_path / "app.log"
    path.write_text(
        json.dumps(
            {
                "level": "error",
                "message": "m" * 10_000,
                "logger": "l" * 5000,
                "exception": [{"exc_type": "t" * 5000, "frames": frames[:15]}],
            }
        )
        + "\n"
    )
    os.utime(path, (1, 1))
    memory.collect(COLLECTOR, log_config(path))
    (row,) = memory.rows
    assert (len(row["message"]), len(row["logger"]), len(row["type"]), len(row["culprit"])) == (8192, 500, 500, 1000)
    assert json.loads(row["frames"])[0]["line"] is None
