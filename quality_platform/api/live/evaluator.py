"""Thresholds in the drain's process: a thread that judges what was just stored, and has what fires delivered.

The rounds do not wait for it. When it is too slow it loses its place in the hub, and asks the lake for what it missed.

Belongs here: the thread and its queue. Does not belong here: what it does (`judging.py`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from quality_platform.alerting.conditions.arrivals import chosen
from quality_platform.api.drain.process import Pipe
from quality_platform.api.drain.rounds import Round
from quality_platform.api.live.hub import CutOffError, Hub
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.errors import QualityPlatformError
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake

if TYPE_CHECKING:
    from quality_platform.api.live.judging import Judging

LOG = logging.getLogger(__name__)

TURN_SECONDS = 1.0
RETRY_SECONDS = 2.0
SETTLE_SECONDS = 2.0
"""The first round, which somebody waits for, goes before the search for what a process that died left unjudged."""

MOST_ROWS = 500_000


class Evaluator:
    """A companion of the drain (`api/drain/process.py`)."""

    def __init__(self, settings: Settings, lake: Lake, configuration: WatchedConfiguration, pipe: Pipe) -> None:
        self._settings, self._lake, self._configuration, self._pipe = settings, lake, configuration, pipe
        self._hub: Hub[pa.Table] = Hub()
        self._rung = threading.Event()
        self._subscription = self._hub.subscribe(self._rung.set, most_weight=MOST_ROWS)
        self._judging: Judging | None = None
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="live thresholds", daemon=True)
        self._thread.start()

    # --- called by the rounds ----------------------------------------------------------------------

    def take(self, done: Round) -> None:
        """Publish what a rule speaks of."""
        judging = self._judging
        if judging is None or judging.is_outdated:
            self._rung.set()  # a new rule may speak of a metric that is not listened to yet
        found = chosen(done.batches, judging.metrics) if judging is not None else None
        if found is not None and self._hub.publish(found, found.num_rows):
            LOG.warning("the live evaluation is too slow: it goes on from the lake")

    def missed(self) -> None:
        """A round of which nothing is known: the lake knows."""
        self._subscription.close()
        self._subscription.cut_off()

    def hear(self, message: Mapping[str, Any]) -> None:
        """Nothing that is said concerns it."""

    @property
    def busy(self) -> bool:
        """Whether something is unsaved, or waits to be delivered again."""
        return self._judging is not None and self._judging.busy

    def close(self) -> None:
        """Judge what waits, write it down, end."""
        self._ending = True
        self._rung.set()
        self._thread.join(10)
        if self._judging is not None:
            self._judging.close()

    # --- the thread --------------------------------------------------------------------------------

    def _run(self) -> None:
        self._rung.wait(SETTLE_SECONDS)
        well = False
        while not self._ending:
            self._rung.clear()
            well = self._turn(last=False, missed=not well)
            # a rule may be made or removed although nothing arrives
            self._rung.wait(TURN_SECONDS if well else RETRY_SECONDS)
        self._turn(last=True, missed=not well)

    def _turn(self, *, last: bool, missed: bool) -> bool:
        """One turn; False when it has to be made up for."""
        try:
            judging = self._loaded()
            try:
                arrived = self._subscription.take()
            except CutOffError:
                self._subscription = self._hub.subscribe(self._rung.set, most_weight=MOST_ROWS)
                arrived, missed = [], True
            happened = judging.turn(arrived, missed=missed, last=last)
            if happened:
                self._pipe.tell({"alerts": happened})
        except (QualityPlatformError, duckdb.Error, OSError) as error:
            LOG.warning("cannot judge now, trying again: %s", type(error).__name__)
            return False
        except Exception:
            LOG.exception("the live evaluation goes on")
            return False
        return True

    def _loaded(self) -> Judging:
        if self._judging is None:
            from quality_platform.api.live.judging import Judging

            self._judging = Judging(self._settings, self._lake, self._configuration)
        return self._judging
