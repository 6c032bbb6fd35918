"""Each simple forecast against its definition; theta against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.tsa.forecasting.theta import ThetaModel

from quality_platform.detection.forecasts import methods
from quality_platform.detection.forecasts.methods import forecasts, seasonal, smoothing

AHEAD = np.array([1, 3, 7])


def noise(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(50, 2, count) + 0.1 * np.arange(count)


@pytest.mark.parametrize("count", [30, 90, 200])
def test_theta_is_the_one_of_statsmodels(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = noise(count, count)
    oracle = ThetaModel(values, deseasonalize=False).fit()
    # it has a search of its own for the smoothing, which of a short series ends elsewhere
    monkeypatch.setattr(methods, "smoothing", lambda _: float(oracle.params["alpha"]))
    made = {one.name: one.values for one in forecasts(values, AHEAD, None)}
    expected = np.asarray(oracle.forecast(7))[AHEAD - 1]
    assert made["theta"][-1] == pytest.approx(expected, rel=5e-3)


def test_what_is_expected_at_a_place_does_not_know_what_comes_after_it() -> None:
    """But for the smoothing, which is one number of the whole series."""
    values = noise(1, 120)
    whole = forecasts(values, AHEAD, 12)
    for name in ("last", "mean", "seasonal", "seasonal last", "seasonal mean"):
        full = next(one.values for one in whole if one.name == name)
        part = next(one.values for one in forecasts(values[:80], AHEAD, 12) if one.name == name)
        assert full[:80] == pytest.approx(part, nan_ok=True)


def test_the_same_by_loops() -> None:
    values = noise(2, 60)
    made = {one.name: one.values for one in forecasts(values, AHEAD, None)}
    assert made["last"][20].tolist() == [values[20]] * 3
    assert made["mean"][20] == pytest.approx([values[:21].mean()] * 3)
    level = values[0]
    for value in values[1:21]:
        level += smoothing(values) * (value - level)
    assert made["level"][20] == pytest.approx([level] * 3)
    slope, start = np.polyfit(np.arange(21), values[:21], 1)
    assert made["line"][20] == pytest.approx(start + slope * (20 + AHEAD))


def test_a_season_by_loops() -> None:
    values = noise(3, 40)
    found = seasonal(values, AHEAD, 5)
    for place in range(40):
        for column, ahead in enumerate(AHEAD.tolist()):
            first = place + ahead
            while first > place:
                first -= 5
            past = [values[at] for at in (first, first - 5, first - 10) if at >= 0]
            assert found[place, column] == pytest.approx(np.median(past) if past else np.nan, nan_ok=True)


def test_a_series_of_one_value_is_expected_to_stay() -> None:
    for one in forecasts(np.full(30, 4.0), AHEAD, None):
        assert one.values[-1] == pytest.approx([4.0] * 3)
