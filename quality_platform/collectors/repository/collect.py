"""One scan of a repository, as batches in the order to store them.

First come the batches about content, then those about commits, oldest first: a commit is stored when everything
that it refers to is. What is stored is not read again, so a scan that was killed goes on where it stopped; one
that finds nothing new yields nothing. The caller holds the lock of the source. Does not belong here: storing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa

from quality_platform.collectors.contract import Context, Task
from quality_platform.collectors.repository.clone import discard, refresh
from quality_platform.collectors.repository.contents import analysed, engine
from quality_platform.collectors.repository.coverage_reports import Report
from quality_platform.collectors.repository.coverage_rows import Reader
from quality_platform.collectors.repository.cursor import Cursor
from quality_platform.collectors.repository.git import GitError
from quality_platform.collectors.repository.history import Commit, commit_rows
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.rows import table
from quality_platform.collectors.repository.scan import Scan, start
from quality_platform.collectors.repository.survey import Survey, survey
from quality_platform.model.batch import Batch, Rejected


def collect(task: Task, context: Context, limits: Limits | None = None) -> Iterator[Batch]:
    """Everything new in the repository. Raises SourceError when it cannot be read."""
    scan = start(task, context, limits or Limits())
    if not scan.is_needed:
        return
    try:
        yield from _batches(scan)
    except GitError:
        # the clone lost objects, to a full disk or a power cut; the source still has them
        discard(scan.place)
        yield from _batches(scan)


def changed(task: Task, context: Context) -> bool:
    """Whether there is something new: one question to the repository. Raises SourceError when it cannot be read."""
    return start(task, context, Limits()).is_needed


def _batches(scan: Scan) -> Iterator[Batch]:
    scan.context.progress("fetching commits", 0, 0)
    clone = refresh(scan.location, scan.head, scan.place)
    scan.context.progress("reading history", 0, 0)
    found = survey(clone, scan.history, scan.known("code_commits", "commit_sha"), scan.limits)
    yield from _contents(scan, found)
    yield from _commits(scan, found)


def _contents(scan: Scan, found: Survey) -> Iterator[Batch]:
    known = scan.known("code_file_metrics", "blob_id")
    context = scan.context
    parts = analysed(
        found.clone,
        [blob for blob in found.python if blob not in known],
        secret=context.secret,
        workers=context.workers,
        limits=scan.limits,
        progress=context.progress,
    )
    for part in parts:
        read = {**_unfinished(scan, found), "blobs": len(part.blobs), "engine": engine()}
        yield scan.batch(("contents", engine(), sorted(part.blobs)), read, part.tables())


def _commits(scan: Scan, found: Survey) -> Iterator[Batch]:
    parts = list(found.parts(scan.limits)) or [()]
    for number, part in enumerate(parts, start=1):
        scan.context.progress("storing commits", number, len(parts))
        tables, rejected = _rows(scan, found, part)
        identity: list[object] = ["commits", [commit.sha for commit in part]]
        read = _unfinished(scan, found)
        if number == len(parts):
            reports = {name: report for name, report in scan.reports.items() if scan.before.is_new(name, report)}
            tables["code_coverage"], refused = _coverage(scan, found, reports)
            rejected += [*found.rejected, *refused]
            identity += [found.clone.head, {name: report.as_json() for name, report in reports.items()}]
            read = _finished(scan, found)
            if not part and not reports:
                # HEAD went back to a commit that is known; it may do so again, and that is another batch
                identity.append(scan.context.now.isoformat())
        yield scan.batch(identity, {**read, "commits": len(part)}, tables, rejected)


def _rows(scan: Scan, found: Survey, part: tuple[Commit, ...]) -> tuple[dict[str, pa.Table], list[Rejected]]:
    if not part:
        return {}, []
    context, project = scan.context, scan.task.source.project
    changes, rejected = found.changes(part)
    tables = {
        "code_commits": commit_rows(part, project=project, secret=context.secret, now=context.now),
        "code_files": found.listing.rows([(commit.sha, commit.tree) for commit in part]),
        "code_changes": changes,
    }
    return tables, rejected


def _coverage(scan: Scan, found: Survey, reports: dict[str, Report]) -> tuple[pa.Table, list[Rejected]]:
    if not reports or scan.location.folder is None:
        return table("code_coverage", []), []
    scan.context.progress("reading coverage", 0, len(reports))
    reader = Reader(found.clone, scan.location.folder, found.head_files, scan.limits, scan.context.now)
    rows, rejected = reader.read(reports)
    return table("code_coverage", rows), rejected


def _unfinished(scan: Scan, found: Survey) -> dict[str, object]:
    """What the scan before had reached, and what this one reads."""
    return {**replace(scan.before, complete=False).as_json(), "reading": found.clone.head}


def _finished(scan: Scan, found: Survey) -> dict[str, object]:
    cursor = Cursor(
        head=found.clone.head,
        branch=scan.head.branch,
        history=scan.history,
        complete=True,
        reports={**scan.before.reports, **scan.reports},
    )
    return {**cursor.as_json(), "shallow": found.clone.shallow, "skipped_links": found.skipped}
