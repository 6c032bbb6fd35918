"""How much each project may send, out of `quality.yaml`.

Belongs here: the way from the configuration to `Quota`. Does not belong here: counting (`quota.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

from quality_platform.configuration.watched import WatchedConfiguration
from quality_platform.model.configuration import QualityConfig

_NONE: Mapping[str, int] = {}


class ConfiguredLimits:
    """Items a minute by category, asked at every request: a dictionary look-up while the file stays as it is."""

    def __init__(self, configuration: WatchedConfiguration) -> None:
        self._configuration = configuration
        self._config: QualityConfig | None = None
        self._limits: dict[str, Mapping[str, int]] = {}

    def __call__(self, project: str) -> Mapping[str, int]:
        """The limits of `project`; none for a project that the file does not name."""
        config = self._configuration.current
        if config is not self._config:
            self._limits = {each.id: each.quota.limits for each in config.projects}
            self._config = config
        return self._limits.get(project, _NONE)
