"""The plan in force in a process that runs for long: `quality.yaml` and what the API stored, looked at again and again.

Belongs here: noticing a change within a second, and going on with the last good plan while none can be had. Does not
belong here: what a plan is (`plan.py`), what wins (`in_force.py`).
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Protocol

from quality_platform.alerting import in_force
from quality_platform.alerting.in_force import Stored
from quality_platform.alerting.plan import Plan
from quality_platform.errors import QualityPlatformError
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings
from quality_platform.state import stored
from quality_platform.state.database import State
from quality_platform.state.sealing import Seal

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 0.5


class Configured(Protocol):
    """Whatever knows the configuration of the file, such as `WatchedConfiguration`."""

    @property
    def current(self) -> QualityConfig:
        """It, now."""


class PlanSource:
    """The plan in force, half a second old at most as far as the state goes. Safe to share by threads."""

    def __init__(
        self, settings: Settings, state: State, watched: Configured, *, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._state, self._watched, self._look_seconds = state, watched, look_seconds
        self._seal = Seal(settings)
        self._looking = threading.Lock()
        self._looked = -look_seconds
        self._mark: str | None = None
        self._stored = Stored()
        self._config: QualityConfig | None = None
        self._plan: Plan | None = None

    @property
    def current(self) -> Plan:
        """The plan; the same object until something changed. Raises StateError, ConfigurationError before the first."""
        return self._read()[1]

    @property
    def both(self) -> tuple[QualityConfig, Plan]:
        """The configuration of the file, and the plan that follows from it and from what is stored."""
        return self._read()

    def look(self) -> Plan:
        """The plan after a look at the state: what was committed before this call is in it."""
        return self._read(at_once=True)[1]

    def _read(self, *, at_once: bool = False) -> tuple[QualityConfig, Plan]:
        with self._looking:
            try:
                self._refresh(at_once)
            except QualityPlatformError as error:
                if self._plan is None:
                    raise
                LOG.warning("the rules before stay in force: %s", error)
            assert self._plan is not None
            assert self._config is not None
            return self._config, self._plan

    def _refresh(self, at_once: bool) -> None:
        config, changed = self._watched.current, self._look(at_once)
        if self._plan is not None and not changed and config is self._config:
            return
        before, self._config = self._config, config  # one that cannot be used is tried, and complained of, once
        if self._plan is None or changed or config != before:
            self._plan = Plan.of(in_force.merged(config, self._stored))

    def _look(self, at_once: bool) -> bool:
        """Read what is stored if it has changed since the last look; whether it had."""
        now = time.monotonic()
        if not at_once and now - self._looked < self._look_seconds:
            return False
        with self._state.read() as session:
            mark = stored.mark(session)
            first = self._plan is None
            if mark == self._mark and not first:
                self._looked = now
                return False
            rows = stored.listed(session, in_force.KINDS)
        self._stored, self._mark, self._looked = in_force.read(rows, self._seal), mark, now
        return True
