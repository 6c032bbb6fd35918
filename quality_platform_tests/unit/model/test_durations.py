from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from quality_platform.model.durations import Duration, seconds, written

ADAPTER: TypeAdapter[timedelta] = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("text", "length", "again"),
    [
        ("0", 0, "0s"), ("0s", 0, "0s"), ("30s", 30, "30s"), ("2m", 120, "2m"), ("4h", 14_400, "4h"),
        ("24h", 86_400, "24h"), ("72h", 259_200, "72h"), ("1d12h", 129_600, "36h"), ("1w", 604_800, "7d"),
        ("500ms", 0.5, "500ms"), ("1m500ms", 60.5, "1m500ms"), ("1.5h", 5400, "1h30m"), (" 5m ", 300, "5m"),
    ],
)  # fmt: skip
def test_as_people_write_it(text: str, length: float, again: str) -> None:
    assert seconds(text) == length
    assert ADAPTER.validate_python(text) == timedelta(seconds=length)
    assert ADAPTER.dump_json(timedelta(seconds=length)) == f'"{again}"'.encode()


def test_numbers_are_seconds_and_iso_8601_is_read() -> None:
    assert ADAPTER.validate_python(90) == timedelta(seconds=90)
    assert ADAPTER.validate_python("PT10M") == timedelta(minutes=10)
    assert ADAPTER.validate_python(timedelta(hours=1)) == timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "h", "5x", "-5m", "1m1h", "1h1h", "5 m", "m5", "1e3s", "five", None, [], True])
def test_what_is_none(text: object) -> None:
    if isinstance(text, str):
        assert seconds(text) is None
    if text is not True:
        with pytest.raises(ValidationError):
            ADAPTER.validate_python(text)


@given(st.timedeltas(timedelta(0), timedelta(days=1000)))
def test_what_is_written_is_read_back(length: timedelta) -> None:
    found = seconds(written(length))
    assert found is not None
    assert abs(found - length.total_seconds()) <= 0.0006
