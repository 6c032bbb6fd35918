"""The report on disk: one HTML page and one PDF a day, written whole or not at all."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from quality_platform.model.message import Message
from quality_platform.reports.render_html import render_html
from quality_platform.reports.render_pdf import render_pdf
from quality_platform.settings import Settings


@dataclass(frozen=True, slots=True)
class Written:
    """Where a report was written."""

    html: Path
    pdf: Path


def write_report(settings: Settings, message: Message, now: datetime) -> Written:
    """Write `message` as the report of the day of `now`; a second one of that day replaces the first."""
    folder = settings.place(settings.reports_dir)
    written = Written(folder / f"quality-{now:%Y-%m-%d}.html", folder / f"quality-{now:%Y-%m-%d}.pdf")
    _replace(written.html, render_html(message, now).encode())
    _replace(written.pdf, render_pdf(message, now))
    return written


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
