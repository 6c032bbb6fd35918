"""Medians of groups against a loop over them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality_platform.detection.blocks import medians


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6), min_size=1, max_size=20))
def test_each_group_has_its_median(parts: list[list[float]]) -> None:
    groups = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    found = medians(groups, np.concatenate([np.array(part) for part in parts]))
    assert found == pytest.approx([np.median(part) for part in parts])
