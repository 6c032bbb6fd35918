"""Numbers of any unit brought to a size that can be squared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


# Nothing that is measured is larger, and below it neither slopes nor differences leave the range of floats.
LARGEST = 1e200


def usable(values: Floats) -> NDArray[np.bool_]:
    """Which of `values` are numbers to reckon with: finite and below `LARGEST`."""
    mask: NDArray[np.bool_] = np.abs(values) < LARGEST
    return mask


def to_unit(values: Floats) -> tuple[Floats, int]:
    """`values`, shape (n,), n > 0, divided by a power of two to lie within (-1, 1), and its exponent.

    The division is exact, so equal values stay equal, and neither differences nor squares overflow.
    """
    exponent = int(np.frexp(np.abs(values).max())[1])
    return np.ldexp(values, -exponent), exponent
