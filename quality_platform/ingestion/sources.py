"""Which tasks a configuration names. Does not belong here: what a collector is given to work with (`given.py`)."""

from __future__ import annotations

from collections.abc import Mapping

from quality_platform.collectors.contract import Collector, Task
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.errors import UsageError
from quality_platform.ingestion.given import context
from quality_platform.model.batch import ANY
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings


def tasks(config: QualityConfig) -> tuple[tuple[Collector, Task], ...]:
    """Every source that `config` names, with the collector that reads it, in the registry's order."""
    return tuple((collector, task) for collector in COLLECTORS for task in collector.find(config))


def collector(name: str) -> Collector:
    """The registered collector called `name`; UsageError when there is none."""
    for candidate in COLLECTORS:
        if candidate.name == name:
            return candidate
    raise UsageError(f"There is no collector {name!r}.", hint=f"There are {', '.join(c.name for c in COLLECTORS)}.")


class _Nothing:
    """A history without a past."""

    def cursor(self, source_id: str) -> Mapping[str, object] | None:
        """Nothing was read before."""
        return None

    def known(self, table: str, column: str, project: str, where: Mapping[str, str] = ANY) -> frozenset[str]:
        """Nothing is known."""
        return frozenset()


def require_readable(settings: Settings, found: Collector, task: Task) -> None:
    """Look at a source without reading it; SourceError when it is not there or not what it should be."""
    found.changed(task, context(settings, _Nothing()))
