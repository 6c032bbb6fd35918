"""The conditions of the quality gate, as they stand in `quality.yaml`. Does not belong here: judging (`gates/`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from quality_platform.model.sections import Section

MeasureName = Literal[
    "new_findings_high", "new_findings_medium", "new_findings_low", "new_secrets", "complexity",
    "duplicated_lines_percent", "new_suppressions", "uncovered_lines_percent",
]  # fmt: skip


class GateCondition(Section):
    """What a change may bring at most."""

    measure: MeasureName = Field(description="What is measured of the new code.")
    maximum: float = Field(default=0, ge=0, description="What it may be at most.")
    level: Literal["fail", "warn"] = Field(default="fail", description="Whether the gate closes or only warns.")


DEFAULT_GATE = (
    GateCondition(measure="new_findings_high"),
    GateCondition(measure="new_secrets"),
    GateCondition(measure="new_findings_medium", level="warn"),
    GateCondition(measure="complexity", maximum=15, level="warn"),
    GateCondition(measure="duplicated_lines_percent", maximum=3, level="warn"),
    GateCondition(measure="new_suppressions", level="warn"),
    GateCondition(measure="uncovered_lines_percent", maximum=20, level="warn"),
)
