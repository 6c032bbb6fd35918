"""What an entry of the metric catalogue says, and the forms that many entries share.

Belongs here: the type and its short forms. Does not belong here: entries (`metrics.py`, `metrics_live.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Area = Literal["code", "performance", "errors", "usage", "security", "health", "platform"]
Direction = Literal["higher_is_better", "lower_is_better", "neutral"]
SubjectKind = Literal["repository", "host", "process", "service", "application", "platform"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry. `minimum_effect_percent` is the smallest change worth telling a person about.

    `grain` says what one observation stands for; `aliases` are other names that people use for it.
    """

    name: str
    title: str
    area: Area
    unit: str
    direction: Direction
    subject_kind: SubjectKind
    grain: str
    source_model: str
    source_column: str
    raw_table: str
    description: str
    aliases: tuple[str, ...] = ()
    minimum_effect_percent: float = 5.0


def sampled(
    name: str,
    title: str,
    unit: str,
    direction: Direction,
    kind: SubjectKind,
    description: str,
    *aliases: str,
    effect: float = 10.0,
    area: Area = "performance",
) -> Metric:
    """A metric whose values are `raw.metric_samples` as they came."""
    return Metric(
        name=name, title=title, area=area, unit=unit, direction=direction, subject_kind=kind,
        grain="sample", source_model="stg_metric_samples", source_column="value", raw_table="metric_samples",
        description=description, aliases=aliases, minimum_effect_percent=effect,
    )  # fmt: skip


def hourly(
    name: str,
    title: str,
    unit: str,
    direction: Direction,
    source: str,
    description: str,
    *,
    area: Area = "performance",
    raw_table: str = "request_samples",
    effect: float = 20.0,
) -> Metric:
    """A metric of a service by the hour; `source` names model and column."""
    model, column = source.split(".")
    return Metric(
        name=name, title=title, area=area, unit=unit, direction=direction, subject_kind="service", grain="hour",
        source_model=model, source_column=column, raw_table=raw_table, description=description,
        minimum_effect_percent=effect,
    )  # fmt: skip
