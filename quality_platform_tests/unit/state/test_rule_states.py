"""A rule's memory moves only from the state that was judged."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from quality_platform.model.alerts import RuleState, Series
from quality_platform.state import rule_states
from quality_platform.state.database import State
from quality_platform.state.rule_states import NEW, Advance

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SERIES = Series("system.cpu_percent", "shop", "host|1", '{"mount":"/"}')
FIRING = RuleState("warning", None, "ok", NOON)
PENDING = RuleState("ok", NOON, "critical", NOON + timedelta(minutes=1))


def advance(state: State, *advances: Advance) -> frozenset[str]:
    with state.write(serial="alerts") as session:
        return rule_states.advance(session, advances)


def test_states_are_stored_whole_and_found_by_rule_and_series(state: State) -> None:
    other = Series("system.cpu_percent", "shop", "host|2")
    advance(
        state, Advance("a", SERIES, NEW, FIRING), Advance("b", SERIES, NEW, PENDING), Advance("c", other, NEW, FIRING)
    )
    with state.read() as session:
        assert rule_states.load(session, ["a", "b"]) == {("a", SERIES): FIRING, ("b", SERIES): PENDING}


def test_only_an_advance_from_the_present_state_counts(state: State) -> None:
    first = Advance("a", SERIES, NEW, FIRING)
    assert advance(state, first) == {first.fingerprint}
    assert advance(state, first) == frozenset()
    second = Advance("a", SERIES, FIRING, PENDING)
    stale = Advance("a", SERIES, FIRING, NEW)
    assert advance(state, second) == {second.fingerprint}
    assert advance(state, stale) == frozenset()
    with state.read() as session:
        assert rule_states.load(session, ["a"]) == {("a", SERIES): PENDING}


def test_of_many_who_judged_the_same_state_one_is_heard(state: State) -> None:
    heard = []

    def compete() -> None:
        heard.extend(advance(state, Advance("a", SERIES, NEW, FIRING)))

    threads = [threading.Thread(target=compete) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 1


def test_what_is_forgotten_is_new_again(state: State) -> None:
    made = Advance("a", SERIES, NEW, FIRING)
    advance(state, made)
    with state.write() as session:
        rule_states.forget(session, [made.fingerprint])
    with state.read() as session:
        assert rule_states.load(session, ["a"]) == {}
    assert advance(state, made) == {made.fingerprint}


def test_thousands_of_states_are_advanced_at_once(state_on_sqlite: State) -> None:
    """More values than a statement of SQLite may have."""
    many = [Advance("a", Series("m", "p", f"host-{n}"), NEW, FIRING) for n in range(5000)]
    assert len(advance(state_on_sqlite, *many)) == 5000
    with state_on_sqlite.read() as session:
        assert len(rule_states.load(session, ["a"])) == 5000
