"""Every route for people is described in `docs/http.md`, with its method, and nothing else is."""

from __future__ import annotations

import re

from quality_platform.api.app import framework
from quality_platform.api.ingest.registry import DOORS
from quality_platform_tests.architecture.tree import ROOT

PREFIX = "/api/v1/quality-monitoring"
ROW = re.compile(r"^\| (GET|POST|PUT|DELETE) \| `([^`]+)` \|", re.MULTILINE)
ELSEWHERE = ("/api/", "/health")
ROOTED = {"/", "/metrics"}


def test_every_route_is_documented_and_every_documented_route_is_there() -> None:
    document = framework().openapi()
    doors = {path for door in DOORS for path in door.paths}
    there = {
        (method.upper(), path.replace("{key:path}", "{key}"))
        for path, operations in document["paths"].items()
        for method in operations
        if path not in doors
    }

    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    documented = {
        (method, path if path.startswith(ELSEWHERE) or path in ROOTED else PREFIX + path)
        for method, path in ROW.findall(text)
    }

    assert documented == there
