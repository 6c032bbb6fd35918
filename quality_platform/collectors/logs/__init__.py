"""Collector of error logs: JSON lines, Python tracebacks, syslog and plain text into `raw.error_events`.

Belongs here: the registry entry. Does not belong here: following files (`tail/`) or the formats (their modules).
"""

from __future__ import annotations

from typing import cast

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.logs.event import Origin
from quality_platform.collectors.logs.reader import LogReader
from quality_platform.collectors.tail.batches import FileCollector
from quality_platform.collectors.tail.reading import Parser
from quality_platform.collectors.tail.sources import file_tasks, path_of
from quality_platform.model.configuration import LogSource, QualityConfig
from quality_platform.model.tables_runtime import ERROR_EVENTS


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per log file of the active projects."""
    return file_tasks(config, "log", "Log file", lambda project: project.logs)


def _parser(task: Task, context: Context) -> Parser:
    options = cast("LogSource", task.options)
    origin = Origin(
        source_id=task.source.source_id,
        project=task.source.project,
        file=path_of(task),
        secret=context.secret,
        release=options.release,
        environment=options.environment,
    )
    return LogReader(options.format, origin, context.now)


_FILES = FileCollector("logs", "1", ERROR_EVENTS.name, _parser)

COLLECTOR = Collector(
    name=_FILES.name,
    version=_FILES.version,
    title="Error logs",
    description="Warnings, errors and tracebacks of log files, from where the last reading stopped.",
    tables=(ERROR_EVENTS.name,),
    find=find,
    changed=_FILES.changed,
    collect=_FILES.collect,
)
