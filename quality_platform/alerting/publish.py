"""The history of alerts and deliveries, copied from the state database to the lake exactly once.

The lake itself is the cursor: the newest batch of a project says up to which row it has been told. A batch is named by
where it starts, so of two publishers that start at the same place only one is heard.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.columns import Table
from quality_platform.model.tables_runtime import ALERT_EVENTS, DELIVERIES
from quality_platform.state import cursors, published
from quality_platform.state.database import State
from quality_platform.state.published import Row, Stream
from quality_platform.warehouse.lake import Lake

VERSION = "2"
LIMIT = 5000
_IDENTITY = "state identity"


def publish(state: State, lake: Lake, now: datetime, *, run_id: str | None = None) -> int:
    """Append the events that the lake has not been told; returns their number. Raises StateError, LakeError."""
    return _Publisher(state, lake, _state_identity(state, now), run_id, published.EVENTS, ALERT_EVENTS).all()


def publish_deliveries(state: State, lake: Lake, now: datetime, *, run_id: str | None = None) -> int:
    """Append the attempts to deliver that the lake has not been told; likewise."""
    return _Publisher(state, lake, _state_identity(state, now), run_id, published.DELIVERIES, DELIVERIES).all()


@dataclass(frozen=True, slots=True)
class _Publisher:
    state: State
    lake: Lake
    identity: str
    run_id: str | None
    stream: Stream
    table: Table

    def all(self) -> int:
        with self.state.read() as session:
            newest = self.stream.newest(session)
        return sum(self._project(project, last) for project, last in newest.items())

    def _project(self, project: str, last: int) -> int:
        source = Source(f"{self.stream.name}:{project}", self.stream.name, project, f"Alerting of {project}")
        told, count = self._told(source), 0
        while told < last:
            with self.state.read() as session:
                rows = self.stream.after(session, project, told, LIMIT)
            if self.lake.append(self._batch(source, told, rows), run_id=self.run_id).stored:
                told, count = rows[-1][0], count + len(rows)
                continue
            before, told = told, self._told(source)
            if told <= before:  # the newest batch is another state's
                break
        return count

    def _told(self, source: Source) -> int:
        """Number of the last row that the lake has; 0 where it knows nothing of this state."""
        cursor = self.lake.cursor(source.source_id)
        if cursor is None or cursor.get("state") != self.identity:
            return 0
        return int(str(cursor["sequence"]))

    def _batch(self, source: Source, told: int, rows: Sequence[tuple[int, Row]]) -> Batch:
        schema = self.table.schema
        wanted = [{name: row.get(name) for name in schema.names} for _, row in rows]
        return Batch(
            batch_id=batch_id(source.source_id, self.identity, told),
            source=source,
            collector=self.stream.name,
            collector_version=VERSION,
            read_from={"state": self.identity, "after": told, "sequence": rows[-1][0]},
            tables={self.table.name: pa.Table.from_pylist(wanted, schema=schema)},
        )


def _state_identity(state: State, now: datetime) -> str:
    """A name of this state database: another one, made anew beside an old lake, numbers its events from 1 again."""
    with state.write(serial="alerts") as session:
        found = cursors.read(session, _IDENTITY)
        if found is None:
            found = uuid.uuid4().hex
            cursors.write(session, _IDENTITY, found, now)
    return found
