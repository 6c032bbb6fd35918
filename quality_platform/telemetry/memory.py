"""How a process that makes many short-lived objects is told to look for garbage less often.

Belongs here: the collector's setting. Does not belong here: limits on memory (each has its place).
"""

from __future__ import annotations

import gc

THRESHOLD = 50_000
"""Objects between two looks; with Python's 700 a third of the decoding of a batch of metrics was looking (3.3 against
2.3 us a sample)."""


def settle() -> None:
    """Called when a process has started: what it has by now stays, and need not be looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD, 20, 50)
