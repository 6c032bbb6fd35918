"""One process of the crash test: writes, tidies or reads the lake until it is killed.

Arguments: role, number, file to report to. The lake is the one of the environment's settings.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from quality_platform.model.batch import Batch, Source
from quality_platform.model.tables import RAW_TABLES
from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake

ROWS = 137
KEEP_SECONDS = 3.0
"""How long a file outlives its last snapshot. The platform keeps it for minutes; here something is to be deleted."""
LATE_SECONDS = 1.0
"""What a reader has for sure: a snapshot's time is when its transaction began, and a commit may take two seconds."""

TORN = """
    SELECT b.batch_id, b.row_count, count(s.batch_id) AS found
    FROM raw.batches b LEFT JOIN raw.metric_samples s USING (batch_id)
    GROUP BY ALL HAVING b.row_count <> found
"""


def batch(writer: int, number: int) -> Batch:
    schema = RAW_TABLES["metric_samples"].schema
    size = ROWS if number % 3 else 20
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    rows = pa.table(
        [
            pa.repeat("system.cpu_percent", size), pa.repeat(f"writer-{writer}", size), pa.repeat("{}", size),
            pa.array([start + timedelta(microseconds=i) for i in range(size)], schema.field("observed_at").type),
            pa.array([float(i) for i in range(size)]), pa.repeat("gauge", size),
        ],
        schema=schema,
    )  # fmt: skip
    source = Source(f"crash:{writer}", "crash", "crash", "crash test")
    return Batch(f"{writer}-{number:06d}", source, "crash", "1", {"number": number}, {"metric_samples": rows})


def write(lake: Lake, writer: int, acknowledged: Path) -> None:
    done = len(acknowledged.read_text().split()) if acknowledged.exists() else 0
    # what was acknowledged last is sent again, as a client does that did not hear the answer
    number = max(done - 1, 0)
    with acknowledged.open("a") as file:
        while True:
            lake.append(batch(writer, number))
            if number >= done:
                file.write(f"{writer}-{number:06d}\n")
                file.flush()
                os.fsync(file.fileno())
            number += 1


def tidy(lake: Lake) -> None:
    while True:
        lake.tidy("raw", keep=timedelta(seconds=KEEP_SECONDS))
        time.sleep(0.3)


def read(lake: Lake, report: Path) -> None:
    with report.open("a") as file:
        while True:
            began = time.monotonic()
            try:
                torn = lake.read(TORN).num_rows
                file.write("ok\n" if torn == 0 else f"torn {torn}\n")
            except Exception as error:  # whatever it is, a reader must not see it
                # but on a busy machine one may be at it for longer than files are kept
                is_late = "No such file" in str(error) and time.monotonic() - began > LATE_SECONDS
                file.write("late\n" if is_late else f"failed {type(error).__name__}: {str(error)[:300]!r}\n")
            file.flush()
            time.sleep(0.05)  # so that two readers leave the others something of the machine


if __name__ == "__main__":
    role, number, target = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    opened = Lake(Settings())
    {
        "write": lambda: write(opened, number, target),
        "tidy": lambda: tidy(opened),
        "read": lambda: read(opened, target),
    }[role]()
