"""Contracts of the marts of verdicts: what detection says of each series, and what has been judged.

Does not belong here: how it is found (`detection/`), when it is judged (`assessment/`).
"""

from __future__ import annotations

from quality_platform.model.columns import Column, Table

SERIES = (
    Column("metric", "string", "Metric.", required=True),
    Column("project", "string", "Project.", required=True),
    Column("subject", "string", "Subject of the series.", required=True),
    Column("labels", "string", "Labels of the series as canonical JSON.", required=True),
)
BATCH = Column("batch_id", "string", "Newest raw batch that the row rests on.")
COMMIT = Column("commit_sha", "string", "Commit.")

METRIC_TRENDS = Table(
    name="metric_trends",
    description="Slow drift of every series that is long enough (Theil-Sen slope, Mann-Kendall test).",
    grain="one row per series",
    key=("metric", "project", "subject", "labels"),
    columns=(
        *SERIES,
        Column("window_start", "timestamp", "First observation judged.", required=True),
        Column("window_end", "timestamp", "Last observation judged.", required=True),
        Column("points", "integer", "Observations judged.", required=True),
        Column("slope_per_day", "double", "Theil-Sen slope, units per day.", required=True),
        Column("lower", "double", "Lower bound of the slope, 95%.", required=True),
        Column("upper", "double", "Upper bound of the slope, 95%.", required=True),
        Column("change_percent", "double", "Change along the fitted line, in per cent of its start."),
        Column("p_value", "double", "Mann-Kendall, corrected for autocorrelation.", required=True),
        Column("direction", "string", "degrading, improving, flat or neutral.", required=True),
        Column("last_value", "double", "Newest value.", required=True),
        Column("line_value", "double", "Where the line ends."),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject"),
)

METRIC_CHANGES = Table(
    name="metric_changes",
    description="Steps in the level of a series: regressions and improvements.",
    grain="one row per series and step",
    key=("metric", "project", "subject", "labels", "changed_at"),
    columns=(
        *SERIES,
        Column("changed_at", "timestamp", "First observation on the new level.", required=True),
        Column("changed_after", "timestamp", "Last observation on the old one: it happened in between."),
        COMMIT,
        Column("before", "double", "Level before.", required=True),
        Column("after", "double", "Level after.", required=True),
        Column("effect", "double", "After minus before, in units.", required=True),
        Column("effect_percent", "double", "Effect in per cent of the level before."),
        Column("p_value", "double", "Welch's test between the levels.", required=True),
        Column("direction", "string", "regression, improvement or neutral.", required=True),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject", "changed_at"),
)

METRIC_ANOMALIES = Table(
    name="metric_anomalies",
    description="Unusual values: where an episode of them began, and how far from what the series let expect.",
    grain="one row per series and beginning of an unusual stretch",
    key=("metric", "project", "subject", "labels", "observed_at"),
    columns=(
        *SERIES,
        Column("observed_at", "timestamp", "The unusual observation.", required=True),
        Column("reported_at", "timestamp", "The observation with which it could be told.", required=True),
        Column("value", "double", "What was observed.", required=True),
        Column("expected", "double", "What its own past let expect.", required=True),
        Column("score", "double", "Size of the detector's statistic, positive above what was expected.", required=True),
        Column("p_value", "double", "How often the series' own past is as unusual.", required=True),
        Column("direction", "string", "regression, improvement or neutral.", required=True),
        Column("batch_id", "string", "Raw batch that brought the observation."),
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject", "observed_at"),
)

METRIC_FORECASTS = Table(
    name="metric_forecasts",
    description="What is expected of each series, within bounds that its own past has kept nine times in ten.",
    grain="one row per series and instant ahead",
    key=("metric", "project", "subject", "labels", "forecast_at"),
    columns=(
        *SERIES,
        Column("forecast_at", "timestamp", "The instant ahead.", required=True),
        Column("expected", "double", "What is expected.", required=True),
        Column("lower", "double", "Lower bound, 90%.", required=True),
        Column("upper", "double", "Upper bound, 90%.", required=True),
        Column("made_from", "timestamp", "Newest observation that was known.", required=True),
        Column("last_value", "double", "Its value.", required=True),
        Column("method", "string", "The method that did best on the series' past.", required=True),
        Column("error", "double", "Mean absolute error that it made there.", required=True),
        BATCH,
        Column("detected_at", "timestamp", "When it was computed.", required=True),
    ),
    sorted_by=("metric", "project", "subject", "forecast_at"),
)

METRIC_CROSSINGS = Table(
    name="metric_crossings",
    description="When a series that is on the good side of a rule's threshold will be beyond it, if it goes on so.",
    grain="one row per series, rule, severity and way of looking ahead",
    key=("metric", "project", "subject", "labels", "rule", "severity", "method"),
    columns=(
        *SERIES,
        Column("rule", "string", "The rule.", required=True),
        Column("severity", "string", "warning or critical.", required=True),
        Column("threshold", "double", "Its threshold.", required=True),
        Column("method", "string", "forecast, or trend: the line of a slow trend.", required=True),
        Column("expected_at", "timestamp", "When it is expected there.", required=True),
        Column("earliest_at", "timestamp", "When it could be there, by the bounds.", required=True),
        Column("latest_at", "timestamp", "When it will be there even so; null where it need not be at all."),
        Column("known_at", "timestamp", "Newest observation that was known.", required=True),
        Column("batch_id", "string", "Newest raw batch that the row rests on."),
    ),
    sorted_by=("project", "expected_at"),
)

CHANGE_STORIES = Table(
    name="change_stories",
    description="Steps of a project that may share an instant, or share a commit: one story, not ten.",
    grain="one row per step, with the story that it belongs to",
    key=("metric", "project", "subject", "labels", "changed_at"),
    columns=(
        *SERIES,
        Column("changed_at", "timestamp", "The step.", required=True),
        Column("story_id", "string", "The story.", required=True),
        Column("is_headline", "boolean", "Whether this step, the surest, stands for the story.", required=True),
        Column("title", "string", "What happened, in a sentence.", required=True),
        Column("started_at", "timestamp", "The story happened after this instant.", required=True),
        Column("ended_at", "timestamp", "And not after this one.", required=True),
        COMMIT,
        Column("steps", "integer", "Steps of the story.", required=True, minimum=1),
        Column("regressions", "integer", "Those that made things worse.", required=True, minimum=0),
        Column("improvements", "integer", "Those that made things better.", required=True, minimum=0),
    ),
    sorted_by=("project", "started_at"),
)

SERIES_JUDGED = Table(
    name="series_judged",
    description="What detection has seen of each series, so that only those with something new are judged again.",
    grain="one row per series",
    key=("metric", "project", "subject", "labels"),
    columns=(
        *SERIES,
        Column("points", "integer", "Observations there were.", required=True),
        Column("judged_from", "timestamp", "Oldest observation judged.", required=True),
        Column("judged_to", "timestamp", "Newest observation judged.", required=True),
        Column("fingerprint", "integer", "Of all its instants and values.", required=True),
        Column("engine", "string", "Version of the detectors.", required=True),
        Column("judged_at", "timestamp", "When it was judged.", required=True),
    ),
    sorted_by=("metric", "project", "subject"),
)
