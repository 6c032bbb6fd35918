"""Collector of published advisories: OSV records out of a folder, a zip or a file of lines into `raw.advisories`.

Records that are known as they stand are not stored again, so that a database that grew by ten gives ten. How old the
newest of them is becomes a metric, out of the ledger: a database that nobody renews finds nothing, and looks like
peace.

Belongs here: the registry entry, batches. Does not belong here: forms of files (`reading.py`), bringing them near
(`download.py`), records (`analysis/advisories/`).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import cast

from quality_platform.analysis.advisories.record import Advisory, RefusedAdvisoryError, read
from quality_platform.collectors.advisories.download import bring_near
from quality_platform.collectors.advisories.reading import Record, fingerprint, records
from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.rows import table_of
from quality_platform.errors import SourceError
from quality_platform.model.batch import Batch, Rejected, Source, batch_id
from quality_platform.model.configuration import AdvisorySource, QualityConfig
from quality_platform.model.tables_advisories import ADVISORIES

NAME, VERSION = "advisories", "1"
PROJECT = "quality-platform"
PER_BATCH = 20_000


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task where the configuration names a source of advisories."""
    options = config.advisories
    if options is None:
        return ()
    return (
        Task(Source("advisories:osv", "advisories", PROJECT, f"Advisories of {options.path or options.url}"), options),
    )


def changed(task: Task, context: Context) -> bool:
    """Whether the file or folder is another than was read, or a day has passed: the age is told once a day."""
    cursor = context.history.cursor(task.source.source_id)
    if cursor is None or cursor.get("day") != _day(context):
        return True
    try:
        return cursor.get("fingerprint") != fingerprint(_place(task, context))
    except OSError:
        return False


def fetch(task: Task, context: Context) -> None:
    """Renew the copy of what is far away."""
    bring_near(_options(task), _place(task, context), context.now)


def collect(task: Task, context: Context) -> Iterator[Batch]:
    """Batches of what is new. Raises SourceError where nothing can be read."""
    fetch(task, context)
    place = _place(task, context)
    newest = 0
    try:
        mark = fingerprint(place)
        cursor = context.history.cursor(task.source.source_id)
        if cursor is not None and cursor.get("fingerprint") == mark:
            if cursor.get("day") != _day(context):
                yield _batch(task, context, mark, [], [], int(str(cursor["newest"])), 0)
            return
        known = context.history.known(ADVISORIES.name, "revision", PROJECT)
        found, number = records(place), 0
        while part := tuple(islice(found, PER_BATCH)):
            rows, rejected = _rows(part)
            newest = max([newest, *(row.modified for row in rows)])
            fresh = [row for row in rows if row.revision not in known]
            context.progress("advisories", (number + 1) * PER_BATCH, 0)
            yield _batch(task, context, mark, fresh, rejected, newest, number)
            number += 1
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"The advisories cannot be read: {error}.",
            hint="advisories.path: a folder, a .zip or a .jsonl of OSV records.",
        ) from None


def _rows(part: tuple[Record, ...]) -> tuple[list[Advisory], list[Rejected]]:
    rows: list[Advisory] = []
    rejected = []
    for each in part:
        try:
            if each.content is None:
                raise RefusedAdvisoryError(each.reason)
            rows += read(each.content)
        except RefusedAdvisoryError as error:
            rejected.append(Rejected(ADVISORIES.name, each.place, str(error)))
    return list({(row.advisory_id, row.ecosystem, row.package): row for row in rows}.values()), rejected


def _batch(
    task: Task, context: Context, mark: str, rows: list[Advisory], rejected: list[Rejected], newest: int, number: int
) -> Batch:
    return Batch(
        batch_id=batch_id(task.source.source_id, mark, number, _day(context)),
        source=task.source,
        collector=NAME,
        collector_version=VERSION,
        read_from={"fingerprint": mark, "newest": newest, "day": _day(context)},
        tables={ADVISORIES.name: table_of(ADVISORIES, rows)},
        rejected=tuple(rejected),
    )


def _day(context: Context) -> str:
    return context.now.date().isoformat()


def _options(task: Task) -> AdvisorySource:
    return cast("AdvisorySource", task.options)


def _place(task: Task, context: Context) -> Path:
    options = _options(task)
    return Path(options.path).expanduser() if options.path else context.scratch / "advisories.zip"


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Advisories",
    description="Published vulnerabilities of packages, as OSV records from a folder, a zip or a file of lines.",
    tables=(ADVISORIES.name,),
    find=find,
    changed=changed,
    collect=collect,
    fetch=fetch,
)
