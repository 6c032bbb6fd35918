"""The lake's lock in another process's hands: clients notice nothing, and all is stored when it is free again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from quality_platform.warehouse import locks
from quality_platform_tests.data.acknowledged import assert_all_there_once, sending
from quality_platform_tests.data.live import Live, serving


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=pytest.mark.soak)])
def test_what_comes_while_the_lake_is_locked_is_taken_and_stored_later(seconds: float, tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        with sending(live, "locked") as noted:
            live.until("SELECT 1 FROM raw.metric_samples")
            with locks.hold(live.settings, "raw", "test"):
                before = len(noted.ids)
                stored = _stored(live)
                time.sleep(seconds)
                assert _stored(live) == stored
                during = len(noted.ids) - before

        assert set(noted.answers) == {"202"}
        assert during > 50 * seconds
        assert_all_there_once(live, noted)


def _stored(live: Live) -> int:
    return int(live.sql("SELECT count(*) AS n FROM raw.metric_samples")[0]["n"])
