"""From configuration to the tree in force.

Without a tree, every channel is a route that continues and takes what its filters let pass. With one, the tree is taken
as it is written, each leaf's channels still by their own filters; a channel that nothing names but that has filters is
reached by them, besides the tree: who makes a channel and says what it wants expects to hear of it. What nobody wants
goes to the fallback. Belongs here: exactly this. Does not belong here: the walk (`tree.py`), what a filter means
(`filters.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from quality_platform.alerting.routing.filters import filters
from quality_platform.alerting.routing.matchers import Matcher, parsed_all
from quality_platform.alerting.routing.route import Route
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.routing import RouteConfig, RoutingConfig

GROUP_BY = ("project_id", "rule")
"""What messages are put together by where nothing is said."""


def compiled(routing: RoutingConfig | None, channels: Mapping[str, ChannelConfig], fallback: str) -> Route:
    """The tree in force over `channels`, which are those that are enabled; never leads to nobody.

    Names of channels that are not there are left out. Raises UsageError for filters that cannot be used.
    """
    otherwise = Route(path="fallback", channels=(fallback,), group_by=GROUP_BY)
    wanted = {name: filters(channel) for name, channel in channels.items()}
    if routing is None:
        own = tuple(_of_channel(name, wanted[name]) for name in channels)
        return Route("fallback", (fallback,), group_by=GROUP_BY, routes=own, otherwise=otherwise)
    root = Route("routing", (), group_by=GROUP_BY, filters=tuple(wanted.items()))
    tree = _cleaned(_compiled(routing, root), wanted)
    taken = set(named(routing))
    beside = tuple(_of_channel(name, found) for name, found in wanted.items() if found and name not in taken)
    if not beside:
        return replace(tree, otherwise=otherwise)
    return Route(
        "", (fallback,), group_by=GROUP_BY, routes=(replace(tree, continues=True), *beside), otherwise=otherwise
    )


def named(routing: RoutingConfig | RouteConfig) -> Iterator[str]:
    """Every channel that a tree names, as often as it does."""
    yield from _channels(routing) or ()
    for route in routing.routes:
        yield from named(route)


def _of_channel(name: str, matchers: tuple[Matcher, ...]) -> Route:
    return Route(f"channel/{name}", (name,), matchers, continues=True, group_by=GROUP_BY)


def _channels(config: RoutingConfig | RouteConfig) -> tuple[str, ...] | None:
    return (config.receiver,) if config.receiver is not None else config.channels


def _compiled(config: RoutingConfig | RouteConfig, inherited: Route) -> Route:
    """The node of `config`, with what it does not say taken from `inherited`, whose path it keeps."""
    settings = {
        name: value
        for name in ("group_wait", "group_interval", "repeat_interval", "escalation")
        if (value := getattr(config, name)) is not None
    }
    node = replace(
        inherited, **settings, channels=_channels(config) or inherited.channels, group_by=_group_by(config, inherited)
    )
    # windows are not inherited, as in Alertmanager
    below = replace(node, matchers=(), continues=False, mute_windows=(), active_windows=())
    return replace(node, routes=tuple(_children(config.routes, below)))


def _children(configs: Sequence[RouteConfig], inherited: Route) -> Iterator[Route]:
    seen: Counter[str] = Counter()
    for config in configs:
        matchers = parsed_all((*config.older_matchers, *config.matchers))
        place = "{" + ",".join(sorted(map(str, matchers))) + "}"
        seen[place] += 1
        # by what it matches and not by its number, so that groups stay when a sibling is added before it
        path = f"{inherited.path}/{place}" + (f"#{seen[place]}" if seen[place] > 1 else "")
        own = replace(
            inherited, path=path, matchers=matchers, continues=config.continue_, mute_windows=config.mute_windows,
            active_windows=config.active_windows,
        )  # fmt: skip
        yield _compiled(config, own)


def _group_by(config: RoutingConfig | RouteConfig, inherited: Route) -> tuple[str, ...] | None:
    if config.group_by is None:
        return inherited.group_by
    return None if "..." in config.group_by else config.group_by


def _cleaned(route: Route, wanted: Mapping[str, tuple[Matcher, ...]]) -> Route:
    """`route` and those below it with the channels that are there, and the filters that these have."""
    known = tuple(name for name in route.channels if name in wanted)
    own = tuple((name, wanted[name]) for name in known if wanted[name])
    return replace(route, channels=known, filters=own, routes=tuple(_cleaned(child, wanted) for child in route.routes))


def unknown(routing: RoutingConfig | None, channels: Iterable[str]) -> tuple[str, ...]:
    """Channels that the tree names and that are not there, for a check to complain of."""
    return tuple(dict.fromkeys(name for name in (named(routing) if routing else ()) if name not in set(channels)))
