"""Samples and metrics made of few words, for tests of rules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from quality_platform.model.alerts import Sample
from quality_platform.model.metric import Direction, Metric

START = datetime(2026, 1, 1, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def samples(values: Sequence[float | None], every: float = 1, start: float = 0) -> list[Sample]:
    """One value every so many minutes; None is a gap."""
    return [Sample(at(start + place * every), value) for place, value in enumerate(values) if value is not None]


def metric_of(name: str, direction: Direction = "lower_is_better", unit: str = "") -> Metric:
    """A metric that is in no catalogue."""
    return Metric(
        name=name, title=name, area="performance", unit=unit, direction=direction, subject_kind="application",
        grain="sample", source_model="", source_column="", raw_table="", description="",
    )  # fmt: skip
