"""Reads the newest commits behind HEAD.

Belongs here: what stands in a commit. Does not belong here: its files (`trees.py`) or its lines (`changes.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.collectors.repository.git import Clone, GitError
from quality_platform.collectors.repository.rows import table

FIELDS = ("%H", "%T", "%P", "%aN", "%aE", "%at", "%ct", "%s")
FORMAT = "%x00".join(FIELDS)


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it stands in the history; times in seconds since 1970, as its author and committer claim.

    `on_main`: reached from HEAD through first parents only. `position`: place in topological order, counted
    from the root, so that a commit always has a greater one than the commits it builds on.
    """

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: str
    mail: str
    authored: int
    committed: int
    subject: str
    on_main: bool
    position: int


def read_commits(clone: Clone, limit: int) -> list[Commit]:
    """The newest `limit` commits in topological order, oldest first. Raises GitError."""
    newest = f"--max-count={limit}"
    # the first-parent chain within the newest commits is never longer than they are
    main = frozenset(clone.run("rev-list", "--first-parent", newest, clone.head).decode().split())
    total = int(clone.run("rev-list", "--count", clone.head))
    output = clone.run("log", "-z", "--topo-order", "--no-notes", newest, f"--format=tformat:{FORMAT}", clone.head)
    values = output.decode("utf-8", "replace").split("\0")[:-1]
    if len(values) % len(FIELDS):
        raise GitError("log", "a commit holds a zero byte")
    commits = [
        _commit(values[start : start + len(FIELDS)], main, total - number)
        for number, start in enumerate(range(0, len(values), len(FIELDS)))
    ]
    return commits[::-1]


def _commit(values: list[str], main: frozenset[str], position: int) -> Commit:
    sha, tree, parents, author, mail, authored, committed, subject = values
    return Commit(
        *(sha, tree, tuple(parents.split()), author, mail),
        *(_seconds(authored), _seconds(committed), subject, sha in main, position),
    )


def _seconds(text: str) -> int:
    """Git's number, or 0 where a damaged commit has none."""
    try:
        return int(text)
    except ValueError:
        return 0


def commit_rows(commits: Iterable[Commit], *, project: str, secret: bytes, now: datetime) -> pa.Table:
    """Rows of `code_commits`. Dates are clipped to 1970 and `now`: clocks lie, in both directions."""
    latest = now.timestamp()
    return table(
        "code_commits",
        [
            (
                *(commit.sha, commit.tree, list(commit.parents), commit.author[:500]),
                pseudonym(secret, project, commit.mail.lower()),
                *(_clipped(commit.authored, latest), _clipped(commit.committed, latest)),
                *(commit.subject[:1000], commit.on_main, commit.position),
            )
            for commit in commits
        ],
    )


def _clipped(seconds: int, latest: float) -> int:
    """Microseconds since 1970, as Arrow counts them."""
    return int(min(max(seconds, 0), latest) * 1_000_000)
