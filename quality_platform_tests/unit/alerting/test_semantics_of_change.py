"""What changes while an alert fires: its rule's name, its series' labels, what people do at the same moment."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pyarrow as pa
import pytest

from quality_platform.alerting.episodes import actions
from quality_platform.alerting.evaluate import evaluate_thresholds
from quality_platform.errors import ConflictError
from quality_platform.model.alerts import Series
from quality_platform.model.rules import ThresholdRule
from quality_platform.state import alerts
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import CPU, NOON, events, minutes, plan, plant, store, webhook
from quality_platform_tests.data.story import SOMEBODY, Story

_numbers = itertools.count()


@pytest.fixture
def project() -> str:
    """A project of the test's own, since all tests share one lake."""
    return f"semantics-{next(_numbers)}"


def busy(project: str, name: str = "busy", **values: object) -> ThresholdRule:
    rule = {"name": name, "metric_name": CPU, "warning_threshold": 80, "critical_threshold": 90, "project_id": project}
    return ThresholdRule.model_validate({**rule, **values})


def episodes(state: State) -> list[AlertRow]:
    with state.read() as session:
        return sorted(alerts.newest(session), key=lambda row: (row.opened_at, row.rule))


def test_a_renamed_rule_ends_its_alert_and_fires_under_its_new_name(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    plant(observed_lake, project, [(NOON, 85.0)])
    evaluate_thresholds(state_on_sqlite, observed_lake, plan([busy(project)]), NOON)
    renamed = plan([busy(project, "very busy")])
    outcome = evaluate_thresholds(state_on_sqlite, observed_lake, renamed, NOON + minutes(1))
    assert (outcome.fired, outcome.resolved) == (1, 1)
    found = [(row.rule, row.status, row.reason) for row in episodes(state_on_sqlite)]
    assert sorted(found) == [("busy", "resolved", "rule_removed"), ("very busy", "active", None)]


def test_another_label_set_is_another_alert_and_the_old_one_waits_for_its_own_samples(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    used = plan([busy(project)])

    def came(minute: int, value: float, labels: str) -> None:
        row = {"metric": CPU, "project": project, "subject": "host", "labels": labels,
               "observed_at": NOON + minutes(minute), "value": value, "batch_id": "b"}  # fmt: skip
        store(observed_lake, pa.Table.from_pylist([row]))
        evaluate_thresholds(state_on_sqlite, observed_lake, used, NOON + minutes(minute))

    came(0, 95.0, '{"core":"0"}')
    came(1, 95.0, '{"core":"1"}')
    came(2, 10.0, '{"core":"1"}')
    assert [(row.labels, row.status) for row in episodes(state_on_sqlite)] == [
        ('{"core":"0"}', "active"), ('{"core":"1"}', "resolved"),
    ]  # fmt: skip
    came(3, 10.0, '{"core":"0"}')
    assert {row.status for row in episodes(state_on_sqlite)} == {"resolved"}


def test_an_acknowledgement_that_races_with_the_end_leaves_one_story(state: State) -> None:
    """Whoever comes second sees what the first did: never an acknowledged alert that is over, nor two ends."""
    used = plan([busy("*")], [webhook("all")])
    story = Story(state, used)
    for number in range(6):
        story.play("warning", series=[Series(CPU, f"shop-{number}", "host")])
        alert_id, started = story.alert().id, Barrier(3)

        def at_once(verb: str, began: Barrier = started, alert_id: str = alert_id) -> str:
            began.wait()
            try:
                actions.ACTIONS[verb](state, used, alert_id, SOMEBODY, story.now)
            except ConflictError as error:
                return str(error.current)
            return "done"

        with ThreadPoolExecutor(3) as people:
            said = [*people.map(at_once, ("acknowledge", "resolve", "acknowledge"))]
        alert = story.alert()
        kinds = [row.kind for row in events(state) if row.alert_id == alert_id]
        assert said[1] == "done"
        assert set(said) <= {"done", "resolved"}
        assert alert.status == "resolved"
        assert kinds in (["fired", "acknowledged", "resolved"], ["fired", "resolved"])
        assert alert.version == len(kinds)


@pytest.mark.parametrize("again", [1, 3])
def test_acknowledging_twice_is_once(state_on_sqlite: State, again: int) -> None:
    story = Story(state_on_sqlite, plan([busy("shop")], [webhook("all")]))
    story.play("warning")
    act: Callable[..., AlertRow] = actions.ACTIONS["acknowledge"]
    for _ in range(again + 1):
        act(state_on_sqlite, story.plan, story.alert().id, SOMEBODY, story.now)
    assert story.events() == ["fired", "acknowledged"]
