"""Metrics and check-ins: rows of `raw.metric_samples`.

Belongs here: both items. Does not belong here: judging whether a job was missed, which rules do.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Group, Refusal
from quality_platform.api.ingest.rows import Row, sample_row
from quality_platform.api.ingest.sentry.fields import an_object, attributes, name, number, some_text
from quality_platform.api.ingest.sentry.part import Part, refused
from quality_platform.collectors.privacy.properties import is_personal
from quality_platform.model.tables_runtime import METRIC_SAMPLES

METRIC, MONITOR = "metric", "monitor"
CHECK_IN = "monitor.check_in"
TABLE = METRIC_SAMPLES.name
MOST_LABELS = 32
_KINDS = {"counter": "count", "gauge": "gauge", "distribution": "gauge", "set": "gauge"}
_ABOUT_THE_CLIENT = ("sentry.", "process.", "user.", "server.", "thread.", "browser.", "os.", "device.", "code.")
"""Attributes that clients add to every metric by themselves: as labels they would make a series of every process."""


def decode_metrics(part: Part) -> Decoded:
    """A row for each metric of a container. A retry repeats its bytes, which are the identity of all of them."""
    items = part.payload.get("items")
    found = items if isinstance(items, list) else [part.payload]
    rows = [row for item in found if (row := _metric(an_object(item), part)) is not None]
    decoded = Decoded(Counter({METRIC: len(found)}) if found else Counter())
    if rows:
        decoded.groups.append(Group(METRIC, part.digest, [(TABLE, row) for row in rows]))
    if len(rows) < len(found):
        message = "A metric needs a name of 1 to 200 characters and a finite value."
        decoded.refused.append(Refusal(METRIC, "invalid", message, quantity=len(found) - len(rows), table=TABLE))
    return decoded


def _metric(metric: dict[str, Any], part: Part) -> Row | None:
    title, value = some_text(metric.get("name")), number(metric.get("value"))
    if title is None or len(title) > 200 or value is None:
        return None
    said = attributes(metric.get("attributes"))
    labels = _labels(said)
    for label, wanted in (("unit", metric.get("unit")), ("environment", said.get("sentry.environment"))):
        text = name(wanted)
        if text:
            labels[label] = text
    kind = _KINDS.get(str(metric.get("type")), "gauge")
    return sample_row(title, part.project, labels, part.time(metric.get("timestamp")), value, kind)


def _labels(said: dict[str, Any]) -> dict[str, object]:
    kept = {
        key[:100]: text[:200]
        for key, value in said.items()
        if not key.startswith(_ABOUT_THE_CLIENT) and not is_personal(key[:100]) and (text := str(value))
    }
    return dict(sorted(kept.items())[:MOST_LABELS])


def decode_check_in(part: Part) -> Decoded:
    """A sample of `monitor.check_in`: its value is how long the job took in seconds, 0 while that is not known."""
    check_in = part.payload
    slug, status = name(check_in.get("monitor_slug"), 500), name(check_in.get("status"), 40)
    if slug is None or status is None:
        return refused(
            MONITOR, "invalid", "A check-in needs monitor_slug and status.", table=TABLE,
            field="status" if slug else "monitor_slug",
        )  # fmt: skip
    labels: dict[str, object] = {"status": status}
    environment = name(check_in.get("environment"))
    if environment:
        labels["environment"] = environment
    seconds = max(0.0, number(check_in.get("duration")) or 0.0)
    time = part.time(check_in.get("timestamp") or part.sent_at)  # JavaScript sends no timestamp
    row = sample_row(CHECK_IN, slug, labels, time, seconds, "gauge")
    return Decoded(Counter({MONITOR: 1}), [Group(MONITOR, part.digest, [(TABLE, row)])])
