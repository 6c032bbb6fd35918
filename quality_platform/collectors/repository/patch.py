"""The files that differ between two commits, with the new lines of each; renames are not guessed.

Does not belong here: how many lines each commit of a history changed (`changes.py`), or what stands in them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.paths import readable

OPTIONS = ("diff-tree", "-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
HUNK = re.compile(rb"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
REGULAR = b"100"
AT_ONCE = 500
"""Paths that git is asked about at once: an argument list has an end."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A file that differs: its blobs before and after, None where it was not or is no more, and its new lines."""

    path: str
    before: str | None
    after: str | None
    lines: frozenset[int]


def read_patch(clone: Clone, base: str, only: Collection[str] | None = None) -> Iterator[Changed]:
    """Regular files that differ between the commit or tree `base` and the clone's head; `only` those at these paths.

    Raises GitError.
    """
    raw = clone.run(*OPTIONS, "-z", "--raw", "--no-abbrev", base, clone.head).split(b"\0")
    entries = list(zip(raw[0::2], raw[1::2], strict=False))
    if only is None:
        yield from _changed(clone, base, entries, ())
        return
    wanted = [(entry, path) for entry, path in entries if readable(path) in only]
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        yield from _changed(clone, base, part, [f":(literal){os.fsdecode(path)}" for _, path in part])


def empty_tree(clone: Clone) -> str:
    """The tree without files, which is what a first commit is compared with. Raises GitError."""
    return clone.run("hash-object", "-t", "tree", "--stdin").decode("ascii").strip()


def _changed(
    clone: Clone, base: str, entries: Sequence[tuple[bytes, bytes]], paths: Sequence[str]
) -> Iterator[Changed]:
    texts = clone.run(*OPTIONS, "-p", "-U0", "--no-color", base, clone.head, "--", *paths)
    # both list the same files in the same order, and a path in a patch may be quoted
    sections = re.split(rb"(?m)^diff --git ", texts)[1:]
    for (entry, path), section in zip(entries, sections, strict=True):
        old_mode, new_mode, before, after, _ = entry.lstrip(b":").split(b" ")
        if not (old_mode.startswith(REGULAR) or new_mode.startswith(REGULAR)):
            continue
        yield Changed(readable(path), _blob(old_mode, before), _blob(new_mode, after), frozenset(_new_lines(section)))


def _blob(mode: bytes, sha: bytes) -> str | None:
    return sha.decode("ascii") if mode.startswith(REGULAR) else None


def _new_lines(section: bytes) -> Iterator[int]:
    for line in section.split(b"\n"):
        if match := HUNK.match(line):
            start, count = int(match[1]), int(match[2] or 1)
            yield from range(start, start + count)
