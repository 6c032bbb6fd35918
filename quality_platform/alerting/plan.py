"""What an evaluation goes by: the rules in force, the channels, the projects that stay silent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from quality_platform.alerting.routing.compiling import compiled
from quality_platform.alerting.routing.escalation import Policy, policies
from quality_platform.alerting.routing.route import Route
from quality_platform.errors import ConfigurationError
from quality_platform.model.alerts import Series
from quality_platform.model.channels import ChannelConfig, ConsoleChannel
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.metric import Metric
from quality_platform.model.metrics import CATALOGUE, Catalogue
from quality_platform.model.routing import Inhibition, MuteWindow, RoutingConfig
from quality_platform.model.rules import RuleBase, RuleConfig
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform.rules.matching import matches, metric_of

Rule = TypeVar("Rule", bound=RuleBase)


@dataclass(frozen=True, slots=True)
class Plan:
    """The part of the configuration that alerting reads. Disabled rules and channels are not in it.

    `fallback` is told what no channel wants; it may be one of `channels`.
    """

    rules: Mapping[str, RuleConfig]
    channels: Mapping[str, ChannelConfig]
    fallback: ConsoleChannel
    paused: frozenset[str]
    archived: frozenset[str]
    catalogue: Catalogue
    routing: RoutingConfig | None
    routes: Route
    mute_windows: Mapping[str, MuteWindow]
    inhibitions: tuple[Inhibition, ...]
    escalations: Mapping[str, Policy]
    public_url: str | None = None

    @classmethod
    def of(cls, config: QualityConfig, catalogue: Catalogue = CATALOGUE) -> Plan:
        """The plan of a configuration. Raises ConfigurationError for two rules of one key."""
        rules = [rule for rule in (DEFAULT_RULES if config.rules is None else config.rules) if rule.enabled]
        channels, fallback = {each.name: each for each in config.channels if each.enabled}, _fallback(config.channels)
        return cls(
            rules=_by_key(rules),
            channels=channels,
            fallback=fallback,
            paused=frozenset(project.id for project in config.projects if project.status == "paused"),
            archived=frozenset(project.id for project in config.projects if project.status == "archived"),
            catalogue=catalogue,
            routing=config.routing,
            routes=compiled(config.routing, channels, fallback.name),
            mute_windows={window.name: window for window in config.mute_windows},
            inhibitions=config.inhibitions,
            escalations=policies(config.escalations),
            public_url=config.public_url,
        )

    @property
    def reachable(self) -> Mapping[str, ChannelConfig]:
        """Every channel that a message may go to, the fallback among them."""
        return {**self.channels, self.fallback.name: self.fallback}

    def without(self, channel: str) -> Plan:
        """The plan as if there were no such channel; what it alone was to be told goes to the fallback."""
        channels = {name: each for name, each in self.channels.items() if name != channel}
        return replace(self, channels=channels, routes=compiled(self.routing, channels, self.fallback.name))

    def rules_of(self, kind: type[Rule]) -> dict[str, Rule]:
        """The rules of one kind, by key."""
        return {key: rule for key, rule in self.rules.items() if isinstance(rule, kind)}

    def silent(self, project: str) -> bool:
        """Whether nothing is evaluated for `project`."""
        return project in self.paused or project in self.archived

    def metric(self, name: str) -> Metric:
        """The catalogue's entry; for a metric that is not in it, one that promises nothing."""
        return self.catalogue.find(name) or Metric(
            name=name, title=name, area="performance", unit="", direction="neutral", subject_kind="application",
            grain="sample", source_model="", source_column="", raw_table="", description="",
        )  # fmt: skip


class Matcher(Generic[Rule]):
    """Finds the rules that speak of a series, quickly: looks only at those of its metric, remembers the answer."""

    def __init__(self, rules: Mapping[str, Rule], plan: Plan) -> None:
        self._by_metric: dict[str, list[tuple[str, Rule]]] = {}
        for key, rule in rules.items():
            self._by_metric.setdefault(metric_of(rule), []).append((key, rule))
        self._plan = plan
        self._known: dict[Series, tuple[tuple[str, Rule], ...]] = {}

    @property
    def metrics(self) -> Mapping[str, list[tuple[str, Rule]]]:
        """Rules with their keys, by the full name of their metric."""
        return self._by_metric

    def of(self, series: Series) -> tuple[tuple[str, Rule], ...]:
        """The rules for `series` with their keys; none where its project is silent."""
        if series not in self._known:
            rules = () if self._plan.silent(series.project) else self._by_metric.get(series.metric, ())
            self._known[series] = tuple((key, rule) for key, rule in rules if matches(rule, series))
        return self._known[series]


def _by_key(rules: Iterable[RuleConfig]) -> dict[str, RuleConfig]:
    found: dict[str, RuleConfig] = {}
    for rule in rules:
        if rule.key in found:
            raise ConfigurationError(f"There are two rules called {rule.key!r}.", hint="Give one of them a name.")
        found[rule.key] = rule
    return found


def _fallback(channels: Iterable[ChannelConfig]) -> ConsoleChannel:
    """The first console channel that is in use, else one of our own under a name that is free."""
    taken = set()
    for channel in channels:
        if isinstance(channel, ConsoleChannel) and channel.enabled:
            return channel
        taken.add(channel.name)
    return ConsoleChannel(name="console" if "console" not in taken else "console (fallback)")
