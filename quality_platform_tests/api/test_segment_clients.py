"""Segment's own clients, unmodified, given nothing but the address and the key: all that they send is stored once."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from segment.analytics.client import Client

from quality_platform_tests.data.doors import SECRETS
from quality_platform_tests.data.javascript import run_node
from quality_platform_tests.data.live import Live


@pytest.mark.parametrize("gzip", [False, True])
def test_the_python_client(live: Live, gzip: bool) -> None:
    project = f"segment-{gzip}".lower()
    said = live.key(project)["segment"]
    failures: list[Any] = []
    client = Client(
        said["write_key"], host=said["host"], gzip=gzip, on_error=lambda error, items: failures.append(error)
    )

    client.track(
        "bob@example.com",
        "Order Completed",
        {"total": 3, "card": 4111111111111111, "password": "hunter2"},
        context={"ip": "203.0.113.77", "app": {"version": "1.2"}},
    )
    client.identify("bob@example.com", {"email": "bob@example.com"})
    client.page(anonymous_id="a-1", category="Docs", name="Index", properties={"url": "https://x/?token=hunter2"})
    client.screen("bob@example.com", name="Home of bob@example.com")
    client.group("bob@example.com", "acme", {"owner": "bob@example.com"})
    client.alias("bob@example.com", "bob")
    client.flush()
    client.join()

    assert failures == []
    found = {
        row["event_name"]: row for row in live.until(f"SELECT * FROM raw.usage_events WHERE project = '{project}'", 6)
    }
    assert sorted(found) == ["$alias", "$group", "$identify", "$page", "$screen", "Order Completed"]
    order = found["Order Completed"]
    assert (order["release"], json.loads(order["properties"])["total"]) == ("1.2", 3)
    assert (
        order["user_key"] == found["$identify"]["user_key"] == json.loads(found["$alias"]["properties"])["previousId"]
    )
    page = json.loads(found["$page"]["properties"])
    assert (page["name"], page["category"], page["url"]) == ("Index", "Docs", "https://x/?[query]")
    live.until_ledger(project, {"event": {"received": 6, "stored": 6}})
    live.nowhere(*SECRETS)


def test_the_node_client(live: Live) -> None:
    said = live.key("segment-node")["segment"]
    script = """
        import { Analytics } from "@segment/analytics-node"
        const { WRITE_KEY: writeKey, HOST: host } = process.env
        const analytics = new Analytics({ writeKey, host })
        analytics.on("error", (error) => { throw error })
        analytics.track({ userId: "bob@example.com", event: "Order Completed", properties: { password: "hunter2" } })
        analytics.identify({ userId: "bob@example.com", traits: { email: "bob@example.com" } })
        analytics.page({ anonymousId: "a-1", name: "Index", context: { ip: "203.0.113.77" } })
        await analytics.closeAndFlush()
    """

    run_node(script, {"WRITE_KEY": said["write_key"], "HOST": said["host"]})

    found = live.until("SELECT event_name FROM raw.usage_events WHERE project = 'segment-node' ORDER BY event_name", 3)
    assert [row["event_name"] for row in found] == ["$identify", "$page", "Order Completed"]
    live.until_ledger("segment-node", {"event": {"received": 3, "stored": 3}})
    live.nowhere(*SECRETS)


def test_a_retry_is_counted_and_stored_once_and_bad_messages_are_put_aside(live: Live) -> None:
    key = live.key("segment-retried")["segment"]["write_key"]
    batch = [{"type": "track", "event": "e", "messageId": "m-1"}, {"type": "buy", "messageId": "m-2"}]

    for _ in range(2):
        answer = httpx.post(f"{live.base}/v1/batch", json={"batch": batch}, auth=(key, ""))
        assert (answer.status_code, answer.json()) == (200, {"success": True})

    live.until_ledger("segment-retried", {"event": {"received": 4, "stored": 1, "duplicate": 1, "rejected": 2}})
    assert [row["field"] for row in live.sql("SELECT field FROM raw.quarantine WHERE project = 'segment-retried'")] == [
        "type"
    ] * 2
