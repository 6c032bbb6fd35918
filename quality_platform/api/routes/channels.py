"""Channels: where alerts go, how each is doing, a test message, and those that the API makes.

Making and changing one takes an admin: a channel decides where what is known here leaves the house, and may name
secrets of the machine. Testing takes an editor.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, Field, ValidationError

from quality_platform.access.tokens import Principal
from quality_platform.alerting import in_force, inventory, stored
from quality_platform.alerting.channel_bodies import masked, unmasked
from quality_platform.alerting.in_force import CHANNEL
from quality_platform.alerting.inventory import Entry
from quality_platform.alerting.stored import Change
from quality_platform.api import bodies, versions
from quality_platform.api.asking import FAILURES, PREFIX, Admin, Editor, Live, Viewer, actor
from quality_platform.api.failures import UnusableError
from quality_platform.errors import ConflictError, NotFoundError, UsageError
from quality_platform.model.channels import ChannelConfig
from quality_platform.state import delivery_lists
from quality_platform.state.delivery_lists import ChannelFigures

router = APIRouter(prefix=f"{PREFIX}/notifications", tags=["notifications"], responses=FAILURES)
RECENT = timedelta(hours=24)
OPEN_FIELDS = ("channel_type", "enabled", "alert_types", "severity_levels", "project_ids", "send_resolved")
"""What the audit and the database show of a channel."""
EXAMPLE = {
    "name": "Team Slack Channel", "channel_type": "slack",
    "configuration": {"webhook_url": "https://hooks.slack.com/services/..."}, "enabled": True,
    "alert_types": ["threshold_violation", "regression"], "severity_levels": ["critical", "warning"],
}  # fmt: skip

ChannelFields = Annotated[
    dict[str, Any],
    Body(openapi_examples={"slack": {"value": EXAMPLE}}, description="The fields stand in the manual, under Channels."),
]


class Channels(BaseModel):
    """Channels, secrets masked, each with `id`, `source` (quality.yaml, api), `version`, `in_force`."""

    channels: list[dict[str, Any]]


class Health(BaseModel):
    """How one channel is doing."""

    id: str
    name: str
    channel_type: str
    source: str
    enabled: bool
    health: str = Field(description="healthy, unhealthy (its circuit is open) or disabled (the receiver is gone).")
    since: datetime | None
    retry_at: datetime | None = Field(description="When an unhealthy channel is tried again.")
    last_ok_at: datetime | None
    last_status: int | None
    last_error: str | None
    waiting: int = Field(description="Messages not delivered yet.")
    dead: int = Field(description="Messages that were given up.")
    delivered_24h: int
    failed_24h: int = Field(description="Attempts that failed.")


class Status(BaseModel):
    """How telling people is going."""

    healthy: bool = Field(description="Whether every channel in use works and nothing was given up.")
    fallback: str = Field(description="The channel that is told what no other wants.")
    channels: list[Health]


class Tested(BaseModel):
    """How a test message went: what the receiver itself answered."""

    channel: str
    message_id: str
    delivered: bool
    status: int | None
    detail: str


@router.get("/status")
def status(service: Live, _viewer: Viewer) -> Status:
    """Every channel with its health, what waits, what was given up."""
    entries, plan = _entries(service), service.plans.look()
    if not any(each.thing.name == plan.fallback.name for each in entries):
        entries.append(Entry(plan.fallback.name, plan.fallback, "defaults", in_force=True))
    with service.state.read() as session:
        figures = delivery_lists.figures(session, [each.thing.name for each in entries], datetime.now(UTC) - RECENT)
    shown = [_health(each, figures[each.thing.name]) for each in entries]
    healthy = all((each.health == "healthy" and not each.dead) or not each.enabled for each in shown)
    return Status(healthy=healthy, fallback=plan.fallback.name, channels=shown)


@router.get("/channels")
def listed(service: Live, _viewer: Viewer) -> Channels:
    """All channels."""
    return Channels(channels=[_shown(each) for each in _entries(service)])


@router.post("/channels", status_code=201)
def create(service: Live, admin: Admin, body: ChannelFields, response: Response) -> dict[str, Any]:
    """A new channel. Its secrets are encrypted, and shown to nobody again."""
    channel = _channel(body, None)
    return _put(service, admin, channel, None, response, create=True)


@router.get("/channels/{channel_id}")
def one(service: Live, _viewer: Viewer, channel_id: str, response: Response) -> dict[str, Any]:
    """One channel, by id or name."""
    return _answered(_found(service, channel_id), response)


@router.put("/channels/{channel_id}")
def replace(
    service: Live, admin: Admin, channel_id: str, body: ChannelFields, version: versions.Version, response: Response
) -> dict[str, Any]:
    """Another form of a channel of the API's. A secret that is sent as its mask stays what it is."""
    before = _found(service, channel_id)
    stored.refuse_the_files(service.configuration.current, CHANNEL, before.thing.name)
    channel = _channel({"name": before.thing.name, **body}, before.thing)
    if channel.name != before.thing.name:
        raise UsageError(f"name: it is {before.thing.name!r}; a name cannot be changed.", hint="Make a new channel.")
    return _put(service, admin, channel, version, response)


