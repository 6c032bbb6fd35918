"""Counts the lines that each commit added and removed, against its first parent; renames are not guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa

from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.history import Commit
from quality_platform.collectors.repository.paths import PATH_LIMIT, readable
from quality_platform.collectors.repository.rows import table
from quality_platform.model.batch import Rejected

Change = tuple[str, str, int | None, int | None]


def read_changes(clone: Clone, commits: Iterable[Commit]) -> tuple[pa.Table, list[Rejected]]:
    """Rows of `code_changes`, and the paths that are too long to be stored. Raises GitError.

    Where a shallow clone is cut off, the parent is missing and every file would count as added: such commits
    have no rows.
    """
    cut_off = _cut_off(clone)
    wanted = [" ".join((commit.sha, *commit.parents[:1])) for commit in commits if commit.sha not in cut_off]
    output = clone.run(
        *("diff-tree", "--stdin", "-z", "-r", "--root", "--numstat", "--no-renames"),
        *("--no-ext-diff", "--no-textconv", "--ignore-submodules=all"),
        feed="".join(f"{line}\n" for line in wanted).encode("ascii"),
    )
    rows: list[Change] = []
    rejected: list[Rejected] = []
    for sha, added, removed, path in _parsed(output):
        name = readable(path)
        if len(name) > PATH_LIMIT:
            reason = f"the path is longer than {PATH_LIMIT} characters"
            rejected.append(Rejected("code_changes", f"{sha}:{name[:200]}", reason, "path", path))
        else:
            rows.append((sha, name, added, removed))
    return table("code_changes", rows), rejected


def _cut_off(clone: Clone) -> frozenset[str]:
    return frozenset((clone.folder / "shallow").read_text("ascii").split()) if clone.shallow else frozenset()


def _parsed(output: bytes) -> Iterator[tuple[str, int | None, int | None, bytes]]:
    """Each commit's hash stands before its lines, which alone hold tabs."""
    sha = ""
    for entry in output.split(b"\0"):
        if b"\t" in entry:
            added, removed, path = entry.split(b"\t", 2)
            yield sha, _count(added), _count(removed), path
        elif entry:
            sha = entry.decode("ascii")


def _count(text: bytes) -> int | None:
    """The number of lines; None for git's dash, which means binary."""
    return None if text == b"-" else int(text)
