"""Bringing what waits to the lake before somebody goes on, while a live service's drain has the spool."""

from __future__ import annotations

from quality_platform.api.drain import now, process


def test_a_drain_that_idles_is_outwaited() -> None:
    """It holds the spool until it ends, and what is lazy does not wake it."""
    assert now.WAIT_SECONDS > process.IDLE_SECONDS + 10
