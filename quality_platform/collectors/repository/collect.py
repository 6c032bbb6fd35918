"""One scan of a repository, as batches in the order to store them.

First come the batches about content, then those about commits, oldest first: a commit is stored when everything
that it refers to is. What is stored is not read again, so a scan that was killed goes on where it stopped; one
that finds nothing new yields nothing. The caller holds the lock of the source. Does not belong here: storing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pyarrow as pa

from quality_platform.analysis.tools import DEPENDENCIES, tools_for
from quality_platform.collectors.contract import Context, Task
from quality_platform.collectors.repository.clone import discard, refresh
from quality_platform.collectors.repository.contents import Analysts, Look
from quality_platform.collectors.repository.coverage.reports import Report
from quality_platform.collectors.repository.coverage.rows import Reader
from quality_platform.collectors.repository.cursor import Cursor, digest_of
from quality_platform.collectors.repository.dependencies import dependencies
from quality_platform.collectors.repository.git import GitError
from quality_platform.collectors.repository.head import whole_tree
from quality_platform.collectors.repository.history import Commit, commit_rows
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.location import locate
from quality_platform.collectors.repository.remote import read_head
from quality_platform.collectors.repository.rows import table
from quality_platform.collectors.repository.scan import Scan, place_of, start
from quality_platform.collectors.repository.survey import Survey, survey
from quality_platform.model.batch import Batch, Rejected
from quality_platform.model.configuration import RepositorySource


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


def fetch(task: Task, context: Context) -> None:
    """Bring the commits into our clone. Raises SourceError when the repository cannot be read."""
    options = task.options
    assert isinstance(options, RepositorySource)
    location = locate(options.url)
    refresh(location, read_head(location), place_of(task, context))


def _batches(scan: Scan) -> Iterator[Batch]:
    scan.context.progress("fetching commits", 0, 0)
    clone = refresh(scan.location, scan.head, scan.place)
    scan.context.progress("reading history", 0, 0)
    known = scan.known("code_commits", "commit_sha")
    found = survey(clone, scan.history, known, scan.limits, again=scan.is_repeated)
    yield from _contents(scan, found)
    yield from _commits(scan, found)


def _contents(scan: Scan, found: Survey) -> Iterator[Batch]:
    context = scan.context
    looks = dict(_looks(scan, found.sources))
    analysts = Analysts(found.clone, looks, context.scratch, context.secret, scan.limits)
    for part in analysts.parts(context.workers, context.progress):
        tools = sorted({(tool, version) for _, tool, version in part.analyses})
        read = {**_unfinished(scan, found), "blobs": len(part.blobs), "by": [f"{tool}: {text}" for tool, text in tools]}
        yield scan.batch(("contents", sorted(part.analyses)), read, part.tables())

    yield from _manifests(scan, found)


def _manifests(scan: Scan, found: Survey) -> Iterator[Batch]:
    version = scan.versions[DEPENDENCIES]
    done = scan.known("code_analyses", "blob_id", tool=DEPENDENCIES, tool_version=version)
    left = {blob: path for blob, path in found.manifests.items() if blob not in done}
    if left:
        tables, rejected = dependencies(found.clone, left, scan.limits)
        read = {**_unfinished(scan, found), "blobs": len(left), "by": [f"{DEPENDENCIES}: {version}"]}
        yield scan.batch(("manifests", version, sorted(left)), read, tables, rejected)


def _looks(scan: Scan, sources: Mapping[str, str]) -> Iterator[tuple[str, Look]]:
    """What is left to do for each blob: the tools that have not looked at it in their present version."""
    done = {
        tool: scan.known("code_analyses", "blob_id", tool=tool, tool_version=version)
        for tool, version in scan.wanted.versions.items()
    }
    for blob, language in sources.items():
        left = tuple(tool for tool in tools_for(language, scan.wanted.tools) if blob not in done[tool])
        if left:
            yield blob, Look(language, replace(scan.wanted, tools=left))


def _commits(scan: Scan, found: Survey) -> Iterator[Batch]:
    parts = list(found.parts(scan.limits)) or [()]
    for number, part in enumerate(parts, start=1):
        scan.context.progress("storing commits", number, len(parts))
        tables, rejected = _rows(scan, found, part)
        identity: list[object] = ["commits", [commit.sha for commit in part]]
        read = _unfinished(scan, found)
        if number == len(parts):
            reports = {name: report for name, report in scan.reports.items() if scan.before.is_new(name, report)}
            if scan.is_head_new:
                scan.context.progress("comparing files", 0, 0)
                tables |= whole_tree(found.clone, found.head_files, scan.limits)
            if scan.before.knows_other_tags(scan.head.tags):
                tables["code_tags"] = table("code_tags", sorted(scan.head.tags.items()))
                identity.append(digest_of(scan.head.tags))
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
        tools=scan.tools_reached,
        tags=digest_of(scan.head.tags),
    )
    return {**cursor.as_json(), "shallow": found.clone.shallow, "skipped_links": found.skipped}
