"""When a curve or a line reaches a threshold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.forecasts.crossing import first_beyond, line_beyond

TIMES = np.array([0.0, 10.0, 20.0, 30.0])


@pytest.mark.parametrize(
    ("values", "threshold", "sign", "expected"),
    [
        ([0.0, 1.0, 3.0, 3.0], 2.0, 1.0, 15.0),
        ([0.0, 1.0, 3.0, 3.0], 3.0, 1.0, 20.0),
        ([0.0, 1.0, 3.0, 3.0], 3.5, 1.0, np.nan),
        ([5.0, 1.0, 3.0, 3.0], 2.0, 1.0, 0.0),
        ([5.0, 4.0, 2.0, 3.0], 3.0, -1.0, 15.0),
        ([5.0, 4.0, 4.0, 4.0], 3.0, -1.0, np.nan),
    ],
)
def test_a_curve(values: list[float], threshold: float, sign: float, expected: float) -> None:
    found = first_beyond(TIMES[None, :], np.array([values]), np.array([threshold]), np.array([sign]))
    assert found == pytest.approx([expected], nan_ok=True)


@pytest.mark.parametrize(
    ("slope", "threshold", "sign", "expected"),
    [
        (0.5, 20.0, 1.0, 120.0),
        (-0.5, 20.0, 1.0, np.nan),
        (0.0, 20.0, 1.0, np.nan),
        (-0.5, 5.0, -1.0, 110.0),
        (0.5, 10.0, 1.0, np.nan),
    ],
)
def test_a_line_from_ten_at_the_instant_100(slope: float, threshold: float, sign: float, expected: float) -> None:
    given = (np.array([each]) for each in (100.0, 10.0, slope, threshold, sign))
    assert line_beyond(*given) == pytest.approx([expected], nan_ok=True)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=8), st.floats(-100, 100), st.sampled_from([1.0, -1.0]))
def test_the_curve_is_at_the_threshold_where_it_crosses(values: list[float], threshold: float, sign: float) -> None:
    times = np.arange(len(values), dtype=float)
    found = float(first_beyond(times[None, :], np.array([values]), np.array([threshold]), np.array([sign]))[0])
    beyond = [sign * (value - threshold) >= 0 for value in values]
    assert np.isnan(found) == (not any(beyond))
    if found > 0:
        assert np.interp(found, times, values) == pytest.approx(threshold, abs=1e-6)
        assert not any(beyond[: int(np.ceil(found))])
