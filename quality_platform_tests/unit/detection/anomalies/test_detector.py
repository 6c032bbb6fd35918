"""Unusual values: found as they come, the same in one piece, whatever the unit."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.detection.anomalies.detector import OnlineAnomalies, find_anomalies
from quality_platform.detection.report import Detection

HOUR = 3600.0
START = 1.7e9


def hours(count: int, step: float = HOUR) -> np.ndarray:
    return START + step * np.arange(count)


def noise(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(100, 2, count)


def daily(seed: int, days: int) -> np.ndarray:
    return noise(seed, 24 * days) + 30 * np.sin(np.arange(24 * days) * 2 * np.pi / 24)


def indices(values: np.ndarray, step: float = HOUR) -> list[int]:
    return [found.index for found in find_anomalies(hours(len(values), step), values)]


def test_an_outlier_is_told_with_what_was_expected() -> None:
    values = noise(1, 400)
    values[300] = 150
    (found,) = [each for each in find_anomalies(hours(400), values) if each.index == 300]
    assert (found.reported_at, found.kind, found.direction) == (300, "anomaly", "up")
    assert found.effect == pytest.approx(50, abs=5)
    assert found.score > 10
    assert found.p_value < 0.005


def test_a_value_that_only_its_hour_makes_unusual() -> None:
    values = daily(2, 40)
    values[24 * 35 + 6] -= 30  # ordinary at night
    assert 24 * 35 + 6 in indices(values)


def test_a_new_level_is_one_report() -> None:
    values = noise(3, 600)
    values[400:] += 40
    told = [index for index in indices(values) if index >= 400]
    assert told[0] == 400
    assert len(told) <= 3


@pytest.mark.parametrize("values", [np.zeros(500), np.full(500, 7.5), np.tile([1.0, 5.0], 250), np.arange(500.0)])
def test_what_repeats_itself_is_never_unusual(values: np.ndarray) -> None:
    assert indices(values) == []


@pytest.mark.parametrize("count", range(0, 60, 7))
def test_too_short_to_say_anything(count: int) -> None:
    assert indices(noise(4, count)) == []


def test_noise_alone_is_told_about_once_in_ten_days() -> None:
    """200 series of 100 days by the hour: the budget, within a factor of two and a half."""
    reports = sum(len(indices(noise(seed, 2400))) for seed in range(50, 70))
    assert 20 * 100 * 0.1 / 2.5 < reports < 20 * 100 * 0.1 * 2.5


def shape(found: tuple[Detection, ...]) -> list[tuple[int, str, float]]:
    return [(each.index, each.direction, round(each.score, 6)) for each in found]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), exponent=st.integers(-30, 30), negative=st.booleans())
def test_the_unit_does_not_matter(seed: int, exponent: int, negative: bool) -> None:
    values = np.random.default_rng(seed).standard_t(2, 500)
    found = find_anomalies(hours(500), values)
    scaled = find_anomalies(hours(500), (-1 if negative else 1) * np.ldexp(values, exponent))
    turned = {"up": "down", "down": "up"} if negative else {"up": "up", "down": "down"}
    assert [(i, turned[d], s) for i, d, s in shape(found)] == shape(scaled)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(1, 700),
    step=st.sampled_from([60.0, 300.0, HOUR, 86_400.0]),
    cuts=st.lists(st.integers(0, 700), max_size=5),
    gaps=st.booleans(),
)
def test_row_by_row_in_pieces_and_in_one_piece_are_the_same(
    seed: int, count: int, step: float, cuts: list[int], gaps: bool
) -> None:
    """Between two pieces the detector is written down as JSON and read again."""
    chance = np.random.default_rng(seed)
    values = chance.standard_t(2, count)
    if gaps:
        values[chance.random(count) < 0.1] = chance.choice([np.nan, np.inf, 1e300])
    times = hours(count, step)
    whole = list(find_anomalies(times, values))

    one, rows = OnlineAnomalies(), []
    for time, value in zip(times, values, strict=True):
        found = one.update(time, value)
        rows += [found] if found else []
    assert rows == whole

    other, pieces, edges = OnlineAnomalies(), [], sorted({0, count, *(cut for cut in cuts if cut < count)})
    for start, end in pairwise(edges):
        pieces += other.extend(times[start:end], values[start:end])
        other = OnlineAnomalies.from_state(json.loads(json.dumps(other.state())))
    assert pieces == whole


def test_gaps_are_not_judged_and_leave_the_seasons_in_place() -> None:
    values = daily(5, 40)
    values[24 * 20 : 24 * 22] = np.nan
    assert not [index for index in indices(values) if 24 * 20 <= index < 24 * 22]


def test_the_state_is_bounded() -> None:
    hourly, minutely = OnlineAnomalies(), OnlineAnomalies()
    hourly.extend(hours(9000), noise(6, 9000))
    minutely.extend(hours(9000, 60.0), noise(7, 9000))
    assert len(json.dumps(hourly.state())) < 140_000
    assert len(json.dumps(minutely.state())) < 215_000


def test_times_that_are_no_instants_count_rows_as_hours() -> None:
    values = noise(8, 400)
    values[300] = 150
    rows = [found.index for found in find_anomalies(np.arange(400.0), values)]
    assert rows == indices(values)
