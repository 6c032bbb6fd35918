"""Samples of an exposition into rows of `raw.metric_samples`.

Belongs here: kinds, labels that are safe to keep, the series of the scrape itself. Does not belong here: formats
(`exposition.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

from quality_platform.collectors.fields import printable
from quality_platform.collectors.privacy.text import SENSITIVE_NAMES, scrub
from quality_platform.collectors.scrape.exposition import Exposition, Shown
from quality_platform.model.batch import Rejected
from quality_platform.model.labels import NONE, canonical
from quality_platform.model.live_sources import ScrapeTarget
from quality_platform.model.tables_runtime import METRIC_SAMPLES

Row = tuple[str, str, str, int, float, str]

MAX_NAME = 200
MAX_VALUE = 1000
_SECRET_NAME = re.compile(SENSITIVE_NAMES, re.IGNORECASE)
_COUNTER_ENDINGS = ("_total", "_count", "_sum", "_bucket")


def kind_of(name: str, declared: str) -> str:
    """`counter` or `gauge`: by the declared type, by the name's ending where none is declared."""
    if declared == "counter":
        return "gauge" if name.endswith("_created") else "counter"
    if declared in ("histogram", "summary", "unknown"):
        return "counter" if name.endswith(_COUNTER_ENDINGS) else "gauge"
    return "gauge"


def exposed_rows(shown: Exposition, target: ScrapeTarget, now: int) -> tuple[list[Row], list[Rejected]]:
    """The rows, and what was left out. The instant is ours: an exporter's own repeats as long as it has nothing new.

    NaN and infinity are no faults: a quantile of nothing is NaN.
    """
    rows: dict[tuple[str, str], Row] = {}
    rejected = [Rejected(METRIC_SAMPLES.name, place, reason) for place, reason in shown.faults]
    for number, sample in enumerate(shown.samples):
        if not math.isfinite(sample.value):
            continue
        if len(sample.name) > MAX_NAME:
            rejected.append(_refused(number, "metric", f"The name is longer than {MAX_NAME}."))
            continue
        labels = _labels(sample, target.labels)
        if (sample.name, labels) in rows:
            rejected.append(_refused(number, "labels", f"{sample.name} is there twice with the same labels."))
            continue
        kind = kind_of(sample.name, sample.type)
        rows[sample.name, labels] = (sample.name, target.name, labels, now, sample.value, kind)
    return list(rows.values()), rejected


def own_rows(target: ScrapeTarget, now: int, *, up: bool, seconds: float, samples: int) -> list[Row]:
    """Whether the target could be scraped, how long it took, how many samples it showed."""
    labels = canonical(target.labels) if target.labels else NONE
    values = {"scrape.up": float(up), "scrape.duration_seconds": seconds, "scrape.samples": float(samples)}
    return [(metric, target.name, labels, now, value, "gauge") for metric, value in values.items()]


def _refused(number: int, field: str, reason: str) -> Rejected:
    return Rejected(METRIC_SAMPLES.name, f"sample {number}", reason, field)


def _labels(sample: Shown, added: Mapping[str, str]) -> str:
    if not sample.labels and not added:
        return NONE
    safe = {name: _safe(name, value) for name, value in sample.labels.items()}
    return canonical({**safe, **added})


def _safe(name: str, value: str) -> str:
    """A label's value, scrubbed; hidden where the name says that it is a secret."""
    # long ones are not remembered, so that no target can fill the memory
    return _scrubbed(name, value) if len(value) <= MAX_NAME else _scrubbed.__wrapped__(name, value)


@lru_cache(maxsize=16_384)
def _scrubbed(name: str, value: str) -> str:
    if value and _SECRET_NAME.search(name):
        return "[secret]"
    return printable(scrub(value[: 4 * MAX_VALUE]), MAX_VALUE)
