"""Two processes that evaluate, deliver and publish the same at the same time do it once."""

from __future__ import annotations

import multiprocessing
from contextlib import closing
from multiprocessing.synchronize import Barrier

import pyarrow as pa

from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.alerting.publish import publish
from quality_platform.model.rules import ThresholdRule
from quality_platform.settings import Settings
from quality_platform.state.database import State
from quality_platform.state.models import AlertEventRow, AlertRow, OutboxAlertRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON, minutes, plan, store, webhook
from quality_platform_tests.data.waiting import WAIT_SECONDS

# more than one chunk
SERIES = 600
RULE = ThresholdRule(name="busy", metric_name="cpu", warning_threshold=80, critical_threshold=90)
STORY = (10.0, 85.0, 95.0, 10.0)


def _values(project: str, at: int) -> pa.Table:
    rows = [
        {"metric": CPU, "project": project, "subject": f"host-{n}", "labels": "{}", "observed_at": NOON + minutes(at),
         "value": STORY[at], "batch_id": f"b{at}"}
        for n in range(SERIES)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows)


def _take_part(state_settings: Settings, lake_settings: Settings, project: str, start: Barrier) -> None:
    state, lake = State(state_settings), Lake(lake_settings)
    used = plan([RULE.model_copy(update={"project_id": project})], [webhook("hook")])
    for at in range(len(STORY)):
        start.wait(WAIT_SECONDS)
        evaluate_thresholds(state, lake, used, NOON + minutes(at))
        publish(state, lake, NOON)
        start.wait(WAIT_SECONDS)


def test_every_transition_happens_once(state_settings: Settings, observed_lake: Lake) -> None:
    project = "at-once-on-postgresql" if state_settings.postgres_url else "at-once-on-sqlite"
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    arguments = (state_settings, observed_lake.settings, project, start)
    processes = [context.Process(target=_take_part, args=arguments, daemon=True) for _ in range(2)]
    for process in processes:
        process.start()
    for at in range(len(STORY)):
        store(observed_lake, _values(project, at))
        start.wait(WAIT_SECONDS)
        start.wait(WAIT_SECONDS)
    for process in processes:
        process.join(WAIT_SECONDS)
    assert [process.exitcode for process in processes] == [0, 0]
    with closing(State(state_settings)) as state, state.read() as session:
        assert session.query(AlertRow).count() == SERIES
        kinds = {
            kind: session.query(AlertEventRow).filter_by(kind=kind).count()
            for kind in ("fired", "severity_changed", "resolved")
        }
        assert kinds == dict.fromkeys(kinds, SERIES)
        assert session.query(OutboxAlertRow).count() == 3 * SERIES  # a group is told of in few messages
        assert {row.status for row in session.query(AlertRow)} == {"resolved"}
    found = observed_lake.read(
        "SELECT count(*) AS n, count(DISTINCT event_id) AS ids FROM raw.alert_events WHERE project = ?", [project]
    ).to_pylist()
    assert found == [{"n": 3 * SERIES, "ids": 3 * SERIES}]
