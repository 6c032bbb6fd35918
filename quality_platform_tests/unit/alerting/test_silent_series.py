"""What the clock decides over a real lake and state: silence, heartbeats, good whiles; live and by the sensors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime

import pytest

from quality_platform.alerting.conditions.arrivals import chosen
from quality_platform.alerting.conditions.live import LiveThresholds
from quality_platform.alerting.conditions.sampled import needs_clock
from quality_platform.alerting.evaluate import Evaluation, evaluate_thresholds
from quality_platform.alerting.plan import Plan
from quality_platform.model.configuration import ProjectConfig
from quality_platform.model.rules import AbsenceRule, BurnRateRule, HeartbeatRule, RuleConfig, ThresholdRule
from quality_platform.state.database import State
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import NOON, events, minutes, plan
from quality_platform_tests.data.arriving import Point, arrive, batch_of

NUMBERS = itertools.count()
WAYS = ("live", "sensors")


@pytest.fixture
def project() -> str:
    """A project of the test's own, since all tests share one lake."""
    return f"silent-{next(NUMBERS)}"


class Way:
    """One of the two ways to judge: as samples arrive and by its tick, or by the sensors."""

    def __init__(self, kind: str, state: State, lake: Lake, project: str, rules: Sequence[RuleConfig]) -> None:
        self.kind, self.state, self.lake, self.project = kind, state, lake, project
        self.use(plan([rule.model_copy(update={"project_id": project}) for rule in rules]))

    def use(self, used: Plan) -> None:
        self.plan = used
        self.live = LiveThresholds(self.state, self.lake, used)
        if self.kind == "live":
            self.live.catch_up(NOON)

    def come(self, *points: Point) -> None:
        """Samples arrive, each at its own instant."""
        for point in points:
            batch = arrive(self.lake, self.project, [point], in_mart=True)
            if self.kind == "live":
                self.live.take(chosen([batch], self.live.metrics), point[1])
            else:
                evaluate_thresholds(self.state, self.lake, self.plan, point[1])

    def wait(self, now: datetime) -> Evaluation:
        """Time has passed."""
        if self.kind == "live":
            return self.live.tick(now)
        return evaluate_thresholds(self.state, self.lake, self.plan, now)

    @property
    def told(self) -> list[tuple[str, str, str | None]]:
        found = [each for each in events(self.state) if each.project == self.project]
        return [(each.kind, each.severity, each.reason) for each in found]


@pytest.fixture(params=WAYS)
def way(
    request: pytest.FixtureRequest, state_on_sqlite: State, observed_lake: Lake, project: str
) -> Callable[..., Way]:
    return lambda *rules: Way(request.param, state_on_sqlite, observed_lake, project, rules)


def busy(**fields: object) -> ThresholdRule:
    body = {"name": "busy", "metric_name": "cpu", "warning_threshold": 80, "critical_threshold": 90}
    return ThresholdRule.model_validate({**body, **fields})


def test_an_absent_series_is_told_once_and_its_return_as_well(way: Callable[..., Way]) -> None:
    used = way(AbsenceRule(name="gone", metric_name="cpu", stale_after=minutes(5)))
    used.come(("a", NOON, 1.0), ("b", NOON, 1.0), ("b", NOON + minutes(4), 1.0))
    assert used.wait(NOON + minutes(5)).fired == 0
    assert used.wait(NOON + minutes(6)).fired == 1
    assert used.wait(NOON + minutes(7)).fired == 0
    used.come(("a", NOON + minutes(8), 1.0), ("b", NOON + minutes(8), 1.0))
    assert used.told == [("fired", "warning", None), ("resolved", "warning", "recovered")]


def test_a_heartbeat_that_never_came_fires_and_any_labels_end_the_wait(way: Callable[..., Way]) -> None:
    used = way(HeartbeatRule(name="beat", metric_name="cpu", subject="job", every=minutes(10), grace=minutes(0)))
    assert used.wait(NOON).fired == 0
    assert used.wait(NOON + minutes(10)).fired == 0
    assert used.wait(NOON + minutes(11)).fired == 1
    used.come(("job", NOON + minutes(12), 1.0))
    assert used.told == [("fired", "critical", None), ("resolved", "critical", "recovered")]
    assert used.wait(NOON + minutes(22)).fired == 0
    assert used.wait(NOON + minutes(23)).told == 1


def test_a_silent_series_resolves_where_silence_is_good(way: Callable[..., Way]) -> None:
    used = way(busy(no_data="ok", stale_after=minutes(10)))
    used.come(("a", NOON, 85.0))
    assert used.wait(NOON + minutes(10)).resolved == 0
    assert used.wait(NOON + minutes(11)).resolved == 1
    assert used.wait(NOON + minutes(12)) == used.wait(NOON + minutes(13))
    assert used.told[-1] == ("resolved", "warning", "no_data")


def test_silence_fires_and_its_end_is_not_told_again(way: Callable[..., Way]) -> None:
    used = way(busy(no_data="alert", stale_after=minutes(10)))
    used.come(("a", NOON, 10.0))
    assert used.wait(NOON + minutes(11)).fired == 1
    used.come(("a", NOON + minutes(12), 85.0))
    assert [kind for kind, _, _ in used.told] == ["fired"]


