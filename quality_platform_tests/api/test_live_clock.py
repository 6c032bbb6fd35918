"""What only the clock can tell, in the live service alone: a heartbeat that stays away fires, one that returns clears."""

from __future__ import annotations

from pathlib import Path

import httpx
import orjson
import yaml

from quality_platform_tests.data.live import serving
from quality_platform_tests.data.receivers import Receiver, answering, receiving
from quality_platform_tests.data.waiting import until

RULE = {"name": "backup", "type": "heartbeat", "metric_name": "backup.done", "every": "2s", "grace": "1s"}


def told(receiver: Receiver) -> list[str]:
    return [orjson.loads(request.body)["data"]["event"] for request in list(receiver.requests)]


def test_a_heartbeat_that_stays_away_is_told_and_its_return_too(tmp_path: Path) -> None:
    config = tmp_path / "quality.yaml"
    with receiving(answering(204)) as receiver:
        hook = {"name": "hook", "channel_type": "webhook", "configuration": {"url": receiver.url()}}
        config.write_text(yaml.safe_dump({"rules": [RULE], "channels": [hook]}))
        with serving(tmp_path, config=config, webhook_allow_cidrs=("127.0.0.0/8",)) as live:
            headers = {"Authorization": f"Bearer {live.key('shop')['key']}"}

            def beat() -> None:
                sample = {"metric": "backup.done", "value": 1}
                httpx.post(f"{live.base}/api/v1/ingest/metrics", json=sample, headers=headers).raise_for_status()

            beat()
            until(lambda: told(receiver) == ["fired"])
            beat()
            until(lambda: told(receiver)[:2] == ["fired", "resolved"])
