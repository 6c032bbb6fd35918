"""What psutil says about the host: gauges and counters.

Belongs here: reading the host. Does not belong here: rates (`rates.py`) or processes (`processes.py`).
A value that this system does not give (a container, a missing right, an unusual kernel) is left out.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import psutil

NOT_A_DISK = frozenset(("squashfs", "iso9660", "udf", "cd9660", "erofs", "autofs", "devfs"))
"""File systems that are always full or never stored."""

INNER_INTERFACES = ("veth", "docker", "br-", "cni", "virbr", "cali", "flannel")
"""Interfaces between containers and the host, whose bytes pass a real interface too."""

LOOPBACK = ("lo", "lo0")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sample:
    """One value: metric, labels, value."""

    metric: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


def gauges() -> list[Sample]:
    """Everything that needs one reading only."""
    return [sample for read in (_load, _memory, _swap, _disks, _processes) for sample in _attempt(read) or ()]


def counters() -> dict[str, float]:
    """CPU seconds, bytes of disks and network since boot, as far as they are known."""
    found: dict[str, float] = {}
    for read in (_cpu_counters, _disk_counters, _network_counters):
        found |= _attempt(read) or {}
    return found


def _attempt(read: Callable[[], T]) -> T | None:
    """What `read` gives; None where the system does not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # psutil warns of figures that the kernel hides
            return read()
    except (psutil.Error, OSError, NotImplementedError, AttributeError, RuntimeError):
        return None


def _load() -> list[Sample]:
    return [Sample("system.load_per_core", psutil.getloadavg()[0] / (os.cpu_count() or 1))]


def _memory() -> list[Sample]:
    memory = psutil.virtual_memory()
    return [
        Sample("system.memory_percent", float(memory.percent)),
        Sample("system.memory_available_bytes", float(memory.available)),
    ]


def _swap() -> list[Sample]:
    return [Sample("system.swap_percent", float(psutil.swap_memory().percent))]


def _processes() -> list[Sample]:
    return [Sample("system.processes", float(len(psutil.pids())))]


def _disks() -> list[Sample]:
    samples = []
    for mount in _mounts():
        try:
            usage = psutil.disk_usage(mount)
        except OSError:  # unmounted meanwhile, or not ours to see
            continue
        if usage.total:
            samples.append(Sample("system.disk_percent", float(usage.percent), (("mount", mount),)))
    return samples


def _mounts() -> list[str]:
    """One mount per device, the shortest path; a container without any of its own has its root."""
    shortest: dict[str, str] = {}
    for partition in psutil.disk_partitions(all=False):
        known = shortest.get(partition.device)
        if partition.fstype not in NOT_A_DISK and (known is None or len(partition.mountpoint) < len(known)):
            shortest[partition.device] = partition.mountpoint
    return sorted(shortest.values()) or [os.path.abspath(os.sep)]  # noqa: PTH100 - the root of this drive


def _cpu_counters() -> dict[str, float]:
    """Busy and idle CPU seconds over all cores. Guests are part of user time on Linux, waiting for disks is idle."""
    times = psutil.cpu_times()
    total = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    idle = times.idle + getattr(times, "iowait", 0.0)
    return {"cpu_idle": idle, "cpu_busy": total - idle}


def _disk_counters() -> dict[str, float]:
    disks = psutil.disk_io_counters(nowrap=False)
    if disks is None:
        return {}
    return {"disk_read_bytes": float(disks.read_bytes), "disk_write_bytes": float(disks.write_bytes)}


def _network_counters() -> dict[str, float]:
    interfaces = [
        counts
        for name, counts in psutil.net_io_counters(pernic=True, nowrap=False).items()
        if name not in LOOPBACK and not name.startswith(INNER_INTERFACES)
    ]
    if not interfaces:
        return {}
    return {
        "network_receive_bytes": float(sum(counts.bytes_recv for counts in interfaces)),
        "network_send_bytes": float(sum(counts.bytes_sent for counts in interfaces)),
    }
