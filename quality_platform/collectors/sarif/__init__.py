"""Collector of what other scanners report: SARIF files into `raw.reported_findings`.

Belongs here: the registry entry, reading a file when it has changed. Does not belong here: results (`result.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from quality_platform.collectors.contract import Collector, Context, Task
from quality_platform.collectors.rows import table_of
from quality_platform.collectors.sarif.result import read
from quality_platform.collectors.tail.sources import file_tasks, path_of
from quality_platform.errors import SourceError
from quality_platform.model.batch import ORIGINAL_LIMIT, Batch, Rejected, batch_id
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables_reports import REPORTED_FINDINGS

NAME, VERSION = "sarif", "1"
MOST_BYTES = 100 * 1024 * 1024


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per report of the active projects."""
    return file_tasks(config, NAME, "Report", lambda project: project.sarif)


def changed(task: Task, context: Context) -> bool:
    """Whether the file's time or size is another than when it was read."""
    cursor = context.history.cursor(task.source.source_id)
    try:
        return cursor is None or cursor.get("fingerprint") != _fingerprint(path_of(task))
    except OSError:
        return False


def collect(task: Task, context: Context) -> Iterator[Batch]:
    """One batch with all that the report says; the newest report of a file counts. Raises SourceError."""
    path = path_of(task)
    cursor = context.history.cursor(task.source.source_id)
    try:
        mark = _fingerprint(path)
        if cursor is not None and cursor.get("fingerprint") == mark:
            return
        with Path(path).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from None
    digest = hashlib.sha256(content).hexdigest()
    rejected: list[Rejected]
    try:
        if len(content) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
        rows, rejected = read(content)
    except (ValueError, RecursionError) as error:
        reason = f"it cannot be read as SARIF: {str(error)[:200]}"
        rows, rejected = [], [Rejected(REPORTED_FINDINGS.name, path, reason, None, content[:ORIGINAL_LIMIT])]
    yield Batch(
        batch_id=batch_id(task.source.source_id, digest, mark),
        source=task.source,
        collector=NAME,
        collector_version=VERSION,
        read_from={"fingerprint": mark, "digest": digest},
        tables={REPORTED_FINDINGS.name: table_of(REPORTED_FINDINGS, rows)},
        rejected=tuple(rejected),
    )


def _fingerprint(path: str) -> str:
    status = Path(path).stat()
    return f"{status.st_mtime_ns} {status.st_size}"


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Scanners' reports",
    description="What other scanners found, from SARIF 2.1.0 files.",
    tables=(REPORTED_FINDINGS.name,),
    find=find,
    changed=changed,
    collect=collect,
)
