"""What a rate limit holds up becomes one message; nothing is lost and the order of each alert stays."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quality_platform.alerting.delivery.bucket import Rate
from quality_platform.alerting.delivery.deliver import deliver_due
from quality_platform.alerting.delivery.folding import fold
from quality_platform.alerting.delivery.frozen import thaw
from quality_platform.alerting.delivery.senders import Channel
from quality_platform.errors import DeliveryError
from quality_platform.notifications.delivery import Delivery, Receipt
from quality_platform.state.database import State
from quality_platform.state.models import ChannelHealthRow, CursorRow, DeliveryRow, OutboxAlertRow, OutboxRow
from quality_platform.state.outbox import Which
from quality_platform_tests.data.outbox_rows import NOON, message, put, seconds


def folded(state: State, keep: int, which: Which = "other") -> int:
    with state.write() as session:
        return fold(session, "hook", NOON, keep, which)


def states(state: State) -> dict[str, str]:
    with state.read() as session:
        return {row.message_id: row.state for row in session.query(OutboxRow)}


def test_the_rest_becomes_one_message(state: State) -> None:
    for name in "abcd":
        put(state, name, alerts=f"alert-{name}", severity="warning")
    assert folded(state, 1) == 3
    found = states(state)
    (digest_id,) = set(found) - set("abcd")
    assert [found[name] for name in "abcd"] == ["pending", "coalesced", "coalesced", "coalesced"]
    row = message(state, digest_id)
    assert (row.kind, row.state, row.severity, row.alert_id, row.next_at) == (
        "digest",
        "pending",
        "warning",
        None,
        NOON,
    )
    delivery = thaw(row.payload, row.message_id, row.created_at)
    assert (delivery.kind, delivery.payload["count"]) == ("alert.digest", 3)
    assert [entry["id"] for entry in delivery.payload["messages"]] == ["b", "c", "d"]  # type: ignore[attr-defined]
    assert message(state, "b").last_error == f"It was sent in the digest {digest_id}."
    with state.read() as session:
        about = session.query(OutboxAlertRow.alert_id).filter_by(position=row.position).all()
    assert sorted(each.alert_id for each in about) == ["alert-b", "alert-c", "alert-d"]


@pytest.mark.parametrize("keep", [2, 3, 10])
def test_one_to_spare_is_no_digest(state_on_sqlite: State, keep: int) -> None:
    for name in "abc":
        put(state_on_sqlite, name)
    assert folded(state_on_sqlite, keep) == 0
    assert set(states(state_on_sqlite).values()) == {"pending"}


def test_what_stands_for_itself_is_not_folded(state_on_sqlite: State) -> None:
    for kind in ("report", "test", "digest"):
        put(state_on_sqlite, kind, kind=kind)
        put(state_on_sqlite, f"{kind} again", kind=kind)
    put(state_on_sqlite, "later", next_at=NOON + seconds(1))
    put(state_on_sqlite, "critical", severity="critical")
    put(state_on_sqlite, "elsewhere", channel="other")
    assert folded(state_on_sqlite, 0) == 0
    put(state_on_sqlite, "critical again", severity="critical")
    assert folded(state_on_sqlite, 0) == 0
    assert folded(state_on_sqlite, 0, "critical") == 2


class Slow:
    """A channel with a limit; notes what arrives."""

    def __init__(self, rate: Rate, folds: bool = True) -> None:
        self.seen: list[Delivery] = []
        self.channel = Channel(self._send, 2, rate, folds)

    def _send(self, delivery: Delivery) -> Receipt:
        self.seen.append(delivery)
        return Receipt(200, "ok")

    def told(self) -> set[str]:
        """Ids of all messages that arrived, alone or in a digest."""
        found = {delivery.message_id for delivery in self.seen if delivery.kind != "alert.digest"}
        for delivery in self.seen:
            found |= {entry["id"] for entry in delivery.payload.get("messages", [])}  # type: ignore[attr-defined]
        return found


def test_a_storm_is_a_burst_and_one_digest_each_for_what_is_grave_and_what_is_not(state: State) -> None:
    slow = Slow(Rate(1.0, 10))
    everything = [f"{severity}-{n}" for severity in ("warning", "critical") for n in range(30)]
    for name in everything:
        put(state, name, alerts=f"alert-{name}", severity=name.partition("-")[0])
    deliver_due(state, {"hook": slow.channel}, NOON)
    assert len(slow.seen) == 10
    assert [delivery.kind for delivery in slow.seen].count("alert.digest") == 1
    assert len([name for name in slow.told() if name.startswith("critical")]) == 30
    for step in range(1, 8):
        deliver_due(state, {"hook": slow.channel}, NOON + seconds(60 * step))
    assert slow.told() == set(everything)
    assert len(slow.seen) <= 20
    assert set(states(state).values()) == {"delivered", "coalesced"}


def test_critical_messages_have_tokens_that_others_cannot_take(state: State) -> None:
    slow = Slow(Rate(0.001, 10))
    for n in range(20):
        put(state, f"warning-{n}", severity="warning")
    deliver_due(state, {"hook": slow.channel}, NOON)
    assert len(slow.seen) == 8
    for n in range(2):
        put(state, f"critical-{n}", severity="critical")
    deliver_due(state, {"hook": slow.channel}, NOON + seconds(1))
    assert {delivery.message_id for delivery in slow.seen[8:]} == {"critical-0", "critical-1"}


def test_a_service_with_an_incident_per_alert_gets_every_message(state_on_sqlite: State) -> None:
    slow = Slow(Rate(1.0, 5), folds=False)
    for n in range(12):
        put(state_on_sqlite, str(n))
    for step in range(9):
        deliver_due(state_on_sqlite, {"hook": slow.channel}, NOON + seconds(60 * step))
    assert sorted(int(delivery.message_id) for delivery in slow.seen) == list(range(12))


def test_a_digest_takes_later_messages_about_its_alerts_with_it(state: State) -> None:
    """They would be free to go before it, being no longer behind the messages that it stands for."""
    put(state, "kept", alerts="k", severity="critical")
    put(state, "x fires", alerts="x", severity="critical")
    put(state, "y fires", alerts="y", severity="critical")
    put(state, "x and z", alerts=["x", "z"], severity="warning", next_at=NOON + seconds(60))
    put(state, "z is over", alerts="z", severity="info", kind="resolved")
    put(state, "k is over", alerts="k", severity="info", kind="resolved")
    put(state, "report", kind="report")
    assert folded(state, 1, "critical") == 4
    found = states(state)
    assert [name for name, value in found.items() if value == "coalesced"] == [
        "x fires", "y fires", "x and z", "z is over",
    ]  # fmt: skip


def test_what_a_digest_waits_for_is_not_put_into_another(state_on_sqlite: State) -> None:
    put(state_on_sqlite, "x fires", alerts="x")
    put(state_on_sqlite, "first digest", alerts=["x", "y"], kind="digest", next_at=NOON + seconds(60))
    put(state_on_sqlite, "a", alerts="a")
    put(state_on_sqlite, "b", alerts="b")
    assert folded(state_on_sqlite, 0) == 2
    assert states(state_on_sqlite)["x fires"] == "pending"


def test_a_digest_waits_for_what_came_before_it(state: State) -> None:
    """The start is being tried again; its end, in a digest with others, must not overtake it."""
    put(state, "fired", alerts="x", next_at=NOON + seconds(30), attempts=3)
    for name, alert in (("over", "x"), ("other", "y"), ("third", "z")):
        put(state, name, alerts=alert, kind="resolved")
    slow = Slow(Rate(1.0, 1))
    deliver_due(state, {"hook": slow.channel}, NOON)
    assert slow.seen == []
    deliver_due(state, {"hook": slow.channel}, NOON + seconds(30))
    deliver_due(state, {"hook": slow.channel}, NOON + seconds(90))
    assert [delivery.kind for delivery in slow.seen] == ["alert.firing", "alert.digest"]
    assert slow.told() == {"fired", "over", "other", "third"}


def places(arrived: list[Delivery]) -> dict[str, int]:
    """At which place each message was told, alone or in a digest; none is told twice."""
    told: dict[str, int] = {}
    for place, delivery in enumerate(arrived):
        entries: list[dict[str, str]] = delivery.payload.get("messages") or [{"id": delivery.message_id}]  # type: ignore[assignment]
        for entry in entries:
            assert told.setdefault(entry["id"], place) == place
    return told


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sets(st.sampled_from("vwxyz"), min_size=1, max_size=3),
            st.sampled_from(["critical", "warning", "info"]),
            st.sampled_from([0, 0, 0, 90, 200]),
        ),
        min_size=1,
        max_size=14,
    ),
    rate=st.builds(Rate, st.sampled_from([0.01, 0.02, 1.0]), st.integers(1, 6)),
    fails=st.lists(st.booleans(), max_size=8),
    parallel=st.integers(1, 3),
)
def test_whatever_the_limit_everything_is_told_and_each_alert_in_its_order(
    state_on_sqlite: State,
    rows: list[tuple[set[str], str, int]],
    rate: Rate,
    fails: list[bool],
    parallel: int,
) -> None:
    with state_on_sqlite.write() as session:
        for table in (OutboxAlertRow, DeliveryRow, OutboxRow, ChannelHealthRow, CursorRow):
            session.query(table).delete()
    for number, (alerts, severity, later) in enumerate(rows):
        put(state_on_sqlite, f"{number:02}", alerts=sorted(alerts), severity=severity, next_at=NOON + seconds(later))
    arrived: list[Delivery] = []
    failing = iter(fails)

    def send(delivery: Delivery) -> Receipt:
        if next(failing, False):
            raise DeliveryError("no answer", retry=True)
        arrived.append(delivery)
        return Receipt(200, "ok")

    for step in range(60):
        deliver_due(state_on_sqlite, {"hook": Channel(send, parallel, rate)}, NOON + seconds(100 * step))
    told = places(arrived)
    assert sorted(told) == [f"{number:02}" for number in range(len(rows))]
    for alert in "vwxyz":
        mine = [told[f"{number:02}"] for number, (alerts, _, _) in enumerate(rows) if alert in alerts]
        assert mine == sorted(mine)
