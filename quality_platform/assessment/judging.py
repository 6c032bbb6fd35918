"""Judges every series that has something new, and stores the verdicts together with what has been judged.

Does not belong here: the verdicts (`verdicts.py`), by whom (`processes.py`), how they are stored (`revision.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from quality_platform.assessment.changes import commits_of
from quality_platform.assessment.forecasts import due_of
from quality_platform.assessment.processes import judge_all
from quality_platform.assessment.revision import Rows, revise
from quality_platform.assessment.series import AT_ONCE, observed, pending
from quality_platform.assessment.verdicts import TABLES, Knowledge
from quality_platform.model.alerts import Series
from quality_platform.warehouse.lake import Lake


@dataclass(frozen=True, slots=True)
class Verdicts:
    """How many series were judged, and the new rows by mart."""

    series: int
    rows: Mapping[str, int] = field(default_factory=dict)


def judge_series(lake: Lake, now: datetime) -> Verdicts:
    """Judge what is pending. A value corrected in the past counts as new; a series that is gone loses its verdicts."""
    waiting = pending(lake)
    if waiting.num_rows == 0:
        return Verdicts(0)
    known = Knowledge(commits_of(lake), due_of(lake), now)
    verdicts = tuple(Rows(table) for table in TABLES)
    started: dict[Series, datetime] = {}
    series = observed(lake, waiting)
    while part := list(islice(series, AT_ONCE)):
        for judged in judge_all(part, known, lake.settings.workers):
            started[judged.series] = judged.started
            for mart in verdicts:
                mart.rows.extend(judged.rows[mart.table.name])
    revise(lake, waiting, started, verdicts, now)
    return Verdicts(waiting.num_rows, {mart.table.name: len(mart.rows) for mart in verdicts})
