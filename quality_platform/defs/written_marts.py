"""What every mart that Python writes has as an asset: its spec, and what a materialization says.

Does not belong here: any mart (`inputs.py`, `assess.py`, `explain.py`).
"""

from typing import Any

import dagster as dg

from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.model.columns import Table

GROUP = "verdicts"
# before the models, which read them
INPUTS = "scores"


def spec(
    table: Table, deps: list[dg.AssetKey], *, lineage: dict[str, list[tuple[str, str]]], group: str = GROUP
) -> dg.AssetSpec:
    """The spec of a mart that Python writes, with its columns and where they come from."""
    found = dg.TableSchema([dg.TableColumn(c.name, c.sql, description=c.description) for c in table.columns])
    return dg.AssetSpec(
        keys.mart(table.name),
        deps=deps,
        group_name=group,
        kinds={"python", "ducklake"},
        description=f"{table.description} Grain: {table.grain}.",
        metadata={
            "dagster/table_name": f"marts.{table.name}",
            "dagster/column_schema": found,
            "dagster/column_lineage": dg.TableColumnLineage(
                {
                    column: [dg.TableColumnDep(dg.AssetKey(relation.split(".")), name) for relation, name in origins]
                    for column, origins in lineage.items()
                }
            ),
        },
    )


def facts(platform: Platform, rows: int) -> dict[str, Any]:
    """Metadata of a materialization."""
    return {"dagster/row_count": rows, "snapshot_id": platform.lake.snapshot_id("marts")}
