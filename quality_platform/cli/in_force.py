"""What verbs about alerts go by: the state, the plan with what the API stored, an alert by the beginning of its id.

Belongs here: opening these, once a verb. Does not belong here: any verb, or what a plan is (`alerting/plan.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from quality_platform.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from quality_platform.alerting.plan import Plan
    from quality_platform.model.configuration import QualityConfig
    from quality_platform.settings import Settings
    from quality_platform.state.database import State

SHORT = 13
"""Characters of an id that lists show: they say when it was made, to the millisecond."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The state, the configuration with what is stored, the plan that follows, and the moment of the call."""

    state: State
    config: QualityConfig
    plan: Plan
    now: datetime


def open_in_force(settings: Settings) -> InForce:
    """Everything, as it stands now. Raises ConfigurationError, StateError."""
    from quality_platform.alerting.plan import Plan
    from quality_platform.state.database import State

    state = State(settings)
    config = configuration(settings, state)
    return InForce(state, config, Plan.of(config), datetime.now(UTC))


def configuration(settings: Settings, state: State) -> QualityConfig:
    """The configuration of the file, with the rules, channels and routes that the API stored."""
    from quality_platform.alerting import in_force
    from quality_platform.configuration.effective import effective
    from quality_platform.state import stored
    from quality_platform.state.sealing import Seal

    with state.read() as session:
        rows = stored.listed(session, in_force.KINDS)
    return in_force.merged(effective(settings), in_force.read(rows, Seal(settings)))


def full_id(state: State, given: str) -> str:
    """The id of the one alert whose id begins, or ends, like `given`. Raises NotFoundError, UsageError."""
    import sqlalchemy as sa

    from quality_platform.state.models import AlertRow

    wanted = given.strip().rstrip("…").lower()
    if len(wanted) < 4:
        raise UsageError(f"{given!r} is too short for an alert.", hint="Give four characters of its id at least.")
    place = sa.or_(AlertRow.id.startswith(wanted, autoescape=True), AlertRow.id.endswith(wanted, autoescape=True))
    with state.read() as session:
        found = session.scalars(sa.select(AlertRow.id).where(place).order_by(AlertRow.id).limit(6)).all()
    if not found:
        raise NotFoundError(f"There is no alert {given}.", hint="`quality-platform alerts --status all` lists them.")
    if len(found) > 1 and wanted not in found:
        named = ", ".join(found[:5]) + (" and others" if len(found) > 5 else "")
        raise UsageError(f"{given} may be several alerts.", hint=f"Give more of its id: {named}.")
    return wanted if wanted in found else found[0]
