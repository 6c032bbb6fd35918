"""`detect` as it is typed: files in, a CSV out."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from quality_platform.cli.detect import TaskName, header
from quality_platform.cli.main import app
from quality_platform.detection.tasks import names
from quality_platform.errors import UsageError

COLUMNS = ["series", "index", "reported_at", "kind", "direction", "effect", "p_value", "score"]


@pytest.fixture
def stepped(tmp_path: Path) -> Path:
    values = np.random.default_rng(11).normal(10, 0.2, 200)
    values[120:] += 3
    path = tmp_path / "latency.csv"
    path.write_text("index,value\n" + "".join(f"{at},{value}\n" for at, value in enumerate(values)))
    return path


def test_every_task_may_be_asked_for() -> None:
    assert [task.value for task in TaskName] == names()


def test_columns() -> None:
    assert header() == COLUMNS


def test_a_step_is_written(stepped: Path, tmp_path: Path) -> None:
    target = tmp_path / "steps.csv"
    shown = CliRunner().invoke(app, ["detect", "--task", "steps", str(stepped), "--output", str(target)])
    assert shown.exit_code == 0, shown.output
    with target.open(newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["series"], row["index"], row["kind"], row["direction"]) == ("latency", "120", "step", "up")
    assert float(row["effect"]) == pytest.approx(3, abs=0.1)


def test_printed_where_no_file_is_named(stepped: Path) -> None:
    shown = CliRunner().invoke(app, ["detect", "--task", "steps", str(stepped)])
    assert shown.stdout.splitlines()[0] == ",".join(COLUMNS)
    assert len(shown.stdout.splitlines()) == 2


def test_a_failure_leaves_no_half_file(stepped: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n")
    target = tmp_path / "steps.csv"
    call = ["detect", "--task", "steps", str(stepped), str(broken), "--output", str(target)]
    with pytest.raises(UsageError, match=r"broken\.csv"):
        CliRunner().invoke(app, call, catch_exceptions=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.csv", "latency.csv"]
