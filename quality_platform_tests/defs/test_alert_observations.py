"""Alerts appear on the page of the asset that their metric comes from, each turn once."""

from __future__ import annotations

import dagster as dg

from quality_platform.alerting.episodes import actions
from quality_platform.defs import alert_observations, keys
from quality_platform.model.alerts import Series
from quality_platform.state.database import State
from quality_platform_tests.data.alerting import COVERAGE, plan, webhook
from quality_platform_tests.data.story import SERIES, SOMEBODY, Story

PLAN = plan([], [webhook("all")])


def test_each_turn_is_shown_once_on_its_mart(state_on_sqlite: State) -> None:
    story = Story(state_on_sqlite, PLAN)
    first, shown = alert_observations.since(state_on_sqlite, PLAN, None)
    assert (first, shown) == (0, [])
    story.play("warning", series=[Series(COVERAGE, "shop", "shop"), SERIES])
    actions.comment(state_on_sqlite, PLAN, story.alert().id, SOMEBODY, story.now, text="hm")
    sequence, shown = alert_observations.since(state_on_sqlite, PLAN, first)
    assert [each.asset_key for each in shown] == [keys.mart("code_quality_by_commit"), keys.mart("fct_observations")]
    assert shown[0].description.startswith("fired: Test coverage of shop")
    assert shown[0].metadata["value"] == dg.MetadataValue.float(91.0)
    assert alert_observations.since(state_on_sqlite, PLAN, sequence) == (sequence, [])
