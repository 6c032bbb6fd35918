"""Metrics by own JSON, through the real service: from the answer to the row and the ledger."""

from __future__ import annotations

import httpx

from quality_platform_tests.data.live import Live


def test_good_samples_are_stored_and_bad_ones_named(live: Live) -> None:
    key = live.key("own")["key"]
    samples = [{"metric": "queue.depth", "value": 3, "labels": {"queue": "mail"}}, {"metric": "queue.depth"}]

    answer = httpx.post(f"{live.base}/api/v1/ingest/metrics", json=samples, headers={"Authorization": f"Bearer {key}"})

    assert answer.status_code == 202
    assert answer.json()["errors"] == [{"index": 1, "field": "value", "message": "value must be a finite number."}]
    rows = live.until("SELECT metric, subject, labels, value, kind FROM raw.metric_samples WHERE project = 'own'")
    assert rows == [
        {"metric": "queue.depth", "subject": "own", "labels": '{"queue":"mail"}', "value": 3.0, "kind": "gauge"}
    ]
    live.until_ledger("own", {"metric": {"received": 2, "stored": 1, "rejected": 1}})


def test_a_repeated_request_is_counted_and_not_stored(live: Live) -> None:
    headers = {"Authorization": f"Bearer {live.key('twice')['key']}", "Idempotency-Key": "a1"}

    for _ in range(3):
        httpx.post(f"{live.base}/api/v1/ingest/metrics", json={"metric": "m", "value": 1}, headers=headers)

    live.until_ledger("twice", {"metric": {"received": 3, "stored": 1, "duplicate": 2}})
    assert len(live.sql("SELECT 1 FROM raw.metric_samples WHERE project = 'twice'")) == 1


def test_without_a_key_nothing_is_taken(live: Live) -> None:
    assert httpx.post(f"{live.base}/api/v1/ingest/metrics", json={}).status_code == 401
    headers = {"Authorization": "Bearer qpk_unknown"}
    assert httpx.post(f"{live.base}/api/v1/ingest/metrics", json={}, headers=headers).status_code == 403
