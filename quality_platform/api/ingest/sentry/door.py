"""Sentry's door: paths, keys, what is answered.

Belongs here: all that happens before a request is durable; payloads are not decoded for it. Does not belong here:
rows (`decode.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from urllib.parse import urlsplit

from quality_platform.api.ingest import answers
from quality_platform.api.ingest.contract import Answer, Checked, Door, Inbound, RefusedError
from quality_platform.api.ingest.sentry.decode import decode, envelope_of
from quality_platform.api.ingest.sentry.envelope import Envelope
from quality_platform.api.ingest.sentry.fields import event_id
from quality_platform.api.ingest.sentry.kinds import REPORT, counted
from quality_platform.api.ingest.sentry.limits import rate_limits
from quality_platform.model.tables_live import CLIENT_LOSSES, REQUEST_SAMPLES, SESSIONS
from quality_platform.model.tables_runtime import ERROR_EVENTS, METRIC_SAMPLES

_KEY = re.compile(r"\bsentry_key=([\w-]{1,200})")
_CLIENT = re.compile(r"\bsentry_client=([^\s,]{1,200})")
_DSN = re.compile(rb'"dsn"\s{0,4}:\s{0,4}"([^"\s]{1,500})"')


def key(inbound: Inbound) -> str | None:
    """The key: in `X-Sentry-Auth` or `Authorization`, in the query, or in the DSN that the envelope's header names."""
    given = _of_header(inbound, _KEY) or inbound.query.get("sentry_key")
    if given:
        return given
    found = _DSN.search(inbound.body[:8192].partition(b"\n")[0])
    return _user(found[1].decode("utf-8", "replace")) if found else None


def _of_header(inbound: Inbound, pattern: re.Pattern[str]) -> str | None:
    for header in ("x-sentry-auth", "authorization"):
        found = pattern.search(inbound.headers.get(header, ""))
        if found:
            return found[1]
    return None


def _user(dsn: str) -> str | None:
    try:
        return urlsplit(dsn).username
    except ValueError:
        return None


def check(inbound: Inbound) -> Checked:
    """Find the items and count them. Raises RefusedError for what holds none that could be kept."""
    envelope, body = envelope_of(inbound.path, inbound.body)
    if envelope.items and all(item.fault == "item_header" for item in envelope.items):
        raise RefusedError(400, "item_header", "Each item begins with a line that holds a JSON object with its type.")
    items: Counter[str] = Counter()
    for item in envelope.items:
        items.update(counted(item, body))
    reports = any(item.type == REPORT for item in envelope.items)
    client = _of_header(inbound, _CLIENT) or inbound.query.get("sentry_client")
    return Checked(_answer(envelope), items, {"client": client[:200]} if client else {}, reports)


def _answer(envelope: Envelope) -> Answer:
    identity = event_id(envelope.header.get("event_id"))
    return Answer(body=b'{"id":"%s"}' % identity.encode()) if identity else Answer()


def refused(error: RefusedError) -> Answer:
    """What was wrong, as Sentry says it; for a project over its quota also which categories to hold back."""
    answer = answers.as_json({"detail": error.message}, status=error.status)
    if error.retry_after is None:
        return answer
    return limited(answer, error.items, error.retry_after)


def limited(answer: Answer, categories: Collection[str], seconds: int) -> Answer:
    """`answer` with the categories to hold back."""
    return replace(answer, headers={**answer.headers, **rate_limits(categories, seconds)})


DOOR = Door(
    name="sentry",
    title="Sentry",
    description="Envelopes of any Sentry client: errors, transactions, spans, sessions, logs, metrics, check-ins.",
    paths=(
        "/api/{project}/envelope/", "/api/{project}/envelope", "/api/{project}/store/", "/api/{project}/store",
    ),
    key=key,
    check=check,
    decode=decode,
    tables=(ERROR_EVENTS.name, REQUEST_SAMPLES.name, SESSIONS.name, METRIC_SAMPLES.name, CLIENT_LOSSES.name),
    refused=refused,
    cross_origin=True,
    limited=limited,
)  # fmt: skip
