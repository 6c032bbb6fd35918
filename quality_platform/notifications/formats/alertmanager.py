"""A delivery as the JSON that Alertmanager posts to webhooks (version 4), so that receivers made for it work.

Labels and annotations are text, as there. What is no alert, such as a report or a test, becomes one of severity info.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from quality_platform.model.message import Link
from quality_platform.notifications.alert_group import AlertGroup, Json, alerts_of, ended, labels_of, text
from quality_platform.notifications.delivery import Delivery
from quality_platform.notifications.formats import text as plain
from quality_platform.notifications.plain import printable, safe_url

# what Go prints for an instant that is not set; Alertmanager sends it as the end of an alert that goes on
NOT_SET = "0001-01-01T00:00:00Z"


def render(delivery: Delivery, receiver: str) -> dict[str, Any]:
    """The body of a POST. `receiver` is the channel's name."""
    group = alerts_of(delivery) or _stand_in(delivery)
    links = [safe_url(block.url) for block in delivery.message.blocks if isinstance(block, Link)]
    link = next((url for url in links if url), "")
    alerts = [_alert(alert, group, link) for alert in group.alerts]
    for alert in alerts:
        alert["labels"].setdefault("alertname", delivery.kind)
    labels = [alert["labels"] for alert in alerts]
    grouped = _texts(group.labels) or _shared({"alertname": each.get("alertname", "")} for each in labels)
    return {
        "version": "4",
        "groupKey": group.key or _key(grouped),
        "truncatedAlerts": group.truncated,
        "status": "firing" if any(alert["status"] == "firing" for alert in alerts) else "resolved",
        "receiver": receiver,
        "groupLabels": grouped,
        "commonLabels": _shared(labels),
        "commonAnnotations": _shared(alert["annotations"] for alert in alerts),
        "externalURL": _origin(link),
        "alerts": alerts,
    }


def _alert(alert: Json, group: AlertGroup, link: str) -> dict[str, Any]:
    over = ended(alert) or (group.event == "resolved" and len(group.alerts) == 1)
    return {
        "status": "resolved" if over else "firing",
        "labels": _texts(labels_of(alert)),
        "annotations": _annotations(alert),
        "startsAt": _instant(alert.get("opened_at")),
        "endsAt": _instant(alert.get("resolved_at")) if over else NOT_SET,
        "generatorURL": safe_url(text(alert.get("generator_url"))) or link,
        "fingerprint": text(alert.get("fingerprint")) or text(alert.get("id")),
    }


def _annotations(alert: Json) -> dict[str, str]:
    """The rule's own, and the alert's sentence and value where the rule says nothing of that name."""
    own = {"summary": alert.get("message"), "description": alert.get("evidence"), "value": alert.get("current_value")}
    given = alert.get("annotations")
    return _texts({**own, **(given if isinstance(given, Mapping) else {})})


def _stand_in(delivery: Delivery) -> AlertGroup:
    """A report or a test message as an alert that begins and does not end."""
    message = delivery.message
    alert: Json = {
        "rule": delivery.kind,
        "severity": "info",
        "message": message.title,
        "evidence": plain.render(message),
        "opened_at": delivery.created_at.isoformat(),
        "fingerprint": delivery.message_id,
    }
    return AlertGroup((alert,), "firing", delivery.kind)


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    """Names and values as text; what is empty is left out, as an absent label is an empty one."""
    return {printable(name): printable(text(value)) for name, value in values.items() if text(value)}


def _shared(each: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all have in common."""
    first, *others = each
    return {name: value for name, value in first.items() if all(other.get(name) == value for other in others)}


def _key(labels: Mapping[str, str]) -> str:
    """A group's key as Alertmanager writes it: route, then labels."""
    inside = ", ".join(f"{name}={_quoted(value)}" for name, value in sorted(labels.items()))
    return f"{{}}:{{{inside}}}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _instant(value: object) -> str:
    """An instant with Z for UTC, as Go's decoder and ours write it."""
    said = text(value)
    return said.removesuffix("+00:00") + "Z" if said.endswith("+00:00") else said or NOT_SET


def _origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}" if link else ""
