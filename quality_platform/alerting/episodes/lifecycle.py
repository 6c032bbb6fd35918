"""From transitions to episodes: opening, changing and closing alerts, inside the caller's transaction.

Belongs here: what a transition does to an episode. Does not belong here: deciding that a level changed
(`rules/`), or the rows that follow (`changes.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from quality_platform.alerting.conditions.judgement import Judgement
from quality_platform.alerting.episodes.changes import Changes, number, series_of
from quality_platform.alerting.notices.messages import sentence
from quality_platform.model.alerts import SEVERITY_ORDER, Evidence, Transition
from quality_platform.state import alerts, outbox, rule_states
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertRow
from quality_platform.state.rule_states import Advance


def record(changes: Changes, judgements: Sequence[Judgement]) -> int:
    """Write what `judgements` found; returns how many of them another process had overtaken."""
    advances = [Advance(each.rule, each.series, each.before, each.after) for each in judgements]
    valid = rule_states.advance(changes.session, advances)
    moving = {each.fingerprint: each for each in judgements if each.transitions and each.fingerprint in valid}
    opened = alerts.open_by_fingerprint(changes.session, moving.keys())
    changes.told |= outbox.notified_channels(changes.session, [row.id for row in opened.values()])
    for key, judged in moving.items():
        alert = opened.get(key)
        for transition in judged.transitions:
            alert = _step(changes, judged, alert, transition)
    changes.store()
    return len(judgements) - len(valid)


def close(changes: Changes, alert: AlertRow, evidence: Evidence, *, reason: str) -> None:
    """End an episode."""
    alert.status, alert.reason = "resolved", reason
    alert.resolved_at = alert.updated_at = changes.now
    changes.call_off(alert, evidence)


def _step(changes: Changes, judged: Judgement, alert: AlertRow | None, transition: Transition) -> AlertRow | None:
    """The open episode after a transition; None when there is none."""
    if transition.to == "ok":
        if alert is not None:
            close(changes, alert, transition.evidence, reason="recovered")
        return None
    if alert is None:
        return _open(changes, judged, transition)
    if alert.severity != transition.to:
        _change(changes, alert, transition)
    return alert


def _open(changes: Changes, judged: Judgement, transition: Transition) -> AlertRow:
    series, evidence, now = judged.series, transition.evidence, changes.now
    alert = AlertRow(
        id=new_id(now), fingerprint=judged.fingerprint, rule=judged.rule, type=judged.type,
        metric=series.metric, project=series.project, subject=series.subject, labels=series.labels,
        severity=transition.to, status="active", value=number(evidence.value), threshold=evidence.threshold,
        observed_at=evidence.observed_at, opened_at=now, updated_at=now,
        message=sentence(changes.plan.metric(series.metric), series, evidence),
    )  # fmt: skip
    changes.alerts.append(alert)
    changes.announce(alert, "fired", evidence)
    return alert


def _change(changes: Changes, alert: AlertRow, transition: Transition) -> None:
    """Another severity. A rise voids the acknowledgement: what was acknowledged was less than this."""
    previous, evidence = alert.severity, transition.evidence
    if SEVERITY_ORDER[transition.to] > SEVERITY_ORDER[previous]:
        alert.status = "active"
    alert.severity, alert.value, alert.threshold = transition.to, number(evidence.value), evidence.threshold
    alert.observed_at, alert.updated_at = evidence.observed_at, changes.now
    alert.message = sentence(changes.plan.metric(alert.metric), series_of(alert), evidence)
    changes.announce(alert, "severity_changed", evidence, previous)
