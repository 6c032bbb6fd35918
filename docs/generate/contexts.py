"""What each template is given: the facts of one page, out of the code that they are true of.

Belongs here: one function per page. Does not belong here: words, which stand in the templates.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from datetime import timedelta

from pydantic import TypeAdapter

from docs.generate import fields, limits, models, verbs
from docs.generate.markdown import code
from quality_platform.alerting.conditions.grains import GRAINS
from quality_platform.api.ingest.contract import Door
from quality_platform.api.ingest.registry import DOORS
from quality_platform.collectors.registry import COLLECTORS
from quality_platform.model.channels import ChannelConfig, ConsoleChannel
from quality_platform.model.columns import PROVENANCE, Column, Table
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.metric import Metric
from quality_platform.model.metrics import METRICS
from quality_platform.model.rules import RegressionRule, RuleBase, RuleConfig, ThresholdRule, TrendRule
from quality_platform.model.tables import BATCHES, RAW_TABLES
from quality_platform.model.tables_marts import MART_TABLES
from quality_platform.notifications.channels import apprise
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform.settings import Settings

Context = Mapping[str, object]

BETTER = {"higher_is_better": "higher", "lower_is_better": "lower", "neutral": "–"}
ELSEWHERE = {"rules": "rules.md", "channels": "channels.md"}


def metrics() -> Context:
    """The metrics by area."""
    areas: dict[str, list[tuple[object, ...]]] = {}
    for metric in METRICS:
        areas.setdefault(metric.area, []).append(_metric(metric))
    return {"areas": areas, "count": len(METRICS)}


def _metric(metric: Metric) -> tuple[object, ...]:
    aliases = f" Also: {code(metric.aliases)}." if metric.aliases else ""
    return (
        f"`{metric.name}`",
        f"{metric.title}. {metric.description}{aliases}",
        metric.unit,
        BETTER[metric.direction],
        metric.grain,
        f"{metric.minimum_effect_percent:g}%",
        f"`{metric.source_model}.{metric.source_column}`",
        f"`raw.{metric.raw_table}`",
    )


def tables() -> Context:
    """Raw tables, marts of dbt, marts that Python writes, and what lies between."""
    return {
        "provenance": [_column(column) for column in PROVENANCE],
        "raw": {table: [_column(column) for column in table.columns] for table in (*RAW_TABLES.values(), _ledger())},
        "marts": [model for model in models.models() if model.layer == "marts"],
        "written": {table: [_column(column) for column in table.columns] for table in MART_TABLES.values()},
        "between": [(f"`{model.address}`", model.description) for model in models.models() if model.layer != "marts"],
    }


def _ledger() -> Table:
    own = tuple(column for column in BATCHES.columns if column not in PROVENANCE)
    return Table(BATCHES.name, BATCHES.description, BATCHES.grain, BATCHES.key, own)


def _column(column: Column) -> tuple[str, str, str, str]:
    return f"`{column.name}`", column.sql, "always" if column.required else "may be null", " ".join(_promises(column))


def _promises(column: Column) -> Iterator[str]:
    yield column.description
    if column.allowed:
        yield f"One of {code(column.allowed)}."
    if column.minimum is not None and column.maximum is not None:
        yield f"From {column.minimum:g} to {column.maximum:g}."
    elif column.minimum is not None:
        yield f"At least {column.minimum:g}."
    if column.max_length is not None:
        yield f"At most {column.max_length:,} characters."


def rules() -> Context:
    """What every rule has, what each type has, and the rules in force by default."""
    shared = frozenset(RuleBase.model_fields)
    return {
        "header": fields.HEADER,
        # its values are the headings of the types
        "shared": fields.rows(RuleBase, without=frozenset(("type",))),
        "types": {
            model.model_fields["type"].default: (model, fields.rows(model, without=shared))
            for model in fields.members(RuleConfig)
        },
        "defaults": [_default_rule(rule) for rule in DEFAULT_RULES],
        "lookback": {name: grain.lookback for name, grain in GRAINS.items()},
    }


def _default_rule(rule: RuleConfig) -> tuple[object, ...]:
    return rule.name, f"`{rule.type}`", f"`{rule.metric_name}`", *_levels(rule)


def _levels(rule: RuleConfig) -> tuple[str, str, str]:
    if isinstance(rule, ThresholdRule):
        hold = f"after {_duration(rule.for_)}" if rule.for_ else "at once"
        return (
            _level(rule, rule.warning_threshold, rule.warning_clear),
            _level(rule, rule.critical_threshold, rule.critical_clear),
            hold,
        )
    held = f"a step of the last {rule.within.days} days" if isinstance(rule, RegressionRule) else _certainty(rule)
    return _percent(rule.warning_percent), _percent(rule.critical_percent), held


def _level(rule: ThresholdRule, threshold: float | None, clear: float | None) -> str:
    if threshold is None:
        return ""
    return f"{rule.side} {threshold:g}" + (f", clears at {clear:g}" if clear is not None else "")


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:g}% worse"


def _certainty(rule: TrendRule) -> str:
    return f"p up to {rule.max_p_value:g}"


def _duration(length: timedelta) -> str:
    return str(TypeAdapter(timedelta).dump_python(length, mode="json"))


def channels() -> Context:
    """What every channel has, and the configuration of each type."""
    own = frozenset(("channel_type", "configuration"))
    types = {}
    for model in fields.members(ChannelConfig):
        (settings_of,) = fields.members(model.model_fields["configuration"].annotation)
        types[model.model_fields["channel_type"].default] = (model, fields.rows(settings_of))
    shared = fields.rows(ConsoleChannel, without=own)
    services = {"fixed": code(sorted(apprise.FIXED)), "hosted": code(sorted(apprise.HOSTED))}
    return {
        "header": fields.HEADER, "shared": shared, "types": types, "limits": limits.delivery(), "apprise": services,
    }  # fmt: skip


def settings() -> Context:
    """The settings under the names of their environment variables."""
    prefix = Settings.model_config["env_prefix"]
    found = [(f"`{prefix}{name.strip('`').upper()}`", *rest) for name, *rest in fields.rows(Settings)]
    return {"header": ("Variable", *fields.HEADER[1:]), "settings": found}


def configuration() -> Context:
    """The sections of quality.yaml."""
    return {"header": fields.HEADER, "sections": fields.sections(QualityConfig, ELSEWHERE)}


def command_line() -> Context:
    """The verbs."""
    return {"verbs": verbs.verbs()}


def collectors() -> Context:
    """The registry, and the limits that the collectors keep."""
    return {"collectors": COLLECTORS, "tables": RAW_TABLES, "limits": limits.collecting()}


def doors() -> Context:
    """The doors of the live service, and the limits that they keep."""
    return {"doors": [(door, _paths(door), inspect.getdoc(door.key)) for door in DOORS], "limits": limits.ingesting()}


def _paths(door: Door) -> list[str]:
    """The paths, those that differ by a slash at the end told once."""
    return list(dict.fromkeys(path.rstrip("/") for path in door.paths))
