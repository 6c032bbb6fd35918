"""The history of alerts, copied from the state database to `raw.alert_events` exactly once.

The lake itself is the cursor: the newest batch of a project says up to which event it has been told. A batch
is named by where it starts, so of two publishers that start at the same place only one is heard.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.tables import RAW_TABLES
from quality_platform.state import alerts, cursors
from quality_platform.state.database import State
from quality_platform.state.models import AlertEventRow
from quality_platform.warehouse.lake import Lake

TABLE = RAW_TABLES["alert_events"]
VERSION = "1"
LIMIT = 5000
_IDENTITY = "state identity"


def publish(state: State, lake: Lake, now: datetime, *, run_id: str | None = None) -> int:
    """Append what the lake has not been told; returns the number of events. Raises StateError, LakeError."""
    identity = _state_identity(state, now)
    with state.read() as session:
        newest = alerts.newest_sequences(session)
    return sum(_publish(state, lake, project, identity, last, run_id) for project, last in newest.items())


def _publish(state: State, lake: Lake, project: str, identity: str, last: int, run_id: str | None) -> int:
    source = Source(f"alerts:{project}", "alerts", project, f"Alerts of {project}")
    told, published = _told(lake, source, identity), 0
    while told < last:
        with state.read() as session:
            events = alerts.events_after(session, project, told, LIMIT)
        if lake.append(_batch(source, identity, told, events), run_id=run_id).stored:
            told, published = events[-1].sequence, published + len(events)
            continue
        before, told = told, _told(lake, source, identity)
        if told <= before:  # the newest batch is another state's
            break
    return published


def _told(lake: Lake, source: Source, identity: str) -> int:
    """Number of the last event that the lake has; 0 where it knows nothing of this state."""
    cursor = lake.cursor(source.source_id)
    if cursor is None or cursor.get("state") != identity:
        return 0
    return int(str(cursor["sequence"]))


def _state_identity(state: State, now: datetime) -> str:
    """A name of this state database: another one, made anew beside an old lake, numbers its events from 1 again."""
    with state.write(serial="alerts") as session:
        found = cursors.read(session, _IDENTITY)
        if found is None:
            found = uuid.uuid4().hex
            cursors.write(session, _IDENTITY, found, now)
    return found


def _batch(source: Source, identity: str, told: int, events: Sequence[AlertEventRow]) -> Batch:
    return Batch(
        batch_id=batch_id(source.source_id, identity, told),
        source=source,
        collector="alerts",
        collector_version=VERSION,
        read_from={"state": identity, "after": told, "sequence": events[-1].sequence},
        tables={TABLE.name: pa.Table.from_pylist([_row(event) for event in events], schema=TABLE.schema)},
    )


def _row(event: AlertEventRow) -> dict[str, object]:
    row = {column.name: getattr(event, column.name, None) for column in TABLE.columns}
    return {**row, "alert_type": event.type}
