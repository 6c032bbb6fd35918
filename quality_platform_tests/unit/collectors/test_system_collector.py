"""Samples of the host that the tests run on."""

from __future__ import annotations

import math
import platform
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from quality_platform.collectors.system import COLLECTOR, host
from quality_platform.model.configuration import ProjectConfig, QualityConfig, SystemSource
from quality_platform.model.metrics import SYSTEM_METRICS
from quality_platform_tests.data.waiting import until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RATES = {metric.name for metric in SYSTEM_METRICS if metric.name.endswith("_per_second")}


def config(*processes: str, **options: Any) -> QualityConfig:
    return QualityConfig(projects=(ProjectConfig(id="shop"),), system=SystemSource(processes=processes, **options))


def sample(memory: Any, given: QualityConfig, *, now: datetime = NOW) -> dict[tuple[str, str, str], Any]:
    (batch,) = memory.collect(COLLECTOR, given, now=now)
    rows = batch.tables["metric_samples"].to_pylist()
    found = {(row["metric"], row["subject"], row["labels"]): row for row in rows}
    assert len(found) == len(rows)
    return found


def test_the_first_sample_has_every_gauge_and_no_rate(memory: Any) -> None:
    rows = sample(memory, config())
    names = {metric for metric, _, _ in rows}
    assert names.isdisjoint(RATES)
    assert {"system.cpu_percent", "system.memory_percent", "system.disk_percent", "system.processes", "process.memory_bytes",
            "process.cpu_percent", "process.threads"} <= names  # fmt: skip
    assert names <= {metric.name for metric in SYSTEM_METRICS}
    assert all(
        row["observed_at"] == NOW and math.isfinite(row["value"]) and row["kind"] == "gauge" for row in rows.values()
    )
    assert all(
        0 <= row["value"] <= 100
        for (metric, _, _), row in rows.items()
        if metric.startswith("system") and metric.endswith("percent")
    )
    machine = platform.node()
    assert {subject for metric, subject, _ in rows if metric.startswith("system")} == {machine}
    assert rows["system.memory_percent", machine, "{}"]["value"] == pytest.approx(
        psutil.virtual_memory().percent, abs=10
    )


def test_the_second_sample_has_rates_over_the_time_between(
    memory: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    sample(memory, config())
    (cursor,) = memory.cursors.values()
    cursor["counters"]["network_receive_bytes"] -= 5_000_000
    cursor["at"] -= 10
    rows = sample(memory, config(), now=NOW + timedelta(minutes=5))
    received = next(row for (metric, _, _), row in rows.items() if metric == "system.network_receive_bytes_per_second")
    assert received["kind"] == "rate"
    assert received["value"] >= 5_000_000 / 20
    assert {metric for metric, _, _ in rows if metric in RATES} == {
        metric for metric in RATES if _counter(metric) in cursor["counters"]
    }


def _counter(metric: str) -> str:
    return metric.removeprefix("system.").removesuffix("_per_second")


@pytest.mark.parametrize("change", [{"boot": 1.0}, {"at": 4e9}])
def test_after_a_reboot_or_a_clock_set_back_there_is_no_rate(change: dict[str, float], memory: Any) -> None:
    sample(memory, config())
    (cursor,) = memory.cursors.values()
    cursor |= change
    rows = sample(memory, config(), now=NOW + timedelta(minutes=5))
    names = {metric for metric, _, _ in rows}
    assert names.isdisjoint(RATES)
    assert "system.cpu_percent" in names


def test_named_processes_are_measured_by_name_without_their_arguments(memory: Any) -> None:
    code = "import time\nwhile True: sum(range(1000))"
    with subprocess.Popen([sys.executable, "-c", code, "--password=hunter2"]) as child:
        try:
            name = psutil.Process(child.pid).name()
            sample(memory, config(name))
            before = psutil.Process(child.pid).cpu_times().user
            until(lambda: psutil.Process(child.pid).cpu_times().user > before + 0.1)
            rows = sample(memory, config(name), now=NOW + timedelta(minutes=5))
        finally:
            child.kill()
    used = rows["process.cpu_percent", name, "{}"]["value"]
    assert used > 0
    assert rows["process.memory_bytes", name, "{}"]["value"] > 1_000_000
    assert rows["process.memory_bytes", name, '{"role":"platform"}']["value"] > 1_000_000
    assert "hunter2" not in repr([memory.rows, memory.cursors])


def test_a_process_that_is_not_running_has_no_samples(memory: Any) -> None:
    rows = sample(memory, config("no-such-program"))
    assert not any(subject == "no-such-program" for _, subject, _ in rows)


def test_what_the_system_hides_is_left_out(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise psutil.AccessDenied

    def missing(*_: Any, **__: Any) -> Any:
        raise FileNotFoundError("/proc/vmstat")

    monkeypatch.setattr(psutil, "swap_memory", missing)
    monkeypatch.setattr(psutil, "disk_io_counters", lambda **_: None)
    monkeypatch.setattr(psutil, "net_io_counters", refuse)
    monkeypatch.setattr(psutil, "getloadavg", missing)
    monkeypatch.setattr(psutil.Process, "num_fds", refuse)
    names = {metric for metric, _, _ in sample(memory, config())}
    assert names.isdisjoint({"system.swap_percent", "system.load_per_core", "process.open_files"})
    assert {"system.memory_percent", "process.memory_bytes"} <= names


def test_one_mount_per_device_and_only_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    partitions = [
        ("/dev/a", "/var/lib/kubelet", "ext4"), ("/dev/a", "/data", "ext4"), ("/dev/a", "/data/deeper", "ext4"),
        ("/dev/loop1", "/snap/x", "squashfs"), ("/dev/gone", "/gone", "ext4"),
    ]  # fmt: skip

    def usage(mount: str) -> Any:
        if mount == "/gone":
            raise FileNotFoundError(mount)
        return SimpleNamespace(total=100, percent=42.0)

    monkeypatch.setattr(
        psutil,
        "disk_partitions",
        lambda **_: [SimpleNamespace(device=d, mountpoint=m, fstype=f) for d, m, f in partitions],
    )
    monkeypatch.setattr(psutil, "disk_usage", usage)
    disks = [sample for sample in host.gauges() if sample.metric == "system.disk_percent"]
    assert [(sample.labels, sample.value) for sample in disks] == [((("mount", "/data"),), 42.0)]


def test_loopback_and_inner_interfaces_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = {
        name: SimpleNamespace(bytes_recv=10**index, bytes_sent=1)
        for index, name in enumerate(["eth0", "lo", "veth12", "docker0", "wlan0"])
    }
    monkeypatch.setattr(psutil, "net_io_counters", lambda **_: counts)
    assert host.counters()["network_receive_bytes"] == 10_001


@pytest.mark.parametrize(
    ("given", "project"),
    [
        (config(), "shop"),
        (config(project="other"), "other"),
        (config(enabled=False), None),
        (QualityConfig(), None),
        (QualityConfig(projects=(ProjectConfig(id="a"), ProjectConfig(id="b"))), "a"),
        (QualityConfig(projects=(ProjectConfig(id="a", status="paused"), ProjectConfig(id="b"))), None),
        (QualityConfig(projects=(ProjectConfig(id="a", status="paused"),), system=SystemSource(project="a")), None),
    ],
)
def test_whose_host_it_is(given: QualityConfig, project: str | None) -> None:
    tasks = COLLECTOR.find(given)
    assert [task.source.project for task in tasks] == ([project] if project else [])
    assert all(task.source.source_id == f"host:{platform.node()}" for task in tasks)
