"""What catalogued metrics are shares of: a share of next to nothing says nothing.

Does not belong here: the metrics themselves (`metrics.py`), how small is too small (a rule's `min_denominator`).
"""

from __future__ import annotations

from collections.abc import Mapping

from quality_platform.model.metrics import CATALOGUE

WHOLES: Mapping[str, str] = {
    "code.coverage_percent": "code.source_lines",
    "code.debt_ratio": "code.source_lines",
    "code.complexity_per_100_lines": "code.source_lines",
    "code.analysed_percent": "code.files",
    "code.maintainability_index": "code.source_lines",
    "security.score": "code.source_lines",
    "performance.error_rate": "performance.requests",
    "performance.apdex": "performance.requests",
}


def whole_of(metric: str) -> str | None:
    """The metric that counts what `metric`, by name or alias, is a share of; None where nobody knows."""
    found = CATALOGUE.find(metric)
    return WHOLES.get(metric if found is None else found.name)
