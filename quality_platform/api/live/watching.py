"""What is stored, for people who look on: sent to the API process while somebody does, the newest value of each series.

Belongs here: the drain's side. Does not belong here: who looks on (`updates.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quality_platform.api.drain.process import Pipe
from quality_platform.api.drain.rounds import Round
from quality_platform.model.batch import Batch
from quality_platform.model.tables_runtime import METRIC_SAMPLES

MOST_SERIES = 200
"""In one message: nobody reads more in half a second."""

LONGEST_LABELS = 500

_SERIES = ("project", "metric", "subject", "labels")


class Watching:
    """A companion of the drain (`api/drain/process.py`)."""

    busy = False

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._wanted: Mapping[str, Any] | None = None

    def hear(self, message: Mapping[str, Any]) -> None:
        """The API process wants to be told, of which projects and metrics, or no longer."""
        if "watch" in message:
            self._wanted = message["watch"] or None

    def take(self, done: Round) -> None:
        """Send what the round stored, if anybody wants it."""
        if self._wanted is None:
            return
        samples = _samples(done.batches, self._wanted)
        if samples is not None:
            found = newest(samples)
            short = pc.less_equal(pc.binary_length(found.column("labels")), LONGEST_LABELS)
            shown = found.filter(short).slice(0, MOST_SERIES)
            self._pipe.tell({"samples": shown.to_pydict(), "omitted": found.num_rows - shown.num_rows})

    def missed(self) -> None:
        """Nobody is told of what is not known."""

    def close(self) -> None:
        """Nothing is held."""


def _samples(batches: Iterable[Batch], wanted: Mapping[str, Any]) -> pa.Table | None:
    found = []
    for batch in batches:
        samples = batch.tables.get(METRIC_SAMPLES.name)
        if samples is None or not _names(wanted["projects"], batch.source.project):
            continue
        if wanted["metrics"]:
            samples = samples.filter(pc.is_in(samples.column("metric"), pa.array(wanted["metrics"], pa.string())))
        if samples.num_rows:
            project = pa.repeat(pa.scalar(batch.source.project), samples.num_rows)
            found.append(samples.append_column("project", project))
    return pa.concat_tables(found) if found else None


def _names(wanted: Sequence[str] | None, name: str) -> bool:
    return not wanted or name in wanted


def newest(samples: pa.Table) -> pa.Table:
    """The newest value of each series; instants as microseconds since 1970."""
    ordered = samples.set_column(
        samples.schema.get_field_index("observed_at"), "observed_at", samples.column("observed_at").cast(pa.int64())
    ).sort_by("observed_at")
    grouped = ordered.group_by(_SERIES, use_threads=False).aggregate(
        [("observed_at", "last"), ("value", "last"), ("kind", "last")]
    )
    return grouped.rename_columns([name.removesuffix("_last") for name in grouped.column_names])
