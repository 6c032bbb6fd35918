"""Why a channel was told of an alert, is told later, or is not told: from stored facts to sentences. Pure.

Every step says what was looked at, what came of it, and why. Belongs here: what leads to a channel or holds news back,
the order of the steps, the outcome. Does not belong here: the way to the receiver (`reasons_of_sending.py`), reading
the facts (`explain.py`), or deciding anything: that is done where it happens (`notices/`, `delivery/`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from quality_platform.alerting import reasons_of_sending as sending
from quality_platform.alerting.facts import Facts, Found, Step, Verdict, at
from quality_platform.alerting.routing.filters import filters
from quality_platform.alerting.routing.route import Route
from quality_platform.model.channels import ChannelConfig
from quality_platform.state.models import NoticeRow


def steps(facts: Facts) -> tuple[Step, ...]:
    """The steps from the rule to the receiver, in their order; the last one is the outcome."""
    found = [Step(facts.channel, what, verdict, because) for look in _LOOKS for what, verdict, because in look(facts)]
    return (*found, _outcome(facts, found))


def _rule(facts: Facts) -> Iterator[Found]:
    alert = facts.alert
    if alert.origin != "rule":
        yield "rule", "passes", f"No rule of ours: it came by {alert.origin}. {alert.message}"
    elif facts.rule is None:
        yield "rule", "passes", f"The rule {alert.rule!r} is not in force any more. {alert.message}"
    else:
        since = at(alert.breached_at or alert.opened_at)
        yield (
            "rule",
            "passes",
            f"{alert.rule!r} ({alert.type}) made it {alert.severity}, bad since {since}. {alert.message}",
        )


def _status(facts: Facts) -> Iterator[Found]:
    alert = facts.alert
    if alert.status == "resolved":
        yield "status", "passes", f"Over since {at(alert.resolved_at)} ({alert.reason or 'recovered'})."
    elif alert.status == "acknowledged":
        until = f" until {at(alert.acknowledged_until)}" if alert.acknowledged_until else ""
        yield "status", "passes", f"Acknowledged by {alert.acknowledged_by}{until}: no repeats, no escalation."
    else:
        yield "status", "passes", f"Active, and {alert.condition}."


def _channel(facts: Facts) -> Iterator[Found]:
    if facts.channel_config is None:
        yield "channel", "stops", f"There is no channel {facts.channel!r}, or it is disabled."


def _route(facts: Facts) -> Iterator[Found]:
    if facts.route is not None:
        yield "route", "passes", f"The route {facts.route.path!r} matches{_by(facts.route)} and leads there."
    elif facts.notice is not None:
        yield "route", "passes", f"No route leads there now, but {_was_told(facts.notice)}."
    elif facts.channel_config is not None:
        yield "route", "stops", _no_way(facts, facts.channel_config)


def _no_way(facts: Facts, channel: ChannelConfig) -> str:
    unwanted = [str(each) for each in filters(channel) if not each.matches(facts.labels)]
    if unwanted:
        return f"The channel's own filters do not let it pass: {', '.join(unwanted)}."
    leads = ", ".join(f"{route.path!r} to {' and '.join(route.channels)}" for route in facts.routes)
    return f"No route that matches names it; the alert goes by {leads or 'none'}."


def _silence(facts: Facts) -> Iterator[Found]:
    if facts.held.silenced:
        named = "; ".join(f"{each}: {facts.silences.get(each, '')}".rstrip(": ") for each in facts.held.silenced)
        yield "silence", "holds", f"Silenced by {named}."
    else:
        yield "silence", "passes", "No silence matches it now."


def _inhibition(facts: Facts) -> Iterator[Found]:
    if facts.held.inhibited:
        named = "; ".join(f"{each}: {facts.inhibitors.get(each, '')}".rstrip(": ") for each in facts.held.inhibited)
        yield "inhibition", "holds", f"Another alert fires that inhibits it: {named}."
    else:
        yield "inhibition", "passes", "No alert that fires inhibits it."


def _snooze(facts: Facts) -> Iterator[Found]:
    if facts.held.snoozed:
        yield "snooze", "holds", f"Snoozed until {at(facts.alert.snoozed_until)}."


def _mute(facts: Facts) -> Iterator[Found]:
    if facts.muted:
        yield "mute window", "holds", f"The route is silent now: {', '.join(facts.muted)}."
    elif facts.route is not None and (facts.route.mute_windows or facts.route.active_windows):
        named = ", ".join((*facts.route.mute_windows, *facts.route.active_windows))
        yield "mute window", "passes", f"The route's windows do not silence it now: {named}."


def _flapping(facts: Facts) -> Iterator[Found]:
    if facts.held.flapping:
        until = f" at {at(facts.settles_at)}, unless it moves again" if facts.settles_at else ""
        yield "flapping", "holds", f"It comes and goes; the state it settles in is told{until}. A rise is told at once."


_LOOKS: tuple[Callable[[Facts], Iterator[Found]], ...] = (
    _rule, _status, _channel, _route, _silence, _inhibition, _snooze, _flapping, _mute,
    sending.of_group, sending.of_repeat, sending.of_escalation, sending.of_limit, sending.of_circuit,
    sending.of_delivery,
)  # fmt: skip


def _outcome(facts: Facts, found: Sequence[Step]) -> Step:
    """What all of it comes to."""
    notice = facts.notice
    by_what = {step.what: step for step in found}
    stopped = [step.what for step in found if step.verdict == "stops" and step.what in ("channel", "route", "circuit")]
    holding = [step.what for step in found if step.verdict == "holds"]
    delivery = by_what.get("delivery")
    if notice is not None and notice.waiting is not None and (notice.held or holding):
        said: tuple[Verdict, str] = ("holds", f"News ({notice.waiting}) is held back by {_and(holding) or 'what was'}.")
    elif notice is not None and notice.waiting is not None:
        said = ("waits", f"News ({notice.waiting}) is sent with its group.")
    elif delivery is not None and delivery.verdict != "told":
        said = (delivery.verdict, f"{delivery.because} {'By the circuit.' if 'circuit' in stopped else ''}".strip())
    elif notice is not None and notice.told is not None:
        said = ("told", f"It was told of {notice.told_kind} ({notice.told}) at {at(notice.told_at)}.")
    elif stopped:
        said = ("stops", f"Not told, because of its {_and(stopped)}.")
    elif holding:
        said = ("holds", f"Not told yet, because of its {_and(holding)}.")
    else:
        said = ("stops", "Nothing was told: it was over before, or the channel came later; the next news will be.")
    return Step(facts.channel, "outcome", *said)


def _was_told(notice: NoticeRow) -> str:
    return "it was told, and so it is told the end" if notice.told else "it was about to be told"


def _by(route: Route) -> str:
    return f" by {', '.join(map(str, route.matchers))}" if route.matchers else ""


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
