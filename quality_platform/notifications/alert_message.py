"""An alert as a `Message`, from plain values. Pure."""

from __future__ import annotations

from datetime import datetime

from quality_platform.model.alerts import Severity
from quality_platform.model.message import Block, Facts, Link, Message, Paragraph, Plot
from quality_platform.model.time import as_utc
from quality_platform.notifications.numbers import amount


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
) -> Message:
    """What a person is told when an alert fires, changes or ends.

    `title` is the alert's sentence, `metric` the metric's title; `evidence` says what the value rests on, such
    as the commit. A resolved alert keeps the title and says so.
    """
    against = "" if threshold is None else f", threshold {amount(threshold, unit)}"
    where = f"{project}, {subject}" if subject and subject != project else project
    facts = (
        ("Project", where),
        ("Metric", metric),
        ("Value", amount(value, unit)),
        ("Threshold", "" if threshold is None else amount(threshold, unit)),
        ("Severity", severity),
        ("Observed", f"{as_utc(observed_at):%Y-%m-%d %H:%M:%S} UTC"),
        ("Rule", rule),
    )
    blocks: list[Block] = [Facts(tuple((name, text) for name, text in facts if text))]
    if evidence:
        blocks.append(Paragraph(evidence))
    if plot is not None:
        blocks.append(plot)
    return Message(
        title=f"Resolved: {title}" if resolved else title,
        summary=f"{where}: {metric} is {amount(value, unit)}{against}.",
        tone="good" if resolved else severity,
        blocks=(*blocks, *links),
    )
