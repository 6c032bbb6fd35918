"""All dimensions, and how far back a change of their metrics is looked at."""

from __future__ import annotations

from collections.abc import Mapping

from quality_platform.assessment.parts import code, events, requests, security
from quality_platform.assessment.parts.dimension import Dimension
from quality_platform.model.metrics import CATALOGUE

DIMENSIONS: tuple[Dimension, ...] = (
    *code.DIMENSIONS,
    *security.DIMENSIONS,
    *events.DIMENSIONS,
    *requests.DIMENSIONS,
)

# Observations on each side of a step. Of commits fewer: each is a whole tree, and has no noise to average away.
POINTS, COMMITS = 30, 5


def points() -> Mapping[str, int]:
    """Observations to look at on each side of a step, by metric, for those that have a dimension."""
    metrics = {metric for dimension in DIMENSIONS for metric in dimension.metrics}
    return {metric: COMMITS if CATALOGUE.get(metric).grain == "commit" else POINTS for metric in sorted(metrics)}
