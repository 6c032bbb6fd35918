"""Of an explanation, what comes after nothing held the news back: its group, repeats, escalation, limits, delivery.

Does not belong here: what holds news back (`reasons.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from quality_platform.alerting.facts import Facts, Found, at
from quality_platform.model.durations import written
from quality_platform.state.models import OutboxRow


def of_group(facts: Facts) -> Iterator[Found]:
    """When its group was sent, and is sent."""
    notice, group = facts.notice, facts.group
    if notice is None:
        return
    if group is None or group.flushed_at is None:
        yield "group", "passes", f"Nothing was sent for its group yet: {notice.group_key}."
        return
    said = f"Its group was sent last at {at(group.flushed_at)}, {group.burst} since it was quiet"
    if group.flush_at is not None and notice.waiting is not None and not notice.held:
        yield "group", "waits", f"{said}; what waits is sent at {at(group.flush_at)}: {notice.group_key}."
    else:
        yield "group", "passes", f"{said}: {notice.group_key}."


def of_repeat(facts: Facts) -> Iterator[Found]:
    """Whether and when it is told again."""
    notice = facts.notice
    if notice is None or notice.told is None or facts.alert.status == "resolved":
        return
    if facts.alert.status == "acknowledged":
        yield "repeat", "stops", "Not repeated: it is acknowledged."
    elif notice.repeat_at is None:
        yield "repeat", "stops", "Not repeated: its severity, rule or route has no repeat interval."
    else:
        every = written(timedelta(seconds=notice.repeat_seconds))
        yield "repeat", "waits", f"Repeated every {every}, next at {at(notice.repeat_at)}."


def of_escalation(facts: Facts) -> Iterator[Found]:
    """The policy that tells others in time."""
    alert = facts.alert
    if alert.escalation is None or alert.status == "resolved":
        return
    if alert.status == "active" and alert.escalation_at is not None:
        due = f"its next step is due at {at(alert.escalation_at)}"
    else:
        due = "no step is due"
    yield "escalation", "passes", f"The policy {alert.escalation!r}, {alert.escalation_step} steps taken; {due}."


def of_limit(facts: Facts) -> Iterator[Found]:
    """How fast the channel may be sent to."""
    limit = getattr(facts.channel_config, "rate_limit", None)
    if limit is None:
        return
    said = f"{limit.per_second:g} messages a second, {limit.burst} at once"
    if facts.limited is not None and facts.limited > facts.now and _is_pending(facts.message):
        yield "rate limit", "waits", f"{said}: used up until {at(facts.limited)}."
    else:
        yield "rate limit", "passes", f"{said}: not reached."


def of_circuit(facts: Facts) -> Iterator[Found]:
    """Whether the channel answers."""
    health = facts.health
    if health is None:
        return
    if health.state == "disabled":
        yield "circuit", "stops", f"The receiver said that it is gone, at {at(health.since)}: {health.last_error}"
    elif health.state == "unhealthy":
        again = f", asked again at {at(health.retry_at)}" if health.retry_at else ""
        yield "circuit", "waits", f"The channel does not answer since {at(health.since)}{again}: {health.last_error}"
    else:
        yield "circuit", "passes", "The channel answers."


def of_delivery(facts: Facts) -> Iterator[Found]:
    """What became of the newest message."""
    message = facts.message
    if message is None:
        return
    named = f"The message {message.message_id} ({message.kind})"
    tried = f" after {message.attempts} attempts" if message.attempts else ""
    if message.state == "delivered":
        yield "delivery", "told", f"{named} was delivered at {at(message.delivered_at)}."
    elif message.state == "dead":
        yield "delivery", "stops", f"{named} was given up{tried}: {message.last_error}"
    else:
        because = f": {message.last_error}" if message.last_error else "."
        yield "delivery", "waits", f"{named} is due at {at(message.next_at)}{tried}{because}"


def _is_pending(message: OutboxRow | None) -> bool:
    return message is not None and message.state in ("pending", "leased")
