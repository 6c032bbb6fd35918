"""`up` as a newcomer sees it: one command of a wheel in a repository without a configuration, every asset green, an
application's sample in the lake, Ctrl-C ends all of it; and what it says when it cannot.

With a configuration and from the checkout the whole walk calls it.
"""

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
from quality_platform_tests.data.live import free_port
from quality_platform_tests.data.platforms import Demo, make
from quality_platform_tests.data.waiting import WAIT_SECONDS, until
from quality_platform_tests.data.wheels import laid_out

PROJECT = "repository"  # named like its folder
ASSETS = """{ assetNodes { assetKey { path } isMaterializable assetMaterializations(limit: 1) { runId }
  dependencyKeys { path } hasAssetChecks } }"""
SENSORS = """{ repositoriesOrError { ... on RepositoryConnection { nodes {
  sensors { name sensorState { status } } schedules { name scheduleState { status } } } } } }"""
COLUMNS = """{ assetNodes(assetKeys: [{path: ["marts", "code_quality_by_commit"]}]) {
  assetMaterializations(limit: 1) { metadataEntries { label ... on TableColumnLineageMetadataEntry {
    lineage { columnName columnDeps { assetKey { path } columnName } } } } } } }"""


@pytest.fixture
def demo(both_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """A repository without a configuration. What is started in it is the wheel: models, migrations, templates and all."""
    made = make(both_settings, tmp_path / "work", "https://hooks.example.com/nothing", commits=4)
    monkeypatch.setenv("PYTHONPATH", str(laid_out(tmp_path / "wheel")))
    return Demo(made.settings, made.repository.folder, made.repository)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def api_port(port: int) -> int:
    return next(found for _ in range(100) if (found := free_port()) != port)


def launch(demo: Demo, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "quality_platform", "up", *arguments],
            cwd=demo.folder, env=demo.environment, stdout=file, stderr=file, start_new_session=True,
        )  # fmt: skip


@pytest.fixture
def up(demo: Demo, port: int, api_port: int, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = tmp_path / "up.log"
    process = launch(demo, log, "--port", str(port), "--api-port", str(api_port))
    yield process, log
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=WAIT_SECONDS)


def wait_for(process: subprocess.Popen[bytes], log: Path, text: str) -> None:
    while text not in log.read_text():
        assert process.poll() is None, log.read_text()
        time.sleep(0.2)


def ask(port: int, query: str) -> Any:
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json={"query": query}, timeout=WAIT_SECONDS)
    answer.raise_for_status()
    body = answer.json()
    assert "errors" not in body, body
    return body["data"]


# what is different on PostgreSQL, the whole walk goes through every time
@pytest.mark.parametrize("both_settings", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True)
@pytest.mark.timeout(3600)
def test_one_command_shows_everything_and_ends_cleanly(
    demo: Demo, port: int, api_port: int, up: tuple[subprocess.Popen[bytes], Path]
) -> None:
    process, log = up
    where = [sys.executable, "-c", "import quality_platform; print(quality_platform.__file__)"]
    assert os.environ["PYTHONPATH"] in subprocess.check_output(where, cwd=demo.folder, text=True)
    wait_for(process, log, "Ctrl-C stops everything")
    nodes = ask(port, ASSETS)["assetNodes"]
    grey = [
        "/".join(node["assetKey"]["path"]) for node in nodes
        if node["isMaterializable"] and not node["assetMaterializations"]
    ]  # fmt: skip
    assert grey == ["platform/maintenance"]  # it has its hour
    sources = {tuple(node["assetKey"]["path"]) for node in nodes if node["assetKey"]["path"][0] == "source"}
    assert ("source", "repository", PROJECT) in sources
    lineage = ask(port, COLUMNS)["assetNodes"][0]["assetMaterializations"][0]["metadataEntries"]
    (columns,) = [entry["lineage"] for entry in lineage if entry["label"] == "dagster/column_lineage"]
    assert {entry["columnName"] for entry in columns} >= {"cyclomatic_complexity", "coverage_percent", "commit_sha"}
    (repository,) = ask(port, SENSORS)["repositoriesOrError"]["nodes"]
    assert {sensor["sensorState"]["status"] for sensor in repository["sensors"]} == {"RUNNING"}
    assert {schedule["scheduleState"]["status"] for schedule in repository["schedules"]} == {"RUNNING"}

    # an application sends with the key that it was given
    live = f"http://127.0.0.1:{api_port}"
    assert live in log.read_text()
    assert httpx.get(f"{live}/health/live").status_code == 200
    key = demo.json("keys", "create", PROJECT)["key"]
    sent = httpx.post(
        f"{live}/api/v1/ingest/metrics",
        json={"metric": "queue.depth", "value": 3},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert sent.status_code == 202
    until(lambda: demo.sql("SELECT 1 FROM raw.metric_samples WHERE metric = 'queue.depth'"))

    # analysts read while it runs; a second one on the same home is told so
    assert demo.json("sql", "SELECT count(*) AS n FROM marts.code_quality_by_commit") == [{"n": 5}]
    second = demo.verb("up", "--port", str(port), code=1)
    assert "already running" in second
    assert demo.verb("init").startswith("Wrote")

    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=WAIT_SECONDS) == 0
    assert "Stopped." in log.read_text()
    with pytest.raises(httpx.ConnectError):
        ask(port, ASSETS)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{live}/health/live")


def test_what_cannot_work_is_said_in_a_sentence(tmp_path: Path, port: int, api_port: int) -> None:
    free = {"QUALITY_PLATFORM_DAGSTER_PORT": str(port), "QUALITY_PLATFORM_API_PORT": str(api_port)}

    def refused(*arguments: str, **variables: str) -> str:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("QUALITY_PLATFORM_")}
        answer = subprocess.run(
            [sys.executable, "-m", "quality_platform", "up", *arguments], cwd=tmp_path, text=True, capture_output=True,
            env={**kept, **free, "QUALITY_PLATFORM_HOME": str(tmp_path / "home"), **variables}, timeout=WAIT_SECONDS, check=False,
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
        assert f"Port {port}" in refused()
        assert f"Port {port}" in refused("--port", str(api_port), "--api-port", str(port))
    assert "both" in refused("--api-port", str(port))
    (tmp_path / "quality.yaml").write_text("projects: 7\n")
    assert "line 1" in refused()
    (tmp_path / "quality.yaml").unlink()
    (tmp_path / "occupied").write_text("")
    assert "cannot be written" in refused(QUALITY_PLATFORM_HOME=str(tmp_path / "occupied"))
    assert "QUALITY_PLATFORM_WORKERS" in refused(QUALITY_PLATFORM_WORKERS="many")
    assert "PostgreSQL" in refused(QUALITY_PLATFORM_POSTGRES_URL="mysql://x/y")
