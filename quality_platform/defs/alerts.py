"""Alerting in Dagster: two sensors that judge and deliver, and the history as a raw table.

Belongs here: when the workflow of `alerting/` is called. Does not belong here: any of its steps.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime

import dagster as dg

from quality_platform.alerting.delivery.deliver import Delivered, deliver_due
from quality_platform.alerting.delivery.senders import build_senders
from quality_platform.alerting.evaluate import Evaluation, evaluate_thresholds, evaluate_verdicts
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.publish import publish
from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.model.tables_runtime import ALERT_EVENTS
from quality_platform.notifications.network import Network
from quality_platform.settings import variable
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

ON = dg.DefaultSensorStatus.RUNNING
EVERY_SECONDS = 30
# A tick may take 60 s in all; a receiver that hangs must not end it.
DELIVERY_SECONDS = 20.0

Evaluate = Callable[[State, Lake, Plan, datetime], Evaluation]


@dg.asset(
    key=keys.raw(ALERT_EVENTS.name),
    deps=[keys.ALERT_STORE],
    group_name="raw",
    kinds={"python", "ducklake"},
    description=f"{ALERT_EVENTS.description} Grain: {ALERT_EVENTS.grain}.",
)
def alert_events(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """Copy what has happened to alerts since the last time."""
    added = publish(platform.state, platform.lake, datetime.now(UTC), run_id=context.run.run_id)
    context.log_event(dg.AssetMaterialization(keys.ALERT_STORE))
    return dg.MaterializeResult(metadata={"rows_added": added, "snapshot_id": platform.lake.snapshot_id("raw")})


@dg.asset(
    key=keys.ALERTS,
    deps=[keys.mart(name) for name in ("fct_observations", "metric_trends", "metric_changes")],
    group_name="alerts",
    kinds={"python"},
)
def alert_evaluation(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """Judge everything by the rules in force and deliver what is due, so that a run ends with its alerts."""
    plan, now = Plan.of(platform.config), datetime.now(UTC)
    done = evaluate_thresholds(platform.state, platform.lake, plan, now)
    done += evaluate_verdicts(platform.state, platform.lake, plan, now)
    sent = _deliver(platform, plan, now)
    return dg.MaterializeResult(metadata={"evaluation": asdict(done), "delivery": asdict(sent)})


@dg.sensor(minimum_interval_seconds=EVERY_SECONDS, default_status=ON)
def threshold_alerts(
    context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
) -> dg.SensorResult | dg.SkipReason:
    """Judge new observations by the threshold rules; deliver what is due."""
    return _tick(context, platform, evaluate_thresholds)


@dg.sensor(minimum_interval_seconds=EVERY_SECONDS, default_status=ON)
def verdict_alerts(
    context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]
) -> dg.SensorResult | dg.SkipReason:
    """Judge new trends and steps by the trend and regression rules; deliver what is due."""
    return _tick(context, platform, evaluate_verdicts)


def _tick(
    context: dg.SensorEvaluationContext, platform: Platform, evaluate: Evaluate
) -> dg.SensorResult | dg.SkipReason:
    """One round. The cursor is only there to skip work: what has been judged stands in the state."""
    plan, now = Plan.of(platform.config), datetime.now(UTC)
    seen = _seen(platform, plan)
    done = Evaluation()
    if seen != context.cursor:
        done = evaluate(platform.state, platform.lake, plan, now)
    sent = _deliver(platform, plan, now)
    context.log.info(f"{json.dumps(asdict(done))} {json.dumps(asdict(sent))}")
    return dg.SensorResult(cursor=seen)


def _deliver(platform: Platform, plan: Plan, now: datetime) -> Delivered:
    senders = build_senders(plan, Network.allowing(platform.settings.webhook_allow_cidrs), variable)
    return deliver_due(platform.state, senders, now, DELIVERY_SECONDS)


def _seen(platform: Platform, plan: Plan) -> str:
    """What an evaluation depends on: the marts, the rules and channels, and the day (a step grows too old)."""
    snapshot = platform.lake.snapshot_id("marts")
    return json.dumps([snapshot, f"{datetime.now(UTC):%Y-%m-%d}", hash(repr(plan))])


def all_sensors() -> Iterable[dg.SensorDefinition]:
    """The sensors of this module."""
    return (threshold_alerts, verdict_alerts)
