"""A lake with nothing in it but the tables that dbt makes otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from quality_platform.settings import Settings
from quality_platform.warehouse.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """A lake with empty observations and commits, which dbt makes otherwise."""
    found = Lake(Settings(home=tmp_path))
    found.set_up()
    with found.writing("marts", "test") as connection:
        connection.execute(
            "CREATE TABLE marts.fct_observations (metric VARCHAR, project VARCHAR, subject VARCHAR, labels VARCHAR, "
            "observed_at TIMESTAMPTZ, value DOUBLE, batch_id VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE marts.code_quality_by_commit (project VARCHAR, committed_at TIMESTAMPTZ, "
            "commit_sha VARCHAR, on_main BOOLEAN, position BIGINT)"
        )
        connection.execute(
            "CREATE TABLE marts.intermediate.int_coverage (project VARCHAR, commit_sha VARCHAR, known_at TIMESTAMPTZ)"
        )
    yield found
    found.close()
