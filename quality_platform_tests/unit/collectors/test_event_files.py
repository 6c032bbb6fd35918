"""Usage events from JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.collectors.events import COLLECTOR
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.collectors.tail import lines as lines_module
from quality_platform.model.configuration import EventMapping, QualityConfig

Config = Callable[..., QualityConfig]
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LONG_AGO = 1_700_000_000
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
BOB = pseudonym(b"secret", "shop", "bob")
EVENT = {"event_id": "e1", "event": "click", "timestamp": "2026-01-02T03:04:05Z", "user": "bob"}


@pytest.fixture
def read(tmp_path: Path, memory: Any, event_config: Config) -> Callable[..., list[dict[str, Any]]]:
    """A function from text and options to the events in it."""

    def collect(text: str | bytes, **options: Any) -> list[dict[str, Any]]:
        path = tmp_path / "events.txt"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        os.utime(path, (LONG_AGO, LONG_AGO))
        memory.collect(COLLECTOR, event_config(path, **options))
        rows: list[dict[str, Any]] = memory.rows
        return rows

    return collect


def line(**changes: Any) -> str:
    return json.dumps({name: value for name, value in {**EVENT, **changes}.items() if value is not None}) + "\n"


def test_an_event_as_the_platform_writes_it(read: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    (row,) = read(line(session="s1", feature="scan", release="1.0", environment="prod", duration_ms=12, plan="pro"))
    assert row == {
        "event_id": "e1", "event_time": AT, "event_name": "click", "user_key": BOB, "session_id": "s1",
        "properties": '{"duration_ms":12,"plan":"pro"}', "feature": "scan", "release": "1.0", "environment": "prod",
        "source_file": str(tmp_path / "events.txt"), "source_line": 1,
    }  # fmt: skip


def test_a_mapping_reaches_into_objects_and_leaves_the_rest(read: Callable[..., list[dict[str, Any]]]) -> None:
    mapping = EventMapping(
        event_id="uuid", event_name="meta.name", event_time="meta.at", user="user.id", session="ctx.session.id"
    )
    text = json.dumps(
        {
            "uuid": "e1", "meta": {"name": "click", "at": 1767323045, "x": 1}, "user": {"id": 7},
            "ctx": {"session": {"id": "s"}, "page": "/a?b=c"}, "event": "kept", "a.b": 1,
        }
    )  # fmt: skip
    (row,) = read(text + "\n", mapping=mapping)
    assert (row["event_name"], row["event_time"], row["session_id"]) == ("click", AT, "s")
    assert row["user_key"] == pseudonym(b"secret", "shop", "7")
    assert json.loads(row["properties"]) == {
        "meta": {"x": 1}, "ctx": {"page": "/a?[query]"}, "event": "kept", "a.b": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("user", "identifier"),
    [("bob", "bob"), (" bob ", "bob"), (7, "7"), (7.0, "7"), ("7", "7"), ("größe@x.de", "größe@x.de")],
)
def test_the_same_person_has_the_same_key_however_it_is_written(
    user: object, identifier: str, read: Callable[..., list[dict[str, Any]]]
) -> None:
    (row,) = read(line(user=user))
    assert row["user_key"] == pseudonym(b"secret", "shop", identifier)


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"event": None}, "event_name", "The field 'event' is missing (mapping.event_name)."),
    ({"event": " "}, "event_name", "The field 'event' is missing (mapping.event_name)."),
    ({"timestamp": None}, "event_time", "The field 'timestamp' is missing (mapping.event_time)."),
    ({"timestamp": "soon"}, "event_time",
     "The field 'timestamp' is no time; write ISO 8601 or seconds since 1970 (mapping.event_time)."),
    ({"timestamp": 12}, "event_time",
     "The field 'timestamp' is no time; write ISO 8601 or seconds since 1970 (mapping.event_time)."),
    ({"user": None}, "user", "The field 'user' is missing (mapping.user)."),
    ({"user": ""}, "user", "The field 'user' is missing (mapping.user)."),
    ({"user": {"id": "bob"}}, "user",
     "The field 'user' is neither text nor a whole number; map a field inside it, such as user.id (mapping.user)."),
    ({"user": True}, "user",
     "The field 'user' is neither text nor a whole number; map a field inside it, such as user.id (mapping.user)."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "reason"), REFUSED)
def test_what_an_event_lacks_is_named_and_its_neighbours_are_kept(
    changes: dict[str, Any], field: str, reason: str, read: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    rows = read(line(event_id="a") + line(**changes, email="bob@example.com") + line(event_id="b"))
    assert [row["event_id"] for row in rows] == ["a", "b"]
    (refused,) = memory.rejected
    assert (refused.table, refused.position, refused.field, refused.reason) == ("usage_events", "line 2", field, reason)
    shown = json.loads(refused.original)
    assert shown["user"] == "[user]"
    assert b"bob" not in refused.original


@pytest.mark.parametrize(
    ("text", "reason", "shape"),
    [
        ('{"user": "bob"', "The line is not valid JSON: ", b'{"x": "x"'),
        ('{"user": "bob", "n": NaN}', "The line is not valid JSON: ", b'{"x": "x", "x": x}'),
        ('{"user": "bob", "n": 1e999}', "The line is not valid JSON: ", b'{"x": "x", "x": x}'),
        ('["bob"]', "The line is valid JSON, but not an object.", b'["x"]'),
        ("bob", "The line is not valid JSON: ", b"x"),
    ],
)
def test_a_line_that_cannot_be_read_is_kept_without_its_values(
    text: str, reason: str, shape: bytes, read: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    rows = read(text + "\n\n" + line())
    assert [row["source_line"] for row in rows] == [3]
    (refused,) = memory.rejected
    assert refused.reason.startswith(reason)
    assert refused.original == shape


def test_without_an_identity_place_and_content_give_one(read: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    first, second = read(line(event_id=None) * 2)
    assert first["event_id"] != second["event_id"]
    assert all(len(row["event_id"]) == 32 for row in (first, second))
    memory.batches.clear()
    memory.cursors.clear()
    assert read(line(event_id=None) * 2) == [first, second]


def test_a_long_identity_is_hashed_not_cut(read: Callable[..., list[dict[str, Any]]]) -> None:
    first, second, short = read(line(event_id="x" * 300 + "1") + line(event_id="x" * 300 + "2") + line(event_id=17))
    assert len(first["event_id"]) == 64
    assert first["event_id"] != second["event_id"]
    assert short["event_id"] == "17"


def test_old_events_keep_their_time_and_future_ones_become_now(
    read: Callable[..., list[dict[str, Any]]], memory: Any
) -> None:
    old, near, ahead = read(
        line(timestamp="2011-01-01") + line(timestamp="2026-03-01T12:04:59Z") + line(timestamp="2026-03-02")
    )
    assert old["event_time"] == datetime(2011, 1, 1, tzinfo=UTC)
    assert near["event_time"] == NOW + timedelta(seconds=299)
    assert ahead["event_time"] == NOW
    assert memory.batches[0].read_from["counts"]["clock_ahead"] == 1


def test_nothing_personal_is_stored(read: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    text = line(
        user="bob@example.com", ip="203.0.113.77", note="call bob@example.com at 203.0.113.77", password="hunter2",
        deep={"card": "4111111111111111"}, numbers=["4111 1111 1111 1111"], event="click",
    )  # fmt: skip
    text += line(user="bob@example.com", event=None, password="hunter2", note="4111111111111111", ip="203.0.113.77")
    text += '{"user": "bob@example.com", "password": "hunter2", "4111111111111111": "203.0.113.77"\n'
    assert len(read(text)) == 1
    stored = repr(
        [(batch.tables["usage_events"].to_pylist(), batch.rejected, batch.read_from) for batch in memory.batches]
    )
    for secret in ("bob", "hunter2", "4111", "203.0.113.77"):
        assert secret not in stored.replace("/bob", "")


def test_dropped_properties_are_not_stored(read: Callable[..., list[dict[str, Any]]]) -> None:
    (row,) = read(line(a=1, b={"c": 2, "d": 3}, e=4), drop=("a", "b.c"))
    assert json.loads(row["properties"]) == {"b": {"d": 3}, "e": 4}


def test_too_many_properties_are_cut_and_counted(read: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
    (row,) = read(line(**{f"p{index}": "x" * 1000 for index in range(40)}))
    assert len(row["properties"].encode()) <= 16 * 1024
    assert "_cut" in json.loads(row["properties"])
    assert memory.batches[0].read_from["counts"]["cut"] == 1


HEAD = "event_id,event,timestamp,user,plan\n"


class TestCsv:
    def test_rows(self, read: Callable[..., list[dict[str, Any]]]) -> None:
        (row, other) = read(
            "\ufeff" + HEAD + 'e1,click,2026-01-02T03:04:05Z,bob,"pro, ""x"""\r\n\ne2,b,1767323045,eve,\n', format="csv"
        )
        assert (row["event_id"], row["event_name"], row["event_time"], row["user_key"]) == ("e1", "click", AT, BOB)
        assert json.loads(row["properties"]) == {"plan": 'pro, "x"'}
        assert (other["event_time"], other["source_line"], other["properties"]) == (AT, 4, '{"plan":""}')

    @pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
    def test_delimiters(self, delimiter: str, read: Callable[..., list[dict[str, Any]]]) -> None:
        text = HEAD + "e1,click,2026-01-02T03:04:05Z,bob,pro\n"
        assert len(read(text.replace(",", delimiter), format="csv")) == 1

    def test_a_quoted_value_may_span_lines(self, read: Callable[..., list[dict[str, Any]]]) -> None:
        first, second = read(
            HEAD + 'e1,click,2026-01-02,bob,"one\ntwo\n\nthree"\ne2,b,2026-01-02,eve,x\n', format="csv"
        )
        assert json.loads(first["properties"]) == {"plan": "one\ntwo\n\nthree"}
        assert (first["source_line"], second["source_line"]) == (2, 6)

    def test_rows_that_do_not_fit_are_refused(self, read: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
        text = (
            HEAD
            + "e1,click,2026-01-02,bob\ne2,b,2026-01-02,eve,x\ne3,c,2026-01-02,bob,x,y\n"
            + 'e4,d,2026-01-02,bob,"x"y\ne5,,2026-01-02,bob,x\n'
        )
        rows = read(text, format="csv")
        assert [row["event_id"] for row in rows] == ["e2"]
        assert [(item.position, item.reason, item.original) for item in memory.rejected[:3]] == [
            ("line 2", "The row has 4 fields, the header has 5.", b"x,x,x,x"),
            ("line 4", "The row has 6 fields, the header has 5.", b"x,x,x,x,x,x"),
            ("line 5", "The row is not valid CSV: ',' expected after '\"'.", b'x,x,x,x,"x"x'),
        ]
        assert memory.rejected[3].field == "event_name"

    def test_a_quote_never_closed_costs_one_line(self, read: Callable[..., list[dict[str, Any]]], memory: Any) -> None:
        rows = "".join(f"e{index},click,2026-01-02,bob,x\n" for index in range(300))
        found = read(HEAD + 'bad,click,2026-01-02,bob,"x\n' + rows, format="csv")
        assert [row["event_id"] for row in found] == [f"e{index}" for index in range(300)]
        (refused,) = memory.rejected
        assert (refused.position, refused.reason) == ("line 2", "The row is not valid CSV: unexpected end of data.")

    def test_a_line_that_is_too_long_costs_one_line(
        self, read: Callable[..., list[dict[str, Any]]], memory: Any
    ) -> None:
        (row,) = read(HEAD + "x" * 300_000 + "\ne1,click,2026-01-02,bob,x\n", format="csv")
        assert row["source_line"] == 3
        assert "longer than 256 KiB" in memory.rejected[0].reason

    def test_the_header_is_remembered(self, tmp_path: Path, memory: Any, event_config: Config) -> None:
        path = tmp_path / "events.csv"
        config = event_config(path, format="csv")
        append(path, HEAD)
        assert [batch.row_count for batch in memory.collect(COLLECTOR, config)] == [0]
        append(path, "e1,click,2026-01-02,bob,x\n")
        memory.collect(COLLECTOR, config)
        append(path, "e2,click,2026-01-02,bob,x\n")
        memory.collect(COLLECTOR, config)
        assert [row["event_id"] for row in memory.rows] == ["e1", "e2"]

    def test_a_new_file_has_a_header_of_its_own(self, tmp_path: Path, memory: Any, event_config: Config) -> None:
        path = tmp_path / "events.csv"
        config = event_config(path, format="csv")
        append(path, HEAD + "e1,click,2026-01-02,bob,x\n")
        memory.collect(COLLECTOR, config)
        path.rename(tmp_path / "events.csv.1")
        append(path, "user;event;timestamp;event_id\nbob;click;2026-01-02;e2\n")
        memory.collect(COLLECTOR, config)
        assert [(row["event_id"], row["properties"]) for row in memory.rows] == [("e1", '{"plan":"x"}'), ("e2", "{}")]

    def test_an_import_of_one_piece_is_whole_without_a_last_line_end(
        self, read: Callable[..., list[dict[str, Any]]]
    ) -> None:
        assert len(read(HEAD + "e1,click,2026-01-02,bob,x\ne2,click,2026-01-02,bob,x", format="csv")) == 2


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may read everything, so the tests' user becomes nobody for a while."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


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


@settings(max_examples=40, deadline=None)
@given(count=st.integers(0, 12), cuts=st.lists(st.integers(0, 1200), max_size=6), block=st.sampled_from([2, 50_000]))
def test_json_lines_in_pieces_give_what_the_whole_gives(
    count: int, cuts: list[int], block: int, new_memory: Any, event_config: Config, tmp_path_factory: Any
) -> None:
    content = "".join(line(event_id=None, n=index) if index % 3 else "bad\n" for index in range(count)).encode()
    path = tmp_path_factory.mktemp("jsonl") / "events.jsonl"
    config = event_config(path)
    path.write_bytes(content)
    whole = new_memory()
    whole.collect(COLLECTOR, config, now=NOW)
    path.unlink()
    pieces = new_memory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "MAX_LINES", block)
        for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
            with path.open("ab") as file:
                file.write(content[start:stop])
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))
            pieces.collect(COLLECTOR, config, now=NOW + timedelta(seconds=1))
    assert pieces.rows == whole.rows
    assert [item.position for item in pieces.rejected] == [item.position for item in whole.rejected]


