from __future__ import annotations

from pydantic import TypeAdapter

from quality_platform.model.metrics import CATALOGUE
from quality_platform.model.rules import RuleConfig, ThresholdRule
from quality_platform.rules.defaults import DEFAULT_RULES


def test_names_are_unique_and_survive_being_written_and_read() -> None:
    assert len({rule.key for rule in DEFAULT_RULES}) == len(DEFAULT_RULES)
    adapter = TypeAdapter(tuple[RuleConfig, ...])
    assert adapter.validate_json(adapter.dump_json(DEFAULT_RULES, by_alias=True)) == DEFAULT_RULES


def test_every_rule_can_fire() -> None:
    for rule in DEFAULT_RULES:
        metric = CATALOGUE.get(rule.metric_name)
        assert metric.direction != "neutral", rule.key
        if isinstance(rule, ThresholdRule):
            assert rule.side == ("above" if metric.direction == "lower_is_better" else "below"), rule.key
        else:
            assert rule.warning_percent >= metric.minimum_effect_percent, rule.key
