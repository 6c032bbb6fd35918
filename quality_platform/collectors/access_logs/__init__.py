"""Collector of web servers' access logs: text and JSON lines into `raw.request_samples`.

Belongs here: the registry entry. Does not belong here: following files (`tail/`) or the formats (their modules).
"""

from __future__ import annotations

from typing import cast

from quality_platform.collectors.access_logs.reader import AccessLogReader
from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.tail.batches import FileCollector
from quality_platform.collectors.tail.reading import Parser
from quality_platform.collectors.tail.sources import file_tasks, path_of
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.live_sources import AccessLogSource
from quality_platform.model.tables_live import REQUEST_SAMPLES


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per access log of the active projects."""
    return file_tasks(config, "access_log", "Access log", lambda project: project.access_logs)


def _parser(task: Task, context: Context) -> Parser:
    options = cast("AccessLogSource", task.options)
    return AccessLogReader(options, task.source, path_of(task), context.secret, context.now)


_FILES = FileCollector("access_logs", "1", REQUEST_SAMPLES.name, _parser)

COLLECTOR = Collector(
    name=_FILES.name,
    version=_FILES.version,
    title="Access logs",
    description="Requests that web servers answered: route, status, size and, where it is logged, duration.",
    tables=(REQUEST_SAMPLES.name,),
    find=find,
    changed=_FILES.changed,
    collect=_FILES.collect,
)
