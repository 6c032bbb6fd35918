"""Alertmanager's own clients against our interface of it: amtool, and a stock Prometheus that pushes an alert."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from quality_platform_tests.data.live import Live, free_port

MONITORING = "/api/v1/quality-monitoring"
needs_amtool = pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not installed")
needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="prometheus is not installed")


class Amtool:
    """amtool with a token: as a bearer, or as the password of basic authentication."""

    def __init__(self, live: Live, folder: Path, authentication: dict[str, Any]) -> None:
        self._file = folder / "http.yml"
        self._file.write_text(json.dumps(authentication))
        self._base = live.base

    def __call__(self, *words: str, code: int = 0) -> str:
        command = ["amtool", f"--alertmanager.url={self._base}", f"--http.config.file={self._file}", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout  # it warns there that it is not our version

    def json(self, *words: str) -> Any:
        return json.loads(self("-o", "json", *words))


@pytest.fixture(params=["bearer", "basic"])
def amtool(request: pytest.FixtureRequest, live: Live, tmp_path: Path) -> Amtool:
    token = live.token("editor")
    if request.param == "bearer":
        return Amtool(live, tmp_path, {"authorization": {"credentials": token}})
    return Amtool(live, tmp_path, {"basic_auth": {"username": "anybody", "password": token}})


@needs_amtool
def test_amtool_adds_and_queries_alerts(amtool: Amtool, request: pytest.FixtureRequest) -> None:
    name = f"Added {request.node.callspec.id}"

    amtool("alert", "add", f"alertname={name}", "severity=page", "team=core", "--annotation=summary=It is slow")
    found = amtool.json("alert", "query", f"alertname={name}")

    (alert,) = found
    assert alert["labels"] == {"alertname": name, "severity": "page", "team": "core"}
    assert alert["annotations"] == {"summary": "It is slow"}
    assert alert["status"]["state"] == "active"
    assert [each["name"] for each in alert["receivers"]] == ["console"]
    assert amtool.json("alert", "query", f"alertname={name}", "team=~c.*", "other=") == found
    assert amtool.json("alert", "query", f"alertname={name}", "team!=core") == []
    assert amtool.json("alert", "query", f"alertname={name}", "team!~c.*") == []
    assert amtool.json("alert", "query", "--receiver=cons.*", f"alertname={name}") == found
    assert amtool.json("alert", "query", "--receiver=cons", f"alertname={name}") == []
    assert name in amtool("alert", "query")


@needs_amtool
def test_amtool_makes_queries_and_expires_silences(amtool: Amtool, request: pytest.FixtureRequest) -> None:
    name = f"Silenced {request.node.callspec.id}"
    amtool("alert", "add", f"alertname={name}", "team=core")

    silence = amtool("silence", "add", f"alertname={name}", "team=~core|web", "--author=me", "--comment=why").strip()
    (found,) = amtool.json("silence", "query", f"alertname={name}")

    assert (found["id"], found["createdBy"], found["comment"]) == (silence, "me", "why")
    assert found["status"] == {"state": "active"}
    assert {"name": "team", "value": "core|web", "isRegex": True, "isEqual": True} in found["matchers"]
    assert amtool.json("alert", "query", f"alertname={name}") == []
    (suppressed,) = amtool.json("alert", "query", "--silenced", f"alertname={name}")
    assert suppressed["status"] == {"state": "suppressed", "silencedBy": [silence], "inhibitedBy": []}

    amtool("silence", "update", "--duration=3h", "--comment=longer", silence)
    (longer,) = amtool.json("silence", "query", f"alertname={name}")
    assert longer["comment"] == "longer"

    amtool("silence", "expire", longer["id"])
    assert amtool.json("silence", "query", f"alertname={name}") == []
    assert any(each["id"] == longer["id"] for each in amtool.json("silence", "query", "--expired"))
    assert len(amtool.json("alert", "query", f"alertname={name}")) == 1


@needs_amtool
def test_amtool_shows_the_configuration_and_walks_its_routes(amtool: Amtool, live: Live) -> None:
    headers = {"Authorization": f"Bearer {live.token('admin')}"}
    channel = {
        "name": f"Walked {time.time_ns()}", "channel_type": "console", "enabled": True,
        "severity_levels": ["critical"], "matchers": ['team="walked"'],
    }  # fmt: skip
    made = httpx.post(f"{live.base}{MONITORING}/notifications/channels", json=channel, headers=headers)
    assert made.status_code == 201, made.text

    shown = amtool("config", "show")
    taken = amtool("config", "routes", "test", "severity=critical", "team=walked")
    httpx.delete(f"{live.base}{MONITORING}/notifications/channels/{made.json()['id']}", headers=headers)

    assert channel["name"] in shown
    assert str(channel["name"]) in taken


@needs_amtool
def test_amtool_is_told_what_is_wrong(live: Live, tmp_path: Path) -> None:
    viewer = Amtool(live, tmp_path, {"authorization": {"credentials": live.token("viewer")}})
    nobody = Amtool(live, tmp_path / "..", {"authorization": {"credentials": "qpt_unknown"}})

    assert "403" in viewer("alert", "add", "alertname=x", code=1)
    assert viewer.json("alert", "query", "alertname=never") == []
    assert "401" in nobody("alert", "query", code=1)


def test_a_project_key_pushes_alerts_of_its_project_and_reads_none(live: Live) -> None:
    key = str(live.key("pushing")["key"])
    alert = {"labels": {"alertname": "ByKey", "project": "another"}, "startsAt": "0001-01-01T00:00:00.000Z"}

    pushed = httpx.post(f"{live.base}/api/v2/alerts", json=[alert], auth=("anybody", key))
    read = httpx.get(f"{live.base}/api/v2/alerts", headers={"Authorization": f"Bearer {key}"})
    unknown = httpx.post(f"{live.base}/api/v2/alerts", json=[alert], auth=("anybody", "qpk_" + "0" * 40))

    assert pushed.status_code == 200, pushed.text
    assert (read.status_code, unknown.status_code) == (403, 403)
    assert isinstance(read.json(), str)
    found = open_alerts(live, "project_id=pushing")
    assert [(each["rule"], each["project_id"], each["origin"]) for each in found] == [
        ("ByKey", "pushing", "alertmanager")
    ]


def test_an_alert_ends_when_its_sender_says_so(live: Live) -> None:
    headers = {"Authorization": f"Bearer {live.token('editor')}"}
    alert = {"labels": {"alertname": "Ending", "project": "ending"}}

    httpx.post(f"{live.base}/api/v2/alerts", json=[alert], headers=headers)
    before = open_alerts(live, "project_id=ending")
    over = {**alert, "startsAt": "2026-01-01T00:00:00Z", "endsAt": "2026-01-01T00:01:00Z"}
    ended = httpx.post(f"{live.base}/api/v2/alerts", json=[over], headers=headers)

    assert ended.status_code == 200, ended.text
    assert len(before) == 1
    assert open_alerts(live, "project_id=ending") == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([{"labels": {}}], "label"),
        ([{}], "labels"),
        ({}, "list"),
        ([{"labels": {"a": "b"}, "startsAt": "2026-01-02T00:00:00Z", "endsAt": "2026-01-01T00:00:00Z"}], "before"),
    ],
)
def test_what_is_no_alert_is_refused_in_one_text(live: Live, body: Any, said: str) -> None:
    headers = {"Authorization": f"Bearer {live.token('editor')}"}

    answer = httpx.post(f"{live.base}/api/v2/alerts", json=body, headers=headers)

    assert answer.status_code == 400
    assert said in answer.json()


def test_groups_are_those_that_messages_are_put_into(live: Live) -> None:
    headers = {"Authorization": f"Bearer {live.token('editor')}"}
    alerts = [{"labels": {"alertname": "Grouped", "project": "grouped", "n": str(n)}} for n in range(3)]
    httpx.post(f"{live.base}/api/v2/alerts", json=alerts, headers=headers)

    found = httpx.get(f"{live.base}/api/v2/alerts/groups?filter=alertname=Grouped", headers=headers).json()

    (group,) = found
    assert group["receiver"] == {"name": "console"}
    assert group["labels"] == {"project_id": "grouped", "rule": "Grouped"}
    assert {alert["labels"]["n"] for alert in group["alerts"]} == {"0", "1", "2"}


@pytest.fixture
def prometheus(live: Live, tmp_path: Path) -> Iterator[None]:
    """A stock Prometheus whose one rule always fires, pushing here."""
    rule = {"alert": "AlwaysThere", "expr": "vector(1)", "labels": {"severity": "critical", "project": "pushed"},
            "annotations": {"summary": "It is there"}}  # fmt: skip
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "interval": "1s", "rules": [rule]}]}))
    target = {
        "basic_auth": {"username": "prometheus", "password": live.token("editor")},
        "static_configs": [{"targets": [live.base.removeprefix("http://")]}],
    }
    configuration = {"rule_files": ["rules.yml"], "alerting": {"alertmanagers": [target]}}
    (tmp_path / "prometheus.yml").write_text(json.dumps(configuration))
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", f"--config.file={tmp_path / 'prometheus.yml'}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
             f"--web.listen-address=127.0.0.1:{free_port()}",
             # the first push comes before it has discovered where to, the next one after this
             "--rules.alert.resend-delay=1s"], stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@needs_prometheus
@pytest.mark.usefixtures("prometheus")
def test_a_stock_prometheus_pushes_an_alert(live: Live) -> None:
    deadline, token = time.monotonic() + 60, live.token()
    while not (found := open_alerts(live, "project_id=pushed", token)) and time.monotonic() < deadline:
        time.sleep(0.2)

    (alert,) = found
    assert (alert["rule"], alert["severity"], alert["message"]) == ("AlwaysThere", "critical", "It is there")
    assert alert["generator_url"].startswith("http://")
    assert alert["ends_at"] is not None


def open_alerts(live: Live, query: str, token: str | None = None) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {token or live.token()}"}
    answer = httpx.get(f"{live.base}{MONITORING}/alerts?{query}", headers=headers, timeout=20)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["alerts"]
    return found
