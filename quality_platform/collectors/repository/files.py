"""Writes out which blob stands at which path in each commit, as columns.

Paths and hashes are numbered; a folder's numbers are made once and then copied as arrays, so that a thousand
commits cost little more than one. Does not belong here: reading the folders (`trees.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quality_platform.analysis.dependencies.read import format_of
from quality_platform.analysis.tools import TEXT
from quality_platform.collectors.repository.languages import ANALYSED, language_of
from quality_platform.collectors.repository.paths import PATH_LIMIT, readable
from quality_platform.collectors.repository.trees import Trees
from quality_platform.model.batch import Rejected
from quality_platform.model.tables import RAW_TABLES

Numbers = npt.NDArray[np.int32]
SPECIAL = frozenset((b"", b".", b".."))


@dataclass(slots=True)
class Numbered:
    """Texts with a number each, from 0 in the order they came."""

    texts: list[str] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, text: str) -> int:
        """The number of `text`, a new one when it has none yet."""
        number = self.numbers.setdefault(text, len(self.texts))
        if number == len(self.texts):
            self.texts.append(text)
        return number


@dataclass(slots=True)
class Listing:
    """The paths of many commits. `refused` holds what cannot be stored, once for each path."""

    trees: Trees
    paths: Numbered = field(default_factory=Numbered)
    blobs: Numbered = field(default_factory=Numbered)
    refused: dict[bytes, Rejected] = field(default_factory=dict)
    _known: dict[tuple[str, bytes], tuple[Numbers, Numbers]] = field(default_factory=dict)

    def of(self, root: str) -> tuple[Numbers, Numbers]:
        """Numbers of the paths below `root`, and of the blobs that stand there."""
        return self._below(root, b"")

    def files(self, root: str) -> dict[str, str]:
        """Path to blob, as text."""
        paths, blobs = self.of(root)
        pairs = zip(paths.tolist(), blobs.tolist(), strict=True)
        return {self.paths.texts[path]: self.blobs.texts[blob] for path, blob in pairs}

    def sources(self, roots: Sequence[str]) -> dict[str, str]:
        """Hashes of the files below `roots`, sorted, with the language that each is analysed as, or `text`."""
        order = [TEXT, *sorted(ANALYSED)]
        numbers = {name: number for number, name in enumerate(order, start=1)}
        of_path = np.array([numbers.get(language_of(path) or TEXT, 1) for path in self.paths.texts], dtype=np.int8)
        of_blob = np.zeros(len(self.blobs.texts), dtype=np.int8)
        for root in roots:
            paths, blobs = self.of(root)
            # what is code in one place is code
            np.maximum.at(of_blob, blobs, of_path[paths])
        return dict(sorted((self.blobs.texts[blob], order[of_blob[blob] - 1]) for blob in np.flatnonzero(of_blob)))

    def manifests(self, roots: Sequence[str]) -> dict[str, str]:
        """Hashes of the manifests and lock files below `roots`, with a path that tells their format."""
        named = np.array([format_of(path) is not None for path in self.paths.texts], dtype=bool)
        found: dict[int, int] = {}
        for root in roots:
            paths, blobs = self.of(root)
            found.update(zip(blobs[named[paths]].tolist(), paths[named[paths]].tolist(), strict=True))
        return {self.blobs.texts[blob]: self.paths.texts[path] for blob, path in sorted(found.items())}

    def rows(self, commits: Sequence[tuple[str, str]]) -> pa.Table:
        """Rows of `code_files` for commits, each given by its hash and the hash of its root."""
        listed = [self.of(root) for _, root in commits]
        counts = [len(paths) for paths, _ in listed]
        owners = np.repeat(np.arange(len(commits), dtype=np.int32), counts)
        paths = np.concatenate([paths for paths, _ in listed] or [np.zeros(0, np.int32)])
        blobs = np.concatenate([blobs for _, blobs in listed] or [np.zeros(0, np.int32)])
        languages = pa.array([language_of(path) for path in self.paths.texts], pa.string())
        columns = [
            _spelled(owners, pa.array([sha for sha, _ in commits], pa.string())),
            _spelled(paths, pa.array(self.paths.texts, pa.string())),
            _spelled(blobs, pa.array(self.blobs.texts, pa.string())),
            _spelled(paths, languages),
        ]
        return pa.Table.from_arrays(columns, schema=RAW_TABLES["code_files"].schema)

    def _below(self, oid: str, prefix: bytes) -> tuple[Numbers, Numbers]:
        key = (oid, prefix)
        if key not in self._known:
            folder = self.trees.folders[oid]
            own = [
                (self.paths.number(readable(prefix + name)), self.blobs.number(blob))
                for name, blob in folder.files
                if self._accepted(prefix, name)
            ]
            below = [
                self._below(child, prefix + name + b"/")
                for name, child in folder.folders
                if self._accepted(prefix, name)
            ]
            array = np.array(own, dtype=np.int32).reshape(-1, 2)
            self._known[key] = (
                np.concatenate([array[:, 0], *(paths for paths, _ in below)]),
                np.concatenate([array[:, 1], *(blobs for _, blobs in below)]),
            )
        return self._known[key]

    def _accepted(self, prefix: bytes, name: bytes) -> bool:
        """Whether the entry can be stored. Git itself never makes the others, but accepts them."""
        path = prefix + name
        if name in SPECIAL or b"/" in name:
            reason = "the name is empty, a dot, two dots or holds a slash"
        elif len(path) > PATH_LIMIT and len(readable(path)) > PATH_LIMIT:
            reason = f"the path is longer than {PATH_LIMIT} characters"
        else:
            return True
        self.refused[path] = Rejected("code_files", readable(path)[:200], reason, "path", path)
        return False


def _spelled(numbers: Numbers, texts: pa.Array) -> pa.Array:
    """Each number's text."""
    return pa.DictionaryArray.from_arrays(pa.array(numbers), texts).dictionary_decode()
