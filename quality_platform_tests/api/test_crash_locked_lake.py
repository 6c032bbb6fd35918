"""The lake's lock in another process's hands: clients notice nothing, and all is stored when it is free again."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest

from quality_platform.warehouse import locks
from quality_platform_tests.data.acknowledged import assert_all_there_once, sending
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.waiting import WAIT_SECONDS, until


@pytest.mark.parametrize("seconds", [5, pytest.param(30, marks=pytest.mark.soak)])
def test_what_comes_while_the_lake_is_locked_is_taken_and_stored_later(seconds: float, tmp_path: Path) -> None:
    with serving(tmp_path) as live:
        with sending(live, "locked") as noted:
            live.until("SELECT 1 FROM raw.metric_samples")
            with locks.hold(live.settings, "raw", "test"):
                before = len(noted.ids)
                stored = _stored(live)
                time.sleep(seconds)
                until(lambda: len(noted.ids) > before + 100)
                assert _stored(live) == stored

        assert set(noted.answers) == {"202"}
        assert_all_there_once(live, noted, seconds=WAIT_SECONDS + seconds)


def _stored(live: Live) -> int:
    return int(live.sql("SELECT count(*) AS n FROM raw.metric_samples")[0]["n"])


def test_no_more_is_taken_than_may_wait(tmp_path: Path) -> None:
    sample = {"metric": "m", "value": 1, "labels": {"t": "word " * 100_000}}
    with serving(tmp_path, spool_bytes=2 * 1024 * 1024) as live:
        headers = {"Authorization": f"Bearer {live.key('limit')['key']}"}

        def post() -> httpx.Response:
            time.sleep(0.2)  # how much waits is looked at twice a second
            return httpx.post(f"{live.base}/api/v1/ingest/metrics", json=sample, headers=headers)

        with locks.hold(live.settings, "raw", "test"):
            answers = [post() for _ in range(10)]
            refused = [each for each in answers if each.status_code == 503]
            assert [each.status_code for each in answers] == [202] * (10 - len(refused)) + [503] * len(refused)
            assert 0 < len(refused) < 8
            assert refused[0].headers["retry-after"]
        live.until("SELECT 1 FROM raw.metric_samples", 10 - len(refused))
        until(lambda: post().status_code == 202)
