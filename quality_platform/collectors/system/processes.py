"""What psutil says about processes: the platform's own, and those that the configuration names.

Belongs here: choosing and reading processes. Does not belong here: rates (`rates.py`). Only names are read,
never command lines, which hold secrets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psutil

OWN_ROLE = "platform"
LIMIT = 500
"""Processes of one name that are looked at."""

# programs that the platform runs as; the parents of the collector that are one of them belong to it
OWN_PROGRAMS = ("quality-platform", "dagster", "python")


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """Processes of one name, their figures summed. A figure is None where one of them hides it.

    `cpu` holds the CPU seconds of each, by `pid/start`. Memory is resident memory; pages that processes share
    are counted in each.
    """

    name: str
    role: str | None
    cpu: dict[str, float]
    memory: float | None
    files: float | None
    threads: float | None

    @property
    def key(self) -> str:
        """Name and role as one text."""
        return f"{self.name}/{self.role or ''}"


def process_groups(named: Iterable[str]) -> list[ProcessGroup]:
    """The groups of the platform's own processes, then those of the names; a name that is not running has none."""
    groups = [_group(name, OWN_ROLE, members) for name, members in _by_name(_own()).items()]
    wanted = set(named)
    if wanted:
        found = _by_name(process for process in psutil.process_iter() if _name(process) in wanted)
        groups += [_group(name, None, members) for name, members in found.items()]
    return sorted(groups, key=lambda group: group.key)


def _own() -> Iterator[psutil.Process]:
    """The collector's process, the platform's processes above it, and all that these have started."""
    top = psutil.Process()
    with suppress(psutil.Error):
        for parent in top.parents():
            if not (_name(parent) or "").lower().startswith(OWN_PROGRAMS):
                break
            top = parent
    yield top
    with suppress(psutil.Error):
        yield from top.children(recursive=True)


def _by_name(processes: Iterable[psutil.Process]) -> dict[str, list[psutil.Process]]:
    groups: dict[str, list[psutil.Process]] = {}
    for process in processes:
        name = _name(process)
        if name and len(groups.setdefault(name, [])) < LIMIT:
            groups[name].append(process)
    return groups


def _name(process: psutil.Process) -> str | None:
    try:
        return str(process.name())
    except psutil.Error:
        return None


def _group(name: str, role: str | None, processes: list[psutil.Process]) -> ProcessGroup:
    cpu: dict[str, float] = {}
    memory: list[float | None] = []
    files: list[float | None] = []
    threads: list[float | None] = []
    for process in processes:
        try:
            with process.oneshot():
                times = process.cpu_times()
                cpu[f"{process.pid}/{process.create_time():.2f}"] = times.user + times.system
                memory.append(float(process.memory_info().rss))
                threads.append(float(process.num_threads()))
                files.append(_handles(process))
        except psutil.Error:  # it has ended meanwhile, or is hidden from us
            continue
    return ProcessGroup(name, role, cpu, _sum(memory), _sum(files), _sum(threads))


def _handles(process: psutil.Process) -> float | None:
    try:
        return float(process.num_fds() if hasattr(process, "num_fds") else process.num_handles())
    except psutil.AccessDenied:
        return None


def _sum(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None
