"""Alerts that were found against alerts that were expected: what is missing, what is too many.

Belongs here: when one is the other, and the words of a difference. Does not belong here: how alerts come to be found
(`alerting/rehearsal.py`), colours (`cli/`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from quality_platform.alerting.replaying.cases import Expectation, ExpectedAlert
from quality_platform.model.durations import written

OPEN = frozenset({"firing", "recovering", "nodata"})


@dataclass(frozen=True, slots=True)
class Found:
    """How an alert stands at a moment. `since`: when it fired, or was over, from the test's start."""

    rule: str
    severity: str
    status: str
    metric: str
    project: str
    subject: str
    labels: Mapping[str, str] = field(default_factory=dict)
    value: float | None = None
    threshold: float | None = None
    since: timedelta | None = None
    detail: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """At `at` from the test's start: an alert that is `missing`, or one that is there and should not be (`extra`)."""

    at: str
    kind: str
    alert: str


def differences(expected: Expectation, found: Sequence[Found]) -> Iterator[Difference]:
    """What is missing and what is too many; waits and what is over only count where they are asked for."""
    asked = {each.status for each in expected.alerts}
    left = [each for each in found if each.status in OPEN or each.status in asked]
    at = written(expected.at)
    # those that say most choose first
    for each in sorted(expected.alerts, key=_words, reverse=True):
        same = next((one for one in left if agrees(each, one)), None)
        if same is None:
            yield Difference(at, "missing", _told(each))
        else:
            left.remove(same)
    yield from (Difference(at, "extra", _shown(each, expected.alerts)) for each in left if each.status in OPEN)


def agrees(expected: ExpectedAlert, found: Found) -> bool:
    """Whether `found` is what was expected, as far as that says."""
    names = ("rule", "severity", "metric", "project", "subject", "since")
    return (
        expected.status == found.status
        and all(getattr(expected, name) in (None, getattr(found, name)) for name in names)
        and all(_same(getattr(expected, name), getattr(found, name)) for name in ("value", "threshold"))
        and expected.labels.items() <= found.labels.items()
        and (expected.channels is None or set(expected.channels) == set(found.channels))
    )


def _same(expected: float | None, found: float | None) -> bool:
    if expected is None:
        return True
    if found is None or math.isnan(expected) or math.isnan(found):
        return found is not None and math.isnan(expected) and math.isnan(found)
    return math.isclose(expected, found, rel_tol=1e-9)


def _words(alert: ExpectedAlert) -> int:
    return len(alert.model_fields_set)


def _told(alert: ExpectedAlert) -> str:
    said = {name: getattr(alert, name) for name in ("rule", "severity", "status", *_optional(alert))}
    return _line({name: value for name, value in said.items() if value is not None})


def _optional(alert: ExpectedAlert) -> list[str]:
    names = ("metric", "project", "subject", "labels", "value", "threshold", "since", "channels")
    return [name for name in names if name in alert.model_fields_set]


def _shown(found: Found, expected: Sequence[ExpectedAlert]) -> str:
    """The same words that the expectations use, and why it is there."""
    names = dict.fromkeys(name for each in expected for name in _optional(each) if name != "labels")
    said = {name: getattr(found, name) for name in ("rule", "severity", "status", "project", "subject", *names)}
    return _line(said) + (f"  ({found.detail})" if found.detail else "")


def _line(said: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {_word(value)}" for name, value in said.items())


def _word(value: object) -> str:
    if isinstance(value, timedelta):
        return written(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}={text}" for name, text in sorted(value.items())) + "}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)