def test_an_alert_that_fired_before_the_outage_is_not_announced_again(way: Callable[..., Way]) -> None:
    used = way(busy(no_data="keep", stale_after=minutes(10)))
    used.come(("a", NOON, 85.0))
    used.wait(NOON + minutes(30))
    used.come(("a", NOON + minutes(31), 85.0))
    assert [kind for kind, _, _ in used.told] == ["fired"]


def test_a_good_while_ends_by_the_clock(way: Callable[..., Way]) -> None:
    used = way(busy(keep_firing_for=minutes(5)))
    used.come(("a", NOON, 85.0), ("a", NOON + minutes(1), 10.0))
    assert used.wait(NOON + minutes(5)).resolved == 0
    assert used.wait(NOON + minutes(6)).resolved == 1
    assert used.told == [("fired", "warning", None), ("resolved", "warning", "recovered")]


def test_a_paused_project_is_not_waited_for(way: Callable[..., Way], project: str) -> None:
    rule = HeartbeatRule(name="beat", metric_name="cpu", project_id=project, subject="job", every=minutes(1))
    used = way(rule)
    used.use(plan([rule], projects=[ProjectConfig(id=project, status="paused")]))
    for minute in (0, 5, 10):
        assert used.wait(NOON + minutes(minute)).fired == 0


def test_burn_rates_over_counted_events(way: Callable[..., Way], observed_lake: Lake, project: str) -> None:
    names = f"{project}.errors", f"{project}.requests"
    rule = BurnRateRule(name="slo", metric_name=names[0], total_metric=names[1], objective=99.0)
    used = way(rule)
    errors = [("api", NOON + minutes(n), 30.0 if n >= 40 else 0.0) for n in range(70)]
    requests = [("api", moment, 100.0) for _, moment, _ in errors]
    for name, points in zip(names, (errors, requests), strict=True):
        observed_lake.append_next([batch_of(project, points, metric=name)])
    _copy_to_mart(observed_lake, project)
    assert used.wait(NOON + minutes(39)).fired == 0
    assert used.wait(NOON + minutes(69)).fired == 1
    assert used.wait(NOON + minutes(70)).told == 0
    assert used.told == [("fired", "critical", None)]


def _copy_to_mart(lake: Lake, project: str) -> None:
    with lake.writing("marts", "test") as connection:
        connection.execute(
            "INSERT INTO marts.fct_observations BY NAME SELECT metric, project, subject, labels, observed_at, value, "
            "batch_id FROM raw.metric_samples WHERE project = ?",
            [project],
        )


def test_both_ways_at_once_tell_everything_once(state_on_sqlite: State, observed_lake: Lake, project: str) -> None:
    rules = [
        busy(no_data="alert", stale_after=minutes(10)),
        AbsenceRule(name="gone", metric_name="cpu", stale_after=minutes(5)),
    ]
    live = Way("live", state_on_sqlite, observed_lake, project, rules)
    sensors = Way("sensors", state_on_sqlite, observed_lake, project, rules)
    live.come(("a", NOON, 10.0))
    live.live.save(NOON)
    for minute in (4, 6, 6, 11, 11, 12):
        for each in (sensors, live) if minute % 2 else (live, sensors):
            each.wait(NOON + minutes(minute))
    assert sorted(live.told) == [("fired", "warning", None), ("fired", "warning", None)]


def test_silence_of_the_service_itself_is_not_that_of_others(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    rules = [AbsenceRule(name="gone", metric_name="cpu", stale_after=minutes(5))]
    before = Way("live", state_on_sqlite, observed_lake, project, rules)
    before.come(("a", NOON, 1.0))
    before.live.save(NOON)
    again = LiveThresholds(state_on_sqlite, observed_lake, before.plan)
    again.catch_up(NOON + minutes(60))
    assert again.tick(NOON + minutes(64)).fired == 0
    assert again.tick(NOON + minutes(66)).fired == 1


def test_a_sample_that_the_mart_does_not_show_yet_is_no_silence(
    state_on_sqlite: State, observed_lake: Lake, project: str
) -> None:
    used = Way(
        "sensors",
        state_on_sqlite,
        observed_lake,
        project,
        [AbsenceRule(name="gone", metric_name="cpu", stale_after=minutes(5))],
    )
    used.come(("a", NOON, 1.0))
    arrive(observed_lake, project, [("a", NOON + minutes(4), 1.0)], in_mart=False)
    assert used.wait(NOON + minutes(7)).fired == 0


def test_who_needs_the_clock() -> None:
    assert not needs_clock(plan([busy()]))
    assert needs_clock(plan([busy(keep_firing_for=minutes(1))]))
    assert needs_clock(plan([busy(no_data="ok")]))
    assert needs_clock(plan([HeartbeatRule(metric_name="x", every=minutes(1))]))
    assert needs_clock(plan([BurnRateRule(metric_name="x", objective=99)]))
