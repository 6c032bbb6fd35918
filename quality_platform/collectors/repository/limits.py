"""How much of a repository is read, and how long anything may take. Repositories are hostile, or just huge."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a scan, and the sizes of its batches.

    The seconds are processor time: most files take some thousandths of one, with bandit ten times as long.
    `file_memory`: bytes of address space of a worker; a syntax tree takes about 100 times its source.
    `tree_bytes`: text of one tree that is looked through as a whole, for copies and imports.
    `batch_files`: what a kill loses is at most this many analysed files.
    """

    file_bytes: int = 1024 * 1024
    file_seconds: float = 2.0
    bandit_seconds: float = 10.0
    file_memory: int = 1024 * 1024 * 1024
    manifest_bytes: int = 16 * 1024 * 1024
    commit_entries: int = 500_000
    tree_bytes: int = 48 * 1024 * 1024
    report_bytes: int = 64 * 1024 * 1024
    report_seconds: float = 60.0
    batch_files: int = 200
    batch_commits: int = 2_000
    batch_rows: int = 60_000
