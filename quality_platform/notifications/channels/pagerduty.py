"""The PagerDuty channel: an event of the Events API v2 per alert, which opens, acknowledges or resolves its incident.

The key of an incident is the alert's episode, so that a repeated event changes nothing and a new episode opens a new
incident. Limits are PagerDuty's: 1,024 characters of summary, 255 of key, 512 KB in all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import orjson

from quality_platform.errors import DeliveryError
from quality_platform.model.alerts import SEVERITY_ORDER
from quality_platform.model.channels import PagerDutyChannel
from quality_platform.model.message import Link, Message
from quality_platform.notifications.alert_group import AlertGroup, Json, alerts_of, ended, episode, text
from quality_platform.notifications.delivery import Delivery, Receipt, Sender
from quality_platform.notifications.http import post_json
from quality_platform.notifications.network import Network
from quality_platform.notifications.plain import clipped, safe_url, single_line
from quality_platform.notifications.replies import says
from quality_platform.notifications.secrets import Secrets, revealed

LONGEST_SUMMARY, LONGEST_KEY, LONGEST_DETAIL = 1024, 255, 2000
MOST_DETAILS, MOST_LINKS = 60, 10
SEVERITY: Mapping[str, str] = MappingProxyType({"critical": "critical", "warning": "warning", "info": "info"})
# Of an alert's data, what a person on call reads; keys and lineage are for programs.
_LEFT_OUT = frozenset({"alerts", "group", "fingerprint", "routing_labels"})


@dataclass(frozen=True, slots=True)
class Account:
    """Where events go, and the key of the integration."""

    url: str
    routing_key: str

    def __repr__(self) -> str:
        return "Account()"


def build(config: PagerDutyChannel, network: Network, secrets: Secrets) -> Sender:
    """A sender to the configured integration."""
    key = revealed(config.configuration.routing_key, secrets, channel=config.name, field="routing_key")
    account = Account(config.configuration.url, key)
    return lambda delivery: send(delivery, account=account, network=network)


def send(delivery: Delivery, *, account: Account, network: Network) -> Receipt:
    """Post the delivery's events, one after the other; a repeat of those that arrived does no harm."""
    count, status = 0, 0
    for event in events(delivery):
        answer = post_json(account.url, orjson.dumps({"routing_key": account.routing_key, **event}), network)
        if not says(answer.body, "status", "success"):
            raise DeliveryError(
                f"The answer {answer.status} is not PagerDuty's success.",
                retry=True,
                status=answer.status,
                hint="Check that url is that of the Events API v2.",
            )
        count, status = count + 1, answer.status
    return Receipt(status, "accepted by PagerDuty" if count == 1 else f"{count} events accepted by PagerDuty")


def events(delivery: Delivery) -> Iterator[Json]:
    """What is posted, without the key of the integration. Raises DeliveryError for a report, which is no incident."""
    group = alerts_of(delivery)
    if group is not None and not any(alert.get("fingerprint") for alert in group.alerts):
        # nothing that an incident could be known by later: one for all, for a person to close
        worst = max(group.alerts, key=lambda alert: SEVERITY_ORDER.get(text(alert.get("severity")), 0))
        shown = _shown(delivery.message, {**worst, "message": delivery.message.title}, _severity(worst))
        yield {"event_action": "trigger", "dedup_key": delivery.message_id, **shown}
    elif group is not None:
        yield from (_event(delivery, group, alert) for alert in group.alerts)
    elif delivery.kind == "channel.test":
        key = delivery.message_id
        yield {"event_action": "trigger", "dedup_key": key, **_shown(delivery.message, {}, "info")}
        yield {"event_action": "resolve", "dedup_key": key}
    else:
        raise DeliveryError("PagerDuty takes alerts, not reports.", retry=False, hint="Send reports to a mail channel.")


def _event(delivery: Delivery, group: AlertGroup, alert: Json) -> Json:
    key = single_line(episode(alert) or delivery.message_id, LONGEST_KEY)
    if ended(alert) or (group.event == "resolved" and len(group.alerts) == 1):
        return {"event_action": "resolve", "dedup_key": key}
    if group.event == "acknowledged":
        return {"event_action": "acknowledge", "dedup_key": key}
    return {"event_action": "trigger", "dedup_key": key, **_shown(delivery.message, alert, _severity(alert))}


def _severity(alert: Json) -> str:
    return SEVERITY.get(text(alert.get("severity")), "error")


def _shown(message: Message, alert: Json, severity: str) -> Json:
    """What the incident shows. Of several alerts in one message each has its own sentence."""
    links = [(block.text, safe_url(block.url)) for block in message.blocks if isinstance(block, Link)]
    subject, project = text(alert.get("subject")), text(alert.get("project_id"))
    payload = {
        "summary": single_line(text(alert.get("message")) or message.title, LONGEST_SUMMARY) or "-",
        "source": single_line(subject or project or "quality-platform", 255),
        "severity": severity,
        "timestamp": text(alert.get("observed_at")) or None,
        "component": single_line(subject, 255) or None,
        "group": single_line(project, 255) or None,
        "class": single_line(text(alert.get("alert_type")), 255) or None,
        "custom_details": _details(alert),
    }
    return {
        "payload": {name: value for name, value in payload.items() if value},
        "client": "Quality Platform",
        "links": [{"href": url, "text": single_line(words, 255)} for words, url in links if url][:MOST_LINKS],
    }


def _details(alert: Json) -> dict[str, object]:
    """The alert's data, bounded: only what is known, long texts cut."""
    known = {name: value for name, value in alert.items() if value not in (None, "") and name not in _LEFT_OUT}
    return {
        clipped(name, 200): value
        if isinstance(value, bool | int | float)
        else single_line(_flat(value), LONGEST_DETAIL)
        for name, value in list(known.items())[:MOST_DETAILS]
    }


def _flat(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
