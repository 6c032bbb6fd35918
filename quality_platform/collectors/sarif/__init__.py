"""Collector of what other scanners report: SARIF files into `raw.reported_findings`.

Belongs here: the registry entry. Does not belong here: results (`result.py`), when a file is read (`whole_files.py`).
"""

from __future__ import annotations

from quality_platform.collectors.contract import Collector, Task
from quality_platform.collectors.sarif.result import read
from quality_platform.collectors.tail.sources import file_tasks
from quality_platform.collectors.whole_files import WholeFile
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.tables_reports import REPORTED_FINDINGS

FILES = WholeFile("sarif", "1", REPORTED_FINDINGS, "SARIF", read)


def find(config: QualityConfig) -> tuple[Task, ...]:
    """One task per report of the active projects."""
    return file_tasks(config, FILES.collector, "Report", lambda project: project.sarif)


COLLECTOR = Collector(
    name=FILES.collector,
    version=FILES.version,
    title="Scanners' reports",
    description="What other scanners found, from SARIF 2.1.0 files.",
    tables=(REPORTED_FINDINGS.name,),
    find=find,
    changed=FILES.changed,
    collect=FILES.collect,
)
