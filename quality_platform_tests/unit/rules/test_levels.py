from __future__ import annotations

import math

import pytest

from quality_platform.rules.levels import amount


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (70.0, "%", "70%"),
        (92.456, "%", "92.46%"),
        (100.0, "", "100"),
        (0.0, "", "0"),
        (-0.5, "", "-0.5"),
        (8_589_934_592.0, "bytes", "8,589,934,592 (bytes)"),
        (0.000424242, "s", "0.000424 (s)"),
        (0.05, "score 0-100", "0.05 (score 0-100)"),
        (math.nan, "%", "no number%"),
        (math.inf, "", "inf"),
    ],
)
def test_amount(value: float, unit: str, text: str) -> None:
    assert amount(value, unit) == text
