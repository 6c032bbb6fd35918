"""Keeping the lake small and quick: small files to large ones, old snapshots and their files away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import duckdb

from quality_platform.warehouse.catalogs import Catalog


@dataclass(frozen=True, slots=True)
class Tidied:
    """Files and snapshots of one catalog, before and after."""

    catalog: Catalog
    files_before: int
    files_after: int
    snapshots_before: int
    snapshots_after: int


def compact(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> None:
    """Merge small files. Needs the catalog's lock, no open transaction."""
    connection.execute(f"CALL ducklake_merge_adjacent_files('{catalog}')")


def expire(connection: duckdb.DuckDBPyConnection, catalog: Catalog, keep: timedelta) -> None:
    """Forget snapshots older than `keep` and delete the files that only they used.

    Files lose their last reader with the snapshot, but a query that started before may still hold them; they
    are deleted `keep` (at most an hour) after they were scheduled.
    """
    now = datetime.now(UTC)
    connection.execute(f"CALL ducklake_expire_snapshots('{catalog}', older_than => ?)", [now - keep])
    grace = now - min(keep, timedelta(hours=1))
    connection.execute(f"CALL ducklake_cleanup_old_files('{catalog}', older_than => ?)", [grace])


def count_files(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> int:
    """Parquet files that the newest snapshot of `catalog` uses."""
    row = connection.execute(f"SELECT coalesce(sum(file_count), 0) FROM ducklake_table_info('{catalog}')").fetchone()
    return int(row[0]) if row else 0


def count_snapshots(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> int:
    """Snapshots that `catalog` still remembers."""
    row = connection.execute(f"SELECT count(*) FROM ducklake_snapshots('{catalog}')").fetchone()
    return int(row[0]) if row else 0
