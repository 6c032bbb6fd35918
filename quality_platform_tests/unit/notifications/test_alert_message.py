from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from quality_platform.model.message import Facts, Heading, Items, Link, Message, Paragraph, Plot
from quality_platform.notifications.alert_message import alert_message, group_message
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
        "Trend": "from 80% to 77.6% in 12 h",
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


# --- what happens to an alert ----------------------------------------------------------------------------------------

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIVE = NOON + timedelta(hours=5)


@pytest.mark.parametrize(
    ("more", "title"),
    [
        ({"news": "firing"}, "Memory of web-1 is short"),
        ({"news": "repeat", "now": FIVE}, "Still firing for 5 h: Memory of web-1 is short"),
        ({"news": "repeat", "opened_at": None}, "Still firing: Memory of web-1 is short"),
        ({"news": "escalated"}, "Escalated: Memory of web-1 is short"),
        ({"news": "acknowledged", "actor": "token ada"}, "Acknowledged by token ada: Memory of web-1 is short"),
        ({"news": "acknowledged"}, "Acknowledged: Memory of web-1 is short"),
        ({"news": "flapping"}, "Flapping: Memory of web-1 is short"),
        ({"news": "settled"}, "Settled, still firing: Memory of web-1 is short"),
        ({"news": "settled", "resolved_at": FIVE}, "Settled, cleared: Memory of web-1 is short"),
        ({"news": "resolved", "resolved_at": FIVE}, "Resolved: Memory of web-1 is short"),
        ({"news": "resolved", "told_before": False}, "Fired and cleared: Memory of web-1 is short"),
    ],
)
def test_the_title_says_what_happened(more: dict[str, object], title: str) -> None:
    assert alert(**{"opened_at": NOON, **more}).title == title


def test_what_is_over_says_when_it_was() -> None:
    over = alert(resolved=True, opened_at=NOON, resolved_at=NOON + timedelta(minutes=25))
    assert over.summary.endswith(" Fired 12:00, cleared 12:25 UTC, after 25 min.")
    assert over.tone == "good"
    night = alert(resolved=True, opened_at=NOON, resolved_at=NOON + timedelta(hours=13))
    assert night.summary.endswith(" Fired 2026-03-01 12:00, cleared 2026-03-02 01:00 UTC, after 13 h.")


def test_what_came_and_went_unheard_is_told_as_one() -> None:
    message = alert(resolved=True, told_before=False, opened_at=NOON, resolved_at=FIVE)
    assert "Fired 12:00, cleared 17:00 UTC" in message.summary
    assert message.summary.endswith("It could not be told before.")


def test_an_acknowledgement_says_who_why_and_until_when() -> None:
    message = alert(news="acknowledged", actor="cli ada", note="deploying the fix", until=FIVE)
    assert facts(message)["Acknowledged by"] == "cli ada"
    assert facts(message)["Until"] == "2026-03-01 17:00:00 UTC"
    assert Paragraph("deploying the fix") in message.blocks
    assert message.tone == "warning"


def test_flapping_says_how_often() -> None:
    message = alert(news="flapping", cycles=8)
    assert facts(message)["Changes"] == "8 times to and fro"
    assert any("again and again" in block.text for block in message.blocks if isinstance(block, Paragraph))


def test_the_runbook_is_the_last_link() -> None:
    message = alert(links=(Link("Open", "https://x/"),), runbook="https://wiki.example/memory")
    assert message.blocks[-1] == Link("Runbook", "https://wiki.example/memory")


# --- several at once -------------------------------------------------------------------------------------------------


def test_one_alone_is_no_group() -> None:
    assert group_message([ALERT], title="t") is ALERT
    assert group_message([ALERT], title="t", truncated=2) is not ALERT


def test_a_group_counts_and_names_every_alert() -> None:
    messages = [ALERT, *(alert(title=f"Memory of web-{place} is short") for place in range(8)), alert(resolved=True)]
    group = group_message(messages, title="10 alerts firing in shop")
    assert group.summary == "10 alerts: 1 critical, 8 warning, 1 cleared."
    assert group.tone == "critical"
    (items,) = [block for block in group.blocks if isinstance(block, Items)]
    assert [item.text for item in items.items] == [message.title for message in messages]
    assert items.items[0].link == "http://127.0.0.1:3000/assets/marts?view=lineage&at=1"
    assert len([block for block in group.blocks if isinstance(block, Heading)]) == 5


def test_a_group_says_what_it_leaves_out() -> None:
    group = group_message([ALERT, ALERT], title="t", truncated=61)
    assert group.summary == "63 alerts: 2 critical, 61 not shown."
    assert Paragraph("… and 61 more, which are left out here.") in group.blocks


def test_a_group_of_what_is_over_is_good_news() -> None:
    assert group_message([alert(resolved=True)] * 2, title="t").tone == "good"
    assert group_message([], title="t").tone == "neutral"
