"""The internal door of StatsD: what the listener gathered, into rows.

Belongs here: from a group of datagrams to rows. Does not belong here: the socket (`listener.py`).
"""

from __future__ import annotations

import hashlib
from collections import Counter

from quality_platform.api.ingest.contract import Decoded, Decoding, Group, Loss, Refusal, held_back
from quality_platform.api.ingest.rows import Row, Usage, event_time, sample_row, text, usage_row
from quality_platform.api.ingest.statsd.lines import Check, Event, Fault, Metric, parse
from quality_platform.api.ingest.statsd.sums import Series, Sums
from quality_platform.api.ingest.without_http import door_without_http
from quality_platform.model.tables_runtime import METRIC_SAMPLES, USAGE_EVENTS
from quality_platform.spool.item import Entry

NAME = "statsd"
METRIC, EVENT = "metric", "event"
DROPPED = "datadog.dogstatsd.client.packets_dropped"
"""Count that Datadog's clients send of what they threw away, in datagrams."""

MAX_QUOTED = 500


def decode(entry: Entry, decoding: Decoding) -> Decoded:
    """Rows of `raw.metric_samples` and `raw.usage_events`."""
    decoded, sums, events = Decoded(), Sums(), list[Event]()
    for line in entry.body.split(b"\n"):
        if line.strip():
            _take(line.strip(), entry, decoded, sums, events)
    decoded.received[METRIC] += sums.items
    decoded.received[EVENT] += len(events)
    identity = hashlib.blake2b(entry.received_at.to_bytes(8, "big") + entry.body, digest_size=16).hexdigest()
    usage = [_usage(event, entry, f"{identity}-{number}", decoding.secret) for number, event in enumerate(events)]
    _end(METRIC, [(METRIC_SAMPLES.name, row) for row in _samples(sums, entry)], entry, decoded)
    _end(EVENT, [(USAGE_EVENTS.name, row) for row in usage], entry, decoded)
    decoded.received = +decoded.received
    return decoded


def _take(line: bytes, entry: Entry, decoded: Decoded, sums: Sums, events: list[Event]) -> None:
    found = parse(line)
    fault = found if isinstance(found, Fault) else None
    if isinstance(found, Event):
        events.append(found)
    elif isinstance(found, Check):
        sums.check(found)
    elif isinstance(found, Metric):
        fault = sums.take(found)
        if found.name == DROPPED and (lost := round(sum(found.values))) > 0:
            decoded.lost.append(Loss(METRIC, "packets_dropped", lost, entry.received_at, "dogstatsd"))
    if fault is not None:
        decoded.received[METRIC] += 1
        quoted = (text(line[:MAX_QUOTED].decode("utf-8", "replace"), MAX_QUOTED) or "").encode()
        refusal = Refusal(METRIC, fault.reason, fault.message, None, quoted, table=METRIC_SAMPLES.name)
        decoded.refused.append(refusal)


def _end(category: str, rows: list[tuple[str, Row]], entry: Entry, decoded: Decoded) -> None:
    if rows and category in held_back(entry):
        decoded.refused.append(Refusal(category, "over_quota", "", quantity=len(rows)))
    elif rows:
        # UDP repeats nothing, so there is no identity
        decoded.groups.append(Group(category, None, rows))


def _samples(sums: Sums, entry: Entry) -> list[Row]:
    """Values of one series get an instant each: the same instant twice would be the same sample."""
    rows = []
    places: Counter[Series] = Counter()
    for series, value, kind in sums.samples():
        claimed = None if series.time is None else series.time * 1_000_000
        time = event_time(claimed, entry.received_at) + places[series]
        places[series] += 1
        rows.append(sample_row(series.name, series.host or entry.project, dict(series.tags), time, value, kind))
    return rows


def _usage(event: Event, entry: Entry, event_id: str, secret: bytes) -> Row:
    claimed = None if event.time is None else event.time * 1_000_000
    properties = {"text": event.text, **dict(event.fields), **({"tags": dict(event.tags)} if event.tags else {})}
    usage = Usage(event_id, event.title, event_time(claimed, entry.received_at), properties=properties)
    return usage_row(usage, project=entry.project, secret=secret)


DOOR = door_without_http(
    NAME,
    "StatsD and DogStatsD",
    "Metrics, events and service checks by UDP, for one project.",
    decode=decode,
    tables=(METRIC_SAMPLES.name, USAGE_EVENTS.name),
)
