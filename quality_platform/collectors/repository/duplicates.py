"""The copies in a tree, as rows of `code_duplicates`.

Does not belong here: finding them (`analysis/duplication/`), or reading the tree (`head.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality_platform.analysis.duplication.clones import clone_groups
from quality_platform.analysis.duplication.tokens import tokens_of
from quality_platform.collectors.repository.languages import language_of
from quality_platform.collectors.repository.rows import table


def duplicates(head: str, texts: Mapping[str, str]) -> pa.Table:
    """Rows about the commit `head` with the code `texts`, by path; a file that stands at two is a copy of itself."""
    rows: list[tuple[object, ...]] = []
    for language in sorted({language_of(path) or "" for path in texts}):
        of_language = {path: text for path, text in texts.items() if language_of(path) == language}
        groups = rows[-1][1] if rows else 0
        assert isinstance(groups, int)
        rows += _of_language(head, language, of_language, groups)
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
