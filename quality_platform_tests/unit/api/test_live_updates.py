"""Updates: numbered without gaps, kept for who comes back, only what a client looks at."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from quality_platform.api.live.updates import KEPT, Interest, Updates, Wanted
from quality_platform.api.live.watching import newest

COLUMNS = {
    "project": ["shop", "shop", "blog"], "metric": ["cpu", "mem", "cpu"], "subject": ["a", "a", "b"],
    "labels": ["{}", '{"k":"v"}', "{}"], "observed_at": [0, 1, 2], "value": [1.0, 2.0, 3.0], "kind": ["gauge"] * 3,
}  # fmt: skip


def nothing() -> None:
    """No need to be woken."""


def made() -> tuple[Updates, list[Wanted | None]]:
    told: list[Wanted | None] = []
    return Updates(told.append), told


def test_one_update_a_project_numbered_one_after_the_other() -> None:
    updates, _ = made()
    joined = updates.subscribe(nothing, None)

    updates.stored(COLUMNS, 7)
    updates.alerts([{"project": "shop", "metric": "cpu"}])

    found = joined.subscription.take()
    assert [(each["seq"], each["type"], each["project"]) for each in found] == [
        (1, "quality_update", "shop"), (2, "quality_update", "blog"), (3, "alert", "shop"),
    ]  # fmt: skip
    assert found[0]["samples"][1] == {
        "metric": "mem", "subject": "a", "labels": {"k": "v"}, "observed_at": "1970-01-01T00:00:00.000001+00:00",
        "value": 2.0, "kind": "gauge",
    }  # fmt: skip
    assert found[0]["omitted"] == 7


def test_who_comes_back_gets_what_it_missed_and_is_told_of_gaps() -> None:
    updates, _ = made()
    for _ in range(5):
        updates.alerts([{"project": "p", "metric": "m"}])

    back = updates.subscribe(nothing, 3)
    assert ([each["seq"] for each in back.missed], back.gap) == ([4, 5], False)
    assert updates.subscribe(nothing, 5).missed == ()
    updates.alerts([{"project": "p", "metric": "m"}] * KEPT)
    late = updates.subscribe(nothing, 3)
    assert (len(late.missed), late.gap) == (KEPT, True)
    assert updates.subscribe(nothing, 10**6).gap


def test_a_client_is_shown_what_it_looks_at() -> None:
    update: dict[str, Any] = {
        "type": "quality_update",
        "project": "shop",
        "samples": [{"metric": "a"}, {"metric": "b"}],
    }
    alert = {"type": "alert", "project": "shop", "metric": "a"}

    assert Interest().of(update) == update
    assert Interest(projects=frozenset({"blog"})).of(update) is None
    assert Interest(metrics=frozenset({"b"})).of(update) == {**update, "samples": [{"metric": "b"}]}
    assert Interest(metrics=frozenset({"c"})).of(update) is None
    assert (Interest(metrics=frozenset({"a"})).of(alert), Interest(metrics=frozenset({"b"})).of(alert)) == (alert, None)


def test_the_drain_is_asked_for_what_somebody_looks_at() -> None:
    updates, told = made()

    updates.interest(1, Interest(frozenset({"shop"}), frozenset({"cpu"})))
    updates.interest(2, Interest(frozenset({"blog"}), frozenset({"cpu"})))
    updates.interest(3, Interest(frozenset({"blog"})))
    for client in (1, 2, 3):
        updates.leave(client)
    updates.tidy()

    assert told[1] == {"projects": ["blog", "shop"], "metrics": ["cpu"]}
    assert told[2] == {"projects": ["blog", "shop"], "metrics": None}
    assert told[-1] is not None  # for a while, somebody may come back
    assert updates.wanted


def test_of_each_series_the_newest_value_is_shown() -> None:
    samples = pa.table({
        "metric": ["m", "m", "n"], "subject": ["s", "s", "s"], "labels": ["{}"] * 3,
        "observed_at": pa.array([5, 3, 4], pa.timestamp("us", "UTC")), "value": [1.0, 2.0, 3.0], "kind": ["gauge"] * 3,
        "project": ["p"] * 3,
    })  # fmt: skip

    found = {row["metric"]: (row["observed_at"], row["value"]) for row in newest(samples).to_pylist()}

    assert found == {"m": (5, 1.0), "n": (4, 3.0)}
