"""A ring keeps the newest values, like a bounded queue."""

from __future__ import annotations

import json
from collections import deque

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.anomalies.ring import Ring


@given(st.integers(1, 8), st.lists(st.lists(st.floats(allow_nan=False), max_size=20), max_size=12))
def test_it_is_a_bounded_queue(capacity: int, pieces: list[list[float]]) -> None:
    ring, queue = Ring(capacity), deque[float](maxlen=capacity)
    for piece in pieces:
        ring.extend(np.array(piece))
        queue.extend(piece)
        assert ring.values().tolist() == list(queue)
        assert len(ring) == len(queue)
        ring = Ring.from_state(json.loads(json.dumps(ring.state())))
