"""The metric catalogue. Docs, checks, rules, reports and the API read it; adding a metric starts here.

Belongs here: what a metric means. Does not belong here: its values (`marts.fct_observations`) or how they
are computed (`source_model` names the model that does).
"""

from __future__ import annotations

from collections.abc import Iterator

from quality_platform.errors import UsageError
from quality_platform.model.metric import Direction, Metric, sampled
from quality_platform.model.metrics_live import INGEST_METRICS, LIVE_METRICS, PROBE_METRICS, SERVICE_METRICS


def _code(
    name: str,
    title: str,
    unit: str,
    direction: Direction,
    column: str,
    description: str,
    *aliases: str,
    raw_table: str = "code_file_metrics",
    effect: float = 5.0,
) -> Metric:
    return Metric(
        name=f"code.{name}", title=title, area="code", unit=unit, direction=direction, subject_kind="repository",
        grain="commit", source_model="code_quality_by_commit", source_column=column, raw_table=raw_table,
        description=description, aliases=aliases, minimum_effect_percent=effect,
    )  # fmt: skip


CODE_METRICS = (
    _code("files", "Files", "files", "neutral", "files", "Files of the commit's tree, links and submodules left out.",
          raw_table="code_files"),
    _code("lines_of_code", "Lines of code", "lines", "neutral", "lines_of_code", "Radon's loc over the Python files."),
    _code("source_lines", "Source lines", "lines", "neutral", "source_lines", "Radon's sloc over the Python files."),
    _code("logical_lines", "Logical lines", "lines", "neutral", "logical_lines", "Radon's lloc over the Python files."),
    _code("comment_lines", "Comment lines", "lines", "neutral", "comment_lines",
          "Radon's comments over the Python files."),
    _code("cyclomatic_complexity", "Cyclomatic complexity", "paths", "lower_is_better", "cyclomatic_complexity",
          "Radon's complexity summed over the Python files.", "complexity", "code_complexity"),
    _code("cognitive_complexity", "Cognitive complexity", "points", "lower_is_better", "cognitive_complexity",
          "How hard the flow is to follow (Campbell 2017), summed over the Python files."),
    _code("suppressions", "Suppressions", "comments", "lower_is_better", "suppressions",
          "Comments that tell a checker to be silent: noqa, nosec, type: ignore and the like."),
    _code("complexity_per_100_lines", "Complexity per 100 source lines", "paths", "lower_is_better",
          "complexity_per_100_lines", "Cyclomatic complexity divided by source lines, times 100.",
          "complexity_density", effect=3.0),
    _code("maintainability_index", "Maintainability index", "of 100", "higher_is_better", "maintainability_index",
          "Radon's index, weighted by source lines.", "maintainability", effect=2.0),
    _code("halstead_volume", "Halstead volume", "bits", "neutral", "halstead_volume",
          "Halstead volume summed over the Python files."),
    _code("findings_high", "Findings, high", "findings", "lower_is_better", "findings_high",
          "Open findings of severity high or critical.", raw_table="code_findings"),
    _code("findings_medium", "Findings, medium", "findings", "lower_is_better", "findings_medium",
          "Open findings of severity medium.", raw_table="code_findings"),
    _code("findings_low", "Findings, low", "findings", "lower_is_better", "findings_low",
          "Open findings of severity low.", raw_table="code_findings"),
    _code("coverage_percent", "Test coverage", "%", "higher_is_better", "coverage_percent",
          "Covered share of the executable lines.", "code_coverage", "coverage", "test_coverage",
          raw_table="code_coverage", effect=1.0),
    _code("patch_coverage_percent", "Coverage of new lines", "%", "higher_is_better", "patch_coverage_percent",
          "Covered share of the executable lines that the commit brought, against its first parent.", "patch_coverage",
          raw_table="code_coverage", effect=1.0),
    _code("duplication_percent", "Duplicated code", "%", "lower_is_better", "duplication_percent",
          "Share of the lines of code that stand elsewhere token for token.", "duplication",
          raw_table="code_duplicates", effect=1.0),
    _code("clone_groups", "Copied blocks", "blocks", "lower_is_better", "clone_groups",
          "Blocks of code that stand in several places token for token.", raw_table="code_duplicates"),
    _code("packages", "Packages", "packages", "neutral", "packages",
          "Packages that manifests and lock files name, each once.", raw_table="code_dependencies"),
    _code("debt_minutes", "Technical debt", "minutes", "lower_is_better", "debt_minutes",
          "Minutes of remediation over all rules.", "technical_debt"),
    _code("debt_ratio", "Technical debt ratio", "%", "lower_is_better", "debt_ratio",
          "Debt minutes over the cost of writing the code anew, at 30 minutes a source line."),
    _code("analysed_percent", "Analysed share", "%", "higher_is_better", "analysed_percent",
          "Share of the Python files that the analyser could read.", effect=1.0),
)  # fmt: skip

SECURITY_METRICS = (
    Metric("security.score", "Security score", "security", "of 100", "higher_is_better", "repository", "commit",
           "security_scores", "score", "code_findings",
           "100 for no known risk; every point deducted is a row of marts.security_score_deductions.",
           ("security_score",), 2.0),
    Metric("security.advisories_age", "Age of the advisories", "security", "days", "lower_is_better", "platform",
           "day", "advisory_databases", "age_days", "advisories",
           "Days since the newest record of the database of vulnerabilities was changed, when it was read."),
)  # fmt: skip

