"""When marts follow their inputs by themselves: at most every ten minutes, all that is due in one run.

A run costs seconds of CPU before any work (imports of Dagster and dbt), so freshness is bought in bundles.
"""

from __future__ import annotations

import dagster as dg

EVERY_TEN_MINUTES = "*/10 * * * *"


def condition() -> dg.AutomationCondition[dg.AssetKey]:
    """Something upstream is newer, and ten minutes have passed."""
    return (
        dg.AutomationCondition.any_deps_updated().since_last_handled()
        & dg.AutomationCondition.cron_tick_passed(EVERY_TEN_MINUTES)
        & ~dg.AutomationCondition.in_progress()
    )


def with_condition(definitions: list[dg.AssetsDefinition]) -> list[dg.AssetsDefinition]:
    """`definitions`, each asset with the condition."""
    return [
        found.map_asset_specs(lambda spec: spec.replace_attributes(automation_condition=condition()))
        for found in definitions
    ]


def sensor() -> dg.AutomationConditionSensorDefinition:
    """The sensor that evaluates the conditions, running from the first start."""
    return dg.AutomationConditionSensorDefinition(
        "marts_follow_inputs",
        target=dg.AssetSelection.all(),
        default_status=dg.DefaultSensorStatus.RUNNING,
        minimum_interval_seconds=60,
    )
