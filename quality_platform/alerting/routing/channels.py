"""Whom to tell about an alert: the channels whose filters let it pass, or the console. Never nobody."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from quality_platform.alerting.plan import Plan
from quality_platform.model.channels import ChannelConfig


def firing(plan: Plan, *, alert_type: str, severity: str, project: str) -> tuple[str, ...]:
    """Channels for an alert that fires."""
    wanted = [channel.name for channel in plan.channels.values() if _wants(channel, alert_type, severity, project)]
    return tuple(wanted) or (plan.fallback.name,)


def resolved(plan: Plan, told: Iterable[str]) -> tuple[str, ...]:
    """Of the channels that were told it fires, those that are told it is over, whatever their filters say now."""
    channels = plan.reachable
    return tuple(name for name in told if name in channels and channels[name].send_resolved)


def _wants(channel: ChannelConfig, alert_type: str, severity: str, project: str) -> bool:
    return (
        (not channel.alert_types or alert_type in channel.alert_types)
        and (not channel.severity_levels or severity in channel.severity_levels)
        and any(pattern == project or fnmatchcase(project, pattern) for pattern in channel.project_ids)
    )
