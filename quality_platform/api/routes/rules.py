"""Rules: what is watched and when it is bad. Those of `quality.yaml` and the defaults are shown beside the API's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from quality_platform.access.tokens import Principal
from quality_platform.alerting import inventory, stored
from quality_platform.alerting.in_force import RULE
from quality_platform.alerting.inventory import Entry
from quality_platform.alerting.stored import Change
from quality_platform.api import bodies, versions
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.api.bodies import RuleBody
from quality_platform.errors import ConflictError, NotFoundError, UsageError
from quality_platform.model.alerts import AlertType
from quality_platform.model.rules import RuleConfig

router = APIRouter(prefix=PREFIX, tags=["rules"], responses=FAILURES)


class Rules(BaseModel):
    """Rules, each with `id`, `source` (quality.yaml, defaults, api), `version` and whether it is `in_force`."""

    rules: list[dict[str, Any]] = Field(description="The fields of each type stand in the manual, under Rules.")


@router.get("/rules")
def listed(
    service: Live, _viewer: Viewer, type: Annotated[AlertType | None, Query()] = None,  # noqa: A002 - its name in a rule
    in_force: Annotated[bool | None, Query(description="Only those that count now, or only the others.")] = None,
) -> Rules:  # fmt: skip
    """All rules."""
    found = [
        bodies.of_rule(each) for each in entries(service)
        if (type is None or each.thing.type == type) and (in_force is None or each.in_force == in_force)
    ]  # fmt: skip
    return Rules(rules=found)


@router.post("/rules", status_code=201)
def create(service: Live, editor: Editor, rule: RuleBody, response: Response) -> dict[str, Any]:
    """A new rule, in force in every process within a second."""
    return answered(service, put(service, editor, rule, None, create=True), response)


@router.get("/rules/{key:path}")
def one(service: Live, _viewer: Viewer, key: str, response: Response) -> dict[str, Any]:
    """One rule by its key: its name, or `TYPE:METRIC:PROJECT:SUBJECT`."""
    return answered(service, key, response)


@router.put("/rules/{key:path}")
def replace(
    service: Live, editor: Editor, key: str, rule: RuleBody, version: versions.Version, response: Response
) -> dict[str, Any]:
    """Another form of a rule of the API's, or one in the place of a default. Its key stays."""
    if rule.name is None and rule.key != key:
        rule = rule.model_copy(update={"name": key})
    if rule.key != key:
        raise UsageError(f"name: the rule is called {key!r}; a name cannot be changed.", hint="Make a new one.")
    return answered(service, put(service, editor, rule, version), response)


@router.delete("/rules/{key:path}", status_code=204)
def delete(service: Live, editor: Editor, key: str, version: versions.Version) -> None:
    """Remove a rule of the API's; its open alerts end. To switch off a default, PUT it with `enabled` false."""
    found = inventory.find(entries(service), key, "key")
    if found is not None and found.source == "defaults":
        raise ConflictError(
            f"The rule {key!r} is one of the defaults.", current="defaults", hint="PUT it with `enabled` false."
        )
    change = Change(actor(editor).name, datetime.now(UTC), version)
    stored.remove(service.state, service.configuration.current, RULE, key, change)
    service.happened()


def entries(service: Live) -> list[Entry[RuleConfig]]:
    """All rules with where they come from."""
    return inventory.rules(service.state, service.configuration.current, service.seal)


def put(service: Live, editor: Principal, rule: RuleConfig, version: int | None, *, create: bool = False) -> str:
    """Store a rule; returns its key."""
    change = Change(actor(editor).name, datetime.now(UTC), version)
    body = bodies.stored_rule(rule)
    stored.put(service.state, service.configuration.current, RULE, rule.key, body, change, create=create)
    service.happened()
    return rule.key


def answered(service: Live, key: str, response: Response) -> dict[str, Any]:
    """The rule as it is read. Raises NotFoundError."""
    found = inventory.find(entries(service), key, "key")
    if found is None:
        raise NotFoundError(f"There is no rule {key!r}.")
    versions.tag(response, found.version)
    return bodies.of_rule(found)
