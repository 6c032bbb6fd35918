"""The work of the live evaluation: rules over what arrived, what the lake has of what was missed, delivery.

Belongs here: what one turn does. Does not belong here: the thread and its queue (`evaluator.py`), which loads this when
the first round is over, because SQLAlchemy and the rest take a third of a second that nobody should wait for.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from quality_platform.alerting import evaluate, monitoring, unwinding
from quality_platform.alerting.conditions.live import LiveThresholds
from quality_platform.alerting.delivery.courier import Courier
from quality_platform.alerting.episodes.channel_alerts import watching
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.plans import PlanSource
from quality_platform.alerting.set_clock import SetClock
from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.errors import QualityPlatformError
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

LOOK_SECONDS = 0.5
SAVE_SECONDS = 10.0
"""How far series were judged is written this often; after a crash the rest is judged again, to the same end."""

EVERYTHING = 1_000_000


class Judging:
    """For one thread, but for `metrics`, `is_outdated` and `busy`."""

    def __init__(self, settings: Settings, lake: Lake, configuration: WatchedConfiguration) -> None:
        self._lake = lake
        self._state = State(settings)
        self._plans = PlanSource(settings, self._state, configuration)
        self._plan = Plan.of(QualityConfig())
        self._live = LiveThresholds(self._state, lake, self._plan)
        self._courier = Courier(settings, self._state, lambda: self._plan, watching(lambda: self._plan))
        self._runs = True
        self._clock = SetClock()
        self._looked = -LOOK_SECONDS
        self._saved = time.monotonic()
        self._must_catch_up = True
        self.metrics = self._live.metrics
        """Names of the metrics that a rule speaks of."""

    @property
    def is_outdated(self) -> bool:
        """Whether another plan is in force than the one it goes by: a new rule may speak of other metrics."""
        try:
            return self._plans.current is not self._plan
        except QualityPlatformError:
            return True  # the turn says what is wrong

    @property
    def has_unsaved(self) -> bool:
        """Whether a turn is needed although nothing arrives: something is to be written, or time alone may decide."""
        return self._live.has_unsaved or self._live.ticks

    @property
    def busy(self) -> bool:
        """Whether something is unsaved, or waits to be delivered again."""
        return self._courier.has_waiting or self._live.has_unsaved

    def turn(self, arrived: Sequence[pa.Table], *, missed: bool, last: bool) -> int:
        """Judge what arrived, or after a failure or when something was `missed` what the lake has; returns how many
        things happened to alerts. The `last` turn writes everything down."""
        self._look()
        self._must_catch_up |= missed or not self._runs
        if not self._runs:
            return 0
        now = datetime.now(UTC)
        self._mind_the_clock(now)
        caught_up = self._must_catch_up
        self._must_catch_up = True  # should it fail
        if caught_up:
            self._courier.ring()  # messages may wait from before
            done = evaluate.close_orphans(self._state, self._plan, evaluate.THRESHOLD_TYPES, now)
            done += self._live.catch_up(now)
        else:
            done = self._live.take(pa.concat_tables(arrived) if arrived else None, now)
        done += self._live.tick(now)
        if last or time.monotonic() - self._saved >= SAVE_SECONDS:
            self._saved = time.monotonic()
            done += self._live.save(now, EVERYTHING) if last else self._live.save(now)
        self._must_catch_up = False
        if done.told:
            self._courier.ring()
        return done.told

    def close(self) -> None:
        """Finish the delivery that is under way."""
        self._courier.close()
        self._state.close()

    def _mind_the_clock(self, now: datetime) -> None:
        """Where it was set, memory is learned anew: set back, what was judged must not hide what comes; set forward,
        or after the machine slept, an hour without samples was nobody's silence."""
        moved = self._clock.moved(now)
        if moved != timedelta(0):
            self._must_catch_up = True
            unwinding.follow(moved, self._state, self._plan, now)
        self._clock.settle(now)

    def _look(self) -> None:
        """The plan and the switch of live monitoring, at most half a second old."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        self._runs = monitoring.is_running(self._state)
        plan = self._plans.current
        if plan is not self._plan:
            self._plan = plan
            self._live = LiveThresholds(self._state, self._lake, self._plan)
            self.metrics = self._live.metrics
            self._must_catch_up = True
