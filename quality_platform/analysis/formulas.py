"""Halstead's measures, the maintainability index and ranks, as radon 6 computes them.

Does not belong here: counting what goes into them.
"""

from __future__ import annotations

import math

from quality_platform.analysis.facts import Lines

RANKS = ((5, "A"), (10, "B"), (20, "C"), (30, "D"), (40, "E"))


def complexity_rank(complexity: int) -> str:
    """Radon's letter for a cyclomatic complexity: A to 5, B to 10, C to 20, D to 30, E to 40, else F."""
    return next((letter for limit, letter in RANKS if complexity <= limit), "F")


def halstead(operators: int, operands: int, distinct_operators: int, distinct_operands: int) -> tuple[float, float]:
    """Volume N log2 n in bits, and effort (n1 / 2) (N2 / n2) volume (Halstead 1977); 0 where nothing was counted."""
    vocabulary = distinct_operators + distinct_operands
    volume = (operators + operands) * math.log(vocabulary, 2) if vocabulary else 0.0
    # the order of the operations is radon's, to the last bit
    difficulty = (distinct_operators * operands) / float(2 * distinct_operands) if distinct_operands else 0.0
    return float(volume), float(difficulty * volume)


def maintainability_index(volume: float, complexity: int, logical_lines: int, comment_percent: float) -> float:
    """The index from 0 to 100 (Coleman et al. 1994, scaled as in Visual Studio, with the term for comments).

    `comment_percent`: comment lines and lines of multi-line strings for 100 source lines. A file without operators
    has volume 0 and is 100 by definition, which is why means are to be weighted by size.
    """
    if volume <= 0 or logical_lines <= 0:
        return 100.0
    index = (
        171
        - 5.2 * math.log(volume)
        - 0.23 * complexity
        - 16.2 * math.log(logical_lines)
        + 50 * math.sin(math.sqrt(2.46 * math.radians(comment_percent)))
    )
    return min(max(0.0, index * 100 / 171.0), 100.0)


def comment_percent(lines: Lines) -> float:
    """Lines with comments and of multi-line strings for 100 lines of source."""
    comments = lines.comment_lines + lines.multi_lines
    return comments / float(lines.source_lines) * 100 if lines.source_lines else 0.0
