"""Alerts that nobody judges any more: their rule was removed, disabled or narrowed, or their project archived."""

from __future__ import annotations

from collections.abc import Collection

from quality_platform.alerting.episodes.changes import Changes, series_of
from quality_platform.alerting.episodes.lifecycle import close
from quality_platform.alerting.plan import Plan
from quality_platform.model.alerts import AlertType, Evidence
from quality_platform.rules.matching import matches
from quality_platform.state import alerts, rule_states
from quality_platform.state.models import AlertRow

_SENTENCES = {
    "rule_removed": "Its rule was removed or disabled.",
    "project_archived": "Its project was archived.",
}


def close_orphans(changes: Changes, types: Collection[AlertType]) -> None:
    """Close the open alerts of these types that have lost their rule, and forget what the rule remembered."""
    orphans = [(alert, _reason(changes.plan, alert)) for alert in alerts.open_of_types(changes.session, types)]
    lost = [(alert, reason) for alert, reason in orphans if reason is not None]
    for alert, reason in lost:
        value = float("nan") if alert.value is None else alert.value
        evidence = Evidence(value, alert.threshold, alert.observed_at, detail=_SENTENCES[reason])
        close(changes, alert, evidence, reason=reason)
    rule_states.forget(changes.session, [alert.fingerprint for alert, _ in lost])
    changes.store()


def _reason(plan: Plan, alert: AlertRow) -> str | None:
    if alert.origin != "rule":
        return "project_archived" if alert.project in plan.archived else None
    rule = plan.rules.get(alert.rule)
    if rule is None or rule.type != alert.type or not matches(rule, series_of(alert)):
        return "rule_removed"
    return "project_archived" if alert.project in plan.archived else None
