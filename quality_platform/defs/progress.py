"""Progress of a step: to the terminal of whoever started the run, and to the run's log now and then."""

from __future__ import annotations

import sys
import time

import dagster as dg

from quality_platform.collectors.contract import Progress

LINE_EVERY_SECONDS = 10.0
DRAW_EVERY_SECONDS = 0.1


def console(context: dg.AssetExecutionContext) -> Progress:
    """A `Progress` that redraws one line where a person looks on, and logs every ten seconds."""
    last_drawn = last_logged = 0.0

    def show(what: str, done: int, total: int) -> None:
        nonlocal last_drawn, last_logged
        now = time.monotonic()
        text = f"{what}: {done:,} of {total:,}" if total else f"{what}: {done:,}"
        if sys.stderr.isatty() and (now - last_drawn > DRAW_EVERY_SECONDS or done == total):
            sys.stderr.write(f"\r\x1b[2K  {text}")
            if total and done >= total:
                sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            last_drawn = now
        if now - last_logged > LINE_EVERY_SECONDS:
            context.log.info(text)
            last_logged = now

    return show
