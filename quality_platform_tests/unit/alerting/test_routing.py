"""Who is told, by table."""

from __future__ import annotations

import pytest

from quality_platform.alerting.plan import Plan
from quality_platform.alerting.routing import channels as routing
from quality_platform.model.channels import ChannelConfig, ConsoleChannel
from quality_platform_tests.data.alerting import plan, webhook

ALL = webhook("all")
CRITICAL = webhook("critical", severity_levels=["critical"])
STEPS = webhook("steps", alert_types=["regression"])
SHOP = webhook("shop", project_ids=["shop", "bank-*"])
NONE = webhook("none", project_ids=[])
OFF = webhook("off", enabled=False)
CONSOLE = ConsoleChannel(name="terminal", severity_levels=("critical",))


def told(*channels: ChannelConfig, severity: str = "warning", project: str = "shop") -> tuple[str, ...]:
    return routing.firing(plan([], channels), alert_type="threshold_violation", severity=severity, project=project)


@pytest.mark.parametrize(
    ("channels", "severity", "project", "expected"),
    [
        ((ALL,), "warning", "shop", ("all",)),
        ((ALL, CRITICAL), "warning", "shop", ("all",)),
        ((ALL, CRITICAL), "critical", "shop", ("all", "critical")),
        ((ALL, STEPS), "critical", "shop", ("all",)),
        ((ALL, SHOP), "info", "shop", ("all", "shop")),
        ((ALL, SHOP), "info", "bank-east", ("all", "shop")),
        ((ALL, SHOP), "info", "shopping", ("all",)),
        ((ALL, OFF), "warning", "shop", ("all",)),
        ((CRITICAL, STEPS, NONE, OFF), "warning", "shop", ("console",)),
        ((), "critical", "shop", ("console",)),
        ((CRITICAL, CONSOLE), "critical", "shop", ("critical", "terminal")),
        ((STEPS, CONSOLE), "warning", "shop", ("terminal",)),
        ((webhook("console", severity_levels=["critical"]),), "warning", "shop", ("console (fallback)",)),
        ((ConsoleChannel(name="console", enabled=False),), "warning", "shop", ("console (fallback)",)),
    ],
)
def test_filters_decide_and_the_console_gets_the_rest(
    channels: tuple[ChannelConfig, ...], severity: str, project: str, expected: tuple[str, ...]
) -> None:
    assert told(*channels, severity=severity, project=project) == expected


def test_the_end_is_told_to_those_who_were_told_whatever_the_filters_say_now() -> None:
    now: Plan = plan([], [CRITICAL, STEPS, webhook("quiet", send_resolved=False)])
    assert routing.resolved(now, ["critical", "quiet", "gone", "console"]) == ("critical", "console")