class TestBatches:
    def test_the_ledger_says_what_was_read(
        self, read: Callable[..., list[dict[str, Any]]], memory: Any, tmp_path: Path
    ) -> None:
        read(line() + "bad\n")
        (batch,) = memory.batches
        assert (batch.collector, batch.source.kind, batch.source.source_id) == (
            "events",
            "events",
            f"events:shop:{tmp_path}/events.txt",
        )
        assert batch.read_from["path"] == os.path.realpath(tmp_path / "events.txt")
        assert (batch.read_from["from_offset"], batch.read_from["from_line"], batch.read_from["line"]) == (0, 1, 2)
        assert batch.read_from["counts"] == {"lines": 2, "clock_ahead": 0, "cut": 0}
        assert len(batch.read_from["digest"]) == 64

    def test_reading_again_from_the_same_place_gives_the_same_batch(
        self, read: Callable[..., list[dict[str, Any]]], memory: Any
    ) -> None:
        read(line())
        (first,) = memory.batches
        memory.batches.clear()
        memory.cursors.clear()
        read(line())
        assert memory.batches[0].batch_id == first.batch_id

    def test_a_file_that_cannot_be_read_is_said_once_and_others_go_on(
        self, tmp_path: Path, memory: Any, event_config: Config
    ) -> None:
        good, bad = tmp_path / "b.jsonl", tmp_path / "a.jsonl"
        append(good, line())
        append(bad, "\x7fELF\0\0x\n")
        config = event_config(bad, good)
        refusal, batch = memory.collect(COLLECTOR, config)
        assert batch.row_count == 1
        assert refusal.row_count == 0
        (rejected,) = refusal.rejected
        assert (rejected.table, rejected.position) == ("usage_events", "file")
        assert rejected.reason == f"{bad} is no text in UTF-8. Convert it, or leave it out of the paths."
        assert memory.collect(COLLECTOR, config) == []
        bad.write_text(line(event_id="later"))
        assert [batch.row_count for batch in memory.collect(COLLECTOR, config)] == [1]

    @pytest.mark.parametrize("mode", [0o700, 0o000])
    def test_a_file_without_permission_is_refused_until_it_is_given(
        self, mode: int, tmp_path: Path, memory: Any, event_config: Config
    ) -> None:
        """Also where not even the folder may be looked into."""
        path = tmp_path / "folder" / "a.jsonl"
        path.parent.mkdir()
        append(path, line())
        config = event_config(path)
        path.chmod(0)
        path.parent.chmod(mode)
        with unprivileged():
            (batch,) = memory.collect(COLLECTOR, config)
            assert memory.collect(COLLECTOR, config) == []
        assert batch.rejected[0].reason == (
            f"{path} cannot be read: Permission denied. Give the platform's user the right to read it."
        )
        path.parent.chmod(0o700)
        path.chmod(0o600)
        assert [batch.row_count for batch in memory.collect(COLLECTOR, config)] == [1]

    def test_a_file_refused_in_its_middle_goes_on_where_it_stopped(
        self, tmp_path: Path, memory: Any, event_config: Config
    ) -> None:
        path = tmp_path / "a.jsonl"
        config = event_config(path)
        append(path, line(event_id="a"))
        memory.collect(COLLECTOR, config)
        path.rename(tmp_path / "kept")
        path.mkdir()
        (refusal,) = memory.collect(COLLECTOR, config)
        assert "is no regular file" in refusal.rejected[0].reason
        path.rmdir()
        (tmp_path / "kept").rename(path)
        append(path, line(event_id="b"))
        memory.collect(COLLECTOR, config)
        assert [row["event_id"] for row in memory.rows] == ["a", "b"]

    def test_a_large_file_comes_in_several_batches(self, tmp_path: Path, memory: Any, event_config: Config) -> None:
        path = tmp_path / "a.jsonl"
        append(path, line(event_id=None) * 60_000)
        batches = memory.collect(COLLECTOR, event_config(path))
        assert [batch.row_count for batch in batches] == [50_000, 10_000]
        assert len({row["event_id"] for row in memory.rows}) == 60_000
