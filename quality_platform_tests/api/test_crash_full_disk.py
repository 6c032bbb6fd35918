"""A full disk: nothing is accepted that could not be kept, and all goes on by itself when there is room again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from quality_platform_tests.data.acknowledged import assert_all_there_once, sending
from quality_platform_tests.data.disks import MEGABYTE, fill, small_disk
from quality_platform_tests.data.live import Live, serving
from quality_platform_tests.data.waiting import WAIT_SECONDS, until

SIZE = 288 * MEGABYTE  # a home wants 200 MB to begin with


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", SIZE) as folder:
        yield folder


def _status(live: Live) -> int:
    return httpx.get(f"{live.base}/health/ready", timeout=WAIT_SECONDS).status_code


def _until_ready(live: Live, status: int) -> None:
    until(lambda: _status(live) == status, lambda: live.log.read_text()[-2000:])


@pytest.mark.parametrize("leave", [24 * MEGABYTE, 0], ids=["nearly", "wholly"])
def test_a_full_disk_refuses_and_recovers(leave: int, disk: Path) -> None:
    ballast = disk / "ballast"
    with serving(disk) as live:
        with sending(live, "full") as noted:
            live.until("SELECT 1 FROM raw.metric_samples")
            fill(ballast, leave=leave)
            _until_ready(live, 503)
            key = live.key("ask")["key"] if leave else None
            if key:
                answer = httpx.post(
                    f"{live.base}/api/v1/ingest/metrics", json={"metric": "m", "value": 1},
                    headers={"Authorization": f"Bearer {key}"},
                )  # fmt: skip
                assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
            time.sleep(1.5)
            ballast.unlink()
            _until_ready(live, 200)
            before = len(noted.ids)
            until(lambda: len(noted.ids) > before)

        assert noted.answers["503"] > 0
        assert_all_there_once(live, noted)
