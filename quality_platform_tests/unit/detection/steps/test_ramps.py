from __future__ import annotations

import numpy as np
import pytest

from quality_platform.detection.steps.ramps import rises_of

FLAT = np.zeros(10)


@pytest.mark.parametrize(
    ("parts", "rises"),
    [
        ([FLAT], []),
        ([FLAT, FLAT + 9], [(0, 0)]),
        ([FLAT, np.arange(10.0), FLAT + 9], [(0, 1)]),
        ([FLAT, -np.arange(10.0), FLAT - 9], [(0, 1)]),
        ([FLAT, np.arange(10.0), np.arange(10.0) + 10, FLAT + 19], [(0, 2)]),
        ([FLAT, FLAT + 4.5, FLAT + 9], [(0, 0), (1, 1)]),
        ([FLAT, np.arange(10.0)[::-1], FLAT + 9], [(0, 0), (1, 1)]),
        ([FLAT, np.arange(10.0), FLAT], [(0, 0), (1, 1)]),
        ([FLAT, np.arange(10.0), FLAT + 9, FLAT], [(0, 1), (2, 2)]),
    ],
)
def test_steps_of_one_rise(parts: list[np.ndarray], rises: list[tuple[int, int]]) -> None:
    cuts = np.cumsum([len(part) for part in parts])[:-1].tolist()
    assert rises_of(np.concatenate(parts), cuts) == rises
