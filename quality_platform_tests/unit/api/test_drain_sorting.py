"""What becomes of every item: each is counted as received once and ends once, whatever mixture comes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.api.drain.seen import DAYS, Seen, fingerprint
from quality_platform.api.drain.sorting import Sorted, duplicates
from quality_platform.api.ingest.contract import Decoded, Group, Loss, Refusal
from quality_platform.api.ingest.rows import sample_row
from quality_platform.model.tables_live import INGEST_COUNTS
from quality_platform.settings import Settings
from quality_platform.spool.item import Entry, Spooled

READ = {"spool": "s", "first": 1, "last": 9}
DAY = 86_400_000_000
# a name that is too long breaks the table's contract, which is found out only when the batch is made
NAMES = st.sampled_from(("a", "b", "x" * 300))
GROUPS = st.lists(
    st.builds(
        lambda identity, names: Group(
            "metric", identity, [("metric_samples", sample_row(name, "s", {}, 1, 1.0, "gauge")) for name in names]
        ),
        st.none() | st.sampled_from(("1", "2", "3")),
        st.lists(NAMES, max_size=4),
    ),
    max_size=5,
)
REFUSALS = st.lists(
    st.builds(Refusal, st.just("metric"), st.sampled_from(("bad", "worse")), st.just("why")), max_size=3
)


def spooled(place: int, groups: list[Group], refused: list[Refusal]) -> tuple[Spooled, Decoded]:
    items = sum(len(group.rows) for group in groups) + len(refused)
    decoded = Decoded(Counter(metric=items), groups, refused, [Loss("error", "queue_overflow", 3, 1)])
    return Spooled(place, Entry("shop", "metrics", 3_600_000_000 + place, b"")), decoded


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return Seen(Settings(home=tmp_path_factory.mktemp("seen")))


# no deadline: the first example opens a database
@settings(deadline=None)
@given(st.lists(st.tuples(GROUPS, REFUSALS), min_size=1, max_size=5))
def test_received_is_what_was_stored_refused_or_known(
    seen: Seen, requests: list[tuple[list[Group], list[Refusal]]]
) -> None:
    pairs = [spooled(place, groups, refused) for place, (groups, refused) in enumerate(requests, 1)]
    known, _ = duplicates(pairs, seen)
    result = Sorted("shop")
    for request, decoded in pairs:
        result.take(request, decoded, known)

    batch = result.batch(READ)

    counts: Counter[str] = Counter()
    for row in batch.tables[INGEST_COUNTS.name].to_pylist():
        counts[row["outcome"]] += row["quantity"]
    assert counts["received"] == counts["stored"] + counts["duplicate"] + counts["rejected"]
    assert counts["lost"] == 3 * len(pairs)
    rows = batch.tables.get("metric_samples")
    assert counts["stored"] == (rows.num_rows if rows is not None else 0)
    assert len(batch.rejected) == counts["rejected"]


def test_the_same_identity_is_new_once(tmp_path: Path) -> None:
    seen = Seen(Settings(home=tmp_path))
    row = ("metric_samples", sample_row("a", "s", {}, 1, 1.0, "gauge"))
    pairs = [spooled(place, [Group("metric", "one", [row])], []) for place in (1, 2)]

    known, fresh = duplicates(pairs, seen)
    assert known == {id(pairs[1][1].groups[0])}
    seen.mark(fresh, DAY)
    assert duplicates(pairs[:1], seen) == ({id(pairs[0][1].groups[0])}, [])


def test_an_identity_is_of_its_project_and_category() -> None:
    assert len({fingerprint(p, c, "1") for p in ("a", "b") for c in ("error", "event")}) == 4


def test_old_identities_are_forgotten_by_the_day(tmp_path: Path) -> None:
    seen = Seen(Settings(home=tmp_path))
    marks = [bytes([day]) * 16 for day in range(DAYS + 1)]
    for day, mark in enumerate(marks):
        seen.mark([mark], (100 + day) * DAY)

    assert seen.known(marks) == set(marks[1:])
    seen.close()
    assert Seen(Settings(home=tmp_path)).known(marks) == set(marks[1:])


def test_a_clock_that_was_set_back_forgets_nothing(tmp_path: Path) -> None:
    seen = Seen(Settings(home=tmp_path))
    seen.mark([b"a" * 16], 100 * DAY)
    seen.mark([b"b" * 16], 10 * DAY)

    assert seen.known([b"a" * 16, b"b" * 16]) == {b"a" * 16, b"b" * 16}