@router.delete("/channels/{channel_id}", status_code=204)
def delete(service: Live, admin: Admin, channel_id: str, version: versions.Version) -> None:
    """Remove a channel of the API's. What waits for it is given up."""
    change = Change(actor(admin).name, datetime.now(UTC), version)
    stored.remove(service.state, service.configuration.current, CHANNEL, channel_id, change)


@router.post("/test/{channel_id}")
def test(service: Live, editor: Editor, channel_id: str) -> Tested:
    """Send a test message through the outbox, and say what the receiver answered."""
    from quality_platform.alerting.delivery.senders import build_senders
    from quality_platform.alerting.delivery.trial import send_test
    from quality_platform.notifications.network import Network
    from quality_platform.settings import variable

    plan, now = service.plans.look(), datetime.now(UTC)
    entry = inventory.find(_entries(service), channel_id, "name")
    name = channel_id if entry is None else entry.thing.name
    if name not in plan.reachable:
        if entry is None:
            raise NotFoundError(f"There is no channel {channel_id!r}.")
        raise ConflictError(f"The channel {name!r} is not in use.", current="disabled", hint="Enable it first.")
    senders = build_senders(plan, Network.allowing(service.settings.webhook_allow_cidrs), variable)
    trial = send_test(service.state, senders, name, now, actor=actor(editor).name)
    return Tested(
        channel=name, message_id=trial.message_id, delivered=trial.delivered, status=trial.status, detail=trial.detail
    )


def _entries(service: Live) -> list[Entry[ChannelConfig]]:
    return inventory.channels(service.state, service.configuration.current, service.seal)


def _found(service: Live, channel_id: str) -> Entry[ChannelConfig]:
    found = inventory.find(_entries(service), channel_id, "name")
    if found is None:
        raise NotFoundError(f"There is no channel {channel_id!r}.")
    return found


def _channel(body: dict[str, Any], before: ChannelConfig | None) -> ChannelConfig:
    """The channel that `body` describes. Raises UnusableError naming the field, without what was sent."""
    adapter = in_force.adapter_of(CHANNEL)
    try:
        channel: ChannelConfig = adapter.validate_python(unmasked(bodies.without_added(body), before))
    except ValidationError as error:
        raise UnusableError(error) from None
    return channel


def _put(
    service: Live, admin: Principal, channel: ChannelConfig, version: int | None, response: Response, *,
    create: bool = False,
) -> dict[str, Any]:  # fmt: skip
    change = Change(actor(admin).name, datetime.now(UTC), version)
    body = in_force.sealed(channel, channel.name, OPEN_FIELDS, service.seal)
    config = service.configuration.current
    stored.put(service.state, config, CHANNEL, channel.name, body, change, create=create)
    service.happened()
    return _answered(_found(service, channel.name), response)


def _answered(entry: Entry[ChannelConfig], response: Response) -> dict[str, Any]:
    versions.tag(response, entry.version)
    return _shown(entry)


def _shown(entry: Entry[ChannelConfig]) -> dict[str, Any]:
    return bodies.shown(entry, masked(entry.thing))


def _health(entry: Entry[ChannelConfig], figures: ChannelFigures) -> Health:
    row, messages, attempts = figures.health, figures.messages, figures.attempts
    return Health(
        id=entry.id, name=entry.thing.name, channel_type=entry.thing.channel_type, source=entry.source,
        enabled=entry.in_force, health=row.state if row else "healthy", since=row.since if row else None,
        retry_at=row.retry_at if row else None, last_ok_at=row.last_ok_at if row else None,
        last_status=row.last_status if row else None, last_error=row.last_error if row else None,
        waiting=messages.get("pending", 0) + messages.get("leased", 0), dead=messages.get("dead", 0),
        delivered_24h=attempts.get("delivered", 0), failed_24h=attempts.get("retry", 0) + attempts.get("dead", 0),
    )  # fmt: skip
