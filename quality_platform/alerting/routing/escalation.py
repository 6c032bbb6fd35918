"""Escalation: which steps are due, and when the next one is.

Deadlines are instants, counted from the alert's beginning, so that a restart delays nothing; what became due meanwhile
is due once. Belongs here: the clock's arithmetic. Does not belong here: taking the steps (`episodes/lookback.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from quality_platform.model.routing import EscalationPolicy, EscalationStep

SHORTEST = timedelta(minutes=1)
"""Between repeats of a step that do not say how far apart they are."""


@dataclass(frozen=True, slots=True)
class Step:
    """One telling: so long after the beginning, these channels."""

    after: timedelta
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The steps in the order of their time, repeats among them, for alerts of these severities."""

    name: str
    severities: tuple[str, ...]
    steps: tuple[Step, ...]

    def applies(self, severity: str) -> bool:
        """Whether alerts of `severity` escalate by it."""
        return severity in self.severities


def policies(configs: Iterable[EscalationPolicy]) -> Mapping[str, Policy]:
    """Configured policies by name, repeats written out."""
    return {config.name: Policy(config.name, config.severities, _steps(config)) for config in configs}


def due_steps(policy: Policy, opened_at: datetime, step: int, now: datetime) -> tuple[Step, ...]:
    """Those due at `now` after the first `step` steps, each once; `step` grows by their number."""
    return tuple(each for each in policy.steps[step:] if opened_at + each.after <= now)


def next_at(policy: Policy, opened_at: datetime, step: int) -> datetime | None:
    """When the step after the first `step` ones is due; None when there is no more."""
    return opened_at + policy.steps[step].after if step < len(policy.steps) else None


def _steps(config: EscalationPolicy) -> tuple[Step, ...]:
    gaps = [later.after - earlier.after for earlier, later in pairwise(config.steps)]
    written = [each for step, gap in zip(config.steps, [timedelta(0), *gaps], strict=True) for each in _each(step, gap)]
    # a repeat may come after the step that follows it
    return tuple(sorted(written, key=lambda step: step.after))


def _each(step: EscalationStep, gap: timedelta) -> Iterator[Step]:
    every = max(step.repeat_every or gap, SHORTEST)
    for count in range(step.repeat + 1):
        yield Step(step.after + count * every, step.channels)
