"""Alerting in Dagster: two sensors that judge and deliver, and the history as raw tables.

Belongs here: when the workflow of `alerting/` is called. Does not belong here: any of its steps, or how alerts appear
on the pages of assets (`alert_observations.py`).
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import dagster as dg

from quality_platform.alerting import deadlines, unwinding
from quality_platform.alerting.conditions.relations import MART
from quality_platform.alerting.conditions.sampled import needs_clock
from quality_platform.alerting.delivery.deliver import Delivered, deliver_due
from quality_platform.alerting.delivery.senders import build_senders
from quality_platform.alerting.episodes.channel_alerts import watching
from quality_platform.alerting.evaluate import Evaluation, evaluate_thresholds, evaluate_verdicts
from quality_platform.alerting.plan import Plan
from quality_platform.alerting.publish import publish, publish_deliveries
from quality_platform.defs import alert_observations, keys
from quality_platform.defs.platform import Platform
from quality_platform.model.columns import Table
from quality_platform.model.tables_runtime import ALERT_EVENTS, DELIVERIES
from quality_platform.notifications.network import Network
from quality_platform.settings import variable
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake

ON = dg.DefaultSensorStatus.RUNNING
EVERY_SECONDS = 30
# A tick may take 60 s in all; a receiver that hangs must not end it.
DELIVERY_SECONDS = 20.0

Evaluate = Callable[[State, Lake, Plan, datetime], Evaluation]


def _history(table: Table, copy: Callable[..., int]) -> dg.AssetsDefinition:
    """A raw table that is copied from the state database."""

    @dg.asset(
        key=keys.raw(table.name),
        deps=[keys.ALERT_STORE],
        group_name="raw",
        kinds={"python", "ducklake"},
        description=f"{table.description} Grain: {table.grain}.",
    )
    def history(context: dg.AssetExecutionContext, platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
        added = copy(platform.state, platform.lake, datetime.now(UTC), run_id=context.run.run_id)
        context.log_event(dg.AssetMaterialization(keys.ALERT_STORE))
        return dg.MaterializeResult(metadata={"rows_added": added, "snapshot_id": platform.lake.snapshot_id("raw")})

    return history


def histories() -> Sequence[dg.AssetsDefinition]:
    """What has happened to alerts and messages, copied since the last time."""
    return (_history(ALERT_EVENTS, publish), _history(DELIVERIES, publish_deliveries))


@dg.asset(
    key=keys.ALERTS,
    deps=[keys.mart(name) for name in ("fct_observations", "metric_trends", "metric_changes")],
    group_name="alerts",
    kinds={"python"},
)
def alert_evaluation(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """Judge everything by the rules in force and deliver what is due, so that a run ends with its alerts."""
    plan, now = platform.plan, datetime.now(UTC)
    unwinding.follow(None, platform.state, plan, now)
    done = evaluate_thresholds(platform.state, platform.lake, plan, now)
    done += evaluate_verdicts(platform.state, platform.lake, plan, now)
    done += deadlines.tick(platform.state, plan, now, platform.lake, MART)
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
    plan, now = platform.plan, datetime.now(UTC)
    before = _Cursor.read(context.cursor)
    seen = _seen(platform, plan)
    done = Evaluation()
    by_clock = evaluate is evaluate_thresholds and needs_clock(plan)
    was_set_back = unwinding.follow(before.moved(now), platform.state, plan, now)
    if seen != before.seen or by_clock or was_set_back:
        done = evaluate(platform.state, platform.lake, plan, now)
    done += deadlines.tick(platform.state, plan, now, platform.lake, MART)
    sent = _deliver(platform, plan, now)
    context.log.info(f"{json.dumps(asdict(done))} {json.dumps(asdict(sent))}")
    sequence, shown = before.sequence, list[dg.AssetObservation]()
    if evaluate is evaluate_thresholds:  # one of the two, or each alert would be shown twice
        sequence, shown = alert_observations.since(platform.state, plan, before.sequence)
    return dg.SensorResult(cursor=_Cursor(seen, sequence, now.isoformat()).written, asset_events=shown)


@dataclass(frozen=True, slots=True)
class _Cursor:
    """What the last tick had seen, the number of the last event that is shown on its asset's page, and when it was."""

    seen: str = ""
    sequence: int | None = None
    looked_at: str | None = None

    @classmethod
    def read(cls, text: str | None) -> Self:
        try:
            return cls(**json.loads(text or "{}"))
        except TypeError:  # a cursor of the version before
            return cls()

    def moved(self, now: datetime) -> timedelta | None:
        """How far the clock was set back at least since then: ticks are `EVERY_SECONDS` apart. None for the first."""
        return None if self.looked_at is None else min(now - datetime.fromisoformat(self.looked_at), timedelta(0))

    @property
    def written(self) -> str:
        return json.dumps(asdict(self))


def _deliver(platform: Platform, plan: Plan, now: datetime) -> Delivered:
    senders = build_senders(plan, Network.allowing(platform.settings.webhook_allow_cidrs), variable)
    return deliver_due(platform.state, senders, now, DELIVERY_SECONDS, watching(lambda: plan))


def _seen(platform: Platform, plan: Plan) -> str:
    """What an evaluation depends on: the marts, the rules and channels, and the day (a step grows too old)."""
    snapshot = platform.lake.snapshot_id("marts")
    return json.dumps([snapshot, f"{datetime.now(UTC):%Y-%m-%d}", hash(repr(plan))])


def all_sensors() -> Iterable[dg.SensorDefinition]:
    """The sensors of this module."""
    return (threshold_alerts, verdict_alerts)
