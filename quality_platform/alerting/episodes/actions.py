"""What people do with alerts, one by one, several things at once, or many alerts at once.

Whatever is done at once to one alert is one transaction with its events, its audit entries and what is told of it: all
of it happens or nothing does. Belongs here: the transactions. Does not belong here: the steps (`deeds.py`), what rules
do to alerts (`lifecycle.py`), who may act (`api/`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from quality_platform.alerting.episodes.changes import Changes
from quality_platform.alerting.episodes.deeds import DEEDS, Deed
from quality_platform.alerting.plan import Plan
from quality_platform.errors import NotFoundError, QualityPlatformError, UsageError, VersionError
from quality_platform.state import alerts, audit
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow

Steps = Sequence[tuple[str, Mapping[str, object]]]
"""Verbs of `DEEDS` with their words, in order."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `token NAME` or `cli USER`."""

    name: str


def act(
    state: State, plan: Plan, alert_id: str, actor: Actor, now: datetime, steps: Steps, *, version: int | None = None
) -> AlertRow:
    """Do all `steps` to the alert, or none of them; the alert as it stands then.

    Raises NotFoundError, VersionError where it is not at `version`, and what the steps raise.
    """
    with state.write(serial="alerts") as session:
        alert = found(session, alert_id, version)
        changes = Changes(session, plan, now, actor=actor.name)
        deed = Deed(alert, changes, plan, now, actor.name)
        for verb, words in steps:
            DEEDS[verb](deed, **words)
        changes.store()
        for event in changes.events:
            details = {"event": event.kind, "note": event.note, "project": alert.project, "rule": alert.rule}
            audit.record(
                session, now, actor=actor.name, action=f"alert.{event.kind}", subject=alert_id, details=details
            )
    return alert


def _alone(verb: str) -> Callable[..., AlertRow]:
    def action(
        state: State, plan: Plan, alert_id: str, actor: Actor, now: datetime, *, version: int | None = None,
        **words: object,
    ) -> AlertRow:  # fmt: skip
        return act(state, plan, alert_id, actor, now, [(verb, words)], version=version)

    return action


ACTIONS: Mapping[str, Callable[..., AlertRow]] = MappingProxyType({verb: _alone(verb) for verb in DEEDS})
"""Each verb by itself: state, plan, id, actor, instant, and its words by name."""
acknowledge, unacknowledge, assign = ACTIONS["acknowledge"], ACTIONS["unacknowledge"], ACTIONS["assign"]
comment, snooze, resolve, mark = ACTIONS["comment"], ACTIONS["snooze"], ACTIONS["resolve"], ACTIONS["mark"]


def bulk(
    state: State,
    plan: Plan,
    alert_ids: Collection[str],
    verb: str,
    actor: Actor,
    now: datetime,
    **words: object,
) -> dict[str, str]:
    """Do `verb` to each; what cannot be done leaves the others alone. By id: `done`, or the reason."""
    action = ACTIONS.get(verb)
    if action is None:
        raise UsageError(f"action: there is no {verb!r}.", hint=f"One of {', '.join(ACTIONS)}.")
    found = {}
    for alert_id in dict.fromkeys(alert_ids):
        try:
            action(state, plan, alert_id, actor, now, **words)
            found[alert_id] = "done"
        except QualityPlatformError as error:
            found[alert_id] = str(error)
    return found


def found(session: Session, alert_id: str, version: int | None = None) -> AlertRow:
    """The alert. Raises NotFoundError, VersionError."""
    alert = alerts.get(session, alert_id)
    if alert is None:
        raise NotFoundError(f"There is no alert {alert_id}.", hint="`quality-platform alerts` lists them.")
    if version is not None and alert.version != version:
        raise VersionError(
            f"The alert was changed meanwhile: it is at version {alert.version}, not {version}.",
            current=str(alert.version), hint="Read it again.",
        )  # fmt: skip
    return alert
