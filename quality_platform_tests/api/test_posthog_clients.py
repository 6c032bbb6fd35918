"""PostHog's own clients, unmodified, given nothing but the address and the key: all that they send is stored once."""

from __future__ import annotations

import json
from typing import Any

import httpx
import posthog
import pytest
from posthog import Posthog

from quality_platform_tests.data.doors import SECRETS
from quality_platform_tests.data.javascript import run_in_browser, run_node
from quality_platform_tests.data.live import Live

CARD = 4111111111111111


def client_of(live: Live, project: str, **options: Any) -> Posthog:
    said = live.key(project)["posthog"]
    return Posthog(said["api_key"], host=said["host"], flush_interval=0.05, **options)


def environment_of(live: Live, project: str) -> dict[str, str]:
    said = live.key(project)["posthog"]
    return {"POSTHOG_KEY": said["api_key"], "POSTHOG_HOST": said["host"]}


def pay(secret: str) -> None:
    try:
        raise KeyError("bob@example.com")
    except KeyError as error:
        raise ValueError(f"no card {CARD} with password={secret}") from error


@pytest.mark.parametrize("mode", ["v0", "v1"])
def test_the_python_client_in_both_of_its_modes(live: Live, mode: str) -> None:
    project = f"posthog-{mode}"
    failures: list[Exception] = []
    client = client_of(live, project, capture_mode=mode, on_error=lambda error, batch: failures.append(error))

    client.capture(
        "checkout",
        distinct_id="bob@example.com",
        properties={
            "items": 3, "password": "hunter2", "card": CARD, "$set": {"email": "bob@example.com"},
            "$session_id": "s-1", "$ip": "203.0.113.77", "$current_url": "https://shop.example/?token=hunter2",
        },
    )  # fmt: skip
    client.set(distinct_id="bob@example.com", properties={"email": "bob@example.com"})
    client.alias("bob@example.com", "bob")
    client.group_identify("company", "acme", {"name": "Acme of bob@example.com"})
    try:
        pay("hunter2")
    except ValueError as error:
        client.capture_exception(error, distinct_id="bob@example.com")
    assert client.get_all_flags("bob@example.com") == {}
    client.shutdown()

    assert failures == []
    found = live.until(f"SELECT * FROM raw.usage_events WHERE project = '{project}'", 4)
    assert sorted(row["event_name"] for row in found) == ["$create_alias", "$groupidentify", "$set", "checkout"]
    checkout = next(row for row in found if row["event_name"] == "checkout")
    properties = json.loads(checkout["properties"])
    assert (properties["items"], properties["$current_url"]) == (3, "https://shop.example/?[query]")
    assert checkout["session_id"] == "s-1"
    (error,) = live.until(f"SELECT * FROM raw.error_events WHERE project = '{project}'")
    assert (error["type"], error["level"], error["platform"], error["handled"]) == (
        "ValueError",
        "error",
        "python",
        True,
    )
    assert error["culprit"].endswith("pay")
    assert error["user_key"] == checkout["user_key"]
    assert [each["type"] for each in json.loads(error["exceptions"])] == ["KeyError", "ValueError"]
    live.until_ledger(project, {
        "event": {"received": 4, "stored": 4}, "error": {"received": 1, "stored": 1},
    })  # fmt: skip
    live.nowhere(*SECRETS)


def test_the_clients_retries_are_counted_and_stored_once(live: Live) -> None:
    said = live.key("posthog-retried")["posthog"]
    batch = [{"event": "e", "distinct_id": "u", "uuid": f"u-{number}"} for number in range(3)]

    for _ in range(3):
        posthog.request.batch_post(said["api_key"], host=said["host"], batch=batch)

    live.until_ledger("posthog-retried", {"event": {"received": 9, "stored": 3, "duplicate": 6}})


