"""Bodies that may be sent back as they were read: what the API adds to a thing is taken out again before it is checked.

Belongs here: the fields that only the API writes. Does not belong here: the things themselves (`model/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Discriminator, Tag

from quality_platform.alerting.inventory import Entry
from quality_platform.model.rules import RuleConfig, ThresholdRule

ADDED = ("id", "source", "in_force", "version", "updated_at", "updated_by")


def shown(entry: Entry[Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """`body` of an entry's thing with what the API knows besides."""
    about = asdict(
        Entry(entry.id, None, entry.source, entry.in_force, entry.version, entry.updated_at, entry.updated_by)
    )
    del about["thing"]
    return {**body, **about}


def of_rule(entry: Entry[RuleConfig]) -> dict[str, Any]:
    """A rule as it is read."""
    return shown(entry, entry.thing.model_dump(mode="json", by_alias=True))


def without_added(body: Mapping[str, Any]) -> dict[str, Any]:
    """`body` as it was before the API added to it."""
    return {name: each for name, each in body.items() if name not in ADDED}


def _as_a_rule(value: Any) -> Any:
    """A rule has an `id` of its own, which stays unless it is the one that is made of the other fields."""
    if not isinstance(value, dict):
        return value
    made = (value.get("type") or "threshold_violation", value.get("metric_name"), value.get("project_id") or "*",
            value.get("subject") or "*", *(value.get("labels_match") or ()))  # fmt: skip
    own = {} if value.get("id") in (None, value.get("name"), ":".join(map(str, made))) else {"id": value["id"]}
    return {**without_added(value), **own}


def _one_or_many(value: object) -> str:
    return "many" if isinstance(value, list | tuple) else "one"


RuleBody = Annotated[RuleConfig, BeforeValidator(_as_a_rule)]
ThresholdBody = Annotated[ThresholdRule, BeforeValidator(_as_a_rule)]
ThresholdBodies = Annotated[
    Annotated[ThresholdBody, Tag("one")] | Annotated[list[ThresholdBody], Tag("many")], Discriminator(_one_or_many)
]


def stored_rule(rule: BaseModel) -> str:
    """The body that is stored for a rule."""
    return rule.model_dump_json(by_alias=True, exclude_defaults=False)
