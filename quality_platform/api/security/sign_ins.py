"""Sign-ins that failed: how many an address may have, and what the audit says about them.

Belongs here: counting them, and one audit row a minute and network, so that a flood does not fill the database. Does
not belong here: who is let in (`bearer.py`).
"""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from quality_platform.api.security.rate import Rate
from quality_platform.state import audit
from quality_platform.state.database import State

PER_SECOND, BURST = 0.2, 20
NOTE_SECONDS = 60.0
MOST_NETWORKS = 1_000
ELSEWHERE = "other networks"


class SignIns:
    """Failed sign-ins of one service, by network: addresses themselves are kept nowhere."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = Rate(per_second=PER_SECOND, burst=BURST, clock=clock)
        self._clock = clock
        self._lock = threading.Lock()
        self._failed: Counter[tuple[str, str]] = Counter()
        self._noted_at = clock() - NOTE_SECONDS

    def failed(self, address: str, reason: str) -> int:
        """Count one; 0, or the seconds until this network is listened to again."""
        network = network_of(address)
        with self._lock:
            kind = (network, reason)
            if kind not in self._failed and len(self._failed) >= MOST_NETWORKS:
                kind = (ELSEWHERE, reason)
            self._failed[kind] += 1
            return self._rate.take(network)

    def note(self, state: State, now: datetime, *, at_once: bool = False) -> None:
        """Write into the audit what failed since the last time, once a minute."""
        if not self._failed or (not at_once and self._clock() - self._noted_at < NOTE_SECONDS):
            return
        with self._lock:
            self._noted_at, failed, self._failed = self._clock(), self._failed, Counter()
        with state.write() as session:
            for (network, reason), times in sorted(failed.items()):
                details = {"reason": reason, "times": times}
                audit.record(session, now, actor=network, action="sign_in.fail", subject="api", details=details)


def network_of(address: str) -> str:
    """The network that an address belongs to: /24, or /64 of IPv6; loopback and what is no address as they are."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:100] or "unknown"
    if parsed.is_loopback:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))
