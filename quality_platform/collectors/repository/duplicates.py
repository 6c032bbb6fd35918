"""The copies in the newest commit's tree, as rows of `code_duplicates`.

Duplication is of a whole tree, so it is looked for in the newest commit that is read, not in each. Does not belong
here: finding copies (`analysis/duplication/`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality_platform.analysis.duplication.clones import clone_groups
from quality_platform.analysis.duplication.tokens import tokens_of
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.languages import ANALYSED, language_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.rows import table


def duplicates(clone: Clone, files: Mapping[str, str], limits: Limits) -> pa.Table:
    """Rows about the tree of `clone.head`, whose `files` are blobs by path. Raises GitError."""
    code = {path: blob for path, blob in sorted(files.items()) if language_of(path) in ANALYSED}
    found = sizes(clone, sorted(set(code.values())))
    small = {blob: size for blob, size in found.items() if size <= limits.file_bytes}
    texts = {blob: text.decode("utf-8", "replace") for blob, text in contents(clone, _first(small, limits))}
    # a file that stands at two paths is a copy of itself
    paths = [path for path, blob in code.items() if blob in texts]
    rows: list[tuple[object, ...]] = []
    for language in sorted({language_of(path) or "" for path in paths}):
        of_language = {path: texts[code[path]] for path in paths if language_of(path) == language}
        groups = rows[-1][1] if rows else 0
        assert isinstance(groups, int)
        rows += _of_language(clone.head, language, of_language, groups)
    return table("code_duplicates", rows)


def _of_language(head: str, language: str, texts: Mapping[str, str], before: int) -> list[tuple[object, ...]]:
    """Rows of the copies among files of one language; the numbers of groups go on after `before`."""
    paths = list(texts)
    return [
        (
            head,
            number,
            "exact" if group.exact else "renamed",
            paths[copy.file],
            copy.start_line,
            copy.end_line,
            copy.tokens,
        )
        for number, group in enumerate(clone_groups(tokens_of(list(texts.values()), language)), start=before + 1)
        for copy in group.copies
    ]


def _first(found: Mapping[str, int], limits: Limits) -> list[tuple[str, int]]:
    """As many as may be held in memory at once; a tree of more code has its first files looked at."""
    kept, total = [], 0
    for blob, size in found.items():
        total += size
        if total > limits.duplicate_bytes:
            break
        kept.append((blob, size))
    return kept
