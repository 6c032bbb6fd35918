"""A round: several probes at the same time, so that one that hangs does not delay the others.

Belongs here: threads and waiting. Does not belong here: a try (`attempts.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

import psutil

from quality_platform.collectors.probes.attempts import attempt, unresolved
from quality_platform.collectors.probes.outcome import Outcome
from quality_platform.model.live_sources import Probe

MOST_AT_ONCE = 32
RESOLVING_SECONDS = 5.0
"""Waited beyond a probe's own time: looking up a name knows no limit of its own."""


def attempt_all(probes: Sequence[Probe]) -> list[Outcome]:
    """The outcomes, in the order of `probes`."""
    running = _running() if any(probe.process for probe in probes) else {}
    workers = min(MOST_AT_ONCE, len(probes))
    turns = -(-len(probes) // workers)
    patience = turns * max(probe.timeout_seconds for probe in probes) * 2 + RESOLVING_SECONDS
    pool = ThreadPoolExecutor(workers, thread_name_prefix="probe")
    futures = [pool.submit(attempt, probe, running) for probe in probes]
    wait(futures, patience)
    pool.shutdown(wait=False, cancel_futures=True)
    return [_outcome(future, probe) for future, probe in zip(futures, probes, strict=True)]


def _outcome(future: Future[Outcome], probe: Probe) -> Outcome:
    return future.result() if future.done() and not future.cancelled() else unresolved(probe)


def _running() -> Counter[str]:
    found: Counter[str] = Counter()
    for process in psutil.process_iter():
        try:
            found[process.name()] += process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:  # ended meanwhile, or not ours to see
            continue
    return found
