"""Every series that has something new is judged, and nothing else changes."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from quality_platform.assessment import processes
from quality_platform.assessment import series as pending_series
from quality_platform.assessment.judging import judge_series
from quality_platform.assessment.stories import write_stories
from quality_platform.assessment.verdicts import Knowledge
from quality_platform.errors import QualityPlatformError
from quality_platform.warehouse.lake import Lake
from quality_platform_tests.data.alerting import NOON, minutes, plant

LATENCY = "latency_p90"
MARTS = ("metric_changes", "metric_trends", "metric_anomalies", "metric_forecasts")


def noise(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 1, count)


def planted(lake: Lake, project: str, values: np.ndarray, *, first: int = 0) -> None:
    plant(
        lake, project, [(NOON + minutes(first + at), float(value)) for at, value in enumerate(values)], metric=LATENCY
    )


def test_a_step_a_drift_and_an_outlier_each_with_the_batch_that_brought_it(lake: Lake) -> None:
    values = noise(1, 900)
    values[700:] += 30
    planted(lake, "shop", values)
    now = NOON + timedelta(days=1)

    assert judge_series(lake, now).series == 1

    (change,) = lake.rows("SELECT * FROM marts.metric_changes")
    assert (change["changed_at"], change["batch_id"]) == (NOON + minutes(700), "shop-700")
    assert change["effect"] == pytest.approx(30, abs=1)
    (trend,) = lake.rows("SELECT * FROM marts.metric_trends")
    assert (trend["points"], trend["window_end"]) == (200, NOON + minutes(899))
    found = lake.rows("SELECT * FROM marts.metric_anomalies ORDER BY score DESC")
    assert found[0]["observed_at"] == NOON + minutes(700)
    assert len(found) <= 2  # noise has its own
    assert found[0]["batch_id"] == "shop-700"
    assert found[0]["score"] > 0
    assert found[0]["expected"] == pytest.approx(100, abs=3)
    (ledger,) = lake.rows("SELECT * FROM marts.series_judged")
    assert (ledger["points"], ledger["judged_to"], ledger["judged_at"]) == (900, NOON + minutes(899), now)


def test_only_what_is_new_is_judged_again(lake: Lake) -> None:
    planted(lake, "shop", noise(2, 60))
    planted(lake, "till", noise(3, 60))
    assert judge_series(lake, NOON + timedelta(days=1)).series == 2
    assert judge_series(lake, NOON + timedelta(days=2)).series == 0

    planted(lake, "till", noise(4, 5), first=60)
    assert judge_series(lake, NOON + timedelta(days=3)).series == 1

    days = {row["project"]: row["detected_at"] for row in lake.rows("SELECT * FROM marts.metric_trends")}
    assert days == {"shop": NOON + timedelta(days=1), "till": NOON + timedelta(days=3)}


def test_a_corrected_value_and_a_series_that_is_gone(lake: Lake) -> None:
    planted(lake, "shop", noise(5, 60))
    planted(lake, "till", noise(6, 60))
    judge_series(lake, NOON + timedelta(days=1))
    with lake.writing("marts", "test") as connection:
        connection.execute("DELETE FROM marts.fct_observations WHERE project = 'till' OR batch_id = 'shop-7'")
    plant(lake, "shop", [(NOON + minutes(7), 5.0)], metric=LATENCY)

    assert judge_series(lake, NOON + timedelta(days=2)).series == 2
    assert [row["project"] for row in lake.rows("SELECT project FROM marts.series_judged")] == ["shop"]
    assert [row["project"] for row in lake.rows("SELECT project FROM marts.metric_trends")] == ["shop"]


def test_other_detectors_judge_everything_anew(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(lake, "shop", noise(7, 60))
    judge_series(lake, NOON + timedelta(days=1))
    monkeypatch.setattr(pending_series, "ENGINE", "next")
    assert judge_series(lake, NOON + timedelta(days=2)).series == 1


def test_what_fell_out_of_sight_stays_known(lake: Lake) -> None:
    values = noise(8, 400)
    values[100:] += 30
    planted(lake, "shop", values)
    judge_series(lake, NOON + timedelta(days=1))
    planted(lake, "shop", noise(9, 950) + 30, first=400)
    judge_series(lake, NOON + timedelta(days=2))

    changes = lake.rows("SELECT changed_at, detected_at FROM marts.metric_changes")
    assert changes == [{"changed_at": NOON + minutes(100), "detected_at": NOON + timedelta(days=1)}]


def test_killed_in_the_middle_nothing_has_been_judged(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(lake, "shop", noise(10, 60))
    monkeypatch.setattr("quality_platform.assessment.revision._LEDGER", "SELECT $1 AS engine, $2 AS at FROM nowhere")
    with pytest.raises(Exception, match="nowhere"):
        judge_series(lake, NOON + timedelta(days=1))
    monkeypatch.undo()

    assert lake.rows("SELECT * FROM marts.metric_trends") == []
    assert judge_series(lake, NOON + timedelta(days=2)).series == 1


def test_steps_that_came_together_are_one_story(lake: Lake) -> None:
    for seed, project in ((11, "shop"), (12, "shop"), (13, "till")):
        values = noise(seed, 200)
        values[120:] += 30
        points = [(NOON + minutes(at), float(value)) for at, value in enumerate(values)]
        plant(lake, project, points, metric=LATENCY, subject=f"route-{seed}")
    alone = noise(14, 200)
    alone[60:] -= 30
    planted(lake, "shop", alone)
    judge_series(lake, NOON + timedelta(days=1))

    assert write_stories(lake) == 3
    found = lake.rows(
        "SELECT project, steps, started_at, title FROM marts.change_stories WHERE is_headline ORDER BY ALL"
    )
    assert [(row["project"], row["steps"]) for row in found] == [("shop", 1), ("shop", 2), ("till", 1)]
    assert found[1]["started_at"] == NOON + minutes(119)
    assert found[1]["title"] == "latency_p90 moved by +29.9%, and 1 more with it"


def test_many_series_are_judged_by_several_processes_alike(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    for project in range(8):
        values = noise(20 + project, 120)
        values[60:] += 10 * project
        planted(lake, f"shop-{project}", values)
    judge_series(lake, NOON + timedelta(days=1))
    told = {mart: lake.rows(f"SELECT * FROM marts.{mart} ORDER BY ALL") for mart in MARTS}
    monkeypatch.setattr(pending_series, "ENGINE", "next")
    monkeypatch.setattr(processes, "WORTHWHILE", 4)
    lake.settings = lake.settings.model_copy(update={"workers": 2})
    judge_series(lake, NOON + timedelta(days=1))

    assert {mart: lake.rows(f"SELECT * FROM marts.{mart} ORDER BY ALL") for mart in MARTS} == told
    assert told["metric_changes"]


def test_a_process_that_dies_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "ONE_CORE", {"PYTHONHOME": "/nowhere"})
    with pytest.raises(QualityPlatformError, match="ended with code 1"):
        processes._elsewhere([], Knowledge({}, {}, NOON))
