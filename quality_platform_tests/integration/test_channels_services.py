"""PagerDuty, ntfy, Slack and Alertmanager's webhooks: sinks on loopback that hold what arrives against what is published."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter
from standardwebhooks import Webhook

from quality_platform.errors import ConfigurationError, DeliveryError
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.message import Message, Paragraph
from quality_platform.notifications.delivery import Sender
from quality_platform.notifications.network import Network
from quality_platform.notifications.registry import build_sender
from quality_platform_tests.data.alert_payloads import alert, over, speaking
from quality_platform_tests.data.messages import HOSTILE, REPORT, delivery
from quality_platform_tests.data.news import NEWS
from quality_platform_tests.data.receivers import Receiver, answering, receiving
from quality_platform_tests.data.service_schemas import ALERTMANAGER, NTFY, PAGERDUTY

NETWORK = Network.allowing(["127.0.0.0/8"])
KEY = "e93facc04764012d7bfb002500d5d1a6"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + "QUFB" * 10


def sender(channel_type: str, configuration: dict[str, object], **more: object) -> Sender:
    config: Any = TypeAdapter(ChannelConfig).validate_python(
        {"name": "ops", "channel_type": channel_type, "configuration": configuration, **more}
    )
    return build_sender(config, NETWORK, {}.get)


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    return [json.loads(request.body) for request in receiver.requests]


def conforms(receiver: Receiver, schema: dict[str, Any]) -> list[dict[str, Any]]:
    """What arrived, all of it as published."""
    found = bodies(receiver)
    for body in found:
        jsonschema.validate(body, schema, jsonschema.Draft202012Validator)
    return found


class TestPagerDuty:
    ACCEPTED = staticmethod(answering(202, b'{"status": "success", "message": "Event processed", "dedup_key": "k"}'))

    @staticmethod
    def send(receiver: Receiver) -> Sender:
        return sender("pagerduty", {"routing_key": KEY, "url": receiver.url("/v2/enqueue")})

    def test_an_incident_is_opened_acknowledged_and_resolved_under_one_key(self) -> None:
        with receiving(self.ACCEPTED) as receiver:
            send = self.send(receiver)
            for news, state in (("firing", alert()), ("repeat", alert()), ("escalated", alert()),
                                ("acknowledged", alert(status="acknowledged")), ("resolved", over())):  # fmt: skip
                assert send(speaking(news, state)).status == 202
        events = conforms(receiver, PAGERDUTY)
        assert [event["event_action"] for event in events] == ["trigger"] * 3 + ["acknowledge", "resolve"]
        assert {event["dedup_key"] for event in events} == {f"{1:064x}/01JQ4Y7N5G0001"}
        assert {event["routing_key"] for event in events} == {KEY}
        payload = events[0]["payload"]
        assert payload["summary"] == "Test coverage of flask: 45.25% is below 50%."
        assert (payload["severity"], payload["source"], payload["group"]) == ("critical", "src/flask", "flask")
        assert payload["custom_details"]["current_value"] == 45.25
        assert events[0]["links"][0]["href"].startswith("http://127.0.0.1:8000/")

    def test_every_alert_of_a_group_is_an_incident_of_its_own(self) -> None:
        group = speaking("firing", alert(1), over(2), alert(3, severity="warning"), message="group")
        with receiving(self.ACCEPTED) as receiver:
            assert self.send(receiver)(group).detail == "3 events accepted by PagerDuty"
        events = conforms(receiver, PAGERDUTY)
        assert [event["event_action"] for event in events] == ["trigger", "resolve", "trigger"]
        assert len({event["dedup_key"] for event in events}) == 3
        assert events[2]["payload"]["severity"] == "warning"

    def test_hostile_and_endless_text_keeps_the_limits(self) -> None:
        wild = alert(message=HOSTILE * 100, subject="s" * 5000, labels={"x": HOSTILE * 900}, alert_type=HOSTILE)
        wild |= {f"field-{place}": "v" * 9000 for place in range(500)}
        with receiving(self.ACCEPTED) as receiver:
            self.send(receiver)(speaking("firing", wild))
        (event,) = conforms(receiver, PAGERDUTY)
        assert len(receiver.requests[0].body) < 512 * 1024
        assert "\x1b" not in json.dumps(event)

    def test_a_test_message_opens_and_closes(self) -> None:
        with receiving(self.ACCEPTED) as receiver:
            self.send(receiver)(delivery(kind="channel.test", payload={}))
        assert [event["event_action"] for event in conforms(receiver, PAGERDUTY)] == ["trigger", "resolve"]
        assert bodies(receiver)[0]["payload"]["severity"] == "info"

    def test_a_report_wakes_nobody(self) -> None:
        with receiving(self.ACCEPTED) as receiver, pytest.raises(DeliveryError, match=r"alerts, not reports") as raised:
            self.send(receiver)(delivery(REPORT, kind="report.daily", payload={}))
        assert not raised.value.retry
        assert not receiver.requests

    @pytest.mark.parametrize(
        ("status", "body", "retry"),
        [
            (400, b'{"status": "invalid event", "message": "Event object is invalid", "errors": ["bad key"]}', False),
            (429, b"", True),
            (503, b"", True),
            (200, b"<html>proxy</html>", True),
            (202, b'{"status": "throttled"}', True),
        ],
    )
    def test_refusals(self, status: int, body: bytes, retry: bool) -> None:
        with receiving(answering(status, body)) as receiver, pytest.raises(DeliveryError) as raised:
            self.send(receiver)(speaking("firing", alert()))
        assert (raised.value.retry, raised.value.status) == (retry, status)
        assert KEY not in str(raised.value)


class TestNtfy:
    ACCEPTED = staticmethod(
        answering(200, b'{"id":"x","time":1,"event":"message","topic":"quality-9f3","message":"m"}')
    )

    @staticmethod
    def send(receiver: Receiver, **more: object) -> Sender:
        return sender("ntfy", {"topic": "quality-9f3", "server": receiver.url("/"), **more})

    @pytest.mark.parametrize(
        ("news", "priority", "tag"),
        [("firing", 5, "rotating_light"), ("flapping", 4, "warning"), ("resolved", 3, "white_check_mark")],
    )
    def test_a_phone_is_told(self, news: str, priority: int, tag: str) -> None:
        with receiving(self.ACCEPTED) as receiver:
            receipt = self.send(receiver, token="tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2")(speaking(news, alert()))
        assert receipt.detail == "accepted by ntfy"
        (body,) = conforms(receiver, NTFY)
        assert receiver.requests[0].path == "/"
        assert receiver.requests[0].headers["Authorization"] == "Bearer tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
        assert (body["topic"], body["priority"], body["tags"]) == ("quality-9f3", priority, [tag])
        assert body["click"] == "http://127.0.0.1:8000/alerts/01JQ4Y7N5G"
        assert [action["label"] for action in body["actions"]] == ["Open the alert", "Runbook"]

    def test_a_repeat_says_so_and_without_a_token_none_is_sent(self) -> None:
        with receiving(self.ACCEPTED) as receiver:
            self.send(receiver)(speaking("firing", alert(), attempt=3))
        assert "repeat" in bodies(receiver)[0]["tags"]
        assert "Authorization" not in receiver.requests[0].headers

    def test_a_long_message_stays_a_message(self) -> None:
        with receiving(self.ACCEPTED) as receiver:
            self.send(receiver)(delivery(Message("t", "s", "info", (Paragraph("€" * 450),) * 9)))
        (body,) = conforms(receiver, NTFY)
        assert 3000 < len(body["message"].encode()) <= 4000

    @pytest.mark.parametrize(
        ("status", "body", "retry"),
        [(401, b'{"code":40101}', False), (403, b"{}", False), (429, b"{}", True), (507, b"", True),
         (200, b"<html>sign in</html>", True), (200, b'{"event":"open"}', True)],
    )  # fmt: skip
    def test_refusals(self, status: int, body: bytes, retry: bool) -> None:
        with receiving(answering(status, body)) as receiver, pytest.raises(DeliveryError) as raised:
            self.send(receiver)(speaking("firing", alert()))
        assert (raised.value.retry, raised.value.status) == (retry, status)
        assert "quality-9f3" not in str(raised.value)

    @pytest.mark.parametrize("topic", ["", "a b", "x" * 65, "a/b", "ü"])
    def test_a_topic_that_is_none_is_refused_and_not_repeated(self, topic: str) -> None:
        with pytest.raises(ConfigurationError, match=r"Channel ops: topic has other characters") as raised:
            sender("ntfy", {"topic": topic})
        assert not topic or topic not in str(raised.value).replace("other characters than letters", "")


class TestAlertmanagerForm:
    @staticmethod
    def send(receiver: Receiver, **more: object) -> Sender:
        return sender("webhook", {"url": receiver.url()}, format="alertmanager.v4", **more)

    def test_one_alert(self) -> None:
        with receiving(answering(200)) as receiver:
            self.send(receiver, signing_secret=SECRET)(speaking("firing", alert()))
        (body,) = conforms(receiver, ALERTMANAGER)
        assert Webhook(SECRET).verify(receiver.requests[0].body, receiver.requests[0].headers) == body
        (one,) = body["alerts"]
        assert (body["status"], body["receiver"], body["truncatedAlerts"]) == ("firing", "ops", 0)
        assert body["groupKey"] == '{}:{alertname="coverage-low"}'
        assert body["externalURL"] == "http://127.0.0.1:8000"
        assert one["labels"]["alertname"] == "coverage-low"
        assert one["labels"]["branch"] == "main"
        assert one["annotations"]["summary"] == "Test coverage of flask: 45.25% is below 50%."
        assert one["annotations"]["runbook_url"] == "https://wiki.example.org/coverage"
        assert (one["startsAt"], one["endsAt"]) == ("2026-03-23T06:00:00Z", "0001-01-01T00:00:00Z")
        assert one["fingerprint"] == f"{1:064x}"

    def test_a_group_has_what_its_alerts_share(self) -> None:
        with receiving(answering(200)) as receiver:
            self.send(receiver)(speaking("firing", alert(1), over(2), message="group"))
        (body,) = conforms(receiver, ALERTMANAGER)
        assert [one["status"] for one in body["alerts"]] == ["firing", "resolved"]
        assert body["status"] == "firing"
        assert body["alerts"][1]["endsAt"] == "2026-03-23T06:25:00Z"
        assert "series" not in body["commonLabels"]
        assert body["commonLabels"]["branch"] == "main"
        assert body["groupLabels"] == {"alertname": "coverage-low"}

    def test_all_over_is_resolved(self) -> None:
        with receiving(answering(200)) as receiver:
            self.send(receiver)(speaking("resolved", over(1), over(2), message="group"))
        assert conforms(receiver, ALERTMANAGER)[0]["status"] == "resolved"

    def test_a_report_and_a_test_are_alerts_too(self) -> None:
        with receiving(answering(200)) as receiver:
            self.send(receiver)(delivery(REPORT, kind="report.daily", payload={}))
            self.send(receiver)(delivery(kind="channel.test", payload={}))
        names = [body["alerts"][0]["labels"]["alertname"] for body in conforms(receiver, ALERTMANAGER)]
        assert names == ["report.daily", "channel.test"]

    def test_the_old_form_of_a_payload_is_understood(self) -> None:
        with receiving(answering(200)) as receiver:
            self.send(receiver)(delivery(payload={**alert(), "routing_labels": {}}))
        (body,) = conforms(receiver, ALERTMANAGER)
        assert body["alerts"][0]["labels"]["rule"] == "coverage-low"


DIGEST = {
    "count": 2, "severity": "critical", "truncated": 0,
    "messages": [
        {"id": "m1", "kind": "firing", "severity": "warning", "alert_id": "a1", "title": "One", "created_at": "2026-03-23T06:00:00+00:00"},
        {"id": "m2", "kind": "resolved", "severity": "critical", "alert_id": "a2", "title": "Two", "created_at": "2026-03-23T06:01:00+00:00"},
    ],
}  # fmt: skip


class TestDigest:
    """What a rate limit folded: with its messages, or with the alerts that these speak of."""

    def test_alertmanager_s_receivers_get_an_alert_per_message(self) -> None:
        with receiving(answering(200)) as receiver:
            TestAlertmanagerForm.send(receiver)(delivery(NEWS["digest"], kind="alert.digest", payload=DIGEST))
        (body,) = conforms(receiver, ALERTMANAGER)
        assert [one["status"] for one in body["alerts"]] == ["firing", "resolved"]
        assert [one["annotations"]["summary"] for one in body["alerts"]] == ["One", "Two"]

    def test_pagerduty_opens_one_incident_where_it_cannot_tell_them_apart(self) -> None:
        with receiving(TestPagerDuty.ACCEPTED) as receiver:
            TestPagerDuty.send(receiver)(delivery(NEWS["digest"], kind="alert.digest", payload=DIGEST))
        (event,) = conforms(receiver, PAGERDUTY)
        assert (event["event_action"], event["payload"]["severity"]) == ("trigger", "critical")
        assert event["payload"]["summary"] == NEWS["digest"].title

    def test_pagerduty_has_an_event_per_alert_where_it_can(self) -> None:
        with receiving(TestPagerDuty.ACCEPTED) as receiver:
            TestPagerDuty.send(receiver)(speaking("digest", alert(1), over(2)))
        assert [event["event_action"] for event in conforms(receiver, PAGERDUTY)] == ["trigger", "resolve"]


class TestWebhook:
    def test_a_group_names_all_and_one_keeps_its_fields_at_the_top(self) -> None:
        with receiving(answering(200)) as receiver:
            send = sender("webhook", {"url": receiver.url()})
            send(speaking("firing", alert()))
            send(speaking("firing", alert(1), alert(2), message="group"))
        one, group = (body["data"] for body in bodies(receiver))
        assert one["project_id"] == "flask"
        assert len(one["alerts"]) == 1
        assert "project_id" not in group
        assert [entry["fingerprint"] for entry in group["alerts"]] == [f"{1:064x}", f"{2:064x}"]

    def test_secrets_are_changed_without_a_gap(self) -> None:
        with receiving(answering(200)) as receiver:
            sender("webhook", {"url": receiver.url()}, signing_secret=f"{OTHER_SECRET} {SECRET}")(delivery())
        (request,) = receiver.requests
        for secret in (SECRET, OTHER_SECRET):
            assert Webhook(secret).verify(request.body, request.headers)

    def test_two_places_for_one_secret_are_one_too_many(self) -> None:
        with pytest.raises(ConfigurationError, match=r"signing_secret is given twice"):
            sender("webhook", {"url": "https://x.example/", "signing_secret": SECRET}, signing_secret=SECRET)

    def test_slack_s_form_for_whatever_takes_it(self) -> None:
        with receiving(answering(204)) as receiver:
            assert sender("webhook", {"url": receiver.url()}, format="slack.blocks")(delivery()).status == 204
        assert set(bodies(receiver)[0]) == {"text", "blocks", "attachments"}

    def test_a_channel_s_own_patience(self) -> None:
        def late(handler: BaseHTTPRequestHandler) -> None:
            release.wait(5)

        release = threading.Event()
        with receiving(late) as receiver, pytest.raises(DeliveryError, match=r"within 0\.3 s") as raised:
            sender("webhook", {"url": receiver.url()}, timeout_s=0.3)(delivery())
        release.set()
        assert raised.value.retry


class TestSlack:
    @pytest.mark.parametrize("attempt", [1, 2])
    def test_what_may_be_there_already_says_so(self, attempt: int) -> None:
        with receiving(answering(200, b"ok")) as receiver:
            sender("slack", {"webhook_url": receiver.url()})(speaking("firing", alert(), attempt=attempt))
        assert (b"Possible duplicate" in receiver.requests[0].body) is (attempt > 1)

    def test_a_relay_before_slack_can_check_the_signature(self) -> None:
        with receiving(answering(200, b"ok")) as receiver:
            sender("slack", {"webhook_url": receiver.url()}, signing_secret=SECRET)(delivery())
        assert Webhook(SECRET).verify(receiver.requests[0].body, receiver.requests[0].headers)

    @pytest.mark.parametrize(
        ("status", "word", "retry"),
        [(400, b"invalid_payload", False), (403, b"action_prohibited", False), (404, b"channel_not_found", False),
         (410, b"channel_is_archived", False), (429, b"rate_limited", True), (500, b"rollup_error", True)],
    )  # fmt: skip
    def test_its_words(self, status: int, word: bytes, retry: bool) -> None:
        with receiving(answering(status, word)) as receiver, pytest.raises(DeliveryError) as raised:
            sender("slack", {"webhook_url": receiver.url("/services/T0/B0/hunter2")})(delivery())
        assert (raised.value.retry, raised.value.status) == (retry, status)
        assert word.decode() in str(raised.value)
        assert "hunter2" not in str(raised.value)


def test_live_clients_need_nothing_sent() -> None:
    send: Callable[..., Any] = sender("websocket", {})
    assert send(speaking("firing", alert())).detail == "in the feed of the live clients"
    assert "nothing to send" in send(delivery(REPORT, kind="report.daily", payload={})).detail
