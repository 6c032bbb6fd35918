"""Requests to the routes for people with a token of one role, as somebody with curl makes them."""

from __future__ import annotations

from typing import Any

import httpx

from quality_platform_tests.data.live import Live

MONITORING = "/api/v1/quality-monitoring"


class Asking:
    """A holder of a token."""

    def __init__(self, live: Live, role: str) -> None:
        self._base = f"{live.base}{MONITORING}"
        self._headers = {"Authorization": f"Bearer {live.token(role)}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Ask; a header is written with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(method, self._base + path, json=body, headers={**self._headers, **given}, timeout=30)

    def get(self, path: str) -> Any:
        """What is there."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()
