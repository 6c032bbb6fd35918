"""Channels' filters and the configured tree together; what is no tree."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from quality_platform.alerting.routing.tree import compiled, routes_for, unknown
from quality_platform.model.channels import ConsoleChannel
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.routing import RoutingConfig

LABELS = {"alert_type": "threshold_violation", "severity": "warning", "project_id": "shop", "team": "core"}


def channel(name: str, **filters: Any) -> ConsoleChannel:
    return ConsoleChannel.model_validate({"name": name, **filters})


def told(
    channels: list[ConsoleChannel],
    routing: dict[str, Any] | None = None,
    **labels: str,
) -> list[str]:
    config = None if routing is None else RoutingConfig.model_validate(routing)
    root = compiled(config, {each.name: each for each in channels}, "console")
    return [name for route in routes_for(root, {**LABELS, **labels}) for name in route.channels]


ALL = channel("all")
CRITICAL = channel("critical", severity_levels=["critical"])
STEPS = channel("steps", alert_types=["regression", "trend_degradation"])
SHOP = channel("shop", project_ids=["shop", "bank-*"])
CORE = channel("core", matchers=['team=~"core|infra"'])
NONE = channel("none", project_ids=[])


@pytest.mark.parametrize(
    ("channels", "labels", "expected"),
    [
        ([], {}, ["console"]),
        ([ALL], {}, ["all"]),
        ([ALL, CRITICAL], {}, ["all"]),
        ([CRITICAL, ALL], {"severity": "critical"}, ["critical", "all"]),
        ([STEPS], {"alert_type": "trend_degradation"}, ["steps"]),
        ([STEPS, CRITICAL, NONE], {}, ["console"]),
        ([SHOP], {}, ["shop"]),
        ([SHOP], {"project_id": "bank-east"}, ["shop"]),
        ([SHOP], {"project_id": "shopping"}, ["console"]),
        ([SHOP], {"project_id": ""}, ["console"]),
        ([CORE], {}, ["core"]),
        ([CORE], {"team": "web"}, ["console"]),
        ([channel("x", project_ids=["*"])], {"project_id": ""}, ["x"]),
        ([channel("x", project_ids=["a.c"])], {"project_id": "abc"}, ["console"]),
        ([channel("x", project_ids=["a?c"])], {"project_id": "abc"}, ["x"]),
        ([channel("x", project_ids=["a[bx]c"])], {"project_id": "abc"}, ["x"]),
        ([channel("x", project_ids=["a[!bx]c"])], {"project_id": "abc"}, ["console"]),
        ([channel("x", project_ids=[f"project-{number}" for number in range(500)])], {"project_id": "project-499"}, ["x"]),
    ],
)  # fmt: skip
def test_without_a_tree_filters_are_the_routes(
    channels: list[ConsoleChannel], labels: dict[str, str], expected: list[str]
) -> None:
    assert told(channels, **labels) == expected


TREE = {"receiver": "all", "routes": [{"matchers": ["team=core"], "channels": ["critical", "steps"]}]}


@pytest.mark.parametrize(
    ("channels", "routing", "labels", "expected"),
    [
        # as written, the channels of the leaf by their own filters
        ([ALL, CRITICAL, STEPS], TREE, {"severity": "critical"}, ["critical"]),
        ([ALL, CRITICAL, STEPS], TREE, {"severity": "critical", "alert_type": "regression"}, ["critical", "steps"]),
        ([ALL, CRITICAL, STEPS], TREE, {"team": "web"}, ["all"]),
        # nobody of the leaf wants it: not the parent, but the fallback
        ([ALL, CRITICAL, STEPS], TREE, {}, ["console"]),
        # what is not there is left out
        ([ALL], TREE, {}, ["console"]),
        ([], TREE, {"team": "web"}, ["console"]),
        ([ALL], {}, {}, ["console"]),
        # one that nothing names is reached by its filters, if it has any
        ([ALL, SHOP, channel("plain")], {"receiver": "all"}, {}, ["all", "shop"]),
        ([ALL, SHOP], {"receiver": "all"}, {"project_id": "bank"}, ["all"]),
        ([CRITICAL, SHOP], {"receiver": "critical"}, {}, ["shop"]),
        ([CRITICAL, SHOP], {"receiver": "critical"}, {"project_id": "bank"}, ["console"]),
        ([SHOP, CRITICAL], {"receiver": "gone"}, {"project_id": "bank"}, ["console"]),
    ],
)  # fmt: skip
def test_with_a_tree(
    channels: list[ConsoleChannel], routing: dict[str, Any], labels: dict[str, str], expected: list[str]
) -> None:
    assert told(channels, routing, **labels) == expected


def test_paths_are_those_of_the_tree_whatever_stands_beside_it() -> None:
    def path(*channels: ConsoleChannel) -> str:
        root = compiled(RoutingConfig.model_validate(TREE), {each.name: each for each in channels}, "console")
        return routes_for(root, {**LABELS, "severity": "critical"})[0].path

    assert path(ALL, CRITICAL, STEPS) == path(ALL, CRITICAL, STEPS, SHOP) == 'routing/{team="core"}'


def test_names_that_are_not_there() -> None:
    assert unknown(RoutingConfig.model_validate(TREE), ["all", "steps"]) == ("critical",)
    assert unknown(None, []) == ()


@pytest.mark.parametrize(
    "routing",
    [
        {"matchers": ["a=b"]},
        {"continue": True},
        {"receiver": "a", "channels": ["b"]},
        {"channels": []},
        {"group_by": ["...", "a"]},
        {"group_by": ["a b"]},
        {"group_wait": "-1s"},
        {"group_wait": "soon"},
        {"routes": [{"matchers": ["a=~("]}]},
        {"routes": [{"matchers": ["nothing"]}]},
        {"routes": [{"match": {"a b": "c"}}]},
        {"routes": [{"match_re": {"a": "("}}]},
        {"routes": [{"recipient": "a"}]},
    ],
)
def test_what_is_no_tree(routing: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        QualityConfig.model_validate({"routing": routing})


def test_a_tree_is_not_endlessly_deep() -> None:
    def nested(depth: int) -> dict[str, Any]:
        return {"routes": [nested(depth - 1)]} if depth else {}

    assert RoutingConfig.model_validate(nested(20)).routes
    with pytest.raises(ValidationError, match="deep"):
        RoutingConfig.model_validate(nested(21))
    with pytest.raises(ValidationError, match="deep"):
        RoutingConfig.model_validate(nested(300))


@pytest.mark.parametrize("kind", ["mute_windows", "escalations"])
def test_names_are_there_once(kind: str) -> None:
    one = {
        "mute_windows": {"name": "x", "time_intervals": [{}]},
        "escalations": {"name": "x", "steps": [{"after": 0, "channels": ["a"]}]},
    }[kind]

    with pytest.raises(ValidationError, match="twice"):
        QualityConfig.model_validate({kind: [one, one]})


def test_a_tree_survives_being_written_as_json() -> None:
    config = RoutingConfig.model_validate(
        {
            "receiver": "a",
            "repeat_interval": "4h",
            "routes": [{"match": {"a": "b"}, "continue": True, "mute_time_intervals": ["w"]}],
        }
    )

    assert RoutingConfig.model_validate(config.model_dump(mode="json", by_alias=True)) == config
