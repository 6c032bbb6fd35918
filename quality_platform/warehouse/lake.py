"""`Lake`: the one door to DuckDB. Reads need no lock; every write goes through `writing`, which takes it.

Belongs here: opening, reading, writing, tidying. Does not belong here: what is collected or computed.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import duckdb
import pyarrow as pa

from quality_platform.errors import LakeError
from quality_platform.model.batch import ANY, Appended, Batch
from quality_platform.settings import Settings
from quality_platform.warehouse import catalogs, erasure, extensions, ledger, locks, maintenance, prepared, schema
from quality_platform.warehouse.catalogs import CATALOGS, Catalog


class Lake:
    """The catalogs `raw` and `marts` of one platform. Opens DuckDB when first used; safe to share by threads.

    `one_connection`: what only reads is done on the writable connection too, for a command that is over soon;
    opening a second one takes 0.15 s.
    """

    def __init__(self, settings: Settings, *, one_connection: bool = False) -> None:
        self.settings = settings
        self._reads_on_writable = one_connection
        self._connections: dict[bool, duckdb.DuckDBPyConnection] = {}
        self._opening = threading.Lock()

    # --- opening ---------------------------------------------------------------------------------

    def set_up(self) -> None:
        """Make the catalogs and every table with a contract. Does nothing where all is there."""
        self.settings.place(self.settings.lake_dir)
        for catalog in CATALOGS:
            with self.writing(catalog, "set-up") as connection:
                schema.ensure(connection, catalog)

    @property
    def exists(self) -> bool:
        """Whether the catalogs have been made (always assumed in PostgreSQL)."""
        paths = [self.settings.lake_dir / f"{catalog}.sqlite" for catalog in CATALOGS]
        return bool(self.settings.postgres_url) or all(path.is_file() for path in paths)

    def connect(self, *, writable: bool = False) -> duckdb.DuckDBPyConnection:
        """A cursor on this process's connection: both catalogs attached, read-only unless `writable`."""
        with self._opening:
            writable = writable or self._reads_on_writable
            if writable not in self._connections:
                self._connections[writable] = self._open(writable=writable)
            return self._connections[writable].cursor()

    def _open(self, *, writable: bool) -> duckdb.DuckDBPyConnection:
        if not writable and not self.exists:
            raise LakeError(f"There is no lake in {self.settings.root}.", hint="Run `quality-platform up` first.")
        connection = duckdb.connect(":memory:", config=self.limits())
        catalogs.attach(connection, self.settings, writable=CATALOGS if writable else ())
        return connection

    def limits(self) -> dict[str, str | bool | int | float | list[str]]:
        """DuckDB's configuration of every connection: memory, threads, no downloads, nothing unsigned
        once `catalogs.attach` has loaded what is installed."""
        return {
            "memory_limit": self.settings.duckdb_memory_limit,
            "threads": self.settings.duckdb_threads,
            "autoinstall_known_extensions": False,
            **extensions.trusted(),
            "temp_directory": str(self.settings.root / "tmp"),
        }

    def close(self) -> None:
        """Let go of DuckDB; the next use opens it again."""
        with self._opening:
            for connection in self._connections.values():
                connection.close()
            self._connections.clear()

    # --- reading ---------------------------------------------------------------------------------

    def read(self, sql: str, parameters: Sequence[object] | None = None) -> pa.Table:
        """Result of `sql` as Arrow, seen at the newest snapshot of both catalogs."""
        with self.connect() as connection:
            return prepared.execute(connection, sql, parameters or ()).to_arrow_table()

    def rows(self, sql: str, parameters: Sequence[object] | None = None) -> list[dict[str, Any]]:
        """The same as Python values, for the few rows that people or plain code look at."""
        with self.connect() as connection:
            return prepared.rows(connection, sql, parameters or ())

    def cursor(self, source_id: str) -> Mapping[str, object] | None:
        """`read_from` of the newest batch of `source_id`; None when there is none."""
        rows = self.rows(
            "SELECT read_from FROM raw.batches WHERE source_id = ? ORDER BY snapshot_id DESC LIMIT 1", [source_id]
        )
        return dict(json.loads(rows[0]["read_from"])) if rows else None

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        """Distinct values of `column` in `raw.table` for `project`, of rows with the values in `where`."""
        conditions = "".join(f" AND {name} = ?" for name in where)
        sql = f"SELECT DISTINCT {column} AS value FROM raw.{table} WHERE project = ?{conditions}"
        rows = self.read(sql, [project, *where.values()])
        return frozenset(rows.column("value").to_pylist())

    def snapshot_id(self, catalog: Catalog) -> int:
        """The newest snapshot of `catalog`."""
        return int(self.rows(f"SELECT max(snapshot_id) AS n FROM {catalog}.snapshots()")[0]["n"])

    # --- writing ---------------------------------------------------------------------------------

    @contextmanager
    def writing(self, catalog: Catalog, purpose: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """One transaction on `catalog`, under its lock: committed at the end, rolled back on an error."""
        with locks.hold(self.settings, catalog, purpose), self.connect(writable=True) as connection:
            connection.execute("BEGIN")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                _roll_back(connection)
                raise

    @contextmanager
    def holding(self, catalog: Catalog, purpose: str) -> Iterator[None]:
        """The lock alone, for a writer that brings its own connection (dbt)."""
        with locks.hold(self.settings, catalog, purpose):
            yield

    def append(self, batch: Batch, *, run_id: str | None = None) -> Appended:
        """Store `batch` exactly once; a second time is a no-op that says so."""
        with self.writing("raw", f"append from {batch.source.source_id}") as connection:
            return ledger.append(connection, batch, run_id)

    def append_next(self, batches: Sequence[Batch], *, run_id: str | None = None) -> Appended:
        """Store `batches` together or not at all, for a writer that holds its source and knows its cursor.

        Unlike `append` it does not look whether they are there: looking takes longer with every batch, and the one
        writer of a spool, which commits twice a second, knows by the ledger's cursor where to go on.
        """
        with self.writing("raw", f"append from {batches[0].source.source_id}") as connection:
            return ledger.append_next(connection, batches, run_id)

    def replace(self, mart: str, rows: pa.Table) -> int:
        """Replace the mart `mart` (a contract of `tables_marts.py`) by `rows`; returns the snapshot."""
        contract = schema.table_of("marts", mart)
        if contract is None:
            raise LakeError(f"marts.{mart} has no contract.", hint="Add it to model/tables_marts.py.")
        with self.writing("marts", f"replace {mart}") as connection:
            connection.register("incoming", rows.cast(contract.schema))
            # emptied and filled again: a table made anew each time leaves its old catalog entries behind
            connection.execute(f"DELETE FROM marts.{mart}")
            connection.execute(f"INSERT INTO marts.{mart} BY NAME SELECT * FROM incoming")
            connection.unregister("incoming")
        return self.snapshot_id("marts")

    def erase(self, catalog: Catalog, column: str, values: Collection[str]) -> Mapping[str, int]:
        """Remove the rows of `catalog` whose `column` is one of `values`, from every stored table that has it, so that
        no file holds them; returns how many by table. Older snapshots of the catalog are forgotten."""
        with locks.hold(self.settings, catalog, "erasure"):
            with self.writing(catalog, "erasure") as connection:
                places = erasure.places_with(connection, catalog, column)
                removed = {place.address: erasure.erase(connection, place, column, values) for place in places}
            with self.connect(writable=True) as connection:
                erasure.forget_history(connection, catalog)
                for place in places:
                    erasure.narrow_statistics(connection, self.settings, place)
            erasure.rewrite_catalog(self.settings, catalog)
        return removed

    # --- tidying ---------------------------------------------------------------------------------

    def tidy(self, catalog: Catalog, *, keep: timedelta) -> maintenance.Tidied:
        """Compact `catalog` and forget snapshots older than `keep`."""
        with locks.hold(self.settings, catalog, "maintenance"), self.connect(writable=True) as connection:
            files, snapshots = _sizes(connection, catalog)
            maintenance.compact(connection, catalog)
            maintenance.expire(connection, catalog, keep)
            files_after, snapshots_after = _sizes(connection, catalog)
        return maintenance.Tidied(catalog, files, files_after, snapshots, snapshots_after)


def _sizes(connection: duckdb.DuckDBPyConnection, catalog: Catalog) -> tuple[int, int]:
    return maintenance.count_files(connection, catalog), maintenance.count_snapshots(connection, catalog)


def _roll_back(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("ROLLBACK")
    except duckdb.Error:  # the failed statement has already ended the transaction
        return
