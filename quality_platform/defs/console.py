"""What a run says on the terminal: a line per step, short and coloured, instead of Dagster's log of everything."""

from __future__ import annotations

import logging
import sys

import dagster as dg

TITLES = {
    "STEP_START": ("…", "", ""),
    "STEP_SUCCESS": ("✓", "\x1b[32m", "\x1b[0m"),
    "STEP_FAILURE": ("✗", "\x1b[31m", "\x1b[0m"),
}


class StepLines(logging.Handler):
    """Prints the start and the end of every step; errors in full."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print `record` where it is about a step's start or end."""
        event = getattr(record, "dagster_meta", {}).get("dagster_event")
        if event is None or event.event_type_value not in TITLES:
            return
        sign, colour, plain = TITLES[event.event_type_value]
        if not sys.stderr.isatty():
            colour = plain = ""
        self._print(f"{colour}{sign}{plain} {event.step_key}{_duration(event)}", ended=sign != "…")
        if event.event_type_value == "STEP_FAILURE":
            self._print(f"  {_reason(event)}", ended=True)

    def _print(self, text: str, *, ended: bool) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{text}" + ("\n" if ended else ""))
        elif ended:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()


def _duration(event: dg.DagsterEvent) -> str:
    if event.event_type_value != "STEP_SUCCESS":
        return ""
    return f"  {event.step_success_data.duration_ms / 1000:.1f} s"


def _reason(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip() if error else "no reason given"


def _make(_context: dg.InitLoggerContext) -> logging.Logger:
    # Dagster reports a step's success at level DEBUG
    logger = logging.Logger("quality_platform.steps", level=logging.DEBUG)
    logger.addHandler(StepLines())
    return logger


step_lines = dg.LoggerDefinition(logger_fn=_make, description="A line per step on the terminal.")
"""The console logger of every job."""
