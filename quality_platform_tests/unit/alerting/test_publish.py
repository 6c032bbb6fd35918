"""Every event reaches the lake once, whoever publishes, whatever is killed in between."""

from __future__ import annotations

import itertools
import shutil
import threading
from contextlib import closing
from pathlib import Path

import pytest

from quality_platform.alerting import publish as publishing
from quality_platform.alerting.publish import publish, publish_deliveries
from quality_platform.model.alerts import Series
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.engine import state_file
from quality_platform.state.identity import new_id
from quality_platform.state.models import AlertEventRow, AlertRow, DeliveryRow, OutboxAlertRow, OutboxRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON

_numbers = itertools.count()


@pytest.fixture
def project() -> str:
    return f"told-{next(_numbers)}"


def add(state: State, *projects: str) -> None:
    """One event per project named."""
    with state.write(serial="alerts") as session:
        for name in projects:
            series = Series(CPU, name, "host", '{"cpu":"0"}')
            alert = AlertRow(
                id=new_id(NOON), fingerprint=new_id(NOON), rule="busy", type="threshold_violation",
                metric=series.metric, project=name, subject=series.subject, labels=series.labels,
                severity="warning", status="active", observed_at=NOON, message="CPU is busy.",
                opened_at=NOON, updated_at=NOON,
            )  # fmt: skip
            session.add(alert)
            session.flush()
            session.add(_event(alert))


def _event(alert: AlertRow) -> AlertEventRow:
    return AlertEventRow(
        event_id=new_id(NOON), alert_id=alert.id, event_time=NOON, kind="fired", rule=alert.rule, type=alert.type,
        severity=alert.severity, metric=alert.metric, project=alert.project, subject=alert.subject,
        labels=alert.labels, value=91.0, threshold=90.0, observed_at=NOON, message=alert.message,
    )  # fmt: skip


def published(lake: Lake, project: str) -> int:
    return lake.read("SELECT event_id FROM raw.alert_events WHERE project = ?", [project]).num_rows


def test_events_arrive_once_and_whole(state: State, observed_lake: Lake, project: str) -> None:
    add(state, project, project, f"{project}-other")
    assert publish(state, observed_lake, NOON, run_id="run-1") == 3
    assert publish(state, observed_lake, NOON) == 0
    add(state, project)
    assert publish(state, observed_lake, NOON) == 1
    rows = observed_lake.read(
        "SELECT DISTINCT alert_type, kind, severity, metric, subject, labels, value, threshold, message, source_id "
        "FROM raw.alert_events WHERE project = ?",
        [project],
    ).to_pylist()
    assert rows == [
        {"alert_type": "threshold_violation", "kind": "fired", "severity": "warning", "metric": CPU, "subject": "host",
         "labels": '{"cpu":"0"}', "value": 91.0, "threshold": 90.0, "message": "CPU is busy.",
         "source_id": f"alerts:{project}"}
    ]  # fmt: skip
    assert (published(observed_lake, project), published(observed_lake, f"{project}-other")) == (3, 1)


def test_a_long_history_is_published_in_pieces(
    state_on_sqlite: State, observed_lake: Lake, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "LIMIT", 3)
    add(state_on_sqlite, *[project] * 7)
    assert publish(state_on_sqlite, observed_lake, NOON) == 7
    assert published(observed_lake, project) == 7


def test_publishers_at_once_publish_each_event_once(state: State, observed_lake: Lake, project: str) -> None:
    add(state, *[project] * 5)
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(publish(state, observed_lake, NOON))) for _ in range(3)]
    for thread in threads:
        thread.start()
    add(state, *[project] * 5)
    for thread in threads:
        thread.join()
    counts.append(publish(state, observed_lake, NOON))
    assert sum(counts) == 10
    assert published(observed_lake, project) == 10


def test_a_new_state_beside_an_old_lake_starts_anew(
    state_on_sqlite: State, observed_lake: Lake, project: str, tmp_path: Path, migrated_file: Path
) -> None:
    add(state_on_sqlite, *[project] * 3)
    publish(state_on_sqlite, observed_lake, NOON)
    settings = Settings(home=tmp_path / "second")
    shutil.copy(migrated_file, settings.place(state_file(settings).parent))
    with closing(State(settings)) as second:
        add(second, project)
        assert publish(second, observed_lake, NOON) == 1
        assert publish(second, observed_lake, NOON) == 0
    assert published(observed_lake, project) == 4
    add(state_on_sqlite, project)
    # the lake's cursor is the second state's by now: the first neither repeats its history nor waits for ever
    assert publish(state_on_sqlite, observed_lake, NOON) == 0
    assert published(observed_lake, project) == 4


def test_nothing_to_tell_makes_no_batch(state_on_sqlite: State, observed_lake: Lake) -> None:
    before = observed_lake.snapshot_id("raw")
    assert publish(state_on_sqlite, observed_lake, NOON) == 0
    assert observed_lake.snapshot_id("raw") == before


def test_attempts_to_deliver_arrive_once_with_what_they_spoke_of(
    state: State, observed_lake: Lake, project: str
) -> None:
    add(state, project)
    with state.write() as session:
        alert_id = session.query(AlertRow.id).filter_by(project=project).scalar()
        for name, spoken in (("m-1", alert_id), ("m-2", None)):
            row = OutboxRow(
                message_id=f"{project}-{name}", channel="hook", alert_id=spoken, kind="firing", payload="{}",
                state="delivered", next_at=NOON, expires_at=NOON, created_at=NOON, severity="warning",
            )  # fmt: skip
            session.add(row)
            session.flush()
            if spoken:
                session.add(OutboxAlertRow(position=row.position, alert_id=spoken))
            for attempt, outcome in ((1, "failed"), (2, "delivered")):
                session.add(
                    DeliveryRow(message_id=row.message_id, channel="hook", attempt=attempt, started_at=NOON,
                                seconds=0.5, outcome=outcome)
                )  # fmt: skip
    assert publish_deliveries(state, observed_lake, NOON) == 4
    assert publish_deliveries(state, observed_lake, NOON) == 0
    rows = observed_lake.rows(
        "SELECT attempt, outcome, alert_ids FROM raw.deliveries WHERE project = ? ORDER BY attempt", [project]
    )
    spoken = f'["{alert_id}"]'
    assert [tuple(row.values()) for row in rows] == [(1, "failed", spoken), (2, "delivered", spoken)]
    of_no_alert = "SELECT 1 FROM raw.deliveries WHERE project = 'quality-platform' AND message_id = ?"
    assert len(observed_lake.rows(of_no_alert, [f"{project}-m-2"])) == 2
