"""Clients that note what was acknowledged, and ask the lake for it afterwards.

Belongs here: sending as a real client does (again and again, under one id, until it is told that it arrived). Does not
belong here: what is done to the service meanwhile.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from quality_platform_tests.data.live import Live
from quality_platform_tests.data.waiting import WAIT_SECONDS

METRIC = "crash.load"


@dataclass
class Acknowledged:
    """Ids that the service has said it has; answers by status, `lost` for a connection that broke."""

    project: str
    ids: set[str] = field(default_factory=set)
    sent: set[str] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, identity: str, answer: str) -> None:
        with self.lock:
            self.answers[answer] += 1
            if answer == "202":
                self.ids.add(identity)


@contextmanager
def sending(live: Live, project: str, clients: int = 4, *, pause: float = 0.02) -> Iterator[Acknowledged]:
    """Clients that send single samples, each after a `pause`, as long as the block runs.

    Without one they take as much of the machine as there is, and the tests beside them wait.
    """
    headers = {"Authorization": f"Bearer {live.key(project)['key']}"}
    noted, ending = Acknowledged(project), threading.Event()
    work = [
        threading.Thread(target=_send, args=(live, headers, noted, ending, number, pause)) for number in range(clients)
    ]
    for thread in work:
        thread.start()
    try:
        yield noted
    finally:
        ending.set()
        for thread in work:
            thread.join(WAIT_SECONDS)


def _send(
    live: Live, headers: dict[str, str], noted: Acknowledged, ending: threading.Event, client: int, pause: float
) -> None:
    number = 0
    with httpx.Client(timeout=WAIT_SECONDS / 2) as http:
        while not ending.is_set():
            number += 1
            identity = f"{client}-{number}"
            noted.sent.add(identity)
            sample = {"metric": METRIC, "value": number, "labels": {"id": identity}}
            while not ending.is_set() and not _told(
                http, live, sample, {**headers, "Idempotency-Key": identity}, noted
            ):
                time.sleep(0.02)
            time.sleep(pause)


def _told(
    http: httpx.Client, live: Live, sample: dict[str, object], headers: dict[str, str], noted: Acknowledged
) -> bool:
    try:
        status = http.post(f"{live.base}/api/v1/ingest/metrics", json=sample, headers=headers).status_code
    except httpx.TransportError:
        noted.note("", "lost")
        return False
    noted.note(str(sample["labels"]["id"]), str(status))  # type: ignore[index]  # made above
    return status == 202


def assert_all_there_once(live: Live, noted: Acknowledged, *, seconds: float = WAIT_SECONDS) -> None:
    """Everything that was acknowledged is in the lake, and nothing that was sent is there twice."""
    assert noted.ids, noted.answers
    query = (
        "SELECT json_extract_string(labels, '$.id') AS id, count(*) AS n FROM raw.metric_samples "
        f"WHERE project = '{noted.project}' AND metric = '{METRIC}' GROUP BY ALL"
    )
    deadline = time.monotonic() + seconds
    while True:
        found = {row["id"]: row["n"] for row in live.sql(query)}
        counted = live.assert_adds_up(noted.project).get("metric", {}).get("stored", 0)
        missing = noted.ids - found.keys()
        # what was not acknowledged may still arrive, between one look and the next
        if (not missing and counted == sum(found.values())) or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    assert not missing, f"{len(missing)} of {len(noted.ids)} acknowledged are missing: {sorted(missing)[:5]}"
    assert not {identity: n for identity, n in found.items() if n > 1}
    assert found.keys() <= noted.sent
    assert counted == len(found)
