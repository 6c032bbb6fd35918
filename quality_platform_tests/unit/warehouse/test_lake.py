"""The lake by its door: exactly once, all or nothing, read-only where it says so, the same on both set-ups."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from quality_platform.errors import LakeError
from quality_platform.model.batch import Batch, Rejected, Source, batch_id
from quality_platform.model.tables import RAW_TABLES
from quality_platform.model.tables_marts import PROJECT_CATALOGUE
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake

SOURCE = Source("host:one", "host", "demo", "one")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def samples(count: int, value: float = 1.0) -> pa.Table:
    rows = [
        {"metric": "system.cpu_percent", "subject": "one", "labels": "{}", "value": value + n, "kind": "gauge",
         "observed_at": NOON + timedelta(seconds=n)}
        for n in range(count)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=RAW_TABLES["metric_samples"].schema)


def batch(number: int, rows: pa.Table, *rejected: Rejected) -> Batch:
    return Batch(
        batch_id("test", number), SOURCE, "system", "1", {"number": number}, {"metric_samples": rows}, rejected
    )


@pytest.fixture
def lake(both_settings: Settings) -> Lake:
    found = Lake(both_settings)
    found.set_up()
    return found


def test_a_batch_is_there_once_with_its_ledger_row(lake: Lake) -> None:
    one = batch(1, samples(5), Rejected("metric_samples", "line 7", "value is no number", "value", b"\xffx"))
    first = lake.append(one, run_id="run-1")
    again = lake.append(one, run_id="run-2")
    assert (first.stored, again.stored) == (True, False)
    assert (again.row_count, again.rejected_count, again.snapshot_id) == (5, 1, first.snapshot_id)
    assert lake.rows("SELECT count(*) AS n FROM raw.metric_samples") == [{"n": 5}]
    (entry,) = lake.rows("SELECT * FROM raw.batches")
    assert entry["run_id"] == "run-1"
    assert entry["snapshot_id"] == first.snapshot_id == lake.snapshot_id("raw")
    (refused,) = lake.rows("SELECT * FROM raw.quarantine")
    assert (refused["original"], refused["field"], refused["source_id"]) == (b"\xffx", "value", "host:one")
    (row,) = lake.rows("SELECT DISTINCT project, batch_id, source_id, ingested_at FROM raw.metric_samples")
    assert row == {
        "project": "demo", "batch_id": one.batch_id, "source_id": "host:one", "ingested_at": entry["ingested_at"],
    }  # fmt: skip


def test_a_batch_that_fails_leaves_nothing(lake: Lake) -> None:
    wrong = Batch("wrong", SOURCE, "system", "1", {}, {"metric_samples": samples(2), "no_such_table": samples(1)})
    with pytest.raises(KeyError):
        lake.append(wrong)
    assert lake.rows("SELECT count(*) AS n FROM raw.metric_samples") == [{"n": 0}]
    assert lake.rows("SELECT count(*) AS n FROM raw.batches") == [{"n": 0}]
    assert lake.append(batch(2, samples(1))).stored


def test_the_newest_batch_of_a_source_is_its_cursor(lake: Lake) -> None:
    assert lake.cursor("host:one") is None
    for number in (1, 2, 3):
        lake.append(batch(number, samples(1)))
    assert lake.cursor("host:one") == {"number": 3}
    assert lake.cursor("host:two") is None
    assert lake.known("metric_samples", "metric", "demo") == {"system.cpu_percent"}
    assert lake.known("metric_samples", "metric", "other") == frozenset()


def test_a_mart_is_replaced_whole(lake: Lake) -> None:
    def projects(*names: str) -> pa.Table:
        rows = [{"project": name, "status": "active"} for name in names]
        return pa.Table.from_pylist(rows, schema=PROJECT_CATALOGUE.schema)

    lake.replace("project_catalogue", projects("a", "b"))
    lake.replace("project_catalogue", projects("c"))
    assert lake.rows("SELECT project FROM marts.project_catalogue") == [{"project": "c"}]
    with pytest.raises(LakeError, match="no contract"):
        lake.replace("no_such_mart", projects("a"))


def test_readers_cannot_write(lake: Lake) -> None:
    with pytest.raises(duckdb.Error):
        lake.read("CREATE TABLE raw.mine (a INTEGER)")
    with pytest.raises(duckdb.Error):
        lake.read("DELETE FROM marts.metric_catalogue")


def test_tidying_keeps_every_row_and_merges_files(lake: Lake) -> None:
    for number in range(6):
        lake.append(batch(number, samples(3, value=number * 10.0)))
    before = lake.rows('SELECT * FROM raw.metric_samples ORDER BY "value"')
    done = lake.tidy("raw", keep=timedelta(0))
    assert done.files_after < done.files_before
    assert done.snapshots_after < done.snapshots_before
    assert lake.rows('SELECT * FROM raw.metric_samples ORDER BY "value"') == before
    assert lake.append(batch(0, samples(3))).stored is False
    newer = lake.append(batch(99, samples(1)))
    assert newer.snapshot_id == lake.snapshot_id("raw")


def test_setting_up_again_changes_nothing_and_adds_new_columns(lake: Lake) -> None:
    lake.append(batch(1, samples(2)))
    with lake.writing("raw", "an older version") as connection:
        connection.execute("ALTER TABLE raw.metric_samples DROP COLUMN kind")
    lake.close()
    lake.set_up()
    (row, _) = lake.rows("SELECT * FROM raw.metric_samples")
    assert row["kind"] is None
    snapshot = lake.snapshot_id("raw")
    lake.set_up()
    assert lake.snapshot_id("raw") == snapshot


def test_there_must_be_a_lake_to_read(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="no lake") as caught:
        Lake(Settings(home=tmp_path / "nothing")).read("SELECT 1")
    assert "quality-platform up" in str(caught.value)


def test_a_home_can_be_moved(tmp_path: Path) -> None:
    lake = Lake(Settings(home=tmp_path / "here"))
    lake.set_up()
    lake.append(batch(1, samples(3)))
    lake.close()
    (tmp_path / "here").rename(tmp_path / "there")
    moved = Lake(Settings(home=tmp_path / "there"))
    assert moved.rows("SELECT count(*) AS n FROM raw.metric_samples") == [{"n": 3}]
    assert moved.append(batch(2, samples(1))).stored
    assert not (tmp_path / "here").exists()


def test_an_open_lake_loads_nothing_that_is_not_signed_and_cannot_be_told_to(lake: Lake) -> None:
    with lake.connect() as connection:
        (allowed,) = connection.execute("SELECT current_setting('allow_unsigned_extensions')").fetchall()
        assert allowed == (False,)
        with pytest.raises(duckdb.InvalidInputException, match="allow_unsigned_extensions"):
            connection.execute("SET allow_unsigned_extensions = true")
