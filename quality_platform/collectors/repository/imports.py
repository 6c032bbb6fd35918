"""The imports of the newest commit's Python files, as rows of `code_imports`.

Does not belong here: finding them (`analysis/python/imports.py`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality_platform.analysis.python.imports import graph
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.languages import PYTHON, language_of
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.rows import table


def imports(clone: Clone, files: Mapping[str, str], limits: Limits) -> pa.Table:
    """Rows about the tree of `clone.head`, whose `files` are blobs by path. Raises GitError."""
    python = {path: blob for path, blob in sorted(files.items()) if language_of(path) == PYTHON}
    found = sizes(clone, sorted(set(python.values())))
    small = [(blob, size) for blob, size in found.items() if size <= limits.file_bytes]
    texts = {blob: text.decode("utf-8", "replace") for blob, text in contents(clone, small)}
    return table(
        "code_imports",
        [(clone.head, *each) for each in graph({path: texts[blob] for path, blob in python.items() if blob in texts})],
    )
