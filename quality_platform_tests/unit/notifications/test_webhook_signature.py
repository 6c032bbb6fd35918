"""Signatures against the receiver's library, against the specification's example and by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from quality_platform.notifications.channels.webhook import encoded
from quality_platform.notifications.signature import Keys, keys_of, signed
from quality_platform_tests.data.messages import MOMENT, delivery, hostile

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEY = base64.b64decode(SECRET.removeprefix("whsec_"))


def test_the_example_of_standard_webhooks() -> None:
    headers = signed(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        (KEY,),
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_signature_is_an_hmac_of_id_timestamp_and_body() -> None:
    body = encoded(delivery(hostile()))
    headers = signed("id-1", MOMENT, body, (KEY,))
    content = b"id-1." + headers["webhook-timestamp"].encode() + b"." + body
    expected = base64.b64encode(hmac.digest(KEY, content, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_a_receiver_accepts_old_and_new_key_while_one_is_replaced() -> None:
    body, new = encoded(delivery()), b"n" * 32
    headers = signed("id-1", datetime.now(UTC), body, (new, KEY))
    assert Webhook(KEY).verify(body, headers)["type"] == "alert.firing"
    assert Webhook(new).verify(body, headers)["type"] == "alert.firing"
    with pytest.raises(WebhookVerificationError):
        Webhook(b"x" * 32).verify(body, headers)


def test_a_receiver_refuses_what_was_changed_or_is_old() -> None:
    body = encoded(delivery())
    headers = signed("id-1", datetime.now(UTC), body, (KEY,))
    for altered in ({"webhook-id": "id-2"}, {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body, {**headers, **altered})
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body.replace(b"critical", b"harmless"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body, signed("id-1", datetime.now(UTC) - timedelta(minutes=6), body, (KEY,)))


def test_without_a_key_nothing_is_signed() -> None:
    assert set(signed("id-1", MOMENT, b"{}", ())) == {"webhook-id", "webhook-timestamp"}


def test_the_body_is_frozen_and_says_type_time_and_data() -> None:
    assert encoded(delivery()) == encoded(delivery())
    body = json.loads(encoded(delivery(payload={"current_value": math.nan, "observed_at": MOMENT, "title": "own"})))
    assert set(body) == {"type", "timestamp", "data"}
    assert body["type"] == "alert.firing"
    assert body["timestamp"] == "2026-03-23T07:00:00Z"
    assert body["data"]["current_value"] is None
    assert body["data"]["observed_at"] == "2026-03-23T07:00:00Z"
    assert body["data"]["title"] == "own"
    assert body["data"]["text"].startswith("Critical: Test coverage of flask")


def test_text_that_is_not_utf_8_does_not_stop_it() -> None:
    assert json.loads(encoded(delivery(hostile())))["data"]["title"]


def test_keys_do_not_show() -> None:
    keys = keys_of(SecretStr(f"{SECRET} {SECRET}"), {}.get, channel="c")
    assert keys == (KEY, KEY)
    assert repr(keys) == "Keys(2)"
    assert keys_of(None, {}.get, channel="c") == Keys()
