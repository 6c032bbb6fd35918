"""The heartbeat rule, a dead man's switch: silence itself is the alarm, and it never gives up waiting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quality_platform.model.alerts import RuleState, Sample
from quality_platform.model.rules import HeartbeatRule
from quality_platform.rules.levels import Judged
from quality_platform.rules.presence import missing, seen


def evaluate(rule: HeartbeatRule, state: RuleState, samples: Sequence[Sample]) -> Judged:
    """Heartbeats came, sorted by time, whatever their values."""
    return seen(state, samples, "The heartbeat")


def elapse(rule: HeartbeatRule, state: RuleState, now: datetime) -> Judged:
    """None came up to `now`: fires when the newest is older than `every` and `grace`; exactly so old is in time."""
    return missing(state, now, rule.every + rule.grace, rule.severity, "heartbeat")
