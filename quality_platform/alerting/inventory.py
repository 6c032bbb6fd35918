"""All rules and channels with where each comes from, for lists: the file's, the defaults, what the API stored.

Belongs here: one entry per thing, those that do not hold at present among them. Does not belong here: what holds
(`in_force.py`), changing anything (`stored.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from quality_platform.alerting import in_force
from quality_platform.alerting.in_force import CHANNEL, RULE, Stored
from quality_platform.model.channels import ChannelConfig
from quality_platform.model.configuration import QualityConfig
from quality_platform.model.rules import RuleConfig
from quality_platform.rules.defaults import DEFAULT_RULES
from quality_platform.state import stored as table
from quality_platform.state.database import State
from quality_platform.state.models import StoredRow
from quality_platform.state.sealing import Seal

Thing = TypeVar("Thing")
Source = Literal["quality.yaml", "defaults", "api"]


@dataclass(frozen=True, slots=True)
class Entry(Generic[Thing]):
    """One thing. `id` finds it again; `version` counts the changes of a stored one and is 0 for the others.

    `in_force`: whether it counts now; one may be disabled, or another have its place.
    """

    id: str
    thing: Thing
    source: Source
    in_force: bool
    version: int = 0
    updated_at: datetime | None = None
    updated_by: str | None = None


def rules(state: State, config: QualityConfig, seal: Seal) -> list[Entry[RuleConfig]]:
    """Every rule: the file's, or else the defaults, then the stored ones in the order that they were made.

    A default whose place a stored rule has taken is left out: it is there again when that rule is removed.
    """
    rows, stored = _stored(state, RULE, seal)
    holding = {id(rule) for rule in in_force.rules(config, stored) if rule.enabled}
    if config.rules is None:
        found = [Entry(rule.key, rule, "defaults", in_force=True) for rule in DEFAULT_RULES if id(rule) in holding]
    else:
        found = [Entry(rule.key, rule, "quality.yaml", id(rule) in holding) for rule in config.rules]
    return [*found, *(_entry(row, row.name, stored.rules[row.name], holding) for row in _usable(rows, stored))]


def channels(state: State, config: QualityConfig, seal: Seal) -> list[Entry[ChannelConfig]]:
    """Every channel: the file's, then the stored ones."""
    rows, stored = _stored(state, CHANNEL, seal)
    holding = {id(channel) for channel in in_force.channels(config, stored) if channel.enabled}
    found = [Entry(channel.name, channel, "quality.yaml", id(channel) in holding) for channel in config.channels]
    return [*found, *(_entry(row, row.id, stored.channels[row.name], holding) for row in _usable(rows, stored))]


def find(entries: Iterable[Entry[Thing]], wanted: str, name: str) -> Entry[Thing] | None:
    """The entry with the id `wanted`, or whose thing's attribute `name` is `wanted`; the one that holds goes first."""
    found = [each for each in entries if wanted in (each.id, getattr(each.thing, name))]
    return next((each for each in found if each.in_force), found[0] if found else None)


def _stored(state: State, kind: str, seal: Seal) -> tuple[list[StoredRow], Stored]:
    with state.read() as session:
        rows = list(table.listed(session, (kind,)))
    return rows, in_force.read(rows, seal)


def _usable(rows: Iterable[StoredRow], stored: Stored) -> Iterator[StoredRow]:
    return (row for row in rows if f"{row.kind} {row.name}" not in stored.broken)


def _entry(row: StoredRow, identity: str, thing: Thing, holding: set[int]) -> Entry[Thing]:
    return Entry(identity, thing, "api", id(thing) in holding, row.version, row.updated_at, row.updated_by)
