"""Where observations are read: the mart, or the raw samples that it is made of, which are there minutes earlier.

Belongs here: relations of one shape (metric, project, subject, labels, observed_at, value, batch_id). Does not belong
here: what is asked of them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from quality_platform.model.alerts import Series

IDENTITY = ("metric", "project", "subject", "labels")


@dataclass(frozen=True, slots=True)
class Relation:
    """What stands after FROM, and its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


MART = Relation("marts.fct_observations")

# a counter is a sum since a start: its value says nothing, only its growth does
_SAMPLES = """
    SELECT metric, project, subject, labels, observed_at, value, batch_id FROM raw.metric_samples {}
    WHERE kind <> 'counter'
"""
SAMPLES = Relation(f"({_SAMPLES.format('')})")


def samples_of(series: Collection[Series]) -> Relation:
    """Raw samples of these series alone."""
    chosen = ", ".join(f"unnest(?::VARCHAR[]) AS {name}" for name in IDENTITY)
    join = f"SEMI JOIN (SELECT {chosen}) AS chosen USING ({', '.join(IDENTITY)})"
    return Relation(f"({_SAMPLES.format(join)})", tuple([getattr(each, name) for each in series] for name in IDENTITY))
