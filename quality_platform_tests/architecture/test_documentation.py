"""Documentation that fails the build: everything is documented, and what `make docs` writes is current."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.generate.fields import members
from docs.generate.models import models
from docs.generate.pages import PAGES, Page, render
from docs.generate.verbs import verbs
from quality_platform.api.ingest.registry import DOORS
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.metrics import METRICS
from quality_platform.model.rules import RuleConfig
from quality_platform.model.tables import BATCHES, RAW_TABLES
from quality_platform.model.tables_marts import MART_TABLES
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform.settings import Settings
from quality_platform_tests.architecture.tree import ROOT

DOCS = ROOT / "docs"


@cache
def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.file)
def test_generated_page_is_current(page: Page) -> None:
    assert _text(DOCS / page.file) == render(page), "run `make docs`"


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_metric_is_documented(metric: Any) -> None:
    (row,) = [line for line in _text(DOCS / "metrics.md").splitlines() if line.startswith(f"| `{metric.name}` |")]

    assert metric.description in row
    assert all(f"`{alias}`" in row for alias in metric.aliases)


@pytest.mark.parametrize("table", [*RAW_TABLES.values(), BATCHES], ids=lambda table: table.name)
def test_raw_table_is_documented(table: Any) -> None:
    section = _section("tables.md", f"raw.{table.name}") + _section("tables.md", "Raw tables")

    assert table.grain in section
    assert all(f"| `{column.name}` | {column.sql} |" in section for column in table.columns)


@pytest.mark.parametrize("table", MART_TABLES.values(), ids=lambda table: table.name)
def test_mart_of_python_is_documented(table: Any) -> None:
    section = _section("tables.md", f"marts.{table.name}")

    assert table.grain in section
    assert all(f"| `{column.name}` | {column.sql} |" in section for column in table.columns)


@pytest.mark.parametrize("model", [model for model in models() if model.layer == "marts"], ids=lambda model: model.name)
def test_mart_is_documented(model: Any) -> None:
    section = _section("tables.md", f"marts.{model.name}")

    assert model.description in section
    assert model.columns
    assert all(f"| `{name}` |" in section for name, _ in model.columns)


@pytest.mark.parametrize("rule", members(RuleConfig), ids=lambda rule: rule.__name__)
def test_rule_type_is_documented(rule: Any) -> None:
    section = _section("rules.md", rule.model_fields["type"].default) + _section("rules.md", "What every rule has")

    assert _has_rows(section, rule, without=frozenset(("type",)))


@pytest.mark.parametrize("rule", DEFAULT_RULES, ids=lambda rule: rule.key)
def test_default_rule_is_documented(rule: Any) -> None:
    assert f"| {rule.name} | `{rule.type}` | `{rule.metric_name}` |" in _section(
        "rules.md", "Rules in force by default"
    )


@pytest.mark.parametrize("channel", members(ChannelConfig), ids=lambda channel: channel.__name__)
def test_channel_is_documented(channel: Any) -> None:
    section = _section("channels.md", channel.model_fields["channel_type"].default)

    assert _has_rows(section, channel.model_fields["configuration"].annotation)
    assert _has_rows(
        _section("channels.md", "What every channel has"), channel, without=frozenset(("channel_type", "configuration"))
    )


@pytest.mark.parametrize("name", Settings.model_fields)
def test_setting_is_documented(name: str) -> None:
    (row,) = [line for line in _text(DOCS / "settings.md").splitlines() if f"`QUALITY_PLATFORM_{name.upper()}`" in line]

    description = Settings.model_fields[name].description
    assert description
    assert description in row


@pytest.mark.parametrize("verb", verbs(), ids=lambda verb: verb.name)
def test_verb_is_documented(verb: Any) -> None:
    section = _section("cli.md", verb.name)

    assert verb.help in section
    # a group of verbs has none of its own
    assert verb.example in section
    assert bool(verb.example) != any(other.name.startswith(f"{verb.name} ") for other in verbs())


@pytest.mark.parametrize("collector", COLLECTORS, ids=lambda collector: collector.name)
def test_collector_is_documented(collector: Any) -> None:
    section = _section("collectors.md", collector.title)

    assert collector.description in section
    assert all(f"raw.{name}" in section for name in collector.tables)
    assert all(word in section.lower() for word in ("**reads**", "**is asked**", "**goes on**", "**limits**"))


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.name)
def test_door_is_documented(door: Any) -> None:
    section = _section("ingest.md", door.title)

    assert door.description in section
    assert all(f"`{path.rstrip('/')}`" in section for path in door.paths)
    assert all(f"raw.{name}" in section for name in door.tables)
    # who the data belongs to: a door that is reached over HTTP says where its client puts the key
    assert not door.paths or re.search(r"^- Key: \S.{10,}", section, re.MULTILINE)


def test_configuration_is_documented() -> None:
    text = _text(DOCS / "configuration.md")

    fields = {name for schema in _schemas() for name in schema["properties"]}
    assert not [name for name in fields if f"| `{name}` |" not in text]


def _schemas() -> list[dict[str, Any]]:
    """The sections of quality.yaml but rules and channels, which have pages of their own."""
    schema = QualityConfig.model_json_schema()
    elsewhere = re.compile(r"(Rule|Channel|Settings|RateLimit)$")
    return [schema, *(one for name, one in schema["$defs"].items() if not elsewhere.search(name))]


def _section(page: str, heading: str) -> str:
    """What stands under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}$\n(.*?)(?=^#+ |\Z)", _text(DOCS / page), re.MULTILINE | re.DOTALL)
    assert found, f"docs/{page} has no heading {heading!r}: run `make docs`"
    return found.group(1)


def _has_rows(section: str, model: Any, without: frozenset[str] = frozenset()) -> bool:
    fields = {field.alias or name: field for name, field in model.model_fields.items() if name not in without}
    rows = {line.split("|")[1].strip(" `"): line for line in section.splitlines() if line.startswith("| `")}
    return all(name in rows and (field.description or "") in rows[name] for name, field in fields.items())
