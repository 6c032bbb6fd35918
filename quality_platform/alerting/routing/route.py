"""One node of the routing tree, and the group that it puts an alert into.

Belongs here: what a route is. Does not belong here: which routes an alert takes (`tree.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from quality_platform.alerting.routing.matchers import Matcher

Filters = tuple[tuple[str, tuple[Matcher, ...]], ...]
"""Channels with what each of them wants to hear of."""


@dataclass(frozen=True, slots=True)
class Route:
    """A node with its settings, those of its parents where it has none of its own. Times of None: the usual ones.

    `path` is unique in the tree and does not change when a sibling is added. `group_by` None stands for all labels.
    `filters` narrow `channels`; `otherwise`, which the root has, is taken when nobody would be told.
    """

    path: str
    channels: tuple[str, ...]
    matchers: tuple[Matcher, ...] = ()
    continues: bool = False
    group_by: tuple[str, ...] | None = None
    group_wait: timedelta | None = None
    group_interval: timedelta | None = None
    repeat_interval: timedelta | None = None
    mute_windows: tuple[str, ...] = ()
    active_windows: tuple[str, ...] = ()
    escalation: str | None = None
    routes: tuple[Route, ...] = ()
    filters: Filters = ()
    otherwise: Route | None = None


def group_labels(route: Route, labels: Mapping[str, str]) -> dict[str, str]:
    """The labels that the group of an alert has in common, sorted; an empty one is one that is not there."""
    names = labels.keys() if route.group_by is None else route.group_by
    return {name: labels[name] for name in sorted(names) if labels.get(name)}


def group_key(route: Route, labels: Mapping[str, str]) -> str:
    """The route and the values that its alerts are put together by. Equal for equal groups in every process."""
    return f"{route.path}:{json.dumps(group_labels(route, labels), separators=(',', ':'), ensure_ascii=False)}"
