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

BOTTLENECKS = Table(
    name="bottlenecks",
    description="Which routes, queries, other calls and resources explain the slow time of a project, ranked.",
    grain="one row per project, period and route, query, call or resource",
    key=("project", "period", "kind", "service", "name"),
    columns=(
        Column("project", "string", "Project.", required=True),
        Column("period", "string", "24h or 7d, back from the newest request.", required=True),
        Column("rank", "integer", "Place by score, from 1, over all kinds.", required=True, minimum=1),
        Column("kind", "string", "route, query, dependency (other calls) or resource.", required=True),
        Column("service", "string", "Service that answered or called; of a resource what was measured.", required=True),
        Column("name", "string", "Route, statement, key or peer; of a resource metric and labels.", required=True),
        Column("score", "double", "How much it explains, 0 to 1.", required=True, minimum=0, maximum=1),
        Column("share_of_time", "double", "Its time over that of all requests, at most 1; null for a resource."),
        Column("share_of_tail", "double", "The same of the time above the p95 of all requests."),
        Column("calls", "integer", "Requests or calls whose duration is known."),
        Column("mean_ms", "double", "Their mean duration, milliseconds."),
        Column("p95_ms", "double", "Duration that 95% of them do not exceed, milliseconds."),
        Column("correlation", "double", "Spearman's, of its time or use with the requests' p95, by five minutes."),
        Column("p_value", "double", "Of the correlation, with the memory of both series."),
        Column("bins", "integer", "Five minutes that the correlation rests on."),
        Column("use_p95", "double", "Use of a resource that 95% of the five minutes do not exceed, as a share."),
        Column("use_max", "double", "Highest use."),
        Column("use_when_slow", "double", "Mean use in the slowest tenth of the five minutes."),
        Column("requests_p95_ms", "double", "p95 of all requests of the period, milliseconds.", required=True),
        Column("window_start", "timestamp", "Beginning of the period.", required=True),
        Column("window_end", "timestamp", "Newest request.", required=True),
        Column("evidence", "string", "Why, in a sentence.", required=True),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("project", "period", "rank"),
)
