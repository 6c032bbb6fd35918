"""A series at a steady pace."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.forecasts.grid import MOST_CELLS, steady


def test_gaps_hold_what_was_known_and_crowds_their_median() -> None:
    times = np.array([0.0, 10.0, 20.0, 50.0, 60.0, 61.0, 62.0, 70.0])
    values = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 100.0, 6.0, 7.0])
    found = steady(times, values)
    assert found is not None
    assert (found.width, found.end) == (10.0, 70.0)
    assert found.values.tolist() == [1.0, 2.0, 3.0, 3.0, 3.0, 4.0, 6.0, 7.0]


def test_without_two_instants_or_numbers_there_is_none() -> None:
    assert steady(np.array([5.0, 5.0]), np.array([1.0, 2.0])) is None
    assert steady(np.array([1.0, 2.0, 3.0]), np.array([1.0, np.nan, np.inf])) is None
    assert steady(np.array([]), np.array([])) is None


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60), st.data())
def test_never_more_cells_than_promised_nor_values_that_were_not_there(times: list[float], data: st.DataObject) -> None:
    values = data.draw(st.lists(st.floats(-1e9, 1e9), min_size=len(times), max_size=len(times)))
    found = steady(np.sort(times), np.array(values))
    if found is not None:
        assert 2 <= len(found.values) <= MOST_CELLS
        assert min(values) <= found.values.min() <= found.values.max() <= max(values)
