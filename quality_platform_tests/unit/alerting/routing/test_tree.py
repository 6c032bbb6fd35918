"""Which routes an alert takes, as in Alertmanager."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from quality_platform.alerting.routing.route import Route
from quality_platform.alerting.routing.tree import compiled, group_key, group_labels, routes_for
from quality_platform.model.channels import ConsoleChannel
from quality_platform.model.routing import RoutingConfig
from quality_platform_tests.architecture.tree import ROOT

VECTORS = Path(os.environ.get("CONFORMANCE_DIR", ROOT / "../shared/conformance")) / "alerting/routing_vectors.json"

NAMES = [f"r{number}" for number in range(40)]
CHANNELS = {name: ConsoleChannel(name=name) for name in NAMES}
LABELS = ("team", "env", "sev")
VALUES = ("", "a", "b", "prod")


def told(root: Route, labels: dict[str, str]) -> list[str]:
    return [channel for route in routes_for(root, labels) for channel in route.channels]


def tree(**words: Any) -> Route:
    return compiled(RoutingConfig.model_validate(words), CHANNELS, "console")


@pytest.mark.conformance
def test_every_vector_agrees() -> None:
    if not VECTORS.is_file():
        pytest.skip(f"{VECTORS} is not there; set CONFORMANCE_DIR")
    wrong = []
    for number, vector in enumerate(json.loads(VECTORS.read_text())):
        channels = {each["name"]: ConsoleChannel(name=each["name"]) for each in vector["config"]["receivers"]}
        found = told(compiled(RoutingConfig(**vector["config"]["route"]), channels, "nobody"), vector["labels"])
        if found != vector["receivers"]:
            wrong.append((number, found, vector["receivers"]))

    assert not wrong


matcher_texts = st.builds(
    lambda name, operator, value: f'{name}{operator}"{value}"',
    st.sampled_from(LABELS),
    st.sampled_from(("=", "!=", "=~", "!~")),
    st.sampled_from((*VALUES, ".*", ".+", "a|b", "^(a|prod)$", "p.*|b.*", "[ab]?", "(?i)PROD", "a|", r"\\w")),
)


def routes(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    below = st.lists(routes(depth - 1), max_size=3) if depth else st.just([])
    return st.fixed_dictionaries(
        {"matchers": st.lists(matcher_texts, max_size=2), "continue": st.booleans(), "routes": below},
        optional={"receiver": st.sampled_from(NAMES)},
    )


trees = st.builds(lambda below: {"receiver": "r0", "routes": below}, st.lists(routes(3), max_size=4))
label_sets = st.dictionaries(st.sampled_from(LABELS), st.sampled_from(VALUES[1:]))


@given(trees, label_sets)
def test_every_alert_reaches_someone(config: dict[str, Any], labels: dict[str, str]) -> None:
    assert told(tree(**config), labels)


@given(trees, label_sets)
def test_every_alert_reaches_someone_where_no_channel_is_left(config: dict[str, Any], labels: dict[str, str]) -> None:
    assert told(compiled(RoutingConfig(**config), {}, "console"), labels) == ["console"]


@given(trees, label_sets)
def test_a_match_that_does_not_continue_stops_its_siblings(config: dict[str, Any], labels: dict[str, str]) -> None:
    root = tree(**config)
    stop = next((i for i, child in enumerate(root.routes) if routes_for(child, labels) and not child.continues), None)
    shortened = {**config, "routes": config["routes"][: None if stop is None else stop + 1]}

    assert told(root, labels) == told(tree(**shortened), labels)


@given(trees)
def test_paths_are_unique(config: dict[str, Any]) -> None:
    def paths(route: Route) -> list[str]:
        return [route.path, *(path for child in route.routes for path in paths(child))]

    found = paths(tree(**config))
    assert len(found) == len(set(found))


@pytest.mark.skipif(shutil.which("amtool") is None, reason="amtool is not there (Debian's prometheus-alertmanager)")
@settings(max_examples=int(os.environ.get("AMTOOL_EXAMPLES", "15")), deadline=None)
@given(trees, label_sets)
def test_amtool_says_the_same(tmp_path_factory: Any, config: dict[str, Any], labels: dict[str, str]) -> None:
    file = tmp_path_factory.mktemp("amtool") / "alertmanager.yml"
    file.write_text(yaml.safe_dump({"route": config, "receivers": [{"name": name} for name in NAMES]}))
    words = [f"{name}={value}" for name, value in labels.items()]
    said = subprocess.run(
        ["amtool", "config", "routes", "test", f"--config.file={file}", *words],
        capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"], "HOME": str(file.parent)},
    )  # fmt: skip

    assert told(tree(**config), labels) == said.stdout.strip().split(",")


def test_children_inherit_settings_but_not_windows_nor_continue() -> None:
    root = tree(
        receiver="r1",
        group_by=["team"],
        group_wait="1s",
        repeat_interval="2h",
        escalation="night",
        routes=[
            {
                "matchers": ['team="a"'],
                "group_interval": "1m",
                "mute_time_intervals": ["weekend"],
                "active_time_intervals": ["office"],
                "continue": True,
                "routes": [{"matchers": ['env="prod"'], "repeat_interval": 0, "group_by": ["..."]}],
            }
        ],
    )
    (inner, *_), (leaf,) = root.routes, root.routes[0].routes

    assert (inner.channels, inner.group_by, inner.repeat_interval) == (("r1",), ("team",), root.repeat_interval)
    assert (inner.mute_windows, inner.active_windows, inner.continues) == (("weekend",), ("office",), True)
    assert (leaf.channels, leaf.group_by, leaf.escalation) == (("r1",), None, "night")
    assert leaf.repeat_interval is not None
    assert (leaf.repeat_interval.total_seconds(), leaf.group_wait, leaf.group_interval) == (
        0,
        root.group_wait,
        inner.group_interval,
    )
    assert (leaf.mute_windows, leaf.active_windows, leaf.continues) == ((), (), False)


def test_older_ways_to_match_and_several_matchers_in_one_text() -> None:
    root = tree(
        receiver="r0",
        routes=[
            {"receiver": "r1", "match": {"team": "a", "env": ""}},
            {"receiver": "r2", "match_re": {"team": "a|b"}, "matchers": ['{env="prod", sev!="low"}']},
        ],
    )

    assert told(root, {"team": "a"}) == ["r1"]
    assert told(root, {"team": "b", "env": "prod"}) == ["r2"]
    assert told(root, {"team": "b", "env": "prod", "sev": "low"}) == ["r0"]


def test_a_path_stays_when_a_sibling_is_added_before_it() -> None:
    first, second = {"matchers": ['team="a"']}, {"matchers": ["env=prod", 'team="b"']}

    before = tree(receiver="r0", routes=[second, second]).routes
    after = tree(receiver="r0", routes=[first, second, second]).routes

    assert [route.path for route in before] == [route.path for route in after[1:]]
    assert before[0].path == 'routing/{env="prod",team="b"}'
    assert before[1].path == 'routing/{env="prod",team="b"}#2'


@pytest.mark.parametrize(
    ("group_by", "expected"),
    [
        (None, {"a": "1", "b": "2"}),
        ((), {}),
        (("b", "c"), {"b": "2"}),
        (("c",), {}),
        (("empty", "a"), {"a": "1"}),
    ],
)
def test_group_labels(group_by: tuple[str, ...] | None, expected: dict[str, str]) -> None:
    route = Route("p", ("r0",), group_by=group_by)

    assert group_labels(route, {"b": "2", "a": "1", "empty": ""}) == expected
    assert group_key(route, {"a": "1", "b": "2"}) == group_key(route, {"b": "2", "a": "1", "empty": ""})


def test_group_keys_differ_by_route_and_value() -> None:
    here, there = Route("p", (), group_by=("a", "b")), Route("q", (), group_by=("a", "b"))
    labels = [{"a": "1"}, {"b": "1"}, {"a": '1","b":"2'}, {"a": "1", "b": "2"}, {}]

    assert len({group_key(route, each) for route in (here, there) for each in labels}) == 10
