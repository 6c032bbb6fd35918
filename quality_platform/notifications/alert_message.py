"""What is said about one alert, and about several at once, as a `Message`. Pure, from plain values.

Belongs here: which facts a message shows, in which order. Does not belong here: single sentences (`alert_words.py`),
where the values come from (`alerting/notices/`), how it looks (`formats/`).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from quality_platform.model.alerts import Severity
from quality_platform.model.message import (
    Block,
    Facts,
    Heading,
    Item,
    Items,
    Link,
    Message,
    Paragraph,
    Plot,
    Tone,
)
from quality_platform.model.time import as_utc
from quality_platform.notifications.alert_words import News, entitled, instant, trend, when
from quality_platform.notifications.numbers import amount
from quality_platform.notifications.tones import WORDS

# from the worst to the best
TONES: tuple[Tone, ...] = ("critical", "warning", "info", "neutral", "good")
# Alerts of a group that are shown with their facts and plots; the others have a line each.
SHOWN_IN_FULL = 5


def alert_message(
    *,
    title: str,
    rule: str,
    severity: Severity,
    project: str,
    subject: str = "",
    metric: str,
    unit: str,
    value: float,
    threshold: float | None,
    observed_at: datetime,
    evidence: str = "",
    plot: Plot | None = None,
    resolved: bool = False,
    links: tuple[Link, ...] = (),
    news: News = "firing",
    opened_at: datetime | None = None,
    resolved_at: datetime | None = None,
    told_before: bool = True,
    now: datetime | None = None,
    actor: str = "",
    note: str = "",
    until: datetime | None = None,
    cycles: int | None = None,
    runbook: str | None = None,
) -> Message:
    """What a person is told when something happens to an alert.

    `title` is the alert's sentence, `metric` the metric's title; `evidence` says what the value rests on, such as the
    commit or the group of errors. `resolved` is short for the news "resolved"; an alert that the receiver was not
    `told_before` of is told as fired and cleared at once. A repeat counts from `opened_at` to `now`, which by default
    is `observed_at`. `actor`, `note` and `until` belong to an acknowledgement, `cycles` are the changes of a flapping
    alert.
    """
    news = "resolved" if resolved else news
    over = news == "resolved" or (news == "settled" and resolved_at is not None)
    missed = news == "resolved" and not told_before
    open_for = (as_utc(now or observed_at) - as_utc(opened_at)).total_seconds() if opened_at else None
    has_value = not math.isnan(value)
    against = "" if threshold is None else f", threshold {amount(threshold, unit)}"
    where = f"{project}, {subject}" if subject and subject != project else project
    happened = [when(opened_at, resolved_at) if over else "", "It could not be told before." if missed else ""]
    said = f"{where}: {metric} is {amount(value, unit)}{against}." if has_value or metric else f"{where}: {title}."
    facts = (
        ("Project", where),
        ("Metric", metric),
        ("Value", amount(value, unit) if has_value or metric else ""),
        ("Threshold", "" if threshold is None else amount(threshold, unit)),
        ("Trend", trend(plot)),
        ("Severity", severity),
        ("Observed", instant(observed_at)),
        ("Fired", instant(opened_at) if opened_at != observed_at or over else ""),
        ("Cleared", instant(resolved_at) if over else ""),
        ("Acknowledged by", actor if news == "acknowledged" else ""),
        ("Until", instant(until)),
        ("Changes", "" if cycles is None else f"{cycles} times to and fro"),
        ("Rule", rule),
    )
    blocks: list[Block] = [Facts(tuple((name, text) for name, text in facts if text))]
    blocks += [Paragraph(text) for text in (_explained(news, over), evidence, note) if text]
    blocks += [] if plot is None else [plot]
    blocks += links if runbook is None else (*links, Link("Runbook", runbook))
    return Message(
        title=entitled(news, title, open_for=open_for, actor=actor, over=over, missed=missed),
        summary=" ".join(filter(None, [said, *happened])),
        tone="good" if over else severity,
        blocks=tuple(blocks),
    )


def _explained(news: News, over: bool) -> str:
    """What follows from it for the reader."""
    if news == "flapping":
        return "It fires and clears again and again. You hear of it next when it has settled or gets worse."
    if news == "acknowledged":
        return "Reminders and escalation have stopped."
    return "It has stopped flapping." if news == "settled" and not over else ""


def group_message(messages: Sequence[Message], *, title: str, truncated: int = 0) -> Message:
    """Several alerts in one message: a line each, the first five in full. `truncated` counts those left out.

    The order is kept; put first what matters most. One message that leaves nothing out stays as it is.
    """
    if len(messages) == 1 and not truncated:
        return messages[0]
    counts = Counter(message.tone for message in messages)
    told = ", ".join(f"{counts[tone]} {_counted(tone)}" for tone in TONES if counts[tone])
    blocks: list[Block] = [Items(tuple(map(_line, messages)), "No alerts.")]
    if truncated:
        blocks.append(Paragraph(f"… and {truncated} more, which are left out here."))
    for message in messages[:SHOWN_IN_FULL]:
        blocks += [Heading(message.title), *message.blocks]
    return Message(
        title=title,
        summary=f"{len(messages) + truncated} alerts: {told}{f', {truncated} not shown' if truncated else ''}.",
        tone=next((tone for tone in TONES if counts[tone]), "neutral"),
        blocks=tuple(blocks),
    )


def _counted(tone: Tone) -> str:
    return "cleared" if tone == "good" else WORDS[tone].lower() or "other"


def _line(message: Message) -> Item:
    links: Iterator[str] = (block.url for block in message.blocks if isinstance(block, Link))
    return Item(message.title, message.tone, message.summary, next(links, None))
