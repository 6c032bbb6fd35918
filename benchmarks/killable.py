"""The live service and Alertmanager as things that can be killed: what both are asked, and the receiver that they tell.

Belongs here: the two sides and the receiver. Does not belong here: the trials (`kills.py`).
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
import orjson
import yaml

from quality_platform_tests.data.live import Live, free_port
from quality_platform_tests.data.receivers import answering, receiving

PATIENCE_SECONDS = 45.0
ALERTMANAGER = "prometheus-alertmanager"
SILENCE = {"name": "rule", "value": "deep", "isRegex": False, "isEqual": True}


class Sink:
    """A receiver that can be away, and what it accepted."""

    def __init__(self) -> None:
        self.url, self.down = "", False
        self.told: list[tuple[str, str, str, float]] = []
        """(firing or resolved, subject, id of the message, when)."""
        self._lock = threading.Lock()

    def take(self, message_id: str, body: bytes) -> None:
        now, content = time.monotonic(), orjson.loads(body)
        with self._lock:
            # what is more than the channel bears comes in a digest, which names each by its title
            self.told += [
                (each["kind"], each["title"].split()[2], each["id"], now)
                for each in content.get("data", {}).get("messages", ())
            ]
            for alert in content.get("alerts") or content["data"].get("alerts", ()):
                status = "resolved" if "resolved" in (alert.get("news"), alert.get("status")) else "firing"
                subject = alert.get("subject") or alert["labels"]["subject"]
                self.told.append((status, subject, message_id, now))

    def of(self, status: str) -> dict[str, float]:
        """When it was first told of each subject."""
        found: dict[str, float] = {}
        for kind, subject, _, at in list(self.told):
            if kind == status:
                found.setdefault(subject, at)
        return found

    def wait(self, status: str, names: Sequence[str], seconds: float = PATIENCE_SECONDS) -> dict[str, float]:
        """What of `names` it was told by then."""
        end, wanted = time.monotonic() + seconds, set(names)
        while not wanted <= self.of(status).keys() and time.monotonic() < end:
            time.sleep(0.05)
        return {name: at for name, at in self.of(status).items() if name in wanted}


@contextmanager
def listening() -> Iterator[Sink]:
    sink = Sink()

    def behave(handler: Any) -> None:
        if not sink.down:
            sink.take(handler.headers.get("webhook-id") or "", handler.body)
        answering(503 if sink.down else 204)(handler)

    with receiving(behave) as server:
        sink.url = server.url()
        yield sink


class Side(Protocol):
    """One of the two that are compared."""

    title: str
    sink: Sink

    def send(self, names: Sequence[str], *, over: bool) -> None: ...
    def kill(self) -> None: ...
    def start(self) -> None: ...
    def silence(self) -> str: ...
    def silences(self) -> str: ...


class Ours:
    title = "ours"

    def __init__(self, live: Live, sink: Sink) -> None:
        self._live, self.sink = live, sink
        self._key = {"Authorization": f"Bearer {live.key('bench')['key']}"}
        self._editor = {"Authorization": f"Bearer {live.token('editor')}"}

    def send(self, names: Sequence[str], *, over: bool) -> None:
        value = 1.0 if over else 200.0
        samples = [{"metric": "queue.depth", "subject": name, "value": value} for name in names]
        until_accepted(f"{self._live.base}/api/v1/ingest/metrics", samples, self._key)

    def kill(self) -> None:
        self._live.kill()

    def start(self) -> None:
        self._live.start()

    def silence(self) -> str:
        now = datetime.now(UTC)
        asked = {"matchers": ['rule="deep"'], "starts_at": now.isoformat(), "comment": "maintenance",
                 "ends_at": (now + timedelta(hours=1)).isoformat()}  # fmt: skip
        url = f"{self._live.base}/api/v1/quality-monitoring/silences"
        return str(httpx.post(url, json=asked, headers=self._editor).raise_for_status().json()["id"])

    def silences(self) -> str:
        return httpx.get(f"{self._live.base}/api/v1/quality-monitoring/silences", headers=self._editor).text


class Theirs:
    title = "Alertmanager"

    def __init__(self, place: Path, sink: Sink) -> None:
        self._place, self.sink, self._port = place, sink, free_port()
        receivers = [{"name": "hook", "webhook_configs": [{"url": sink.url, "send_resolved": True}]}]
        tight = {"group_by": ["..."], "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h"}
        config = {"route": {"receiver": "hook", **tight}, "receivers": receivers}
        (place / "alertmanager.yml").write_text(yaml.safe_dump(config))
        self._base = f"http://127.0.0.1:{self._port}"
        self.start()

    def send(self, names: Sequence[str], *, over: bool) -> None:
        now = datetime.now(UTC)
        ends = now if over else now + timedelta(hours=1)
        alerts = [
            {"labels": {"alertname": "deep", "rule": "deep", "subject": name}, "endsAt": ends.isoformat()}
            for name in names
        ]
        until_accepted(f"{self._base}/api/v2/alerts", alerts, {})

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [ALERTMANAGER, f"--config.file={self._place}/alertmanager.yml", f"--storage.path={self._place}/data",
             f"--web.listen-address=127.0.0.1:{self._port}", "--cluster.listen-address="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for _ in range(100):
            try:
                httpx.get(f"{self._base}/-/ready").raise_for_status()
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        sys.exit(f"{ALERTMANAGER} does not start")

    def silence(self) -> str:
        now = datetime.now(UTC)
        asked = {"matchers": [SILENCE], "startsAt": now.isoformat(), "comment": "maintenance", "createdBy": "bench",
                 "endsAt": (now + timedelta(hours=1)).isoformat()}  # fmt: skip
        answer = httpx.post(f"{self._base}/api/v2/silences", json=asked).raise_for_status()
        return str(answer.json()["silenceID"])

    def silences(self) -> str:
        return httpx.get(f"{self._base}/api/v2/silences").text


def until_accepted(url: str, body: Any, headers: dict[str, str]) -> None:
    """Sent again only while nobody answered 2xx."""
    while True:
        try:
            if httpx.post(url, json=body, headers=headers, timeout=10).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
