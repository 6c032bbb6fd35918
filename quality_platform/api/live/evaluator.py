"""Thresholds in the drain's process: a thread that judges what was just stored, and has what fires delivered.

The rounds do not wait for it. When it is too slow it loses its place in the hub, and asks the lake for what it missed.

Belongs here: the thread and when it does what. Does not belong here: judging (`alerting/live.py`), delivery
(`alerting/courier.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from quality_platform.alerting import evaluate, monitoring
from quality_platform.alerting.arrivals import chosen
from quality_platform.alerting.courier import Courier
from quality_platform.alerting.live import LiveThresholds
from quality_platform.alerting.plan import Plan
from quality_platform.api.drain.process import Pipe
from quality_platform.api.drain.rounds import Round
from quality_platform.api.live.hub import CutOffError, Hub, Subscription
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.errors import QualityPlatformError
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

LOG = logging.getLogger(__name__)

SAVE_SECONDS = 10.0
"""How far series were judged is written this often; after a crash the rest is judged again, to the same end."""

LOOK_SECONDS = 1.0
RETRY_SECONDS = 2.0
MOST_ROWS = 500_000
SETTLE_SECONDS = 0.2
"""The first round, which somebody waits for, goes before the search for what a process that died left unjudged."""

EVERYTHING = 1_000_000


class Evaluator:
    """A companion of the drain (`api/drain/process.py`)."""

    def __init__(self, settings: Settings, lake: Lake, configuration: WatchedConfiguration, pipe: Pipe) -> None:
        self._pipe = pipe
        self._settings = settings
        self._lake = lake
        self._configuration = configuration
        self._config: QualityConfig | None = None
        self._state = State(settings)
        self._hub: Hub[pa.Table] = Hub()
        self._rung = threading.Event()
        self._subscription: Subscription[pa.Table] | None = None
        self._live: LiveThresholds | None = None
        self._plan = Plan.of(QualityConfig())
        self._metrics = pa.array([], pa.string())
        self._courier: Courier | None = None
        self._runs = True
        self._looked = -LOOK_SECONDS
        self._saved = time.monotonic()
        self._must_catch_up = True
        self._ending = False
        self._subscribe()
        self._thread = threading.Thread(target=self._run, name="live thresholds", daemon=True)
        self._thread.start()

    # --- called by the rounds ----------------------------------------------------------------------

    def take(self, done: Round) -> None:
        """Publish what a rule speaks of."""
        if self._configuration.current is not self._config:
            self._rung.set()  # a new rule may speak of a metric that is not listened to yet
        found = chosen(done.batches, self._metrics)
        if found is not None and self._hub.publish(found, found.num_rows):
            LOG.warning("the live evaluation is too slow: it goes on from the lake")

    def missed(self) -> None:
        """A round of which nothing is known: the lake knows."""
        if self._subscription is not None:
            self._subscription.close()
            self._subscription.cut_off()

    def hear(self, message: Mapping[str, Any]) -> None:
        """Nothing that is said concerns it."""

    @property
    def busy(self) -> bool:
        """Whether something is unsaved, or waits to be delivered again."""
        waits = self._courier is not None and self._courier.has_waiting
        return waits or (self._live is not None and self._live.has_unsaved)

    def close(self) -> None:
        """Judge what waits, write it down, end."""
        self._ending = True
        self._rung.set()
        self._thread.join(10)
        if self._courier is not None:
            self._courier.close()
        self._state.close()

    # --- the thread ----------------------------------------------------------------------------------

    def _run(self) -> None:
        self._rung.wait(SETTLE_SECONDS)
        while not self._ending:
            self._rung.clear()
            well = self._try_turn()
            self._rung.wait(self._patience() if well else RETRY_SECONDS)
        self._try_turn()

    def _try_turn(self) -> bool:
        try:
            self._turn()
        except (QualityPlatformError, duckdb.Error, OSError) as error:
            LOG.warning("cannot judge now, trying again: %s", type(error).__name__)
        except Exception:
            LOG.exception("the live evaluation goes on")
        else:
            return True
        self._must_catch_up = True
        return False

    def _patience(self) -> float | None:
        """Until when nothing needs to be done if nothing comes."""
        if self._live is not None and self._live.has_unsaved:
            return LOOK_SECONDS
        return None

    def _turn(self) -> None:
        self._look()
        now = datetime.now(UTC)
        arrived = self._arrived()
        if self._live is None or not self._runs:
            self._must_catch_up = True
            return
        if self._must_catch_up:
            fired = self._caught_up(self._live, now)
            self._must_catch_up = False
        else:
            samples = pa.concat_tables(arrived) if arrived else None
            fired = self._live.take(samples, now).told
        fired += self._save(self._live, now)
        if fired:
            self._ring()
            self._pipe.tell({"alerts": fired})

    def _arrived(self) -> list[pa.Table]:
        assert self._subscription is not None
        try:
            return self._subscription.take()
        except CutOffError:
            self._subscribe()
            self._must_catch_up = True
            return []

    def _subscribe(self) -> None:
        self._subscription = self._hub.subscribe(self._rung.set, most_weight=MOST_ROWS)

    def _caught_up(self, live: LiveThresholds, now: datetime) -> int:
        self._ring()  # messages may wait from before
        orphans = evaluate.close_orphans(self._state, self._plan, ("threshold_violation",), now)
        return (orphans + live.catch_up(now)).told

    def _save(self, live: LiveThresholds, now: datetime) -> int:
        if self._ending:
            return live.save(now, EVERYTHING).told
        if time.monotonic() - self._saved < SAVE_SECONDS:
            return 0
        self._saved = time.monotonic()
        return live.save(now).told

    def _look(self) -> None:
        """The configuration and the switch of live monitoring, at most a second old."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        self._runs = monitoring.is_running(self._state)
        config = self._configuration.current
        if config is not self._config:
            self._plan = Plan.of(config)
            self._live = LiveThresholds(self._state, self._lake, self._plan)
            self._metrics = self._live.metrics
            self._config = config
            self._must_catch_up = True

    def _ring(self) -> None:
        if self._courier is None:
            self._courier = Courier(self._settings, self._state, lambda: self._plan)
        self._courier.ring()
