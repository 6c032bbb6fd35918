"""Lists of alerts on both databases: orders, pages, filters, labels; and what messages of a channel come to."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quality_platform.alerting import listing
from quality_platform.alerting.notices import labels
from quality_platform.model.matchers import parsed_all
from quality_platform.state import alert_lists, delivery_lists
from quality_platform.state.alert_lists import Sort, Wanted
from quality_platform.state.database import State
from quality_platform.state.models import AlertRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OPEN = ("active", "acknowledged")


def alert(number: int, **values: Any) -> AlertRow:
    at = NOW + timedelta(minutes=number // 2)  # two of each instant
    row = {
        "id": f"a{number}", "fingerprint": f"f{number}", "rule": "r", "type": "regression", "metric": "m", "project": "p",
        "subject": "s", "labels": "{}", "severity": ("critical", "warning", "info")[number % 3], "status": "active",
        "observed_at": at, "message": "it is slow", "opened_at": at, "updated_at": at, "origin": "rule",
        "routing_labels": json.dumps({"n": str(number), "team": "core"}, separators=(",", ":")),
    }  # fmt: skip
    return AlertRow(**{**row, **values})


def stored(state: State, *rows: AlertRow) -> None:
    with state.write() as session:
        session.add_all(rows)


def found(state: State, sort: Sort = "-opened_at", **wanted: Any) -> list[str]:
    with state.read() as session:
        rows = alert_lists.page(session, Wanted(**wanted), sort, 100, listing.labels_of)
    return [row.id for row in rows]


@pytest.mark.parametrize("sort", ["-opened_at", "opened_at", "-updated_at", "severity"])
@pytest.mark.parametrize("matchers", [(), parsed_all(["team=core"])])
def test_pages_put_together_are_the_whole(state: State, sort: Sort, matchers: Any) -> None:
    stored(state, *(alert(number) for number in range(11)))
    wanted, after, ids = Wanted(statuses=OPEN, matchers=matchers), None, []

    while True:
        with state.read() as session:
            page = alert_lists.page(session, wanted, sort, 3, listing.labels_of, after)
        if not page:
            break
        ids += [row.id for row in page]
        last = page[-1]
        after = (last.severity, (last.updated_at if sort == "-updated_at" else last.opened_at, last.id))

    assert ids == found(state, sort, statuses=OPEN)
    assert sorted(ids) == sorted(f"a{number}" for number in range(11))


def test_filters(state: State) -> None:
    stored(
        state,
        alert(0, status="resolved", project="q"),
        alert(2, message="100% BROKEN", assignee="ann"),
        alert(4, status="acknowledged", labels='{"own":"x"}', origin="api", routing_labels='{"team":"we\\"b"}'),
        alert(6, routing_labels="{}", subject="old"),
    )

    assert found(state) == ["a6", "a4", "a2", "a0"]
    assert found(state, statuses=("resolved",)) == ["a0"]
    assert found(state, statuses=("acknowledged", "resolved")) == ["a4", "a0"]
    assert found(state, projects=("q", "z")) == ["a0"]
    assert found(state, assignee="ann") == ["a2"]
    assert found(state, assignee="") == ["a6", "a4", "a0"]
    assert found(state, since=NOW + timedelta(minutes=2)) == ["a6", "a4"]
    assert found(state, until=NOW + timedelta(minutes=2)) == ["a2", "a0"]
    assert found(state, text="broken") == found(state, text="0% B") == ["a2"]
    assert found(state, text="_") == []
    assert found(state, matchers=parsed_all(["own=x"])) == ["a4"]
    assert found(state, matchers=parsed_all(['team="we\\"b"'])) == ["a4"]
    assert found(state, matchers=parsed_all(["subject=old"])) == ["a6"]  # from before labels were kept
    assert found(state, matchers=parsed_all(["team=~c.+", "n!=0"])) == ["a2"]
    assert found(state, matchers=parsed_all(["team="])) == ["a6"]


def test_counts_are_of_the_open_ones(state: State) -> None:
    stored(state, alert(0), alert(1), alert(2, status="acknowledged"), alert(3, status="resolved"))

    with state.read() as session:
        assert alert_lists.counts(session) == {
            ("active", "critical"): 1, ("active", "warning"): 1, ("acknowledged", "info"): 1
        }  # fmt: skip
        ids = [row.id for row in alert_lists.every(session, Wanted(statuses=OPEN), listing.labels_of, ())]
        assert ids == ["a0", "a1", "a2"]


def test_a_channel_without_messages_has_figures(state: State) -> None:
    with state.read() as session:
        figures = delivery_lists.figures(session, ["one"], NOW)
        assert (figures["one"].messages, figures["one"].attempts, figures["one"].health) == ({}, {}, None)
        assert delivery_lists.page(session, 10, None, channel="one", since=NOW, until=NOW) == []
        assert delivery_lists.of_alert(session, "none") == []


MATCHERS = (
    ["team=core"], ["team=none"], ["team=~c.*"], ["team=~nothing.*"], ["team!=core"], ["team!~(core|web)"], ["team=~.*"],
    ["team!="], ["team="], ["host=~h1.*"], ["host!~h1.*"], ["team=core", "host!=h3"], ["absent="], ["absent=~.+"],
    ["severity=page"], ["severity=critical"], ["severity!=critical"], ["team=~core|"], ['team=~"we.b"'],
)  # fmt: skip


@pytest.fixture
def many(state: State) -> State:
    """Alerts of rules and pushed ones, with few teams and a host each; some have no label of their own."""
    teams = ("core", "web", 'we"b', None)
    stored(
        state,
        *(
            alert(
                number,
                origin=("rule", "alertmanager")[number % 5 == 0],
                labels=json.dumps({"severity": "page"} if number % 10 == 0 else {}),
                routing_labels="{}" if number % 23 == 0 else json.dumps(
                    {"severity": "critical", "host": f"h{number}", **({"team": team} if (team := teams[number % 4]) else {})}
                ),
            )
            for number in range(1100)
        ),
    )  # fmt: skip
    return state


def test_what_the_database_leaves_out_does_not_match(many: State) -> None:
    """The oracle looks at every alert."""
    with many.read() as session:
        rows = session.query(AlertRow).all()
        for texts in MATCHERS:
            matchers = parsed_all(texts)
            shown = {row.id for row in alert_lists.every(session, Wanted(matchers=matchers), listing.labels_of, ())}
            assert shown == {row.id for row in rows if all(each.matches(listing.labels_of(row)) for each in matchers)}
            routed = set(alert_lists.routed(session, matchers, labels.read))
            assert routed == {row.id for row in rows if all(each.matches(labels.read(row)) for each in matchers)}
