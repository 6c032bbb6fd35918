"""Collector of reviews by the API of a forge: pull and merge requests as they change, into `raw.code_reviews`.

Belongs here: the registry entry, what is due, batches. Does not belong here: asking (`client.py`), what each forge
calls things (`forges.py`), a request as a row (`reviews/request.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.forge.client import Client, ExhaustedError
from quality_platform.collectors.forge.forges import forge_of
from quality_platform.collectors.forge.reading import Reading
from quality_platform.collectors.instants import microseconds
from quality_platform.collectors.intervals import is_due
from quality_platform.collectors.rows import table_of
from quality_platform.model.batch import Batch, Source, batch_id
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.live_sources import ForgeSource
from quality_platform.model.tables_reports import CODE_REVIEWS

NAME, VERSION = "forge", "1"
PER_BATCH = 50
"""Requests that a kill costs at most."""
MOST_AT_ONCE = 300
"""Requests of one look, two answers each: a run waits a minute or two for the first one, not half an hour."""


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per active project that names its forge."""
    return tuple(
        Task(Source(f"{NAME}:{project.id}", NAME, project.id, f"Requests of {project.forge.url}"), project.forge)
        for project in config.projects
        if project.status == "active" and project.forge is not None
    )


def changed(task: Task, context: Context) -> bool:
    """Whether the forge is due to be asked."""
    cursor = context.history.cursor(task.source.source_id) or {}
    return is_due(cursor.get("at"), microseconds(context.now), _options(task).interval_seconds)


def collect(task: Task, context: Context) -> Iterator[Batch]:
    """Batches of the requests that changed, the one that changed first foremost; the last may be empty.

    Where the forge answers no more for a while, the next time goes on from there. Raises SourceError where it refuses.
    """
    if not changed(task, context):
        return
    reading = Reading.after(context.history.cursor(task.source.source_id) or {})
    client, forge = Client(_options(task)), forge_of(_options(task).url)
    exhausted, left = False, 0
    try:
        found = forge.changed_since(client, reading.updated, reading.seen)
        left = len(found)
        for done, listed in enumerate(found[:MOST_AT_ONCE], start=1):
            reading.take(listed, forge.read(client, listed.number))
            context.progress("requests", done, len(found))
            left = len(found) - done
            if done % PER_BATCH == 0:
                yield _batch(task, context, reading, is_unfinished=left > 0)
                reading.empty()
    except ExhaustedError:
        exhausted = True
    yield _batch(task, context, reading, is_unfinished=left > 0 and not exhausted, exhausted=exhausted)


def _batch(task: Task, context: Context, reading: Reading, *, is_unfinished: bool, exhausted: bool = False) -> Batch:
    # what is not yet finished is due at once
    at = None if is_unfinished else microseconds(context.now)
    # the last of a look may be empty, and then says only that it was the last
    identity = (context.now.isoformat(), reading.updated, sorted(reading.seen), len(reading.rows), exhausted)
    return Batch(
        batch_id=batch_id(task.source.source_id, *identity),
        source=task.source,
        collector=NAME,
        collector_version=VERSION,
        read_from={"url": _options(task).url, "at": at, "exhausted": exhausted, **reading.cursor},
        tables={CODE_REVIEWS.name: table_of(CODE_REVIEWS, reading.rows)},
        rejected=tuple(reading.rejected),
    )


def _options(task: Task) -> ForgeSource:
    return cast("ForgeSource", task.options)


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Forge",
    description="Pull requests of GitHub and merge requests of GitLab, asked of their APIs as they change.",
    tables=(CODE_REVIEWS.name,),
    find=find,
    changed=changed,
    collect=collect,
)
