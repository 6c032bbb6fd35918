"""A person's rows out of the lake, and a note in the audit that says so without saying who.

It can be repeated: killed anywhere, the next time finishes the work. Raw tables come before marts, so that no pipeline
run can bring a row back that has been taken out of a mart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from quality_platform.privacy.person import COLUMN, Person
from quality_platform.state import audit
from quality_platform.state.database import State
from quality_platform.warehouse.catalogs import Catalog
from quality_platform.warehouse.lake import Lake

ORDER: tuple[Catalog, ...] = ("raw", "marts")


def erase(lake: Lake, state: State, person: Person, now: datetime, *, actor: str) -> Mapping[str, int]:
    """Remove every row about `person`; returns how many by table. Raises LakeError when the lake is held by another
    for too long: then repeat it."""
    removed: dict[str, int] = {}
    for catalog in ORDER:
        removed |= {table: count for table, count in lake.erase(catalog, COLUMN, person.keys).items() if count}
        with state.write() as session:
            details = {table: count for table, count in removed.items() if table.startswith(f"{catalog}.")}
            subject = person.reference
            audit.record(session, now, actor=actor, action=f"privacy.erase_{catalog}", subject=subject, details=details)
    return removed
