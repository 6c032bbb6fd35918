"""Sources that the live service reads by itself while it runs: files that grow, probes, scrapes.

Belongs here: the threads, and what is handed on. Does not belong here: the choice and the look (`live_tasks.py`),
reading and storing (`ingestion/`), which hold the source's lock, so that Dagster reading the same source comes before
or after and never between.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from quality_platform.api.drain.faults import INVALIDATING
from quality_platform.api.drain.live_tasks import FILES, Watch, live_tasks
from quality_platform.collectors.contract import Context, Task
from quality_platform.configuration.live import has_live_sources
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.errors import QualityPlatformError
from quality_platform.ingestion.collect import collect
from quality_platform.ingestion.given import context as context_of
from quality_platform.model.batch import ANY, Batch
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake

LOG = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
FIND_SECONDS = 2.0
FIND_SHARE = 0.02
"""Between two looks at what the globs match: two seconds, or what makes it a fiftieth of a core."""

AT_ONCE = 4
RETRY_SECONDS = 10.0
REPORT_SECONDS = 60.0
MOST_WAITING = 4
"""Batches that wait to be handed on; each may have 50,000 rows, so reading waits rather than memory grows."""


class Sources:
    """Reads what is due, until it is closed. What was stored waits in `finished`."""

    def __init__(self, settings: Settings, lake: Lake, configuration: WatchedConfiguration) -> None:
        self._settings = settings
        self._lake = lake
        self._configuration = configuration
        self._watches: dict[str, Watch] = {}
        self._config: QualityConfig | None = None
        self._find_at = self._reported_at = 0.0
        self._stored: queue.Queue[Batch] = queue.Queue(MOST_WAITING)
        self._counts = [0, 0]
        self._told: set[str] = set()
        self._ending = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="source")
        self._thread = threading.Thread(target=self._run, name="live sources", daemon=True)

    @property
    def wanted(self) -> bool:
        """Whether the configuration has any, so that idling is no reason to end."""
        return has_live_sources(self._configuration.current)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the batches that are being stored."""
        self._ending.set()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def finished(self) -> Sequence[Batch]:
        """Batches that are in the lake since the last time."""
        found: list[Batch] = []
        while len(found) < MOST_WAITING:
            try:
                found.append(self._stored.get_nowait())
            except queue.Empty:
                break
        return found

    def _run(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            try:
                self._look()
            except Exception:
                LOG.exception("looking at live sources failed; it is tried again")

    def _look(self) -> None:
        now = time.monotonic()
        self._find(now)
        self._report(now)
        for watch in self._watches.values():
            if not watch.reading and watch.is_due(now, self._context(watch)):
                watch.reading = True
                self._pool.submit(self._read, watch)

    def _find(self, now: float) -> None:
        config = self._configuration.current
        if config is self._config and now < self._find_at:
            return
        if config is not self._config:
            self._config = config
            self._told.clear()
        known, self._watches = self._watches, {}
        for collector, task in live_tasks(config, self._tell_once):
            watch = known.get(task.source.source_id) or Watch(collector, task)
            watch.task = task
            self._watches[task.source.source_id] = watch
        ended = time.monotonic()
        self._find_at = ended + max(FIND_SECONDS, (ended - now) / FIND_SHARE)

    def _tell_once(self, what: str) -> None:
        if what not in self._told:
            self._told.add(what)
            LOG.warning("cannot find %s", what)

    def _report(self, now: float) -> None:
        if now - self._reported_at >= REPORT_SECONDS:
            batches, rows = self._counts
            self._reported_at, self._counts = now, [0, 0]
            if batches:
                LOG.info("live sources: %d batches, %d rows in the last minute", batches, rows)

    def _context(self, watch: Watch) -> Context:
        return replace(context_of(self._settings, _Remembered(watch.cursor)), workers=1)

    def _read(self, watch: Watch) -> None:
        name = watch.task.source.source_id
        try:
            collector = replace(watch.collector, collect=lambda task, context: self._handing_on(watch, task, context))
            collect(self._lake, collector, watch.task, context_of(self._settings, self._lake), run_id=None)
            if watch.collector.name not in FILES:
                # somebody else may have asked meanwhile, so what is known comes from the lake
                watch.cursor = self._lake.cursor(name)
        except Exception as error:
            self._failed(watch, error)
        finally:
            watch.reading = False

    def _failed(self, watch: Watch, error: Exception) -> None:
        """One source's fault is told and tried again; the others go on."""
        # only our own sentences: another's may hold what a source wrote
        what = str(error) if isinstance(error, QualityPlatformError) else type(error).__name__
        LOG.warning("cannot read %s now, trying again: %s", watch.task.source.source_id, what)
        if isinstance(error, INVALIDATING):
            self._lake.close()
        watch.retry(time.monotonic() + RETRY_SECONDS)

    def _handing_on(self, watch: Watch, task: Task, context: Context) -> Iterator[Batch]:
        for batch in watch.collector.collect(task, context):
            yield batch
            # we are asked for the next one, so this one is in the lake
            self._counts[0] += 1
            self._counts[1] += batch.row_count
            self._hand_on(batch)
            if self._ending.is_set():
                return

    def _hand_on(self, batch: Batch) -> None:
        while not self._ending.is_set():
            try:
                self._stored.put(batch, timeout=LOOK_SECONDS)
            except queue.Full:
                continue
            return


class _Remembered:
    """A history of one source, out of memory."""

    def __init__(self, cursor: Mapping[str, object] | None) -> None:
        self._cursor = cursor

    def cursor(self, source_id: str) -> Mapping[str, object] | None:
        """The newest `read_from` that is known."""
        return self._cursor

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        """Nothing: no live collector asks."""
        return frozenset()
