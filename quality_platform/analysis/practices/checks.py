"""The checks, and which files they read. A new check is an entry of `CHECKS` and a function."""

from __future__ import annotations

import re
from collections.abc import Callable

from quality_platform.analysis.practices import files, workflows
from quality_platform.analysis.practices.check import Practice, Tree

CHECKS: tuple[Callable[[Tree], Practice], ...] = (
    files.binary_artifacts, files.licence, files.security_policy, files.update_tool, files.fuzzing,
    files.bill_of_materials, workflows.dangerous, workflows.permissions, workflows.pinned, workflows.analysis,
)  # fmt: skip
HOOKS = re.compile(
    r"\.pre-commit-config\.ya?ml|\.gitlab-ci\.yml|azure-pipelines\.yml|Jenkinsfile|\.circleci/config\.yml"
)


def is_read(path: str) -> bool:
    """Whether a check looks into the file at `path`."""
    return any(pattern.fullmatch(path) for pattern in (workflows.WORKFLOW, workflows.DOCKERFILE, HOOKS))


def practices(tree: Tree) -> list[Practice]:
    """Every check of `tree`."""
    return [check(tree) for check in CHECKS]
