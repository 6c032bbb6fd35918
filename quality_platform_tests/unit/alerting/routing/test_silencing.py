"""Silences by table: boundaries, kinds, what is always told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quality_platform.alerting.routing.matchers import parsed_all
from quality_platform.alerting.routing.silencing import Silence, next_change, silenced_by

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)


def silence(
    *matchers: str, name: str = "s", start: datetime = NOON, hours: int = 1, kinds: tuple[str, ...] | None = None
) -> Silence:
    found = Silence(name, parsed_all(matchers), start, start + hours * HOUR)
    return found if kinds is None else Silence(name, found.matchers, start, found.ends_at, kinds)


@pytest.mark.parametrize(
    ("now", "expected"),
    [(NOON - TICK, ()), (NOON, ("s",)), (NOON + HOUR - TICK, ("s",)), (NOON + HOUR, ()), (NOON + 2 * HOUR, ())],
)
def test_it_holds_from_its_start_up_to_its_end(now: datetime, expected: tuple[str, ...]) -> None:
    assert silenced_by([silence("team=a")], {"team": "a"}, now) == expected


@pytest.mark.parametrize(
    ("matchers", "expected"),
    [
        (("team=a",), True),
        (("team=a", "env=prod"), True),
        (("team=a", "env=test"), False),
        (("team=a", "gone="), True),
        (("team=a", "gone!="), False),
        (("team=~a|b",), True),
        (("team!~a|b",), False),
        # never what has no matcher
        ((), False),
    ],
)
def test_all_matchers_must_match(matchers: tuple[str, ...], expected: bool) -> None:
    assert bool(silenced_by([silence(*matchers)], {"team": "a", "env": "prod"}, NOON)) is expected


@pytest.mark.parametrize(
    ("kinds", "kind", "expected"),
    [
        (None, "firing", True),
        (None, "repeat", True),
        (None, "escalated", False),
        (None, "resolved", False),
        (("repeat",), "firing", False),
        (("repeat",), "repeat", True),
        (("firing", "resolved"), "resolved", False),
    ],
)
def test_kinds_of_news(kinds: tuple[str, ...] | None, kind: str, expected: bool) -> None:
    assert bool(silenced_by([silence("team=a", kinds=kinds)], {"team": "a"}, NOON, kind)) is expected


def test_every_silence_that_applies_is_named() -> None:
    found = [silence("team=a", name="x"), silence("team=b", name="y"), silence("team=~.+", name="z")]

    assert silenced_by(found, {"team": "a"}, NOON) == ("x", "z")


@pytest.mark.parametrize(
    ("now", "expected"),
    [(NOON - HOUR, NOON), (NOON, NOON + HOUR), (NOON + HOUR, NOON + 3 * HOUR), (NOON + 3 * HOUR, None)],
)
def test_next_change(now: datetime, expected: datetime | None) -> None:
    found = [silence("a=b", hours=3), silence("a=b", start=NOON, hours=1)]

    assert next_change(found, now) == expected
    assert next_change([], now) is None
