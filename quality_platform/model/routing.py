"""The shape of routing in `quality.yaml`, in Alertmanager's words: the tree, mute windows, inhibition, escalation.

Belongs here: fields, and mistakes that the values alone show. Does not belong here: what follows for an alert
(`alerting/routing/`), windows' ranges (`model/intervals.py`), or whether a name is that of a channel, which may be
stored elsewhere.
"""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AliasChoices, ConfigDict, Field, model_validator

from quality_platform.errors import UsageError
from quality_platform.model.alerts import Severity
from quality_platform.model.intervals import TimeInterval
from quality_platform.model.matchers import Matcher, MatcherText, parsed
from quality_platform.model.rule_base import Span
from quality_platform.model.sections import Section

Name = Annotated[str, Field(min_length=1, max_length=100)]
LabelName = Annotated[str, Field(pattern=r"^([a-zA-Z_:][a-zA-Z0-9_:]*|\.\.\.)$", max_length=200)]
DEEPEST = 20
MANY = 1000


class _Node(Section):
    """What the root and its routes have in common."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    receiver: Name | None = Field(default=None, description="The channel that is told; default the parent's.")
    channels: tuple[Name, ...] | None = Field(
        default=None, min_length=1, max_length=100, description="Several channels, instead of `receiver`."
    )
    group_by: tuple[LabelName, ...] | None = Field(
        default=None,
        max_length=50,
        description='Labels whose values make a group; ["..."] for all, [] for one group; default the parent\'s.',
    )
    group_wait: Span | None = Field(default=None, description="How long a first alert waits for others; 3 s at most.")
    group_interval: Span | None = Field(default=None, description="How long what joins a group waits.")
    repeat_interval: Span | None = Field(
        default=None, description="When one is told again that it still fires; 0 for never."
    )
    escalation: Name | None = Field(default=None, description="The policy of `escalations` that applies.")
    routes: tuple[RouteConfig, ...] = Field(
        default=(), max_length=MANY, description="Routes below, tried in their order: the first that matches."
    )

    @model_validator(mode="after")
    def _one_way_to_say_it(self) -> Self:
        if self.receiver is not None and self.channels is not None:
            raise ValueError("give receiver or channels, not both")
        if self.group_by is not None and "..." in self.group_by and len(self.group_by) > 1:
            raise ValueError('group_by: "..." stands for all labels, and so stands alone')
        return self


class RouteConfig(_Node):
    """One route. It matches when all its matchers do, and the routes below it are tried first."""

    matchers: tuple[MatcherText, ...] = Field(
        default=(), max_length=100, description='Such as `team="core"`, `service=~"api|web"`.'
    )
    match: dict[str, str] = Field(default_factory=dict, description="Labels with their values: an older way to say it.")
    match_re: dict[str, str] = Field(default_factory=dict, description="Labels with regular expressions, likewise.")
    continue_: bool = Field(default=False, alias="continue", description="Whether siblings after it are tried too.")
    mute_windows: tuple[Name, ...] = Field(
        default=(),
        max_length=100,
        validation_alias=AliasChoices("mute_windows", "mute_time_intervals"),
        description="Windows in which it is silent; routes below do not inherit them.",
    )
    active_windows: tuple[Name, ...] = Field(
        default=(),
        max_length=100,
        validation_alias=AliasChoices("active_windows", "active_time_intervals"),
        description="Windows outside of which it is silent; routes below do not inherit them.",
    )

    @model_validator(mode="after")
    def _matches_with_what_can_be_used(self) -> Self:
        try:
            for text in self.older_matchers:
                parsed(text)
        except UsageError as error:
            raise ValueError(str(error)) from error
        return self

    @property
    def older_matchers(self) -> tuple[str, ...]:
        """What `match` and `match_re` say, as matchers."""
        exact = [Matcher(name, value, "=") for name, value in self.match.items()]
        return tuple(map(str, (*exact, *(Matcher(name, value, "=~") for name, value in self.match_re.items()))))


class RoutingConfig(_Node):
    """The root of the tree: it matches every alert. Without one, the channels' own filters are the routes."""

    @model_validator(mode="before")
    @classmethod
    def _not_too_deep(cls, data: Any) -> Any:
        if _depth(data) > DEEPEST:
            raise ValueError(f"routes are nested more than {DEEPEST} deep")
        return data


class MuteWindow(Section):
    """Times by name, for routes to be silent in, or outside of."""

    name: Name = Field(description="What routes call it.")
    time_intervals: tuple[TimeInterval, ...] = Field(
        min_length=1, max_length=100, description="It is open in any of these."
    )


class Inhibition(Section):
    """Alerts that are not told of while another one fires."""

    name: Name | None = Field(default=None, description="Name for people.")
    source_matchers: tuple[MatcherText, ...] = Field(min_length=1, description="The alerts that hold others back.")
    target_matchers: tuple[MatcherText, ...] = Field(min_length=1, description="The alerts that are held back.")
    equal: tuple[LabelName, ...] = Field(
        default=(), max_length=50, description="Labels that must be the same in both; absent in both is the same."
    )


class EscalationStep(Section):
    """Whom to tell when nobody has acknowledged for so long."""

    after: Span = Field(description="How long after the alert began.")
    channels: tuple[Name, ...] = Field(min_length=1, max_length=100, description="The channels that are told then.")
    repeat: int = Field(default=0, ge=0, le=100, description="How many times more.")
    repeat_every: Span | None = Field(
        default=None, description="How far apart; default the time since the step before, at least a minute."
    )


class EscalationPolicy(Section):
    """Steps that are taken until somebody acknowledges, snoozes or resolves."""

    name: Name = Field(description="What rules and routes call it.")
    severities: tuple[Severity, ...] = Field(
        default=("critical",), min_length=1, description="Only alerts of these escalate."
    )
    steps: tuple[EscalationStep, ...] = Field(min_length=1, max_length=100, description="In the order of `after`.")

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if any(later.after < earlier.after for earlier, later in zip(self.steps, self.steps[1:], strict=False)):
            raise ValueError("steps: each must come after the one before it")
        return self


def _depth(data: Any) -> int:
    deepest, level = 0, [data]
    while level and deepest <= DEEPEST + 1:
        below = [node.get("routes") for node in level if isinstance(node, dict)]
        level = [route for routes in below if isinstance(routes, list | tuple) for route in routes]
        deepest += 1
    return deepest - 1
