"""What is told of a tree as a whole, as rows: its copies, its imports, how it is kept. Of HEAD's tree, not of each.

Belongs here: one reading of the files for all three. Does not belong here: what is looked for (`analysis/`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality_platform.analysis.practices.check import Tree
from quality_platform.analysis.practices.checks import is_read, practices
from quality_platform.analysis.python.imports import graph
from quality_platform.collectors.repository.duplicates import duplicates
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.languages import ANALYSED, PYTHON, language_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.rows import table

MOST_KEPT_BY = 500
"""Workflows and container files that are looked into."""


def whole_tree(clone: Clone, files: Mapping[str, str], limits: Limits) -> dict[str, pa.Table]:
    """Tables about the tree of `clone.head`, whose `files` are blobs by path. Raises GitError."""
    kept_by = [path for path in sorted(files) if is_read(path)][:MOST_KEPT_BY]
    texts = read_texts(clone, {path: files[path] for path in (*kept_by, *code_of(files))}, limits)
    code = {path: text for path, text in texts.items() if language_of(path) in ANALYSED}
    python = {path: text for path, text in code.items() if language_of(path) == PYTHON}
    tree = Tree(tuple(files), {path: texts[path] for path in kept_by if path in texts})
    return {
        "code_duplicates": duplicates(clone.head, code),
        "code_imports": table("code_imports", [(clone.head, *each) for each in graph(python)]),
        "code_practices": table("code_practices", [(clone.head, *practice) for practice in practices(tree)]),
    }


def code_of(files: Mapping[str, str]) -> dict[str, str]:
    """Those of `files` that are code, in the order of their paths."""
    return {path: blob for path, blob in sorted(files.items()) if language_of(path) in ANALYSED}


def read_texts(clone: Clone, files: Mapping[str, str], limits: Limits) -> dict[str, str]:
    """Texts by path, as many as may be held in memory at once: of a tree with more, the first. Raises GitError."""
    found = sizes(clone, list(dict.fromkeys(files.values())))
    kept, total = [], 0
    for blob, size in found.items():
        total += size if size <= limits.file_bytes else 0
        if total > limits.tree_bytes:
            break
        if size <= limits.file_bytes:
            kept.append((blob, size))
    texts = {blob: text.decode("utf-8", "replace") for blob, text in contents(clone, kept)}
    return {path: texts[blob] for path, blob in files.items() if blob in texts}
