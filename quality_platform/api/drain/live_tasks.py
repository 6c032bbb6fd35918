"""Which sources the live service reads by itself, and when one of them is worth a reading.

Belongs here: the choice, and the cheap look. Does not belong here: the reading (`sources.py`).

A file is worth it when it has grown, and again when its last record has settled: the end of a traceback is known by
nothing following it. What is asked on an interval says itself whether it is due.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.collectors.tail.reading import LINE_SETTLES, RECORD_SETTLES
from quality_platform.collectors.tail.sources import path_of
from quality_platform.configuration.effective import SELF
from quality_platform.errors import QualityPlatformError
from quality_platform.model.configuration import QualityConfig

FILES = ("logs", "events", "access_logs")
TIMED = ("probes", "scrape")
MARGIN = 0.5
"""Seconds after a record has settled by which it surely has."""

_Mark = tuple[int, int, int]


def live_tasks(config: QualityConfig, failed: Callable[[str], None]) -> Iterator[tuple[Collector, Task]]:
    """Files, probes and targets of the projects. The platform's own files grow because it works: reading them at once
    would make it work for ever.

    `failed` is told what is wrong with a project's section; the other sections' sources are found all the same.
    """
    for project in config.projects:
        alone = config.model_copy(update={"projects": (project,)})
        for collector in COLLECTORS:
            if collector.name in TIMED or (collector.name in FILES and project.id != SELF):
                try:
                    yield from ((collector, task) for task in collector.find(alone))
                except (QualityPlatformError, OSError) as error:
                    failed(f"{collector.name} of {project.id}: {error}")


@dataclass(slots=True)
class Watch:
    """One source and what is known of it: a file's mark, instants to look again at, the newest batch's `read_from`."""

    collector: Collector
    task: Task
    mark: _Mark | None = None
    again: list[float] = field(default_factory=lambda: [0.0])
    cursor: Mapping[str, object] | None = None
    reading: bool = False

    def is_due(self, now: float, context: Context) -> bool:
        """Whether to read it now; `now` is monotonic."""
        if self.collector.name not in FILES:
            asked = bool(self.again) and now >= self.again[0]
            self.again = self.again[asked:]
            return asked or (not self.again and self.collector.changed(self.task, context))
        mark = _mark(path_of(self.task))
        if mark is not None and mark != self.mark:
            self.mark = mark
            self.again = [now + RECORD_SETTLES + MARGIN, now + LINE_SETTLES + MARGIN]
            return True
        passed = [at for at in self.again if at <= now]
        self.again = self.again[len(passed) :]
        return bool(passed)

    def retry(self, at: float) -> None:
        """Read it again at `at`, whatever it looks like then."""
        self.again = sorted([at, *self.again])


def _mark(path: str) -> _Mark | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - every second for every file
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
