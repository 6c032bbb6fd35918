"""All rows about a person, one after another, as they lie in the lake.

Belongs here: reading. Marts are left out: they hold the same rows, computed anew by every run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from quality_platform.model.tables import RAW_TABLES
from quality_platform.privacy.person import COLUMN, Person
from quality_platform.state import audit
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

AT_ONCE = 1_000

HOLDING = tuple(table.name for table in RAW_TABLES.values() if any(column.name == COLUMN for column in table.columns))
"""Raw tables whose rows may be about a person."""


def counts(lake: Lake, person: Person) -> Mapping[str, int]:
    """Rows about `person` by raw table; tables without any are left out."""
    found = {}
    for name in HOLDING:
        sql = f"SELECT count(*) AS n FROM raw.{name} WHERE {COLUMN} IN (SELECT unnest(?))"
        found[f"raw.{name}"] = int(lake.rows(sql, [person.keys])[0]["n"])
    return {name: count for name, count in found.items() if count}


def export(lake: Lake, state: State, person: Person, now: datetime, *, actor: str) -> Iterator[dict[str, Any]]:
    """Every raw row about `person` with the name of its table. That it was asked for is audited first."""
    with state.write() as session:
        audit.record(session, now, actor=actor, action="privacy.export", subject=person.reference)
    for name in HOLDING:
        yield from _rows(lake, name, person)


def _rows(lake: Lake, name: str, person: Person) -> Iterator[dict[str, Any]]:
    with lake.connect() as connection:
        found = connection.execute(f"SELECT * FROM raw.{name} WHERE {COLUMN} IN (SELECT unnest(?))", [person.keys])
        names = [column[0] for column in found.description or ()]
        while rows := found.fetchmany(AT_ONCE):
            for row in rows:
                yield {"table": f"raw.{name}", **dict(zip(names, row, strict=True))}
