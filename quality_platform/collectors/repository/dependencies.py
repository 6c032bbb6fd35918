"""Manifests and lock files of the commits that are read, each content once, as rows of `code_dependencies`.

Does not belong here: their formats (`analysis/dependencies/`).
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from quality_platform.analysis.dependencies.read import read
from quality_platform.analysis.tools import DEPENDENCIES, Wanted
from quality_platform.collectors.repository.git import Clone
from quality_platform.collectors.repository.limits import Limits
from quality_platform.collectors.repository.objects import contents, sizes
from quality_platform.collectors.repository.rows import table
from quality_platform.model.batch import Rejected


def dependencies(
    clone: Clone, manifests: Mapping[str, str], limits: Limits
) -> tuple[dict[str, pa.Table], list[Rejected]]:
    """Tables about `manifests` (paths by blob), and the files that could not be read. Raises GitError."""
    found = sizes(clone, list(manifests))
    small = [(blob, size) for blob, size in found.items() if size <= limits.manifest_bytes]
    rows: list[tuple[object, ...]] = []
    rejected = [
        Rejected("code_dependencies", manifests[blob], f"{size:,} bytes; at most {limits.manifest_bytes:,} are read")
        for blob, size in found.items()
        if size > limits.manifest_bytes
    ]
    for blob, content in contents(clone, small):
        known, reason = read(content, manifests[blob])
        rows += [(blob, *dependency) for dependency in known]
        if reason is not None:
            rejected.append(Rejected("code_dependencies", f"{manifests[blob]} ({blob[:10]})", reason))
    version = Wanted((DEPENDENCIES,)).versions[DEPENDENCIES]
    analyses = [(blob, DEPENDENCIES, version) for blob in manifests]
    return {
        "code_dependencies": table("code_dependencies", rows),
        "code_analyses": table("code_analyses", analyses),
    }, rejected
