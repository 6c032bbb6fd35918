"""The routing tree: which routes an alert takes. Alertmanager's semantics.

Depth first, from left to right: a route matches when all its matchers do; its children are tried in their order until
one matches that does not continue; where no child matches, the route itself is a leaf. Belongs here: the walk. Does not
belong here: making the tree (`compiling.py`), its nodes (`route.py`), or when windows are open (`windows.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from quality_platform.alerting.routing.compiling import GROUP_BY, compiled, unknown
from quality_platform.alerting.routing.matchers import all_match
from quality_platform.alerting.routing.route import Route, group_key, group_labels

__all__ = ["GROUP_BY", "Route", "compiled", "group_key", "group_labels", "routes_for", "unknown"]


def routes_for(root: Route, labels: Mapping[str, str]) -> tuple[Route, ...]:
    """The leaves for `labels` in Alertmanager's order, each with the channels whose own filters let it pass.

    Leaves without a channel are left out; never empty where `root` has an `otherwise`, as compiled trees have.
    """
    told = tuple(leaf for leaf in (_narrowed(leaf, labels) for leaf in _leaves(root, labels)) if leaf.channels)
    return told or ((root.otherwise,) if root.otherwise is not None else ())


def _leaves(route: Route, labels: Mapping[str, str]) -> tuple[Route, ...]:
    """The leaves at and below `route`; none where it does not match."""
    if not all_match(route.matchers, labels):
        return ()
    found: tuple[Route, ...] = ()
    for child in route.routes:
        leaves = _leaves(child, labels)
        found += leaves
        if leaves and not child.continues:
            break
    return found or (route,)


def _narrowed(route: Route, labels: Mapping[str, str]) -> Route:
    if not route.filters:
        return route
    unwanted = {channel for channel, matchers in route.filters if not all_match(matchers, labels)}
    channels = tuple(channel for channel in route.channels if channel not in unwanted)
    return route if channels == route.channels else replace(route, channels=channels)
