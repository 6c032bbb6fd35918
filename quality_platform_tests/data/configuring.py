"""Bodies that configure alerting over HTTP: the examples of the requirements, a channel, a secret to look for."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx

from quality_platform_tests.data.live import Live

THRESHOLD = {
    "metric_name": "code_coverage", "warning_threshold": 70.0, "critical_threshold": 50.0,
    "trend_window_minutes": 60, "min_samples": 3, "enabled": True,
}  # fmt: skip
SLACK = {
    "name": "Team Slack Channel", "channel_type": "slack",
    "configuration": {"webhook_url": "https://hooks.slack.com/services/..."}, "enabled": True,
    "alert_types": ["threshold_violation", "regression"], "severity_levels": ["critical", "warning"],
}  # fmt: skip
# a secret that must not come out anywhere
CANARY = "canary-4f1c9d2e8b7a6053"


def name() -> str:
    return f"n-{uuid.uuid4().hex[:8]}"


def webhook(url: str) -> dict[str, Any]:
    return {"name": "hook", "channel_type": "webhook", "configuration": {"url": url}}


def until(look: Any, seconds: float = 60.0) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found
    return found


def audit(live: Live) -> Any:
    headers = {"Authorization": f"Bearer {live.token('admin')}"}
    return httpx.get(f"{live.base}/api/v1/audit?limit=500", headers=headers).json()
