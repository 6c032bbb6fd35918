"""What happens to alerts, whoever decided it, for who looks on: read from the state while somebody does.

Belongs here: the thread that asks. Does not belong here: who is told (`updates.py`).
"""

from __future__ import annotations

import json
import logging
import threading

from quality_platform.api.live.updates import Message, Updates
from quality_platform.errors import StateError
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertEventRow

LOG = logging.getLogger(__name__)
EVERY_SECONDS = 1.0
AT_ONCE = 500


class AlertFeed:
    """Asks once a second while somebody looks on, and at once when the live evaluation says that something happened."""

    def __init__(self, state: State, updates: Updates) -> None:
        self._state = state
        self._updates = updates
        self._rung = threading.Event()
        self._ending = False
        self._sequence: int | None = None
        self._thread = threading.Thread(target=self._run, name="alert feed", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ring(self) -> None:
        """Look now."""
        self._rung.set()

    def close(self) -> None:
        """End."""
        self._ending = True
        self._rung.set()
        self._thread.join(5)

    def _run(self) -> None:
        while not self._ending:
            self._rung.wait(EVERY_SECONDS if self._updates.wanted else None)
            self._rung.clear()
            try:
                self._look()
            except StateError as error:
                LOG.warning("alerts cannot be read now: %s", error)

    def _look(self) -> None:
        if not self._updates.wanted:
            self._sequence = None
            return
        with self._state.read() as session:
            if self._sequence is None:
                self._sequence = alerts.newest_sequence(session)
                return
            found = alerts.all_events_after(session, self._sequence, AT_ONCE)
        if found:
            self._sequence = found[-1].sequence
            self._updates.alerts([_message(each) for each in found])


def _message(event: AlertEventRow) -> Message:
    return {
        "project": event.project, "metric": event.metric, "subject": event.subject,
        "labels": json.loads(event.labels), "alert_id": event.alert_id, "event": event.kind, "rule": event.rule,
        "alert_type": event.type, "severity": event.severity, "current_value": event.value,
        "threshold_value": event.threshold, "observed_at": event.observed_at.isoformat(),
        "at": event.event_time.isoformat(), "message": event.message,
    }  # fmt: skip
