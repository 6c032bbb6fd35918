"""Reads from the clone everything that a scan needs to know before it analyses files.

Belongs here: which commits are new, what stands in them, what they changed. Does not belong here: batches
(`collect.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from quality_platform.collectors.repository.changes import read_changes
from quality_platform.collectors.repository.files import Listing
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.history import Commit, read_commits
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.trees import Trees
from quality_platform.model.batch import Rejected


@dataclass(frozen=True, slots=True)
class Survey:
    """The new commits, oldest first, with their files. `commits` counts those that were looked at.

    `analysed` are the commits whose files are to be analysed: the new ones, or all after a change of the tools.
    """

    clone: Clone
    commits: int
    new: tuple[Commit, ...]
    analysed: tuple[Commit, ...]
    listing: Listing
    rejected: tuple[Rejected, ...]
    head_files: dict[str, str]
    skipped: int

    @property
    def sources(self) -> dict[str, str]:
        """Hashes and languages of the files to analyse."""
        return self.listing.sources([commit.tree for commit in self.analysed])

    @property
    def manifests(self) -> dict[str, str]:
        """Hashes and paths of the manifests and lock files to read."""
        return self.listing.manifests([commit.tree for commit in self.analysed])

    def parts(self, limits: Limits) -> Iterator[tuple[Commit, ...]]:
        """The new commits in pieces that fit into one batch each."""
        part: list[Commit] = []
        rows = 0
        for commit in self.new:
            count = len(self.listing.of(commit.tree)[0])
            if part and (len(part) == limits.batch_commits or rows + count > limits.batch_rows):
                yield tuple(part)
                part, rows = [], 0
            part.append(commit)
            rows += count
        if part:
            yield tuple(part)

    def changes(self, part: tuple[Commit, ...]) -> tuple[pa.Table, list[Rejected]]:
        """Rows of `code_changes` for some of the commits."""
        return read_changes(self.clone, part)


def survey(clone: Clone, history: int, known: frozenset[str], limits: Limits, *, again: bool) -> Survey:
    """Everything about the newest `history` commits that are not `known`; files of all of them if `again`.

    Raises GitError.
    """
    commits = read_commits(clone, history)
    head = commits[-1]
    fresh = [commit for commit in commits if commit.sha not in known]
    looked_at = commits if again else [*fresh, head]
    trees = Trees(clone, limits.commit_entries)
    trees.read([commit.tree for commit in looked_at])
    problems = {commit.sha: problem for commit in looked_at if (problem := trees.problem(commit.tree))}
    listing = Listing(trees)
    new = tuple(commit for commit in fresh if commit.sha not in problems)
    head_files = {} if head.sha in problems else listing.files(head.tree)
    analysed = tuple(commit for commit in looked_at if commit.sha not in problems) if again else new
    for commit in analysed:
        listing.of(commit.tree)
    refused = tuple(Rejected("code_commits", sha, problem) for sha, problem in problems.items())
    return Survey(
        *(clone, len(commits), new, analysed, listing, (*refused, *listing.refused.values())),
        *(head_files, trees.skipped(head.tree)),
    )
