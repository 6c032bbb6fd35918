"""Whether live monitoring runs: a switch in the state database, which outlives the process that turned it.

Live monitoring is the evaluation of thresholds on what comes in, and the live sources (scraping, probes, tails). What
applications send is taken in either way. Nobody has turned the switch of a new platform: it runs.

Belongs here: reading and turning the switch. Does not belong here: what is evaluated (`evaluate.py`, `api/live/`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from quality_platform.state import audit, cursors
from quality_platform.state.database import State

NAME = "live_monitoring"


@dataclass(frozen=True, slots=True)
class Monitoring:
    """How the switch stands; `since` and `by` are None where nobody has turned it."""

    running: bool = True
    since: datetime | None = None
    by: str | None = None


def read(state: State) -> Monitoring:
    """How the switch stands."""
    with state.read() as session:
        text = cursors.read(session, NAME)
    return _parsed(text)


def is_running(state: State) -> bool:
    """Whether thresholds are to be evaluated live, and live sources read. A look at the database: a millisecond."""
    return read(state).running


def set_running(state: State, running: bool, actor: str, now: datetime) -> Monitoring:
    """Turn the switch; turning it to where it stands changes nothing. Returns how it stands now."""
    with state.write() as session:
        before = _parsed(cursors.read(session, NAME))
        if before.running == running and before.since is not None:
            return before
        value = {"running": running, "since": now.isoformat(), "by": actor}
        cursors.write(session, NAME, json.dumps(value), now)
        action = "monitoring.start" if running else "monitoring.stop"
        audit.record(session, now, actor=actor, action=action, subject=NAME)
    return Monitoring(running, now, actor)


def _parsed(text: str | None) -> Monitoring:
    if text is None:
        return Monitoring()
    value = json.loads(text)
    return Monitoring(bool(value["running"]), datetime.fromisoformat(value["since"]), value["by"])
