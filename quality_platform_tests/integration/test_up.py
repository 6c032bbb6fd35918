"""`up` as a newcomer sees it: one command, every asset green, Ctrl-C ends all of it; and what it says when it cannot."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quality_platform.settings import Settings
from quality_platform_tests.data.platforms import Demo, make

ASSETS = """{ assetNodes { assetKey { path } isMaterializable assetMaterializations(limit: 1) { runId }
  dependencyKeys { path } hasAssetChecks } }"""
SENSORS = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
  sensors { name sensorState { status } } schedules { name scheduleState { status } } } } } }"""
COLUMNS = """{ assetNodes(assetKeys: [{path: ["marts", "code_quality_by_commit"]}]) {
  assetMaterializations(limit: 1) { metadataEntries { label ... on TableColumnLineageMetadataEntry {
    lineage { columnName columnDeps { assetKey { path } columnName } } } } } } }"""


@pytest.fixture
def demo(both_settings: Settings, tmp_path: Path) -> Demo:
    return make(both_settings, tmp_path / "work", "https://hooks.example.com/nothing", commits=4)


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def launch(demo: Demo, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "quality_platform", "up", *arguments],
            cwd=demo.folder, env=demo.environment, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip


@pytest.fixture
def up(demo: Demo, port: int, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = tmp_path / "up.log"
    process = launch(demo, log, "--port", str(port))
    yield process, log
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def wait_for(process: subprocess.Popen[bytes], log: Path, text: str, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while text not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.2)


def ask(port: int, query: str) -> Any:
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}, timeout=60)
    answer.raise_for_status()
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


@pytest.mark.timeout(600)
def test_one_command_shows_everything_and_ends_cleanly(
    demo: Demo, port: int, up: tuple[subprocess.Popen[bytes], Path], tmp_path: Path
) -> None:
    process, log = up
    wait_for(process, log, "Ctrl-C stops everything")
    nodes = ask(port, ASSETS)["assetNodes"]
    grey = [
        "/".join(node["assetKey"]["path"]) for node in nodes
        if node["isMaterializable"] and not node["assetMaterializations"]
    ]  # fmt: skip
    assert grey == ["platform/maintenance"]  # it has its hour
    sources = {tuple(node["assetKey"]["path"]) for node in nodes if node["assetKey"]["path"][0] == "source"}
    assert ("source", "repository", "demo") in sources
    lineage = ask(port, COLUMNS)["assetNodes"][0]["assetMaterializations"][0]["metadataEntries"]
    (columns,) = [entry["lineage"] for entry in lineage if entry["label"] == "dagster/column_lineage"]
    assert {entry["columnName"] for entry in columns} >= {"cyclomatic_complexity", "coverage_percent", "commit_sha"}
    (repository,) = ask(port, SENSORS)["repositoriesOrError"]["nodes"]
    assert {sensor["sensorState"]["status"] for sensor in repository["sensors"]} == {"RUNNING"}
    assert {schedule["scheduleState"]["status"] for schedule in repository["schedules"]} == {"RUNNING"}

    # analysts read while it runs; a second one on the same home is told so
    assert demo.sql("SELECT count(*) AS n FROM marts.code_quality_by_commit") == [{"n": 5}]
    second = demo.verb("up", "--port", str(port), code=1)
    assert "already running" in second

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 0
    assert "Stopped." in log.read_text()
    with pytest.raises(httpx.ConnectError):
        ask(port, ASSETS)

    # and again: what is current is not done again
    before = demo.sql("SELECT count(*) AS n FROM raw.batches WHERE collector = 'repository'")
    demo.verb("up", "--once")
    assert demo.sql("SELECT count(*) AS n FROM raw.batches WHERE collector = 'repository'") == before


def test_what_cannot_work_is_said_in_a_sentence(tmp_path: Path, port: int) -> None:
    def refused(*arguments: str, **variables: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QUALITY_PLATFORM_")}
        answer = subprocess.run(
            [sys.executable, "-m", "quality_platform", "up", *arguments], cwd=tmp_path, text=True, capture_output=True,
            env={**kept, "QUALITY_PLATFORM_HOME": str(tmp_path / "home"), **variables}, timeout=60, check=False,
        )  # fmt: skip
        assert answer.returncode != 0
        assert "Traceback" not in answer.stderr
        return answer.stderr

    assert "nowhere" in refused("--repo", "nowhere")
    (tmp_path / "plain").mkdir()
    assert "repository" in refused("--repo", "plain")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert f"Port {port}" in refused("--port", str(port))
    (tmp_path / "quality.yaml").write_text("projects: 7\n")
    assert "line 1" in refused()
    (tmp_path / "quality.yaml").unlink()
    (tmp_path / "occupied").write_text("")
    assert "cannot be written" in refused(QUALITY_PLATFORM_HOME=str(tmp_path / "occupied"))
    assert "QUALITY_PLATFORM_WORKERS" in refused(QUALITY_PLATFORM_WORKERS="many")
    assert "PostgreSQL" in refused(QUALITY_PLATFORM_POSTGRES_URL="mysql://x/y")
