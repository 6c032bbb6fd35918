"""Registries are honest: what one place lists, the others have."""

from __future__ import annotations

import ast
import importlib
import re
import typing
from collections import Counter

import pytest
import yaml

from docs.generate.fields import members
from docs.generate.models import ROOT as MODELS
from docs.generate.models import models, sql_files
from quality_platform.alerting.conditions.grains import GRAINS
from quality_platform.analysis import secrets
from quality_platform.analysis.python.ruff_rules import WEIGHTS
from quality_platform.analysis.taint import rules as taint_rules
from quality_platform.api.ingest.registry import DOORS
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.configuration import loader
from quality_platform.lineage import origins
from quality_platform.model.alerts import AlertType, EventKind
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.metric import Metric
from quality_platform.model.metrics import METRICS
from quality_platform.model.rules import RuleConfig
from quality_platform.model.tables import BATCHES, QUARANTINE, RAW_TABLES, SENT_BY_CLIENTS
from quality_platform.model.tables_live import CLIENT_LOSSES, INGEST_COUNTS
from quality_platform.model.tables_marts import MART_TABLES
from quality_platform.model.tables_runtime import ALERT_EVENT_KINDS, ALERT_EVENTS, DELIVERIES
from quality_platform.notifications.registry import CHANNELS
from quality_platform_tests.architecture.tree import PACKAGE, parsed

COLUMNS = {model.name: {name for name, _ in model.columns} for model in models()} | {
    table.name: {column.name for column in table.columns} for table in MART_TABLES.values()
}


# --- collectors and raw tables ---------------------------------------------------------------------------------------


def test_collectors_have_names_of_their_own() -> None:
    assert not _repeated([collector.name for collector in COLLECTORS])


def test_every_raw_table_is_filled_by_a_collector_or_a_door() -> None:
    filled = {name for collector in COLLECTORS for name in collector.tables}
    sent = {name for door in DOORS for name in door.tables}

    # alerting publishes its history and deliveries, refusals come from everybody, the drain counts and notes losses
    others = {ALERT_EVENTS.name, DELIVERIES.name, QUARANTINE.name, INGEST_COUNTS.name, CLIENT_LOSSES.name}
    assert filled | sent | others == set(RAW_TABLES)
    assert sent <= SENT_BY_CLIENTS


def test_every_raw_table_is_a_source_of_dbt_and_has_its_staging_model() -> None:
    declared = _sources("raw")

    assert declared == {table.name: table.description for table in (*RAW_TABLES.values(), BATCHES)}
    assert {f"stg_{name}" for name in declared} == {model.name for model in models() if model.layer == "staging"}


def test_marts_that_dbt_reads_are_written_by_python() -> None:
    assert _sources("marts").items() <= {table.name: table.description for table in MART_TABLES.values()}.items()
    assert not set(MART_TABLES) & set(sql_files())


def test_every_mart_with_a_contract_is_written_by_the_assessment() -> None:
    written = {
        name.id.lower()
        for path in (PACKAGE / "assessment").glob("*.py")
        for name in ast.walk(parsed(path))
        if isinstance(name, ast.Name)
    }

    assert set(MART_TABLES) <= written


@pytest.mark.parametrize("table", [*RAW_TABLES.values(), BATCHES, *MART_TABLES.values()], ids=lambda table: table.name)
def test_keys_and_order_are_columns(table: typing.Any) -> None:
    names = [
        column.name for column in (table.columns if table.name in MART_TABLES or table is BATCHES else table.stored)
    ]

    assert not _repeated(names)
    assert {*table.key, *table.sorted_by} <= set(names)


def _sources(catalog: str) -> dict[str, str]:
    content = yaml.safe_load((MODELS / "sources.yml").read_text(encoding="utf-8"))
    (source,) = (source for source in content["sources"] if source["name"] == catalog)
    return {table["name"]: table["description"] for table in source["tables"]}


# --- metrics ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_metric_comes_from_somewhere(metric: Metric) -> None:
    assert metric.source_model in COLUMNS, "no dbt model and no mart of Python has this name"
    assert metric.source_column in COLUMNS[metric.source_model]
    assert metric.raw_table in RAW_TABLES


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_metric_can_be_judged_and_walked(metric: Metric) -> None:
    assert metric.grain in GRAINS
    ways = {"commit": set(origins.BY_COMMIT), "hour": set(origins.BY_TIME), "day": set(origins.BY_TIME)}
    assert metric.raw_table in ways.get(metric.grain, {"metric_samples"}), "lineage/origins.py does not know the way"


def test_names_and_aliases_of_metrics_are_unique() -> None:
    assert not _repeated([name for metric in METRICS for name in (metric.name, *metric.aliases)])


# --- rules and channels ----------------------------------------------------------------------------------------------


def test_every_rule_type_is_evaluated() -> None:
    """Each has a module in `rules/` whose `evaluate` takes it, which `rules/judging.py` calls for `alerting/`."""
    evaluators = {}
    for path in (PACKAGE / "rules").glob("*.py"):
        module = importlib.import_module(f"quality_platform.rules.{path.stem}")
        if path.stem != "__init__" and hasattr(module, "evaluate"):
            evaluators[typing.get_type_hints(module.evaluate)["rule"]] = path.stem
    called = {
        name.name if node.module == "quality_platform.rules" else str(node.module).rpartition(".")[2]
        for node in ast.walk(parsed(PACKAGE / "rules/judging.py"))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("quality_platform.rules")
        for name in node.names
    }

    assert set(evaluators) == set(members(RuleConfig))
    assert set(evaluators.values()) <= called


def test_rule_types_are_the_types_of_alerts() -> None:
    # what other systems push has no rule here
    assert {*_rule_types(), "external"} == set(typing.get_args(AlertType))


def test_kinds_of_events_are_those_of_the_raw_table() -> None:
    assert set(ALERT_EVENT_KINDS) == set(typing.get_args(EventKind))


def test_every_channel_type_has_a_sender() -> None:
    assert set(CHANNELS) == set(_channel_types())


def test_errors_name_fields_without_the_tags_of_unions() -> None:
    assert all(loader._is_tag(tag) for tag in (*_rule_types(), *_channel_types()))


def _rule_types() -> list[str]:
    return [model.model_fields["type"].default for model in members(RuleConfig)]


def _channel_types() -> list[str]:
    return [model.model_fields["channel_type"].default for model in members(ChannelConfig)]


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_controls_know_which_weaknesses_can_be_found() -> None:
    text = (MODELS / "intermediate/int_detectable_weaknesses.sql").read_text()
    listed = {int(number) for number in re.findall(r"\d+", text)}
    followed = {rule.cwe for rule in vars(taint_rules).values() if isinstance(rule, taint_rules.Rule)}
    assert listed == {cwe for _, _, cwe in WEIGHTS.values()} | followed | {secrets.CWE}
