"""The detectors by the name of their task, each with its one configuration.

A new detector is one more entry. Does not belong here: anything about a series' source or meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from quality_platform.detection.anomalies.detector import OnlineAnomalies, find_anomalies
from quality_platform.detection.forecasts.foresee import foresee
from quality_platform.detection.report import Detection
from quality_platform.detection.steps import bends, history
from quality_platform.detection.steps.row_by_row import OnlineSteps
from quality_platform.detection.trends.drifts import OnlineTrends, find_drifts

Floats = NDArray[np.float64]

# Rows within which a bend is the foot of a step.
NEAR = 10

Batch = Callable[[Floats, Floats], tuple[Detection, ...]]
"""Instants in seconds and values, both of shape (n,), in the order of arrival → what is found in them."""


class OnLine(Protocol):
    """A detector that is given one row after the other and knows nothing of the next."""

    def update(self, time: float, value: float) -> Detection | None:
        """Take the next row; what it lets the detector say."""

    def state(self) -> dict[str, Any]:
        """All it has to remember, as JSON can hold it."""

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Self:
        """A detector that goes on where the one with that `state()` stood."""


@dataclass(frozen=True, slots=True)
class Task:
    """One kind of question: answered over a whole history, and row by row."""

    name: str
    batch: Batch
    on_line: Callable[[], OnLine] | None = None

    def row_by_row(self, times: Floats, values: Floats) -> Iterator[Detection]:
        """What the on-line form says, fed with rows in their order."""
        if self.on_line is None:
            return
        detector = self.on_line()
        for time, value in zip(times.tolist(), values.tolist(), strict=True):
            found = detector.update(time, value)
            if found is not None:
                yield found


def find_steps(times: Floats, values: Floats) -> tuple[Detection, ...]:
    """Steps, and bends that no step lies near to, over a whole history; reported with its last row."""
    del times  # a step is one in the order of arrival
    # no least size in per cent: a series has no zero point that is known here
    changes = history.find_changes(values, minimum_effect_percent=0.0)
    alone = [bend for bend in bends.find_bends(values) if all(abs(bend.index - one.index) > NEAR for one in changes)]
    n = len(values)
    found = [*(_detection("step", one, n) for one in changes), *(_detection("bend", one, n) for one in alone)]
    return tuple(sorted(found, key=lambda one: one.index))


def _detection(kind: str, change: history.Change, rows: int) -> Detection:
    direction: Literal["up", "down"] = "up" if change.effect > 0 else "down"
    return Detection(change.index, rows - 1, kind, direction, change.effect, change.p_value, change.score)


TASKS: tuple[Task, ...] = (
    Task("steps", find_steps, OnlineSteps),
    Task("trends", find_drifts, OnlineTrends),
    Task("anomalies", find_anomalies, OnlineAnomalies),
    Task("forecast", foresee),
)


def task(name: str) -> Task:
    """The task of this name. Raises KeyError where there is none."""
    return {each.name: each for each in TASKS}[name]


def names(tasks: Iterable[Task] = TASKS) -> list[str]:
    """The tasks' names."""
    return [task.name for task in tasks]
