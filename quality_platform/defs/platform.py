"""What every asset, check and sensor works with: the settings, the lake, the state, the configuration in force.

A plain object handed in as the resource `platform`; tests hand in one with a home of their own.
"""

from __future__ import annotations

from functools import cached_property

from quality_platform.alerting.plan import Plan
from quality_platform.alerting.plans import PlanSource
from quality_platform.collectors.contract import Context, Progress, silent
from quality_platform.configuration.effective import effective
from quality_platform.ingestion import given
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

RESOURCE = "platform"


class Platform:
    """One platform, opened when first used."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(self.settings)

    @cached_property
    def state(self) -> State:
        """The state database."""
        return State(self.settings)

    @property
    def config(self) -> QualityConfig:
        """The configuration in force now: read again each time, so that a saved change counts."""
        return effective(self.settings)

    @property
    def plan(self) -> Plan:
        """The rules, channels and routes in force now: the file's and those that the API stored."""
        return self._plans.look()

    @cached_property
    def _plans(self) -> PlanSource:
        return PlanSource(self.settings, self.state, _Fresh(self))

    def context(self, progress: Progress = silent) -> Context:
        """What collectors are given."""
        return given.context(self.settings, self.lake, progress)


class _Fresh:
    """The configuration as a `PlanSource` wants to be told it."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    @property
    def current(self) -> QualityConfig:
        return self._platform.config
