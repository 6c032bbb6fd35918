"""The platform's own log: JSON lines in `<home>/logs`, one file a day, collected like any other error log."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from quality_platform import __version__

if TYPE_CHECKING:
    from quality_platform.settings import Settings

LOGGER = "quality_platform"
PATTERN = "*.jsonl"
KEEP_DAYS = 14


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, release, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """`record` as a line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "release": __version__,
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def configure(settings: Settings) -> None:
    """Send this process's log of the package to today's file; calling it again changes nothing."""
    logger = logging.getLogger(LOGGER)
    path = settings.place(settings.logs_dir) / f"platform-{datetime.now(UTC):%Y%m%d}.jsonl"
    if any(getattr(handler, "baseFilename", None) == str(path) for handler in logger.handlers):
        return
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines())
    for before in logger.handlers:
        before.close()
    logger.handlers = [handler]
    logger.setLevel(logging.INFO)
    logger.propagate = False


def forget_old(folder: Path, *, keep_days: int = KEEP_DAYS) -> int:
    """Delete files of `folder` that nobody has written to for `keep_days`; returns how many."""
    limit = time.time() - keep_days * 86_400
    old = [path for path in folder.glob(PATTERN) if path.stat().st_mtime < limit]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
