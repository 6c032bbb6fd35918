"""The alerts that a delivery speaks of, read from its payload: for formats made for programs.

A payload names them under `alerts`, each as the HTTP interface shows an alert, with `status`, `event` and, for several,
`group` beside them. That of a single alert is also accepted without `alerts`, as its fields alone, and that of a digest
with the `messages` that it stands for. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from quality_platform.notifications.delivery import Delivery

Json = Mapping[str, object]
# what every alert can be told apart by, besides its own labels
_NAMED = {
    "alertname": "rule", "rule": "rule", "alert_type": "alert_type", "severity": "severity", "metric": "metric_name",
    "project": "project_id", "project_id": "project_id", "subject": "subject",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class AlertGroup:
    """What is said about which alerts. `truncated` counts alerts of the group that are not among them."""

    alerts: tuple[Json, ...]
    status: Literal["firing", "resolved"]
    event: str
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    truncated: int = 0


def alerts_of(delivery: Delivery) -> AlertGroup | None:
    """The alerts of a delivery; None where it speaks of none, as a report does."""
    payload, event = delivery.payload, delivery.kind.partition("alert.")[2]
    if not event:
        return None
    alerts, messages = payload.get("alerts"), payload.get("messages")
    if isinstance(alerts, list | tuple) and alerts:
        found = tuple(map(_json, alerts))
    elif isinstance(messages, list | tuple) and messages:
        found = tuple(_in_short(_json(message)) for message in messages)
    else:
        found = (payload,)
    group = _json(payload.get("group"))
    truncated = group.get("truncated")
    return AlertGroup(
        found,
        "resolved" if all(ended(alert) for alert in found) or event == "resolved" else "firing",
        event,
        text(group.get("key")),
        {name: text(value) for name, value in _json(group.get("labels")).items()},
        truncated if isinstance(truncated, int) else 0,
    )


def _in_short(message: Json) -> Json:
    """An alert as a digest without alerts tells of it: by the message that it stands for."""
    over = message.get("kind") == "resolved"
    return {
        "id": message.get("alert_id"),
        "status": "resolved" if over else "active",
        "severity": message.get("severity"),
        "message": message.get("title"),
        "observed_at": message.get("created_at"),
        "opened_at": message.get("created_at"),
        "resolved_at": message.get("created_at") if over else None,
    }


def ended(alert: Json) -> bool:
    """Whether the alert is over."""
    return alert.get("status") == "resolved"


def labels_of(alert: Json) -> dict[str, str]:
    """Everything that routes and receivers may tell the alert by: its labels, and what every alert has."""
    own = {name: text(alert.get(field)) for name, field in _NAMED.items()}
    given = {**_json(alert.get("labels")), **_json(alert.get("routing_labels"))}
    return {name: value for name, value in {**own, **{key: text(it) for key, it in given.items()}}.items() if value}


def episode(alert: Json) -> str:
    """Names the alert's present episode, the same from its start to its end."""
    return "/".join(part for part in (text(alert.get("fingerprint")), text(alert.get("id"))) if part)


def text(value: object) -> str:
    """A JSON value as text; empty for null."""
    return "" if value is None else value if isinstance(value, str) else str(value)


def _json(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}