SYSTEM_METRICS = (
    sampled("system.cpu_percent", "CPU use", "%", "lower_is_better", "host", "Share of all cores in use.", "cpu",
            "cpu_percent", "cpu_usage"),
    sampled("system.load_per_core", "Load per core", "processes", "lower_is_better", "host",
            "Load average over one minute, divided by the cores."),
    sampled("system.memory_percent", "Memory use", "%", "lower_is_better", "host", "Share of memory in use.",
            "memory", "memory_percent", "memory_usage"),
    sampled("system.memory_available_bytes", "Memory available", "bytes", "higher_is_better", "host",
            "Memory that a new process could get."),
    sampled("system.swap_percent", "Swap use", "%", "lower_is_better", "host", "Share of swap in use."),
    sampled("system.disk_percent", "Disk use", "%", "lower_is_better", "host",
            "Share of the file system in use; label mount.", "disk", "disk_percent", "disk_usage"),
    sampled("system.disk_read_bytes_per_second", "Disk reads", "bytes/s", "neutral", "host",
            "Bytes read from disks per second."),
    sampled("system.disk_write_bytes_per_second", "Disk writes", "bytes/s", "neutral", "host",
            "Bytes written to disks per second."),
    sampled("system.network_receive_bytes_per_second", "Network in", "bytes/s", "neutral", "host",
            "Bytes received per second, loopback left out."),
    sampled("system.network_send_bytes_per_second", "Network out", "bytes/s", "neutral", "host",
            "Bytes sent per second, loopback left out."),
    sampled("system.processes", "Processes", "processes", "neutral", "host", "Processes on the host."),
    sampled("process.cpu_percent", "Process CPU", "% of a core", "lower_is_better", "process",
            "CPU time of the process, as a share of one core."),
    sampled("process.memory_bytes", "Process memory", "bytes", "lower_is_better", "process",
            "Resident memory of the process."),
    sampled("process.open_files", "Open file handles", "handles", "lower_is_better", "process",
            "File handles that the process holds."),
    sampled("process.threads", "Threads", "threads", "lower_is_better", "process", "Threads of the process."),
)  # fmt: skip

EVENT_METRICS = (
    Metric("errors.events", "Errors per hour", "errors", "errors/h", "lower_is_better", "application", "hour",
           "int_errors_hourly", "events", "error_events", "Error events in the hour.", ("error_count", "errors"), 50.0),
    Metric("errors.groups", "Error groups per day", "errors", "groups", "lower_is_better", "application", "day",
           "int_error_groups_daily", "groups", "error_events", "Distinct error groups seen on the day.",
           ("error_groups",), 50.0),
    Metric("usage.events", "Usage events per day", "usage", "events", "higher_is_better", "application", "day",
           "engagement_daily", "events", "usage_events", "Usage events on the day.", (), 20.0),
    Metric("usage.active_users", "Daily active users", "usage", "users", "higher_is_better", "application", "day",
           "engagement_daily", "dau", "usage_events", "Distinct users with an event on the day.", ("dau",), 10.0),
    Metric("usage.sessions", "Sessions per day", "usage", "sessions", "higher_is_better", "application", "day",
           "engagement_daily", "sessions", "usage_events", "Sessions started on the day.", ("sessions",), 20.0),
    Metric("platform.quarantined_rows", "Refused rows per hour", "platform", "rows", "lower_is_better", "platform",
           "hour", "int_quarantine_hourly", "rows", "quarantine", "Rows refused in the hour, over all sources.",
           (), 50.0),
)  # fmt: skip

METRICS: tuple[Metric, ...] = (
    *CODE_METRICS,
    *SECURITY_METRICS,
    *SYSTEM_METRICS,
    *EVENT_METRICS,
    *SERVICE_METRICS,
    *PROBE_METRICS,
    *LIVE_METRICS,
    *INGEST_METRICS,
)


class Catalogue:
    """The metrics by name and alias."""

    def __init__(self, metrics: tuple[Metric, ...] = METRICS) -> None:
        self._by_name = {metric.name: metric for metric in metrics}
        self._by_alias = {alias: metric for metric in metrics for alias in (*metric.aliases, metric.name)}

    def __iter__(self) -> Iterator[Metric]:
        return iter(self._by_name.values())

    def find(self, name: str) -> Metric | None:
        """The metric called `name` or known under that alias; None when there is none."""
        return self._by_alias.get(name)

    def get(self, name: str) -> Metric:
        """Like `find`, but raises UsageError with the nearest names when there is none."""
        metric = self.find(name)
        if metric is None:
            raise UsageError(f"There is no metric {name!r}.", hint=f"Near: {', '.join(self._near(name))}.")
        return metric

    def _near(self, name: str) -> list[str]:
        from difflib import get_close_matches

        return get_close_matches(name, list(self._by_alias), n=3, cutoff=0.3) or list(self._by_name)[:3]


CATALOGUE = Catalogue()
