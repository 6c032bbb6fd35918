"""What is odd about rules, routes and channels although each is valid by itself: for `rules check`. Pure.

Belongs here: rules that can never fire, channels that nobody reaches, names of what is not there. Does not belong here:
mistakes of one value (`model/`), lines of a file (`configuration/`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from quality_platform.alerting.routing.compiling import named
from quality_platform.alerting.routing.filters import filters
from quality_platform.model.alerts import Series
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.routing import RouteConfig, RoutingConfig
from quality_platform.model.rules import RuleBase
from quality_platform.rules.matching import matches, metric_of

Where = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """One oddity: the place in the configuration, and what it means."""

    where: Where
    message: str


def review(
    config: QualityConfig, series: Collection[Series] | None = None, elsewhere: Collection[str] = ()
) -> tuple[Remark, ...]:
    """All remarks on `config`, in the order of its sections.

    `series`: those in the lake; None when nobody knows. `elsewhere`: channels that are there, but not in `config`.
    """
    return (
        *_rules(config, series),
        *_channels(config),
        *_routes(config, {*elsewhere, *(channel.name for channel in config.channels)}),
        *_escalations(config, elsewhere),
        *_report(config, elsewhere),
    )


def _rules(config: QualityConfig, series: Collection[Series] | None) -> Iterator[Remark]:
    projects = {project.id for project in config.projects}
    policies = {policy.name for policy in config.escalations}
    names: set[str] = set()
    for place, rule in enumerate(config.rules or ()):
        where: Where = ("rules", place)
        if rule.key in names:
            yield Remark(where, f"there are two rules called {rule.key!r}: the platform refuses them")
        names.add(rule.key)
        if rule.enabled:
            yield from (Remark((*where, field), said) for field, said in _idle(rule, series, projects))
        if rule.escalation_policy is not None and rule.escalation_policy not in policies:
            yield Remark((*where, "escalation_policy"), f"there is no escalation called {rule.escalation_policy!r}")


def _idle(rule: RuleBase, series: Collection[Series] | None, projects: Collection[str]) -> Iterator[tuple[str, str]]:
    """Why `rule` speaks of nothing, as far as is known."""
    metric = metric_of(rule)
    of_metric = [each for each in series or () if each.metric == metric]
    if CATALOGUE.find(metric) is None and not of_metric:
        yield "metric_name", f"no metric is called {rule.metric_name!r}, and none of that name has come"
        return
    known = {*projects, *(each.project for each in of_metric)}
    if projects and _is_plain(rule.project_id) and rule.project_id not in known:
        yield "project_id", f"there is no project {rule.project_id!r}"
    elif series is not None and not any(matches(rule, each) for each in of_metric):
        yield "metric_name", f"the lake has no series that it speaks of ({len(of_metric)} of {metric} in all)"


def _is_plain(pattern: str) -> bool:
    return not any(sign in pattern for sign in "*?[")


def _channels(config: QualityConfig) -> Iterator[Remark]:
    """Channels that are in use and that nothing leads to."""
    if config.routing is None:
        return  # each is reached by its own filters
    used = {*named(config.routing), *config.report.channels, *_of_escalations(config)}
    for place, channel in enumerate(config.channels):
        if channel.enabled and channel.name not in used and not filters(channel):
            yield Remark(
                ("channels", place), f"nobody reaches {channel.name!r}: no route, escalation or filter of its own"
            )


def _of_escalations(config: QualityConfig) -> Iterator[str]:
    return (name for policy in config.escalations for step in policy.steps for name in step.channels)


def _routes(config: QualityConfig, channels: Collection[str]) -> Iterator[Remark]:
    if config.routing is None:
        return
    off = {channel.name for channel in config.channels if not channel.enabled}
    windows = {window.name for window in config.mute_windows}
    policies = {policy.name for policy in config.escalations}
    for where, node in _nodes(config.routing, ("routing",)):
        named_here = (node.receiver,) if node.receiver is not None else node.channels or ()
        yield from _names((*where, _field(node)), named_here, channels, off)
        if node.escalation is not None and node.escalation not in policies:
            yield Remark((*where, "escalation"), f"there is no escalation called {node.escalation!r}")
        if isinstance(node, RouteConfig):
            for name in (*node.mute_windows, *node.active_windows):
                if name not in windows:
                    yield Remark(where, f"there is no window called {name!r} in mute_windows")
        yield from _unreachable(where, node.routes)


def _field(node: RouteConfig | RoutingConfig) -> str:
    return "receiver" if node.receiver is not None else "channels"


def _nodes(node: RouteConfig | RoutingConfig, where: Where) -> Iterator[tuple[Where, RouteConfig | RoutingConfig]]:
    yield where, node
    for place, route in enumerate(node.routes):
        yield from _nodes(route, (*where, "routes", place))


def _names(where: Where, found: Iterable[str], channels: Collection[str], off: Collection[str]) -> Iterator[Remark]:
    for name in found:
        if name not in channels:
            yield Remark(where, f"there is no channel called {name!r}")
        elif name in off:
            yield Remark(where, f"the channel {name!r} is disabled")


def _unreachable(where: Where, routes: tuple[RouteConfig, ...]) -> Iterator[Remark]:
    """Siblings behind one that takes everything."""
    for place, route in enumerate(routes):
        takes_all = not (route.matchers or route.match or route.match_re or route.continue_)
        if takes_all and place + 1 < len(routes):
            yield Remark((*where, "routes", place), "it has no matchers: no alert gets to the routes after it")
            return


def _escalations(config: QualityConfig, elsewhere: Collection[str]) -> Iterator[Remark]:
    channels = {*elsewhere, *(channel.name for channel in config.channels)}
    off = {channel.name for channel in config.channels if not channel.enabled}
    for place, policy in enumerate(config.escalations):
        for number, step in enumerate(policy.steps):
            yield from _names(("escalations", place, "steps", number), step.channels, channels, off)


def _report(config: QualityConfig, elsewhere: Collection[str]) -> Iterator[Remark]:
    channels = {*elsewhere, *(channel.name for channel in config.channels)}
    off = {channel.name for channel in config.channels if not channel.enabled}
    yield from _names(("report", "channels"), config.report.channels, channels, off)
