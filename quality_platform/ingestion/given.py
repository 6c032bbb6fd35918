"""What a collector is given to work with. Apart from the registry, which loads every collector there is."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from quality_platform.collectors.contract import Context, Progress, silent
from quality_platform.model.batch import History
from quality_platform.settings import Settings


def context(settings: Settings, history: History, progress: Progress = silent) -> Context:
    """What the collectors of this process are given."""
    return Context(
        history=history,
        now=datetime.now(UTC),
        secret=settings.secret,
        scratch=settings.place(settings.repositories_dir),
        workers=settings.workers or os.cpu_count() or 1,
        default_history=settings.history,
        progress=progress,
    )
