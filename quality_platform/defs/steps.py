"""Which collectors are one step: those that fill the same tables, because a table is the asset of one step.

Belongs here: the grouping. Does not belong here: the step (`collect.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from quality_platform.collectors.contract import Collector


def steps(collectors: Sequence[Collector]) -> tuple[tuple[Collector, ...], ...]:
    """`collectors` in groups that share no table, each in the registry's order; the first one names the step."""
    groups: list[tuple[Collector, ...]] = []
    for collector in collectors:
        shared = [group for group in groups if _tables(group) & set(collector.tables)]
        merged = tuple(each for group in shared for each in group)
        at = groups.index(shared[0]) if shared else len(groups)
        groups = [group for group in groups if group not in shared]
        groups.insert(at, (*merged, collector))
    return tuple(groups)


def _tables(group: Sequence[Collector]) -> set[str]:
    return {name for collector in group for name in collector.tables}
