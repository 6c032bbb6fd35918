"""`marts.package_licences`: every licence that a lock file names, against the policy in force.

Does not belong here: the judgement of one (`analysis/licences.py`), or which packages count (dbt).
"""

from __future__ import annotations

import pyarrow as pa

from quality_platform.analysis.licences import verdict
from quality_platform.model.licences import LicencePolicy
from quality_platform.model.tables_marts import PACKAGE_LICENCES
from quality_platform.warehouse.lake import Lake

NAMED = """
    SELECT licence, max(batch_id) AS batch_id FROM raw.code_dependencies WHERE licence <> '' GROUP BY ALL ORDER BY ALL
"""


def write_package_licences(lake: Lake, policy: LicencePolicy) -> int:
    """Judge each distinct text and replace the mart; returns its number of rows."""
    rows = [
        {**row, "verdict": verdict(row["licence"], policy.allowed, policy.denied), "scopes": list(policy.scopes)}
        for row in lake.rows(NAMED)
    ]
    lake.replace(PACKAGE_LICENCES.name, pa.Table.from_pylist(rows, schema=PACKAGE_LICENCES.schema))
    return len(rows)
