"""A series out of a CSV file: what `detect` reads. No lake, no configuration.

Belongs here: columns, compression, the ways to write an instant. Does not belong here: what is found in a series.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quality_platform.errors import UsageError

Floats = NDArray[np.float64]

VALUE = "value"
TIMES = ("timestamp", "index")
# Numbers from here on are seconds since 1970 or finer counts of them (1973 on); smaller ones are row numbers or years.
EPOCH_FROM = 1e8
# Seconds since 1970 end before the first, milliseconds before the second, microseconds before the third.
FINER = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (np.inf, 1e9))


@dataclass(frozen=True, slots=True)
class SeriesFile:
    """A series by the name of its file; instants in seconds, or the numbers of the rows, and values: shape (n,)."""

    name: str
    times: Floats
    values: Floats
    instants: bool


def read(path: Path) -> SeriesFile:
    """The rows of `path` in their order, `.gz` or not; a value that is missing or no number is NaN.

    Raises UsageError where the file cannot be read or has no such columns.
    """
    table = _table(path)
    names = {name.strip().lower(): name for name in table.column_names}
    of_time = next((names[name] for name in TIMES if name in names), None)
    if of_time is None or VALUE not in names:
        raise UsageError(
            f"{path} needs the columns timestamp (or index) and value; it has {', '.join(table.column_names)}.",
            hint="The first line names the columns: `timestamp,value`.",
        )
    times, instants = _times(table.column(of_time))
    return SeriesFile(_name(path), times, _numbers(table.column(names[VALUE])), instants)


def _name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".csv")


def _table(path: Path) -> Any:
    import pyarrow as pa
    from pyarrow import csv

    as_text = dict.fromkeys((*TIMES, VALUE), pa.string())
    try:
        with pa.input_stream(str(path), compression="detect") as stream:
            return csv.read_csv(stream, convert_options=csv.ConvertOptions(column_types=as_text))
    except (OSError, pa.ArrowInvalid) as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="It has to be a CSV file, plain or .gz.") from error


def _numbers(column: Any) -> Floats:
    """Numbers of a column of text; NaN for what is none."""
    import pyarrow as pa
    from pyarrow import compute

    text = compute.utf8_trim_whitespace(column.cast(pa.string()))
    try:
        return _floats(compute.if_else(compute.equal(text, ""), None, text).cast(pa.float64()))
    except pa.ArrowInvalid:
        return np.array([_number(one) for one in text.to_pylist()], dtype=np.float64)


def _floats(column: Any) -> Floats:
    from pyarrow import compute

    return np.asarray(compute.fill_null(column, np.nan), dtype=np.float64)


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _times(column: Any) -> tuple[Floats, bool]:
    """Seconds since 1970 of instants, or plain numbers as they are, or the rows' numbers where neither is there."""
    numbers = _numbers(column)
    if np.isfinite(numbers).all():
        largest = float(np.abs(numbers).max(initial=0.0))
        return numbers / next(by for limit, by in FINER if largest < limit), largest >= EPOCH_FROM
    seconds = _instants(column.to_pylist())
    return (np.arange(len(numbers), dtype=np.float64), False) if seconds is None else (seconds, True)


def _instants(texts: list[str | None]) -> Floats | None:
    """ISO 8601, from the year alone to microseconds and zone; None where one of them is something else."""
    from datetime import UTC, datetime

    bare = [(text or "").strip().removesuffix("Z") for text in texts]
    try:
        # offsets are not NumPy's: it takes them with a warning
        if any(text[-6:-5] in {"+", "-"} and ":" in text[-5:] for text in bare):
            read = [datetime.fromisoformat(text) for text in bare]
            return np.array([(at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() for at in read])
        return np.array(bare, dtype="datetime64[us]").astype(np.int64) / 1e6
    except ValueError:
        return None
