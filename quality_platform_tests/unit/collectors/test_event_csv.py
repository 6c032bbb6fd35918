"""Usage events from CSV."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.collectors.events import COLLECTOR
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.collectors.tail import lines as lines_module
from quality_platform.model.configuration import QualityConfig

Config = Callable[..., QualityConfig]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = 1_700_000_000
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BOB = pseudonym(b"secret", "shop", "bob")


HEAD = "event_id,event,timestamp,user,plan\n"


def test_rows(usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    (row, other) = usage_of(
        "\ufeff" + HEAD + 'e1,click,2026-01-02T03:04:05Z,bob,"pro, ""x"""\r\n\ne2,b,1767323045,eve,\n', format="csv"
    )
    assert (row["event_id"], row["event_name"], row["event_time"], row["user_key"]) == ("e1", "click", AT, BOB)
    assert json.loads(row["properties"]) == {"plan": 'pro, "x"'}
    assert (other["event_time"], other["source_line"], other["properties"]) == (AT, 4, '{"plan":""}')


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str, usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    text = HEAD + "e1,click,2026-01-02T03:04:05Z,bob,pro\n"
    assert len(usage_of(text.replace(",", delimiter), format="csv")) == 1


def test_a_quoted_value_may_span_lines(usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    first, second = usage_of(
        HEAD + 'e1,click,2026-01-02,bob,"one\ntwo\n\nthree"\ne2,b,2026-01-02,eve,x\n', format="csv"
    )
    assert json.loads(first["properties"]) == {"plan": "one\ntwo\n\nthree"}
    assert (first["source_line"], second["source_line"]) == (2, 6)


def test_rows_that_do_not_fit_are_refused(usage_of: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    text = (
        HEAD
        + "e1,click,2026-01-02,bob\ne2,b,2026-01-02,eve,x\ne3,c,2026-01-02,bob,x,y\n"
        + 'e4,d,2026-01-02,bob,"x"y\ne5,,2026-01-02,bob,x\n'
    )
    rows = usage_of(text, format="csv")
    assert [row["event_id"] for row in rows] == ["e2"]
    assert [(item.position, item.reason, item.original) for item in memory.rejected[:3]] == [
        ("line 2", "The row has 4 fields, the header has 5.", b"x,x,x,x"),
        ("line 4", "The row has 6 fields, the header has 5.", b"x,x,x,x,x,x"),
        ("line 5", "The row is not valid CSV: ',' expected after '\"'.", b'x,x,x,x,"x"x'),
    ]
    assert memory.rejected[3].field == "event_name"


def test_a_quote_never_closed_costs_one_line(usage_of: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    rows = "".join(f"e{index},click,2026-01-02,bob,x\n" for index in range(300))
    found = usage_of(HEAD + 'bad,click,2026-01-02,bob,"x\n' + rows, format="csv")
    assert [row["event_id"] for row in found] == [f"e{index}" for index in range(300)]
    (refused,) = memory.rejected
    assert (refused.position, refused.reason) == ("line 2", "The row is not valid CSV: unexpected end of data.")


def test_a_line_that_is_too_long_costs_one_line(usage_of: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    (row,) = usage_of(HEAD + "x" * 300_000 + "\ne1,click,2026-01-02,bob,x\n", format="csv")
    assert row["source_line"] == 3
    assert "longer than 256 KiB" in memory.rejected[0].reason


def test_the_header_is_remembered(tmp_path: Path, memory: Any, event_config: Config) -> None:
    path = tmp_path / "events.csv"
    config = event_config(path, format="csv")
    append(path, HEAD)
    assert [batch.row_count for batch in memory.collect(COLLECTOR, config)] == [0]
    append(path, "e1,click,2026-01-02,bob,x\n")
    memory.collect(COLLECTOR, config)
    append(path, "e2,click,2026-01-02,bob,x\n")
    memory.collect(COLLECTOR, config)
    assert [row["event_id"] for row in memory.rows] == ["e1", "e2"]


def test_a_new_file_has_a_header_of_its_own(tmp_path: Path, memory: Any, event_config: Config) -> None:
    path = tmp_path / "events.csv"
    config = event_config(path, format="csv")
    append(path, HEAD + "e1,click,2026-01-02,bob,x\n")
    memory.collect(COLLECTOR, config)
    path.rename(tmp_path / "events.csv.1")
    append(path, "user;event;timestamp;event_id\nbob;click;2026-01-02;e2\n")
    memory.collect(COLLECTOR, config)
    assert [(row["event_id"], row["properties"]) for row in memory.rows] == [("e1", '{"plan":"x"}'), ("e2", "{}")]


def test_an_import_of_one_piece_is_whole_without_a_last_line_end(usage_of: Callable[..., list[dict[str, Any]]]) -> None:
    assert len(usage_of(HEAD + "e1,click,2026-01-02,bob,x\ne2,click,2026-01-02,bob,x", format="csv")) == 2


def append(path: Path, text: str) -> None:
    with path.open("ab") as file:
        file.write(text.encode())
    os.utime(path, (LONG_AGO, LONG_AGO))


cells = st.text(st.sampled_from('ab,;"\n ü'), max_size=6)


@settings(max_examples=60, deadline=None)
@given(
    plans=st.lists(cells, max_size=8),
    cuts=st.lists(st.integers(0, 400), max_size=5),
    block=st.sampled_from([12, 50_000]),
)
def test_csv_in_pieces_gives_what_the_standard_library_reads_at_once(
    plans: list[str], cuts: list[int], block: int, new_memory: Any, event_config: Config, tmp_path_factory: Any
) -> None:
    """Oracle: csv.DictReader over the whole text, as csv.writer wrote it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["event_id", "event", "timestamp", "user", "plan"])
    writer.writerows([f"e{index}", "click", "2026-01-02", "bob", plan] for index, plan in enumerate(plans))
    content = buffer.getvalue().encode()
    expected = [row["plan"] for row in csv.DictReader(io.StringIO(buffer.getvalue(), newline=""))]
    path = tmp_path_factory.mktemp("csv") / "events.csv"
    memory = new_memory()
    config = event_config(path, format="csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "MAX_LINES", block)
        for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
            with path.open("ab") as file:
                file.write(content[start:stop])
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
            memory.collect(COLLECTOR, config, now=NOW + timedelta(seconds=1))
        memory.collect(COLLECTOR, config, now=NOW + timedelta(minutes=2))
    assert memory.rejected == []
    assert [json.loads(row["properties"])["plan"] for row in memory.rows] == expected
