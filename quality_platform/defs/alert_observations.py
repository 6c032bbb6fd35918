"""Alerts on the pages of assets: an observation on the mart of the metric, for every turn that an alert takes.

Belongs here: which asset an alert is about, and what its page shows. Does not belong here: when it is looked at
(`alerts.py`).
"""

import dagster as dg

from quality_platform.alerting.plan import Plan
from quality_platform.defs import keys
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertEventRow

TURNS = ("fired", "reopened", "severity_changed", "acknowledged", "resolved")
OBSERVATIONS = "fct_observations"
AT_ONCE = 200


def since(state: State, plan: Plan, sequence: int | None) -> tuple[int, list[dg.AssetObservation]]:
    """The number of the newest event, and observations of the turns after `sequence`; none on a first look."""
    with state.read() as session:
        if sequence is None:
            return alerts.newest_sequence(session), []
        events = alerts.all_events_after(session, sequence, AT_ONCE)
    shown = [_observation(plan, event) for event in events if event.kind in TURNS]
    return (events[-1].sequence if events else sequence), shown


def _observation(plan: Plan, event: AlertEventRow) -> dg.AssetObservation:
    model = plan.metric(event.metric).source_model
    is_mart = model and not model.startswith(("stg_", "int_"))
    return dg.AssetObservation(
        asset_key=keys.mart(model if is_mart else OBSERVATIONS),
        description=f"{event.kind}: {event.message}",
        metadata={
            "alert": event.alert_id, "event": event.kind, "severity": event.severity, "rule": event.rule,
            "metric": event.metric, "project": event.project, "subject": event.subject,
            "value": dg.MetadataValue.float(event.value) if event.value is not None else "no number",
            "threshold": dg.MetadataValue.float(event.threshold) if event.threshold is not None else "none",
            "observed_at": dg.MetadataValue.timestamp(event.observed_at),
        },
    )  # fmt: skip