def test_the_node_client(live: Live) -> None:
    script = """
        import { PostHog } from "posthog-node"
        const client = new PostHog(process.env.POSTHOG_KEY, { host: process.env.POSTHOG_HOST })
        client.on("error", (error) => { throw error })
        const distinctId = "bob@example.com"
        client.capture({ distinctId, event: "checkout", properties: { items: 3, password: "hunter2" } })
        client.identify({ distinctId, properties: { email: "bob@example.com", ip: "203.0.113.77" } })
        function pay() { throw new TypeError("no card 4111111111111111") }
        try { pay() } catch (error) { client.captureException(error, distinctId) }
        console.log(JSON.stringify(await client.getAllFlags(distinctId)))
        await client.shutdown()
    """

    assert json.loads(run_node(script, environment_of(live, "posthog-node"))) == {}

    found = live.until("SELECT * FROM raw.usage_events WHERE project = 'posthog-node'", 2)
    assert sorted(row["event_name"] for row in found) == ["$identify", "checkout"]
    (error,) = live.until("SELECT * FROM raw.error_events WHERE project = 'posthog-node'")
    assert (error["type"], error["message"], error["platform"]) == ("TypeError", "no card [card]", "javascript")
    assert error["culprit"].endswith("pay")
    live.until_ledger("posthog-node", {
        "event": {"received": 2, "stored": 2}, "error": {"received": 1, "stored": 1},
    })  # fmt: skip
    live.nowhere(*SECRETS)


def test_the_browsers_client_on_a_site_of_another_origin(live: Live) -> None:
    script = """
        import posthog from "posthog-js"
        globalThis.posthog = posthog
        posthog.init(process.env.POSTHOG_KEY, { api_host: process.env.POSTHOG_HOST })
        posthog.capture("checkout", { items: 3, password: "hunter2" })
        posthog.identify("bob@example.com", { email: "bob@example.com" })
        function pay() { throw new TypeError("no card 4111111111111111") }
        try { pay() } catch (error) { posthog.captureException(error) }
    """

    def click(page: Any) -> None:
        # it watches for clicks once it has its configuration
        page.wait_for_function("() => globalThis.posthog.autocapture.isEnabled")
        page.click("button")

    def arrived() -> None:
        wanted = ("$pageview", "checkout", "$identify", "$autocapture", "$pageleave")
        live.until(
            "SELECT DISTINCT event_name FROM raw.usage_events "
            f"WHERE project = 'posthog-browser' AND event_name IN {wanted}",
            len(wanted),
        )

    environment = environment_of(live, "posthog-browser")
    console = run_in_browser(script, environment, html="<button>Buy</button>", act=click, left=arrived)

    assert console == []
    (error,) = live.until("SELECT * FROM raw.error_events WHERE project = 'posthog-browser'")
    assert (error["type"], error["message"], error["platform"]) == ("TypeError", "no card [card]", "javascript")
    assert error["culprit"].endswith("pay")
    stored = live.sql("SELECT event_name, user_key, properties FROM raw.usage_events WHERE project = 'posthog-browser'")
    by_name = {row["event_name"]: row for row in stored}
    before = json.loads(by_name["$identify"]["properties"])["$anon_distinct_id"]
    assert before == by_name["checkout"]["user_key"], "what was done before somebody said who they are can be joined"
    assert before != by_name["$identify"]["user_key"]
    ledger = live.until_ledger("posthog-browser", {"error": {"received": 1, "stored": 1}}, whole=False)
    assert set(ledger["event"]) == {"received", "stored"}
    live.nowhere(*SECRETS)


def test_old_forms_of_a_body_and_a_recording(live: Live) -> None:
    key = live.key("posthog-old")["key"]
    event = json.dumps({"event": "old", "properties": {"token": key, "distinct_id": "u", "$insert_id": "i-1"}})
    with httpx.Client(base_url=live.base) as client:
        said = client.post("/track/", data={"data": event})
        recorded = client.post("/s/", json={"api_key": key, "data": ["a recording of hunter2"]})
        unknown = client.post("/batch/", json={"api_key": "qpk_unknown", "batch": []})

    assert (said.status_code, said.json()) == (200, {"status": 1, "error": None})
    assert (recorded.status_code, recorded.json()["status"]) == (200, 1)
    assert unknown.status_code == 403
    live.until("SELECT 1 FROM raw.usage_events WHERE project = 'posthog-old'")
    live.until_ledger("posthog-old", {
        "event": {"received": 1, "stored": 1}, "other": {"received": 1, "rejected": 1},
    })  # fmt: skip
