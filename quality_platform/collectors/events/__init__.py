"""Collector of usage events: JSON lines and CSV with a mapping into `raw.usage_events`.

Belongs here: the registry entry. Does not belong here: following files (`tail/`) or events (their modules).
"""

from __future__ import annotations

from typing import cast

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.events.reader import EventFileReader
from quality_platform.collectors.events.usage_event import EventReader
from quality_platform.collectors.tail.batches import FileCollector
from quality_platform.collectors.tail.reading import Parser
from quality_platform.collectors.tail.sources import file_tasks, path_of
from quality_platform.model.configuration import EventSource, QualityConfig
from quality_platform.model.tables_runtime import USAGE_EVENTS


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per event file of the active projects."""
    return file_tasks(config, "events", "Event file", lambda project: project.events)


def _parser(task: Task, context: Context) -> Parser:
    options = cast("EventSource", task.options)
    reader = EventReader(
        options.mapping, options.drop, project=task.source.project, secret=context.secret, now=context.now
    )
    return EventFileReader(task.source.source_id, path_of(task), options.format == "csv", reader)


_FILES = FileCollector("events", "1", USAGE_EVENTS.name, _parser)

COLLECTOR = Collector(
    name=_FILES.name,
    version=_FILES.version,
    title="Usage events",
    description="What users did, from JSON lines or CSV; identifiers become keyed hashes before they are stored.",
    tables=(USAGE_EVENTS.name,),
    find=find,
    changed=_FILES.changed,
    collect=_FILES.collect,
)
