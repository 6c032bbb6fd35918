"""What the newest batch of a repository tells the next scan.

A scan stores several batches. The last one says `complete` and holds what was read; those before it repeat what the
scan before them had reached, so that a scan that was killed is taken up again. Does not belong here: reading.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from quality_platform.collectors.repository.coverage.reports import Report
from quality_platform.collectors.repository.remote import Head


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the last complete scan stopped, and whether another was begun since.

    `head` is None before the first complete scan. `history` is how many commits that scan was to read, `reports`
    the coverage reports that it found, `tools` the tools that looked at its files, with their versions,
    `tags` a digest of the tags that it knew.
    """

    head: str | None = None
    branch: str | None = None
    history: int = 0
    complete: bool = False
    reports: Mapping[str, Report] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    tags: str | None = None

    def lacks(self, tools: Mapping[str, str]) -> bool:
        """Whether one of the `tools` has not looked at the files that were read."""
        return any(self.tools.get(tool) != version for tool, version in tools.items())

    def is_behind(self, head: Head, history: int, reports: Mapping[str, Report], tools: Mapping[str, str]) -> bool:
        """Whether a repository at `head` with these reports has something new for these tools."""
        return (
            not self.complete
            or self.head != head.sha
            or self.history < history
            or self.lacks(tools)
            or self.knows_other_tags(head.tags)
            or any(self.is_new(name, report) for name, report in reports.items())
        )

    def knows_other_tags(self, tags: Mapping[str, str]) -> bool:
        """Whether `tags` are others than when they were looked at; who never looked at any knows of none."""
        return (self.tags or digest_of({})) != digest_of(tags)

    def is_new(self, name: str, report: Report) -> bool:
        """Whether the report called `name` has other content than when it was read."""
        known = self.reports.get(name)
        return known is None or known.digest != report.digest

    def as_json(self) -> dict[str, object]:
        """The part of `read_from` that the next scan reads."""
        return {
            "head": self.head,
            "branch": self.branch,
            "history": self.history,
            "complete": self.complete,
            "tools": dict(self.tools),
            "tags": self.tags,
            "coverage": {name: report.as_json() for name, report in self.reports.items()},
        }


def digest_of(tags: Mapping[str, str]) -> str:
    """The same for the same tags on the same commits."""
    return sha256(json.dumps(sorted(tags.items())).encode()).hexdigest()


def cursor_of(read_from: Mapping[str, Any] | None) -> Cursor:
    """The cursor in the newest batch's `read_from`; the beginning when there is no batch."""
    if not read_from:
        return Cursor()
    reports = {name: Report.from_json(value) for name, value in dict(read_from.get("coverage") or {}).items()}
    return Cursor(
        head=read_from.get("head"),
        branch=read_from.get("branch"),
        history=int(read_from.get("history") or 0),
        complete=bool(read_from.get("complete")),
        reports=reports,
        tools=dict(read_from.get("tools") or {}),
        tags=read_from.get("tags"),
    )
