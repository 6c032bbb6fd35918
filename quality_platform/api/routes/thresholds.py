"""Thresholds: the rules most people want, in the fewest words. One for a metric, stored in place of the default."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, Field

from quality_platform.alerting import inventory, stored
from quality_platform.alerting.in_force import RULE
from quality_platform.alerting.stored import Change
from quality_platform.api import bodies, versions
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.api.bodies import ThresholdBodies
from quality_platform.api.routes.rules import entries
from quality_platform.errors import UsageError
from quality_platform.model.rules import ThresholdRule
from quality_platform.rules.matching import metric_of

router = APIRouter(prefix=PREFIX, tags=["rules"], responses=FAILURES)
EXAMPLE = {
    "metric_name": "code_coverage", "warning_threshold": 70.0, "critical_threshold": 50.0,
    "trend_window_minutes": 60, "min_samples": 3, "enabled": True,
}  # fmt: skip
MOST = 1_000


class Thresholds(BaseModel):
    """Rules of thresholds, each with `id`, `source` (quality.yaml, defaults, api), `version`, `in_force`."""

    thresholds: list[dict[str, Any]] = Field(description="The fields stand in the manual, under Rules.")


@router.get("/thresholds")
def listed(
    service: Live, _viewer: Viewer,
    metric_name: Annotated[str | None, Query(max_length=200, description="Only this metric, by name or alias.")] = None,
    project_id: Annotated[str | None, Query(max_length=200, description="Only rules of this project.")] = None,
) -> Thresholds:  # fmt: skip
    """All thresholds, those that are switched off among them."""
    metric = None if metric_name is None else metric_of(ThresholdRule.model_construct(metric_name=metric_name))
    found = [
        bodies.of_rule(each) for each in entries(service)
        if isinstance(each.thing, ThresholdRule)
        and (metric is None or metric_of(each.thing) == metric)
        and (project_id is None or each.thing.project_id == project_id)
    ]  # fmt: skip
    return Thresholds(thresholds=found)


@router.put("/thresholds")
def replace(
    service: Live, editor: Editor, version: versions.Version, response: Response,
    body: Annotated[ThresholdBodies, Body(openapi_examples={"one": {"value": EXAMPLE}, "many": {"value": [EXAMPLE]}})],
) -> Thresholds:  # fmt: skip
    """Set one threshold or several, all or none; those not named stay. In force everywhere within a second."""
    rules = list(body) if isinstance(body, list) else [body]
    if not rules or len(rules) > MOST:
        raise UsageError(f"Send 1 to {MOST} thresholds.")
    twice = next((rule.key for rule in rules if sum(rule.key == other.key for other in rules) > 1), None)
    if twice is not None:
        raise UsageError(f"name: {twice!r} is there twice.")
    if version is not None and len(rules) > 1:
        raise UsageError("If-Match is for one threshold.", hint="Leave it out, or send them one by one.")
    change = Change(actor(editor).name, datetime.now(UTC), version)
    with service.state.write() as session:
        for rule in rules:
            text = bodies.stored_rule(rule)
            stored.put_in(session, service.configuration.current, RULE, rule.key, text, change)
    service.happened()
    return _answered(service, [rule.key for rule in rules], response)


def _answered(service: Live, keys: list[str], response: Response) -> Thresholds:
    everything = entries(service)
    found = [entry for key in keys if (entry := inventory.find(everything, key, "key")) is not None]
    if len(found) == 1:
        versions.tag(response, found[0].version)
    return Thresholds(thresholds=[bodies.of_rule(each) for each in found])
