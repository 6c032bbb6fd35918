"""Many large bodies at once, plain and compressed: some are refused for now, and the memory stays bounded."""

from __future__ import annotations

import gzip
import threading
from collections import Counter
from pathlib import Path

import httpx
import psutil

from quality_platform_tests.data.live import serving
from quality_platform_tests.data.waiting import WAIT_SECONDS

MEGABYTE = 1024 * 1024
HELD = 32 * MEGABYTE
# the process itself 100 MB; of what is held, a copy sealed and one in SQLite's log; one body as objects
BOUND = 450 * MEGABYTE


def test_memory_is_bounded_whatever_comes_at_once(tmp_path: Path) -> None:
    text = b'{"metric":"m","value":1,"labels":{"t":"' + b"word " * (8 * MEGABYTE // 5) + b'"}}'
    bodies = [(text, {}), (gzip.compress(text), {"Content-Encoding": "gzip"})]
    statuses: Counter[int] = Counter()
    most = 0
    with serving(tmp_path, ingest_memory_bytes=HELD) as live:
        assert live.process is not None
        process = psutil.Process(live.process.pid)
        headers = {"Authorization": f"Bearer {live.key()['key']}"}

        def send(number: int) -> None:
            body, encoding = bodies[number % 2]
            answer = httpx.post(
                f"{live.base}/api/v1/ingest/metrics",
                content=body,
                headers={**headers, **encoding},
                timeout=WAIT_SECONDS,
            )
            statuses[answer.status_code] += 1

        work = [threading.Thread(target=send, args=(number,)) for number in range(24)]
        for thread in work:
            thread.start()
        while any(thread.is_alive() for thread in work):
            most = max(most, process.memory_info().rss)
            work[0].join(0.01)
            for thread in work:
                thread.join(0.001)
        print(f"\n{dict(statuses)}, at most {most // MEGABYTE} MB")

        assert statuses.keys() <= {202, 503}, statuses
        assert statuses[503] > 0
        assert statuses[202] > 0
        assert most < BOUND
        small = httpx.post(f"{live.base}/api/v1/ingest/metrics", json={"metric": "m", "value": 1}, headers=headers)
        assert small.status_code == 202
