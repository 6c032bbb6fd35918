"""What the live service has stored, told to Dagster, so that the marts follow it.

Belongs here: the sensor that looks at the ledger. Does not belong here: sources that Dagster reads (`sensors.py`).
"""

from __future__ import annotations

import json
from collections import Counter

import dagster as dg

from quality_platform.defs import keys
from quality_platform.defs.platform import Platform

EVERY_SECONDS = 60

# A run says itself what it has stored, and so does the sensor that samples the host.
_ARRIVED = """
    SELECT tables, snapshot_id FROM raw.batches
    WHERE snapshot_id > ? AND run_id IS NULL AND collector <> 'system'
"""


@dg.sensor(minimum_interval_seconds=EVERY_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def live_arrivals(
    context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
) -> dg.SensorResult | dg.SkipReason:
    """Note which raw tables the live service has filled since the last look."""
    if context.cursor is None:
        # what came before is in the marts after the next run, whoever starts it
        return dg.SensorResult(cursor=str(platform.lake.snapshot_id("raw")))
    rows = platform.lake.rows(_ARRIVED, [int(context.cursor)])
    if not rows:
        return dg.SkipReason("Nothing has come in.")
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(json.loads(row["tables"]))
    events = [
        dg.AssetMaterialization(keys.raw(name), metadata={"rows_added": count})
        for name, count in sorted(counts.items())
        if count
    ]
    return dg.SensorResult(asset_events=events, cursor=str(max(row["snapshot_id"] for row in rows)))
