"""Many messages as one, for a channel that may not be sent to as fast as things happen. Pure.

Belongs here: what a digest says. Does not belong here: when messages are folded into one (`folding.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quality_platform.model.alerts import SEVERITY_ORDER
from quality_platform.model.message import Facts, Item, Items, Message, Paragraph, Tone

MOST_SHOWN = 30
MOST_LISTED = 2000
_GRAVEST: tuple[Tone, ...] = ("critical", "warning", "info", "neutral", "good")


@dataclass(frozen=True, slots=True)
class Folded:
    """A message that goes into a digest."""

    message_id: str
    kind: str
    severity: str
    alert_id: str | None
    title: str
    tone: Tone
    created_at: datetime


def digest(rows: Sequence[Folded]) -> tuple[Message, dict[str, object]]:
    """What people read and what programs read; the gravest first, then the oldest. `rows` must not be empty."""
    ordered = sorted(rows, key=lambda row: (-SEVERITY_ORDER.get(row.severity, 0), row.created_at))
    return _message(ordered), _data(ordered)


def worst(rows: Sequence[Folded]) -> str:
    """The gravest severity among `rows`."""
    return max((row.severity for row in rows), key=lambda name: SEVERITY_ORDER.get(name, 0))


def _message(rows: Sequence[Folded]) -> Message:
    left = len(rows) - MOST_SHOWN
    more = (Paragraph(f"And {left} more."),) if left > 0 else ()
    counts = Counter(row.kind for row in rows)
    first, last = min(row.created_at for row in rows), max(row.created_at for row in rows)
    return Message(
        title=f"{len(rows)} messages at once",
        summary=f"More happened than this channel may be told one by one: {_counted(counts)}.",
        tone=min((row.tone for row in rows), key=_GRAVEST.index),
        blocks=(
            Facts((("Messages", str(len(rows))), ("From", f"{first:%H:%M:%S} UTC"), ("To", f"{last:%H:%M:%S} UTC"))),
            Items(tuple(Item(row.title, row.tone) for row in rows[:MOST_SHOWN])),
            *more,
        ),
    )


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counts.items()))


def _data(rows: Sequence[Folded]) -> dict[str, object]:
    return {
        "count": len(rows),
        "severity": worst(rows),
        "truncated": max(0, len(rows) - MOST_LISTED),
        "messages": [
            {
                "id": row.message_id,
                "kind": row.kind,
                "severity": row.severity,
                "alert_id": row.alert_id,
                "title": row.title,
                "created_at": row.created_at.isoformat(),
            }
            for row in rows[:MOST_LISTED]
        ],
    }
