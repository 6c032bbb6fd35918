"""Collectors that fill the same table are one step; the others have one each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from quality_platform.collectors.contract import Collector
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.defs.steps import steps


def collector(name: str, *tables: str) -> Collector:
    return Collector(
        name, "1", name, "", tables, lambda config: (), lambda task, context: False, lambda task, context: iter(())
    )


def names(*collectors: Collector) -> list[list[str]]:
    return [[each.name for each in group] for group in steps(collectors)]


def test_groups_keep_the_order_of_the_registry() -> None:
    found = names(collector("a", "x"), collector("b", "y"), collector("c", "x"), collector("d", "z"))
    assert found == [["a", "c"], ["b"], ["d"]]


def test_a_collector_of_two_tables_joins_their_groups() -> None:
    assert names(collector("a", "x"), collector("b", "y"), collector("c", "z"), collector("d", "y", "x")) == [
        ["a", "b", "d"],
        ["c"],
    ]


def test_the_platforms_own() -> None:
    assert ["system", "probes", "scrape"] in names(*COLLECTORS)


@given(st.lists(st.sets(st.sampled_from("uvwxyz"), min_size=1, max_size=3), max_size=8))
def test_no_table_is_in_two_groups_and_nobody_is_lost(tables: list[set[str]]) -> None:
    collectors = [collector(str(number), *sorted(each)) for number, each in enumerate(tables)]
    groups = steps(collectors)
    filled = [{name for each in group for name in each.tables} for group in groups]
    assert sum(len(each) for each in filled) == len(set().union(*tables))
    assert sorted(each.name for group in groups for each in group) == sorted(each.name for each in collectors)
