"""Collector of reviews: pull and merge requests, as GitHub and GitLab export them, into `raw.code_reviews`.

Belongs here: the registry entry. Does not belong here: one request (`request.py`), when a file is read
(`whole_files.py`).
"""

from __future__ import annotations

from quality_platform.collectors.contract import Collector, Task
from quality_platform.collectors.reviews.request import read
from quality_platform.collectors.tail.sources import file_tasks
from quality_platform.collectors.whole_files import WholeFile
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables_reports import CODE_REVIEWS

FILES = WholeFile("reviews", "1", CODE_REVIEWS, "pull or merge requests", read)


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per export of the active projects."""
    return file_tasks(config, FILES.collector, "Reviews", lambda project: project.reviews)


COLLECTOR = Collector(
    name=FILES.collector,
    version=FILES.version,
    title="Reviews",
    description="Pull requests of GitHub and merge requests of GitLab, from what their APIs and programs export.",
    tables=(CODE_REVIEWS.name,),
    find=find,
    changed=FILES.changed,
    collect=FILES.collect,
)
