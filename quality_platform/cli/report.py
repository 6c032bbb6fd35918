"""`report`: the report of now, as a page and on paper."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from quality_platform.cli import output
from quality_platform.cli.session import Json, begin

EXAMPLE = "quality-platform report --days 30"


def command(
    days: Annotated[int | None, typer.Option("--days", min=1, help="Days to look back on.")] = None,
    text: Annotated[bool, typer.Option("--text", help="Print it here as well.")] = False,
    json_output: Json = False,
) -> None:
    """Write the report as HTML and PDF into the home; it is not sent."""
    settings = begin("report")
    from quality_platform.alerting.listing import open_alerts
    from quality_platform.configuration.effective import effective
    from quality_platform.reports.build import build_report
    from quality_platform.reports.write import write_report
    from quality_platform.state.database import State
    from quality_platform.warehouse.lake import Lake

    now = datetime.now(UTC)
    alerts = open_alerts(State(settings))
    message = build_report(Lake(settings), alerts, now, days or effective(settings).report.days)
    written = write_report(settings, message, now)
    if json_output:
        output.as_json({"summary": message.summary, "html": str(written.html), "pdf": str(written.pdf)})
        return
    if text:
        from quality_platform.notifications.formats.text import render

        output.console().print(render(message), markup=False)
    output.console().print(f"{message.summary}\n{written.html}\n{written.pdf}", markup=False)
