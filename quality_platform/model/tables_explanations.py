"""Contracts of the marts of explanations: what moved with a metric.

Does not belong here: that it moved (`tables_verdicts.py`), how shares are found (`detection/`).
"""

from __future__ import annotations

from quality_platform.model.columns import Column, Table
from quality_platform.model.tables_verdicts import BATCH, SERIES

METRIC_CHANGE_CAUSES = Table(
    name="metric_change_causes",
    description="What explains a step: the files, commits, error groups, routes … that moved with it, as shares.",
    grain="one row per step, dimension and part that moved; the rest of a dimension is one row",
    key=("metric", "project", "subject", "labels", "changed_at", "dimension", "rank"),
    columns=(
        *SERIES,
        Column("changed_at", "timestamp", "The step; see marts.metric_changes.", required=True),
        Column("dimension", "string", "What the metric is divided by: file, function, commit, route …", required=True),
        Column("rank", "integer", "Place by size of the contribution, from 1; the rest comes last.", required=True),
        Column("part", "string", "The part's name; null for the rest."),
        Column("parts", "integer", "Parts that the row stands for: 1, or as many as the rest has.", required=True),
        Column("before", "double", "The part's own value of the metric before the step; null for the rest."),
        Column("after", "double", "The same after it."),
        Column("weight_before", "double", "Share of the part in what is divided by, before; null where nothing is."),
        Column("weight_after", "double", "The same after it."),
        Column("contribution", "double", "What the part has in the effect, in units of the metric.", required=True),
        Column("share", "double", "Contribution over effect; shares of a dimension add up to 1.", required=True),
        Column("effect", "double", "Mean after less mean before, over the window.", required=True),
        Column("window_start", "timestamp", "First observation looked at.", required=True),
        Column("window_end", "timestamp", "Last observation looked at.", required=True),
        Column("evidence", "string", "SQL that shows the raw rows of the part; null for the rest."),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject", "changed_at", "dimension", "rank"),
)
