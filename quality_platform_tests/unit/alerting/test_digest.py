"""What a digest says of the messages that it stands for."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from quality_platform.alerting.delivery.digest import MOST_LISTED, MOST_SHOWN, Folded, digest, worst
from quality_platform.model.message import Facts, Items, Paragraph
from quality_platform_tests.data.outbox_rows import NOON, seconds


def folded(
    number: int, severity: str = "warning", kind: str = "firing", at: timedelta = timedelta(0), tone: str = "warning"
) -> Folded:
    return Folded(f"m{number}", kind, severity, f"a{number}", f"Title {number}", tone, NOON + at)  # type: ignore[arg-type]


def test_the_gravest_comes_first_then_the_oldest() -> None:
    rows = [folded(1, at=seconds(2)), folded(2, "critical", at=seconds(9), tone="critical"), folded(3, at=seconds(1))]
    message, data = digest(rows)
    assert (message.title, message.tone) == ("3 messages at once", "critical")
    assert message.summary == "More happened than this channel may be told one by one: 3 firing."
    facts, items = message.blocks
    assert facts == Facts((("Messages", "3"), ("From", "12:00:01 UTC"), ("To", "12:00:09 UTC")))
    assert isinstance(items, Items)
    assert [item.text for item in items.items] == ["Title 2", "Title 3", "Title 1"]
    assert [entry["id"] for entry in data["messages"]] == ["m2", "m3", "m1"]  # type: ignore[attr-defined]
    assert (data["count"], data["severity"], data["truncated"]) == (3, "critical", 0)


def test_what_is_over_is_good_news() -> None:
    rows = [folded(n, kind="resolved", tone="good") for n in range(2)]
    assert digest(rows)[0].tone == "good"
    assert digest([*rows, folded(3)])[0].tone != "good"
    assert digest([*rows, folded(3)])[0].summary.endswith("1 firing, 2 resolved.")


@given(st.integers(1, 2 * MOST_LISTED), st.randoms(use_true_random=False))
def test_nothing_is_left_out_of_the_count(count: int, chance: object) -> None:
    rows = [folded(n, chance.choice(["info", "warning", "critical"])) for n in range(count)]  # type: ignore[attr-defined]
    message, data = digest(rows)
    listed = data["messages"]
    assert len(listed) + data["truncated"] == data["count"] == count  # type: ignore[arg-type,operator]
    shown = next(block for block in message.blocks if isinstance(block, Items)).items
    more = [block.text for block in message.blocks if isinstance(block, Paragraph)]
    assert more == ([f"And {count - MOST_SHOWN} more."] if count > MOST_SHOWN else [])
    assert len(shown) == min(count, MOST_SHOWN)
    assert data["severity"] == worst(rows) == listed[0]["severity"]  # type: ignore[index]
