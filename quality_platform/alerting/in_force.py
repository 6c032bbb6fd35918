"""What applies: `quality.yaml` and what the API stored, put together.

What stands in the file wins over a stored thing of the same name: whoever writes the file means it, and it is the file
that is reviewed. A stored rule takes the place of the default rule for the same metric, so that one value does not
fire twice; a stored rule that is disabled switches the default off.

Belongs here: reading stored bodies, and which of two things holds. Does not belong here: when to look (`plans.py`), or
changing what is stored (`stored.py`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from quality_platform.alerting.channel_bodies import revealed
from quality_platform.errors import StateError
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.routing import RoutingConfig
from quality_platform.model.rules import RuleConfig
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform.rules.matching import metric_of
from quality_platform.state.models import StoredRow
from quality_platform.state.sealing import Seal

if TYPE_CHECKING:
    from pydantic import BaseModel, TypeAdapter

LOG = logging.getLogger(__name__)
RULE, CHANNEL, ROUTING = "rule", "channel", "routing"
KINDS = (RULE, CHANNEL, ROUTING)
SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the API stored, by name; `broken` says of a body that cannot be used any more why not."""

    rules: Mapping[str, RuleConfig] = field(default_factory=dict)
    channels: Mapping[str, ChannelConfig] = field(default_factory=dict)
    routing: RoutingConfig | None = None
    broken: Mapping[str, str] = field(default_factory=dict)


def read(rows: Iterable[StoredRow], seal: Seal) -> Stored:
    """The stored things. One that cannot be read, after an upgrade or under another secret, stops no other."""
    found: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    broken: dict[str, str] = {}
    for row in rows:
        try:
            found[row.kind][row.name] = thing(row, seal)
        except (ValueError, StateError) as error:
            # a validation error quotes what it was given, which may be secret
            broken[f"{row.kind} {row.name}"] = str(error) if isinstance(error, StateError) else type(error).__name__
            LOG.warning("the stored %s %s cannot be used: %s", row.kind, row.name, broken[f"{row.kind} {row.name}"])
    return Stored(found[RULE], found[CHANNEL], next(iter(found[ROUTING].values()), None), broken)


def thing(row: StoredRow, seal: Seal) -> Any:
    """The rule, the channel or the routing that `row` holds. Raises ValueError, StateError."""
    body = json.loads(row.body)
    if row.kind == CHANNEL:
        body = json.loads(seal.open(body[SEALED], _place(row.name)))
    if row.kind == RULE:
        body["version"] = row.version
    return adapter_of(row.kind).validate_python(body)


def sealed(channel: BaseModel, name: str, open_fields: Iterable[str], seal: Seal) -> str:
    """The body to store for a channel: everything sealed, `open_fields` beside it for who looks into the database."""
    whole = revealed(channel)
    shown = {field: whole[field] for field in open_fields}
    return json.dumps({**shown, SEALED: seal.seal(json.dumps(whole), _place(name))}, sort_keys=True)


def _place(name: str) -> str:
    return f"the channel {name}"


@cache
def adapter_of(kind: str) -> TypeAdapter[Any]:
    """What checks bodies of a kind, built when first used."""
    from pydantic import TypeAdapter

    shapes: dict[str, Any] = {RULE: RuleConfig, CHANNEL: ChannelConfig, ROUTING: RoutingConfig}
    return TypeAdapter(shapes[kind])


def merged(config: QualityConfig, stored: Stored) -> QualityConfig:
    """`config` with what is stored."""
    changes: dict[str, object] = {"rules": tuple(rules(config, stored)), "channels": tuple(channels(config, stored))}
    if stored.routing is not None and config.routing is None:
        changes["routing"] = stored.routing
    return config.model_copy(update=changes)


def rules(config: QualityConfig, stored: Stored) -> Iterable[RuleConfig]:
    """The rules in force, disabled ones among them: the file's or else the defaults, then the stored ones."""
    if config.rules is not None:
        named = {rule.key for rule in config.rules}
        yield from config.rules
        yield from (rule for key, rule in stored.rules.items() if key not in named)
        return
    taken = {slot(rule) for rule in stored.rules.values()}
    yield from (rule for rule in DEFAULT_RULES if rule.key not in stored.rules and slot(rule) not in taken)
    yield from stored.rules.values()


def channels(config: QualityConfig, stored: Stored) -> Iterable[ChannelConfig]:
    """The channels in force, disabled ones among them."""
    named = {channel.name for channel in config.channels}
    yield from config.channels
    yield from (channel for name, channel in stored.channels.items() if name not in named)


def slot(rule: RuleConfig) -> tuple[str, str, str, str]:
    """What a rule is about: two rules of one slot would both fire."""
    return rule.type, metric_of(rule), rule.project_id, rule.subject
