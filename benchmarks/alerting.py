"""From the offending value to the message at the receiver, and from the good one to its end; against Alertmanager.

    python benchmarks/alerting.py [ALERTS]

Ours is the whole way: a sample is posted, made durable, stored, judged, told through episode, group and outbox, and
sent to a webhook on loopback. Every alert is a series of its own, all of one rule and so of one group, two a second,
half of them critical. Alertmanager (Debian's) is given finished alerts by its API, once with its defaults and once as
tight as it goes. To reach: p50 0.5 s, p99 2 s, never 5 s; the same for the end.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import numpy as np
import orjson
import yaml

from quality_platform_tests.data.live import free_port, serving
from quality_platform_tests.data.receivers import Receiver, answering, receiving

ALERTS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
PAUSE_SECONDS = 0.5
ALERTMANAGER = "prometheus-alertmanager"
RULE = {"name": "deep", "metric_name": "queue.depth", "operator": "above", "warning_threshold": 100,
        "critical_threshold": 200}  # fmt: skip

Said = dict[tuple[str, str], float]
"""When the receiver was told of (status, subject), seconds."""


def shown(name: str, seconds: list[float], expected: int) -> float:
    p50, p99 = (float(np.percentile(seconds, q)) for q in (50, 99))
    print(
        f"{name:42} {len(seconds)}/{expected} told; p50 {p50:6.2f} s, p99 {p99:6.2f} s, longest {max(seconds):6.2f} s"
    )
    return p50


def waited(posted: dict[str, float], status: str, read: Callable[[], Said], patience: float) -> list[float]:
    """Seconds from each post to its message."""
    end = time.perf_counter() + patience
    while time.perf_counter() < end:
        said = read()
        if all((status, name) in said for name in posted):
            break
        time.sleep(0.05)
    return [said[status, name] - at for name, at in posted.items() if (status, name) in said]


class Told:
    """What a receiver has got, with instants taken as it arrived."""

    def __init__(self) -> None:
        self.said: Said = {}

    def note(self, body: bytes) -> None:
        now = time.perf_counter()
        content = orjson.loads(body)
        for alert in content.get("alerts") or content["data"]["alerts"]:
            subject = alert.get("subject") or alert["labels"]["subject"]
            status = "resolved" if "resolved" in (alert.get("news"), alert.get("status")) else "firing"
            self.said.setdefault((status, subject), now)


@contextmanager
def listening() -> Iterator[tuple[Told, Receiver]]:
    told = Told()
    answer = answering(200)

    def behave(handler: object) -> None:
        told.note(server.requests[-1].body)
        answer(handler)  # type: ignore[arg-type]

    with receiving(behave) as server:
        yield told, server


def ours(place: Path) -> tuple[float, float]:
    config = place / "quality.yaml"
    with listening() as (told, server):
        hook = {"name": "hook", "channel_type": "webhook", "configuration": {"url": server.url()}}
        config.write_text(yaml.safe_dump({"rules": [RULE], "channels": [hook]}))
        with serving(place / "ours", config=config, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
            key = live.key("bench")["key"]
            client = httpx.Client(base_url=live.base, headers={"Authorization": f"Bearer {key}"})

            def post(subject: str, value: float) -> float:
                at = time.perf_counter()
                sample = {"metric": "queue.depth", "subject": subject, "value": value}
                assert client.post("/api/v1/ingest/metrics", json=sample).status_code == 202
                return at

            names = [f"host-{number:04}" for number in range(ALERTS)]
            for name in names:
                post(name, 1.0)
            time.sleep(5)
            results = []
            for status in ("firing", "resolved"):
                posted = {}
                for number, name in enumerate(names):
                    posted[name] = post(name, 1.0 if status == "resolved" else 150.0 + 100 * (number % 2))
                    time.sleep(PAUSE_SECONDS)
                found = waited(posted, status, lambda: told.said, 30)
                results.append(shown(f"ours, {status}", found, ALERTS))
    return results[0], results[1]


def theirs(place: Path, title: str, route: dict[str, str], count: int) -> tuple[float, float]:
    place.mkdir()
    port = free_port()
    with listening() as (told, server):
        receivers = [{"name": "hook", "webhook_configs": [{"url": server.url(), "send_resolved": True}]}]
        config = {"route": {"receiver": "hook", "group_by": ["rule"], **route}, "receivers": receivers}
        (place / "alertmanager.yml").write_text(yaml.safe_dump(config))
        process = subprocess.Popen(
            [ALERTMANAGER, f"--config.file={place}/alertmanager.yml", f"--storage.path={place}/data",
             f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return _measured(f"http://127.0.0.1:{port}", told, title, count)
        finally:
            process.terminate()
            process.wait()


def _measured(base: str, told: Told, title: str, count: int) -> tuple[float, float]:
    for _ in range(100):
        try:
            httpx.get(f"{base}/-/ready").raise_for_status()
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    results = []
    for status in ("firing", "resolved"):
        posted = {}
        for number in range(count):
            name, now = f"host-{number:04}", datetime.now(UTC)
            ends = now if status == "resolved" else now + timedelta(hours=1)
            alert = {"labels": {"alertname": "deep", "rule": "deep", "subject": name}, "endsAt": ends.isoformat()}
            posted[name] = time.perf_counter()
            httpx.post(f"{base}/api/v2/alerts", json=[alert]).raise_for_status()
            time.sleep(PAUSE_SECONDS)
        results.append(shown(f"{title}, {status}", waited(posted, status, lambda: told.said, 400), count))
    return results[0], results[1]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        mine = ours(place)
        if not shutil.which(ALERTMANAGER):
            sys.exit(
                f"{ALERTMANAGER} is not on PATH: nothing to compare with (apt-get install prometheus-alertmanager)"
            )
        tight = {"group_wait": "0s", "group_interval": "1s"}
        for title, route in (("Alertmanager, tightest", tight), ("Alertmanager, defaults", {})):
            other = theirs(place / title.rsplit(maxsplit=1)[-1], title, route, min(ALERTS, 40))
            ratios = [f"{theirs / ours:.1f} ×" for ours, theirs in zip(mine, other, strict=True)]
            print(f"{'':42} p50 of {title} against ours: {json.dumps(ratios)} (fired, over)")
