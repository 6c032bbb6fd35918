"""Which rows an evaluation is given: what is new, the company it is counted in, nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from quality_platform.alerting.conditions.history import latest, points
from quality_platform.alerting.conditions.observations import Wanted, fresh
from quality_platform.model.alerts import Series
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import NOON, minutes, plant


def wanted(metric: str, **values: object) -> Wanted:
    usual = {"since": None, "until": NOON, "company": 0, "first": timedelta(0)}
    return Wanted(metric, **{**usual, **values})  # type: ignore[arg-type]


def seen(lake: Lake, want: Wanted, judged: Mapping[Series, datetime] | None = None) -> dict[str, list[float]]:
    """Minutes from noon of the samples that are read, by subject."""
    return {
        found.series.subject: [(sample.observed_at - NOON) / minutes(1) for sample in found.samples]
        for found in fresh(lake, [want], judged or {})
    }


@pytest.fixture
def metric(observed_lake: Lake) -> str:
    """A metric of the test's own, with samples of `a` every ten minutes of the hour before noon and one after."""
    name = f"test.{uuid.uuid4().hex}"
    times = (*range(-60, 1, 10), 10)
    plant(observed_lake, "p", [(NOON + minutes(at), float(at)) for at in times], metric=name, subject="a")
    return name


@pytest.mark.parametrize(
    ("values", "judged_to", "expected"),
    [
        ({}, None, [0]),
        ({"company": 2}, None, [-20, -10, 0]),
        ({"first": minutes(30)}, None, [-20, -10, 0]),
        ({"first": minutes(30), "company": 4}, None, [-40, -30, -20, -10, 0]),
        ({}, -20, [-10, 0]),
        ({"company": 2}, -20, [-30, -20, -10, 0]),
        ({"company": 99}, -20, [-60, -50, -40, -30, -20, -10, 0]),
        ({"company": 99, "since": NOON - minutes(30)}, -20, [-20, -10, 0]),
        ({"company": 2}, 0, None),
        ({"until": NOON - minutes(15)}, -40, [-30, -20]),
        ({"until": NOON + minutes(30)}, 0, [10]),
        ({"since": NOON}, None, None),
    ],
)
def test_news_and_its_company_are_read(
    observed_lake: Lake, metric: str, values: dict[str, object], judged_to: int | None, expected: list[int] | None
) -> None:
    judged = {} if judged_to is None else {Series(metric, "p", "a"): NOON + minutes(judged_to)}
    assert seen(observed_lake, wanted(metric, **values), judged) == ({} if expected is None else {"a": expected})


def test_series_are_told_apart_and_each_is_judged_from_its_own_place(observed_lake: Lake, metric: str) -> None:
    plant(observed_lake, "p", [(NOON + minutes(at), 1.0) for at in (-15, -5)], metric=metric, subject="b")
    judged = {Series(metric, "p", "a"): NOON, Series(metric, "p", "b"): NOON - minutes(10)}
    assert seen(observed_lake, wanted(metric), judged) == {"b": [-5]}


def test_samples_bring_their_batches(observed_lake: Lake, metric: str) -> None:
    (found,) = fresh(observed_lake, [wanted(metric)], {})
    assert found.batches == {NOON: "p-6"}


def test_a_metric_that_nobody_asks_for_is_not_read(observed_lake: Lake, metric: str) -> None:
    assert list(fresh(observed_lake, [], {})) == []
    assert list(fresh(observed_lake, [wanted("test.other")], {})) == []


def test_before_the_first_transformation_there_is_nothing_to_judge(tmp_path_factory: pytest.TempPathFactory) -> None:
    lake = Lake(Settings(home=tmp_path_factory.mktemp("bare")))
    assert list(fresh(lake, [wanted("test.any")], {})) == []
    lake.set_up()
    assert list(fresh(lake, [wanted("test.any")], {})) == []
    lake.close()


def test_pictures_end_where_the_alert_stands(observed_lake: Lake, metric: str) -> None:
    key = Series(metric, "p", "a")
    shown = points(observed_lake, [key, Series(metric, "p", "none")], until=NOON, count=3)
    assert {series: found.values for series, found in shown.items()} == {key: (-20.0, -10.0, 0.0)}
    assert shown[key].times == (NOON - minutes(20), NOON - minutes(10), NOON)
    assert latest(observed_lake, [key])[key].value == 10.0
    assert latest(observed_lake, []) == {}
