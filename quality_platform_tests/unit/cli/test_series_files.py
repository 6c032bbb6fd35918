"""Series out of CSV files: the ways in which people write them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from quality_platform.cli.series_files import read
from quality_platform.errors import UsageError


def written(folder: Path, text: str, name: str = "load.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("times", "seconds"),
    [
        (["2024-01-01 00:00:00", "2024-01-01 00:00:01"], [1704067200, 1704067201]),
        (["2024-01-01T00:00:00Z", "2024-01-01T00:00:01.5Z"], [1704067200, 1704067201.5]),
        (["2024-01-01T02:00:00+02:00", "2024-01-01T00:00:01"], [1704067200, 1704067201]),
        (["1969-12", "1970-01"], [-31 * 86400, 0]),
        (["1969-12-31", "1970-01-01"], [-86400, 0]),
        (["0", "1"], [0, 1]),
        (["1970", "1971"], [1970, 1971]),
        (["1704067200", "1704067201"], [1704067200, 1704067201]),
        (["1704067200000", "1704067201500"], [1704067200, 1704067201.5]),
        (["spring", "summer"], [0, 1]),
    ],
)
def test_instants(tmp_path: Path, times: list[str], seconds: list[float]) -> None:
    rows = "".join(f"{time},{at}\n" for at, time in enumerate(times))
    assert read(written(tmp_path, "timestamp,value\n" + rows)).times.tolist() == seconds


def test_rows_keep_their_places(tmp_path: Path) -> None:
    series = read(written(tmp_path, "index,value,note\n0,1.5,a\n1,,b\n2,broken,c\n3, 2 ,d\n4,-inf,e\n"))
    assert series.name == "load"
    np.testing.assert_array_equal(series.values, [1.5, np.nan, np.nan, 2, -np.inf])


def test_compressed(tmp_path: Path) -> None:
    path = tmp_path / "cpu.load.csv.gz"
    path.write_bytes(gzip.compress(b"build,timestamp,value\n9,1,3\n"))
    series = read(path)
    assert (series.name, series.times.tolist(), series.values.tolist()) == ("cpu.load", [1], [3])


def test_a_header_alone_is_an_empty_series(tmp_path: Path) -> None:
    assert len(read(written(tmp_path, "timestamp,value\n")).values) == 0


@pytest.mark.parametrize("text", ["", "time,value\n1,2\n", "timestamp,reading\n1,2\n", "timestamp,value\n1,2,3,4\n"])
def test_what_is_no_series_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"load\.csv"):
        read(written(tmp_path, text))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.csv"):
        read(tmp_path / "nowhere.csv")
