"""Taking back cuts, the most doubtful first, until every one that is left holds against its neighbours."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

Doubt = Callable[[int, int, int], float]
"""How doubtful the cut between [start, cut) and [cut, end) is."""


def prune(cuts: Sequence[int], length: int, doubt: Doubt, limit: float) -> list[tuple[int, int, int]]:
    """The cuts that stay, in order, each as (start, cut, end) of the two stretches that it parts.

    A cut that goes joins its two stretches, so its neighbours are weighed anew.
    """
    before = dict(zip(cuts, (0, *cuts)[:-1], strict=True))
    after = dict(zip(cuts, (*cuts, length)[1:], strict=True))
    queue = [(-doubt(before[cut], cut, after[cut]), cut, before[cut], after[cut]) for cut in cuts]
    heapq.heapify(queue)
    while queue:
        negative, cut, start, end = heapq.heappop(queue)
        if cut not in before or (start, end) != (before[cut], after[cut]):
            continue
        if -negative <= limit:
            break
        del before[cut], after[cut]
        if start in after:
            after[start] = end
        if end in before:
            before[end] = start
        for neighbour in (start, end):
            if neighbour in before:
                where = before[neighbour], neighbour, after[neighbour]
                heapq.heappush(queue, (-doubt(*where), neighbour, where[0], where[2]))
    return [(before[cut], cut, after[cut]) for cut in sorted(before)]
