"""Updates for who looks on: numbered, the last of them kept so that a client that was away can catch up.

Belongs here: numbering, keeping, what the drain is to send. Does not belong here: one client's connection
(`looking.py`).
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from quality_platform.api.live.hub import Hub, Subscription

KEPT = 20_000
"""Samples and alerts that are kept, about 1 kB each; not counted in messages, whose sizes differ."""

LINGER_SECONDS = 60.0
"""For how long updates are kept for a client that lost its connection."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Message = dict[str, Any]
Wanted = Mapping[str, Sequence[str] | None]
"""Union of what clients look at: `projects` and `metrics`, None for all."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What one client looks at; empty for everything."""

    projects: frozenset[str] = frozenset()
    metrics: frozenset[str] = frozenset()

    def of(self, message: Message) -> Message | None:
        """The part of `message` that concerns it; None when none does."""
        if self.projects and message["project"] not in self.projects:
            return None
        if not self.metrics:
            return message
        if message["type"] == "alert":
            return message if message["metric"] in self.metrics else None
        samples = [each for each in message["samples"] if each["metric"] in self.metrics]
        return {**message, "samples": samples} if samples else None


@dataclass(frozen=True, slots=True)
class Joined:
    """A subscription, kept updates from before it, and whether there is a `gap`: some of those are kept no more."""

    subscription: Subscription[Message]
    missed: Sequence[Message]
    gap: bool


class Updates:
    """One stream of updates. Safe to share by threads."""

    def __init__(self, watch: Callable[[Wanted | None], None]) -> None:
        """`watch` is told what the drain is to send; None when nobody looks on."""
        self.stream = uuid.uuid4().hex
        """Numbers of another stream mean nothing in this one."""
        self._watch = watch
        self._hub: Hub[Message] = Hub()
        self._lock = threading.Lock()
        self._kept: deque[Message] = deque()
        self._weight = 0
        self._seq = 0
        self._interests: dict[int, Interest] = {}
        self._left_at: float | None = None

    def __len__(self) -> int:
        return len(self._interests)

    @property
    def seq(self) -> int:
        """Number of the newest update."""
        return self._seq

    @property
    def wanted(self) -> bool:
        """Whether somebody looks on, or did a moment ago."""
        return bool(self._interests) or (
            self._left_at is not None and time.monotonic() - self._left_at < LINGER_SECONDS
        )

    # --- what happens ----------------------------------------------------------------------------

    def stored(self, columns: Mapping[str, Sequence[Any]], omitted: int) -> None:
        """Samples that the drain has stored, as columns; `omitted` series are not among them."""
        by_project: dict[str, list[Message]] = {}
        for project, metric, subject, labels, at, value, kind in zip(
            *(columns[name] for name in ("project", "metric", "subject", "labels", "observed_at", "value", "kind")),
            strict=True,
        ):
            sample = {
                "metric": metric, "subject": subject, "labels": orjson.loads(labels),
                "observed_at": (EPOCH + timedelta(microseconds=at)).isoformat(), "value": value, "kind": kind,
            }  # fmt: skip
            by_project.setdefault(project, []).append(sample)
        for project, samples in by_project.items():
            self._publish({"type": "quality_update", "project": project, "samples": samples, "omitted": omitted})

    def alerts(self, events: Iterable[Message]) -> None:
        """Things that happened to alerts."""
        for event in events:
            self._publish({"type": "alert", **event})

    def _publish(self, message: Message) -> None:
        with self._lock:
            self._seq += 1
            numbered = {**message, "seq": self._seq}
            self._kept.append(numbered)
            self._weight += _weight(numbered)
            while self._weight > KEPT:
                self._weight -= _weight(self._kept.popleft())
            self._hub.publish(numbered, _weight(numbered))

    # --- who looks on ----------------------------------------------------------------------------

    def subscribe(self, wake: Callable[[], object], after: int | None) -> Joined:
        """Get updates from now on, and those after the number `after`."""
        with self._lock:
            found = self._hub.subscribe(wake, most_weight=KEPT)
            if after is None:
                return Joined(found, (), gap=False)
            missed = tuple(each for each in self._kept if each["seq"] > after)
            return Joined(found, missed, gap=after > self._seq or self._seq - after > len(missed))

    def interest(self, client: int, interest: Interest) -> None:
        """What a client looks at from now on."""
        self._interests[client] = interest
        self._tell()

    def leave(self, client: int) -> None:
        """A client has gone."""
        if self._interests.pop(client, None) is not None and not self._interests:
            self._left_at = time.monotonic()
        self._tell()

    def tidy(self) -> None:
        """Called now and then: stop the drain's telling when nobody has looked on for a while."""
        if self._left_at is not None and not self.wanted:
            self._left_at = None
            with self._lock:
                self._kept.clear()
                self._weight = 0
            self._watch(None)

    def _tell(self) -> None:
        if not self._interests:
            return  # until `tidy`, what was wanted last is sent on
        interests = list(self._interests.values())
        self._watch({"projects": _union(each.projects for each in interests),
                     "metrics": _union(each.metrics for each in interests)})  # fmt: skip


def _weight(message: Message) -> int:
    return 1 + len(message.get("samples", ()))


def _union(sets: Iterable[Collection[str]]) -> list[str] | None:
    found = list(sets)
    return None if any(not each for each in found) else sorted({name for each in found for name in each})
