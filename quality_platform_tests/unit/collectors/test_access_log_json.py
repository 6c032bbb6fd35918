"""Access logs as JSON lines: nginx, Caddy, Traefik, Envoy, container runtimes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from quality_platform.collectors.access_logs import COLLECTOR
from quality_platform.collectors.access_logs.json_line import json_access
from quality_platform.model.configuration import ProjectConfig, QualityConfig
from quality_platform.model.live_sources import AccessLogSource

AT = 1_779_005_103_000_000
NGINX = {
    "time_iso8601": "2026-05-17T10:05:03+02:00", "remote_addr": "192.0.2.1", "remote_user": "bob", "status": "502",
    "request": "GET /a/7?x=1 HTTP/1.1", "body_bytes_sent": "12", "request_time": "0.250", "http_user_agent": "UA",
}  # fmt: skip
CADDY = {
    "level": "info", "ts": 1779005103.0, "msg": "handled request", "status": 200, "size": 12, "duration": 0.25,
    "user_id": "", "request": {"remote_ip": "192.0.2.1", "method": "GET", "host": "shop", "uri": "/a/7?x=1"},
}  # fmt: skip
TRAEFIK = {
    "StartUTC": "2026-05-17T08:05:03Z", "RequestMethod": "GET", "RequestPath": "/a/7?x=1", "DownstreamStatus": 200,
    "DownstreamContentSize": 12, "Duration": 250_000_000, "ClientUsername": "-",
}  # fmt: skip
ENVOY = {
    "start_time": "2026-05-17T08:05:03.000Z", "method": "GET", "path": "/a/7?x=1", "response_code": 200,
    "bytes_sent": 12, "duration": 250,
}  # fmt: skip
DOCKER = {
    "log": '192.0.2.1 - - [17/May/2026:10:05:03 +0200] "GET /a/7?x=1 HTTP/1.1" 200 12 "-" "UA" rt=0.250\n',
    "stream": "stdout", "time": "2030-01-01T00:00:00Z",
}  # fmt: skip


@pytest.mark.parametrize(
    "fields", [NGINX, CADDY, TRAEFIK, ENVOY, DOCKER], ids=["nginx", "caddy", "traefik", "envoy", "docker"]
)
def test_servers_are_understood_without_being_told(fields: dict[str, Any]) -> None:
    access = json_access(fields, "auto")
    assert not isinstance(access, str), access
    assert (access.time, access.method, access.route, access.size) == (AT, "GET", "/a/{id}", 12)
    assert access.duration_ms == pytest.approx(250.0)
    assert access.user == ("bob" if fields is NGINX else None)


@pytest.mark.parametrize(
    ("fields", "unit", "expected"),
    [
        ({}, "auto", None),
        ({"duration": "12.5ms"}, "auto", 12.5),
        ({"duration": "350 µs"}, "auto", 0.35),
        ({"duration": "17"}, "auto", None),
        ({"duration": "17"}, "milliseconds", 17.0),
        ({"response_time": 17}, "auto", 17.0),
        ({"response_time": 17}, "microseconds", 0.017),
        ({"latency": 0.5}, "auto", 500.0),
        ({"duration_ms": "3"}, "seconds", 3.0),
        ({"event": {"duration": 1_000_000}}, "auto", 1.0),
        ({"duration": -1}, "auto", None),
        ({"duration": "soon"}, "auto", None),
        ({"duration_ms": "soon"}, "auto", None),
        ({"duration": True}, "auto", None),
        ({"duration": [1]}, "auto", None),
        ({"duration": 1e300}, "auto", None),
    ],
)
def test_durations_and_their_units(fields: dict[str, Any], unit: Any, expected: float | None) -> None:
    access = json_access({"time": "2026-05-17T08:05:03Z", "status": 200, **fields}, unit)
    assert not isinstance(access, str), access
    assert access.duration_ms == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"time": "2026-05-17T08:05:03Z"}, "status"),
        ({"status": 200}, "time"),
        ({"status": 200, "time": "soon"}, "time"),
        ({"status": True, "time": 1}, "status"),
        ({"log": "hello"}, "time"),
    ],
)
def test_what_is_missing_is_named(fields: dict[str, Any], word: str) -> None:
    assert word in str(json_access(fields, "auto"))


def test_both_forms_may_stand_in_one_file(memory: Any, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    path.write_text(json.dumps(NGINX) + "\n" + DOCKER["log"] + '{"broken\n' + "[1]\n")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    source = AccessLogSource(paths=(str(path),))
    memory.collect(COLLECTOR, QualityConfig(projects=(ProjectConfig(id="shop", access_logs=(source,)),)))
    assert [(row["status"], row["is_error"], row["service"]) for row in memory.rows] == [
        (502, True, "shop"),
        (200, False, "shop"),
    ]
    assert [item.position for item in memory.rejected] == ["line 3", "line 4"]
