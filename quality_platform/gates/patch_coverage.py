"""Which of a change's lines tests run, by the coverage reports that lie beside the repository.

Belongs here: joining a report to new lines. Does not belong here: reports (`collectors/repository/coverage/`).
"""

from __future__ import annotations

from datetime import UTC, datetime

from quality_platform.collectors.repository.coverage.formats import lines_of
from quality_platform.collectors.repository.coverage.reports import find_reports
from quality_platform.collectors.repository.coverage.rows import Reader
from quality_platform.collectors.repository.limits import Limits
from quality_platform.gates.changes import Changes


def patch_coverage(changes: Changes, limits: Limits) -> tuple[int | None, list[tuple[str, int]]]:
    """How many new lines could run (None where no report says which lines ran), and (path, line) of those that did not.

    A line that one of several reports saw running ran.
    """
    reports = find_reports(changes.checkout, {}, limits.report_bytes)
    if not reports or changes.checkout is None:
        return None, []
    blobs = {file.path: file.after for file in changes.files if file.after}
    rows, _ = Reader(changes.clone, changes.checkout, blobs, limits, datetime.now(UTC)).read(reports)
    known = [(path, executed, missing) for _, path, *_, executed, missing, _, _ in rows if executed is not None]
    if not known:
        return None, []
    ran = {(path, line) for path, executed, _ in known for line in lines_of(executed)}
    could = ran | {(path, line) for path, _, missing in known for line in lines_of(missing)}
    fresh = {(path, line) for path, lines in changes.lines.items() for line in lines}
    return len(could & fresh), sorted((could - ran) & fresh)
