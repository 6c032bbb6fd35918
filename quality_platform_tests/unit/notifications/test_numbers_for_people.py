from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.notifications.numbers import amount, brief, number, span


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "\u2013"),
        (math.nan, "\u2013"),
        (math.inf, "\u2013"),
        (0, "0"),
        (-0.0, "0"),
        (7, "7"),
        (1234567, "1,234,567"),
        (-1234.6, "-1,235"),
        (123.46, "123.5"),
        (45.25, "45.25"),
        (45.0, "45"),
        (99.999, "100"),
        (0.5, "0.5"),
        (0.123456, "0.1235"),
        (0.00001234, "1.23e-05"),
        (1e18, "1e+18"),
    ],
)
def test_number(value: float | None, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (65.0, "%", "65%"),
        (65.0, "% of a core", "65% of a core"),
        (1536.0, "bytes", "1.5 KiB"),
        (-1536.0, "bytes", "-1.5 KiB"),
        (512.0, "bytes", "512 B"),
        (3 * 1024.0**3, "bytes/s", "3 GiB/s"),
        (2.0**80, "bytes", "1,048,576 EiB"),
        (12.0, "findings", "12 findings"),
        (78.25, "index 0-100", "78.25"),
        (3.0, "", "3"),
        (math.nan, "%", "\u2013"),
        (None, "bytes", "\u2013"),
    ],
)
def test_amount(value: float | None, unit: str, shown: str) -> None:
    assert amount(value, unit) == shown


def test_brief() -> None:
    assert [brief(1536.0, unit) for unit in ("%", "bytes", "findings", "")] == ["1,536%", "1.5 KiB", "1,536", "1,536"]


@given(st.floats(min_value=-1e307, max_value=1e307))
def test_a_number_is_close_to_what_it_shows(value: float) -> None:
    shown = number(value)
    assert re.fullmatch(r"-?[\d,]+(\.\d+)?(e[+-]\d+)?", shown)
    assert math.isclose(float(shown.replace(",", "")), value, rel_tol=0.006, abs_tol=1e-300)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (45.4, "45 s"),
        (60, "1 min"),
        (61, "1 min"),
        (1500, "25 min"),
        (3600, "1 h"),
        (15_600, "4 h 20 min"),
        (86_400, "1 day"),
        (97_200, "1 day 3 h"),
        (259_200, "3 days"),
        (259_260, "3 days"),
    ],
)
def test_span(seconds: float, shown: str) -> None:
    assert span(seconds) == shown
