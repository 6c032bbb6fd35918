"""How the project is kept, by the files of the newest commit's tree, as rows of `code_practices`.

Does not belong here: the checks (`analysis/practices/`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality_platform.analysis.practices.check import Tree
from quality_platform.analysis.practices.checks import is_read
from quality_platform.analysis.practices.checks import practices as checked
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.rows import table

MOST_FILES = 500


def practices(clone: Clone, files: Mapping[str, str], limits: Limits) -> pa.Table:
    """Rows about the tree of `clone.head`, whose `files` are blobs by path. Raises GitError."""
    wanted = {path: blob for path, blob in sorted(files.items()) if is_read(path)}
    found = sizes(clone, sorted(set(wanted.values()))[:MOST_FILES])
    small = [(blob, size) for blob, size in found.items() if size <= limits.manifest_bytes]
    texts = {blob: text.decode("utf-8", "replace") for blob, text in contents(clone, small)}
    tree = Tree(tuple(files), {path: texts[blob] for path, blob in wanted.items() if blob in texts})
    return table("code_practices", [(clone.head, *practice) for practice in checked(tree)])
