"""Reads the folders of many commits, each distinct one once, and says how much stands in them.

Belongs here: git's tree objects and the bounds on what a commit may hold. Does not belong here: paths and
tables (`files.py`).
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass, field

from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.objects import contents, sizes

DEPTH_LIMIT = 255
FOLDER_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Folder:
    """One tree object: files and folders with their names and hashes, and how many links and submodules."""

    files: tuple[tuple[bytes, str], ...] = ()
    folders: tuple[tuple[bytes, str], ...] = ()
    skipped: int = 0


@dataclass(slots=True)
class Trees:
    """The folders behind some commits. `problem` tells why one cannot be taken."""

    clone: Clone
    limit: int
    folders: dict[str, Folder] = field(default_factory=dict)
    _totals: dict[str, tuple[int, int] | None] = field(default_factory=dict)

    def read(self, roots: Iterable[str]) -> None:
        """Read the folders below `roots`, level by level. Raises GitError."""
        level = list(dict.fromkeys(roots))
        for _ in range(DEPTH_LIMIT):
            level = [oid for oid in level if oid not in self.folders]
            if not level:
                return
            found = sizes(self.clone, level)
            small = ((oid, size) for oid, size in found.items() if size <= FOLDER_BYTES)
            for oid, content in contents(self.clone, small):
                if (folder := parsed(content, len(oid) // 2)) is not None:
                    self.folders[oid] = folder
            below = (child for oid in level if oid in self.folders for _, child in self.folders[oid].folders)
            level = list(dict.fromkeys(below))

    def problem(self, root: str) -> str | None:
        """Why the commit with this root folder is refused; None when it is not."""
        total = self._total(root, DEPTH_LIMIT)
        if total is None:
            return f"a folder is damaged, holds too much or lies more than {DEPTH_LIMIT} deep"
        if total[0] > self.limit:
            return f"it holds {total[0]:,} files and folders; at most {self.limit:,} are read"
        return None

    def skipped(self, root: str) -> int:
        """Links and submodules below `root`, which are left out."""
        total = self._total(root, DEPTH_LIMIT)
        return total[1] if total else 0

    def _total(self, oid: str, depth: int) -> tuple[int, int] | None:
        """Files and folders, and what is skipped, below `oid`: counted before any path is written out.

        A few small folders that hold one another many times over can stand for billions of paths.
        """
        if oid in self._totals:
            return self._totals[oid]
        folder = self.folders.get(oid)
        below = [self._total(child, depth - 1) for _, child in folder.folders] if folder and depth else [None]
        if folder is None or None in below:
            self._totals[oid] = None
            return None
        counts = [total for total in below if total]
        entries = len(folder.files) + sum(1 + count for count, _ in counts)
        self._totals[oid] = (entries, folder.skipped + sum(skipped for _, skipped in counts))
        return self._totals[oid]


def parsed(content: bytes, width: int) -> Folder | None:
    """The tree object `content`, whose hashes are `width` bytes long; None when it is damaged."""
    files: dict[bytes, str] = {}
    folders: dict[bytes, str] = {}
    skipped = position = 0
    try:
        while position < len(content):
            space = content.index(b" ", position)
            end = content.index(b"\0", space)
            kind = stat.S_IFMT(int(content[position:space], 8))
            name = content[space + 1 : end]
            position = end + 1 + width
            if position > len(content):
                return None
            oid = content[end + 1 : position].hex()
            if kind == stat.S_IFREG:
                files[name] = oid
            elif kind == stat.S_IFDIR:
                folders[name] = oid
            else:
                skipped += 1
    except ValueError:
        return None
    return Folder(tuple(files.items()), tuple(folders.items()), skipped)
