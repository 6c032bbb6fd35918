"""The configuration in force in a process that runs for long: read again when the file has changed.

Belongs here: noticing the change, and going on with the last good one while the file cannot be used. Does not belong
here: what is done with it.
"""

from __future__ import annotations

import logging
import threading
import time

from quality_platform.configuration import loader
from quality_platform.configuration.effective import effective
from quality_platform.errors import QualityPlatformError
from quality_platform.model.configuration import QualityConfig
from quality_platform.settings import Settings

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 1.0

_Mark = tuple[int, int, int] | None


class WatchedConfiguration:
    """What `effective` gives, at most a second old. Safe to share by threads; a look costs microseconds."""

    def __init__(self, settings: Settings, *, look_seconds: float = LOOK_SECONDS) -> None:
        self._settings = settings
        self._look_seconds = look_seconds
        self._looking = threading.Lock()
        self._looked = 0.0
        self._mark: _Mark = None
        self._config: QualityConfig | None = None

    @property
    def current(self) -> QualityConfig:
        """The configuration; the same object until it changes."""
        with self._looking:
            now = time.monotonic()
            if self._config is None or now - self._looked >= self._look_seconds:
                self._looked = now
                self._look()
            return self._config or QualityConfig()

    def _look(self) -> None:
        mark = self._marked()
        if self._config is not None and mark == self._mark:
            return
        self._mark = mark
        try:
            self._config = effective(self._settings)
        except (QualityPlatformError, OSError) as error:
            LOG.warning("the configuration before stays in force: %s", error)
            self._config = self._config or QualityConfig()

    def _marked(self) -> _Mark:
        path = loader.path_of(self._settings)
        try:
            status = path.stat() if path else None
        except OSError:
            return None
        return None if status is None else (status.st_ino, status.st_size, status.st_mtime_ns)
