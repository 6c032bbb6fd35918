"""The daily report as an asset: written to the home, put into the outbox of its channels."""

from datetime import UTC, datetime

import dagster as dg

from quality_platform.alerting.listing import open_alerts
from quality_platform.alerting.reporting import send_report
from quality_platform.defs import keys
from quality_platform.defs.platform import Platform
from quality_platform.notifications.delivery import Attachment
from quality_platform.reports.build import build_report
from quality_platform.reports.write import write_report

READS = (
    "code_quality_by_commit", "security_scores", "security_score_deductions", "metric_changes", "metric_trends",
    "metric_change_causes", "metric_crossings", "code_hotspots", "error_groups", "fct_observations",
)  # fmt: skip


@dg.asset(
    key=keys.REPORT,
    deps=[keys.ALERTS, *(keys.mart(name) for name in READS)],
    group_name="reports",
    kinds={"html", "pdf"},
)
def daily_report(platform: dg.ResourceParam[Platform]) -> dg.MaterializeResult[None]:
    """What got better, what got worse, what needs attention: as a page and on paper."""
    now, config = datetime.now(UTC), platform.config.report
    report = build_report(platform.lake, open_alerts(platform.state), now, config.days)
    written = write_report(platform.settings, report, now)
    paper = Attachment(written.pdf.name, "application/pdf", written.pdf.read_bytes())
    sent = send_report(platform.state, report, [paper], config.channels, now)
    return dg.MaterializeResult(
        metadata={
            "html": dg.MetadataValue.path(written.html),
            "pdf": dg.MetadataValue.path(written.pdf),
            "summary": report.summary,
            "messages": list(sent),
            "bytes": written.html.stat().st_size + written.pdf.stat().st_size,
        }
    )
