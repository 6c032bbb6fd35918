"""Messages that renderers and channels are tried on: an alert, a report of every block, hostile text everywhere."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from quality_platform.model.message import (
    Block,
    Cell,
    Facts,
    Grid,
    Heading,
    Item,
    Items,
    Link,
    Message,
    Paragraph,
    Plot,
)
from quality_platform.notifications.alert_message import alert_message
from quality_platform.notifications.delivery import Delivery

START = datetime(2026, 3, 1, tzinfo=UTC)
MOMENT = datetime(2026, 3, 23, 7, 0, tzinfo=UTC)

HOSTILE = (
    "<img src=x onerror=alert(1)><script>alert(2)</script> <!channel> <@U1> &amp; \"q\" 'a' `c` ``` "
    "\r\nBcc: x@evil.example\r\n\r\nbody \x00\x07\x1b[31mred \u202eesrever \ud800 @here | *b* _i_ ~s~ # "
    "[l](javascript:x) "
    '{{ 7*7 }} {% raw %} #panic("p") #import "@preview/x:0.1.0" $x^2$ $(id) %s %n \\ \u2028end'
)


def series(count: int = 90, **more: object) -> Plot:
    """A wave of values, six hours apart."""
    values = tuple(80 - 10 * math.sin(place / 9) - place * 0.1 for place in range(count))
    times = tuple(START + timedelta(hours=6) * place for place in range(count))
    return Plot("Test coverage", "%", times, values, **more)  # type: ignore[arg-type]


ALERT = alert_message(
    title="Test coverage of flask: 45.25% is below 50%",
    rule="coverage-low",
    severity="critical",
    project="flask",
    subject="src/flask",
    metric="Test coverage",
    unit="%",
    value=45.25,
    threshold=50.0,
    observed_at=datetime(2026, 3, 23, 6, tzinfo=UTC),
    evidence="Commit 1a2b3c4 by Ada: drop the old tests",
    plot=series(threshold=70.0, marks=((START + timedelta(days=3), "release 2.1"),), tone="critical"),
    links=(Link("Open in Dagster", "http://127.0.0.1:3000/assets/marts?view=lineage&at=1"),),
)

GAPPY = Plot(
    "Memory available",
    "bytes",
    tuple(START + timedelta(hours=place) for place in range(24)),
    tuple(None if 8 <= place < 14 else 3e9 + place * 1e8 for place in range(24)),
    tone="good",
)

REPORT = Message(
    title="Quality of flask",
    summary="12 metrics got better, 3 got worse, 2 need attention.",
    tone="warning",
    blocks=(
        Facts((("Project", "flask"), ("Commits", "1,204"), ("Coverage", "45.3%"), ("Maintainability", "78.2"))),
        Heading("Needs attention"),
        Items(
            (
                Item("Test coverage fell from 86% to 45.3%", "critical", "commit 1a2b3c4", "https://example.org/e/1"),
                Item("Complexity drifts upwards by 6% in 30 days", "warning", "Theil-Sen slope, p < 0.001"),
                Item("CPU use of web-1 is back to normal", "info"),
            )
        ),
        Heading("Better"),
        Items((Item("Findings of high severity: 4 fewer", "good", "bandit B602 in src/flask/app.py is gone"),)),
        Heading("Worse"),
        Items((), "Nothing got worse."),
        Heading("Trends"),
        series(threshold=70.0, marks=((START + timedelta(days=3), "release 2.1"),), tone="warning"),
        GAPPY,
        Heading("Hotspots"),
        Paragraph("Files that are both complex and often changed."),
        Grid(
            ("File", "Changes", "Complexity", "Rank"),
            (
                (
                    Cell("src/flask/app.py", link="https://example.org/f"),
                    Cell("100"),
                    Cell("300"),
                    Cell("F", "critical"),
                ),
                (Cell("src/flask/cli.py"), Cell("86"), Cell("260"), Cell("C", "warning")),
                (Cell("src/flask/views.py"), Cell("7"), Cell("18"), Cell("A")),
            ),
            (1, 2),
        ),
        Heading("Details", 3),
        Paragraph("All checks passed.", "good"),
        Grid(("Check",), (), empty="No check failed."),
        Link("Open the platform", "http://127.0.0.1:3000/"),
    ),
)


def hostile(text: str = HOSTILE) -> Message:
    """`text` wherever a message holds text."""
    blocks: tuple[Block, ...] = (
        Heading(text),
        Paragraph(text, "warning"),
        Facts(((text, text),)),
        Grid(
            (text, text),
            ((Cell(text, "good", "javascript:alert(1)"), Cell(text, link='https://e.example/?a="><b>|]')),),
        ),
        Grid((text,), (), empty=text),
        Items((Item(text, "info", text, "https://e.example/\r\nX: y"), Item(text, link="https://e.example/a?b=<c>&d"))),
        Items((), text),
        Plot(text, text, (START,), (1.0,), marks=((START, text),)),
        Link(text, "data:text/html,<script>alert(1)</script>"),
        Link(text, "https://e.example/ok"),
    )
    return Message(text, text, "critical", blocks)


MESSAGES = {"alert": ALERT, "report": REPORT, "hostile": hostile()}


def delivery(message: Message = ALERT, **more: object) -> Delivery:
    """A delivery of `message`."""
    given = {
        "message_id": "01JQ4Y7N5G",
        "kind": "alert.firing",
        "created_at": MOMENT,
        "payload": {"severity": "critical"},
    }
    return Delivery(message=message, **(given | more))  # type: ignore[arg-type]
