from __future__ import annotations

import math
from datetime import UTC, datetime

from quality_platform.model.message import Facts, Link, Message, Paragraph, Plot
from quality_platform.notifications.alert_message import alert_message
from quality_platform_tests.data.messages import ALERT, series


def alert(**more: object) -> Message:
    given = {
        "title": "Memory of web-1 is short",
        "rule": "memory",
        "severity": "warning",
        "project": "shop",
        "metric": "Memory available",
        "unit": "bytes",
        "value": 1.5 * 1024**3,
        "threshold": 2.0 * 1024**3,
        "observed_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    }
    return alert_message(**(given | more))  # type: ignore[arg-type]


def facts(message: Message) -> dict[str, str]:
    block = message.blocks[0]
    assert isinstance(block, Facts)
    return dict(block.pairs)


def test_a_firing_alert_says_all_that_is_known() -> None:
    message = alert(subject="web-1", evidence="sampled on web-1", plot=series(3), links=(Link("Open", "https://x/"),))
    assert message.title == "Memory of web-1 is short"
    assert message.summary == "shop, web-1: Memory available is 1.5 GiB, threshold 2 GiB."
    assert message.tone == "warning"
    assert facts(message) == {
        "Project": "shop, web-1",
        "Metric": "Memory available",
        "Value": "1.5 GiB",
        "Threshold": "2 GiB",
        "Severity": "warning",
        "Observed": "2026-03-01 12:00:00 UTC",
        "Rule": "memory",
    }
    assert [type(block) for block in message.blocks] == [Facts, Paragraph, Plot, Link]


def test_a_resolved_alert_is_good_news() -> None:
    message = alert(resolved=True)
    assert message.title == "Resolved: Memory of web-1 is short"
    assert message.tone == "good"
    assert facts(message)["Severity"] == "warning"


def test_what_is_not_known_is_left_out() -> None:
    message = alert(threshold=None, subject="shop")
    assert "Threshold" not in facts(message)
    assert facts(message)["Project"] == "shop"
    assert message.summary == "shop: Memory available is 1.5 GiB."
    assert len(message.blocks) == 1


def test_a_value_that_is_none_is_shown_as_none() -> None:
    assert facts(alert(value=math.nan))["Value"] == "\u2013"


def test_equal_values_give_equal_messages() -> None:
    assert alert() == alert()
    assert ALERT.tone == "critical"
