"""The repository collector's entry in the registry."""

from __future__ import annotations

import re

from quality_platform.collectors.contract import Collector, Task
from quality_platform.collectors.repository.collect import changed, collect, fetch
from quality_platform.collectors.repository.scan import NAME, VERSION
from quality_platform.model.batch import Source
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables_code import CODE_TABLES
from quality_platform.model.tables_trees import TREE_TABLES

CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")


def find(config: QualityConfig) -> tuple[Task, ...]:
    """The repositories of the active projects."""
    return tuple(
        Task(
            Source(
                f"{NAME}:{project.id}", NAME, project.id, f"repository {CREDENTIALS.sub('', project.repository.url)}"
            ),
            project.repository,
        )
        for project in config.projects
        if project.status == "active" and project.repository is not None
    )


COLLECTOR = Collector(
    name=NAME,
    version=VERSION,
    title="Repository",
    description="Commits, files, complexity, maintainability, findings and coverage of git repositories.",
    tables=tuple(table.name for table in (*CODE_TABLES, *TREE_TABLES)),
    find=find,
    changed=changed,
    collect=collect,
    fetch=fetch,
)
