"""The shape of a channel, as written in `quality.yaml` or sent to the API.

Belongs here: what every channel has, the channel types, what is contradictory in the values alone. Does not belong
here: the settings of each service (`channel_settings.py`), sending (`notifications/`).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, FiniteFloat, SecretStr, field_validator

from quality_platform.model.alerts import AlertType, Severity
from quality_platform.model.channel_settings import (
    AppriseSettings,
    ChannelPart,
    ConsoleSettings,
    EmailSettings,
    NtfySettings,
    PagerDutySettings,
    SlackSettings,
    WebhookSettings,
    WebsocketSettings,
)
from quality_platform.model.durations import Duration
from quality_platform.model.matchers import MatcherText

BodyFormat = Literal["quality_platform.v1", "alertmanager.v4", "slack.blocks"]
Matching = Annotated[MatcherText, Field(min_length=1, max_length=1000)]


class RateLimit(ChannelPart):
    """A token bucket: `burst` messages at once, then `per_second`. What is beyond it comes as one digest."""

    per_second: FiniteFloat = Field(gt=0, le=10_000, description="Messages per second in the long run.")
    burst: int = Field(default=10, ge=1, le=100_000, description="Messages at once.")


class ChannelBase(ChannelPart):
    """What every channel has."""

    formats: ClassVar[tuple[BodyFormat, ...]] = ()
    """Forms of the body that the type can be set to."""
    signs: ClassVar[bool] = False
    """Whether the type can sign what it sends."""
    groups: ClassVar[bool] = True
    """Whether a message may speak of several alerts; False where the service keeps an incident per alert."""

    name: str = Field(min_length=1, max_length=100, description="Name, unique.")
    channel_type: str
    enabled: bool = Field(default=True, description="Whether it is used.")
    alert_types: tuple[AlertType, ...] = Field(default=(), description="Only these types; empty for all.")
    severity_levels: tuple[Severity, ...] = Field(default=(), description="Only these severities; empty for all.")
    project_ids: tuple[str, ...] = Field(default=("*",), description="Only these projects; * for all.")
    matchers: tuple[Matching, ...] = Field(
        default=(),
        max_length=100,
        description='Only alerts with these labels, such as `team="core"` or `env=~"prod.*"`.',
    )
    send_resolved: bool = Field(default=True, description="Whether to tell when it is over.")
    rate_limit: RateLimit | None = Field(
        default=None,
        description="How fast it may be sent to: per_second and burst; the default is the type's.",
    )
    timeout_s: FiniteFloat = Field(default=10.0, ge=0.1, le=30.0, description="Seconds that an answer may take.")
    retry_for: Duration | None = Field(
        default=None, description="How long a message is tried; default 24h, 72h for critical alerts."
    )
    format: BodyFormat | None = Field(
        default=None, description="Form of the body where the type has a choice; see webhook."
    )
    signing_secret: SecretStr | None = Field(
        default=None, description="Signs what webhook and slack send; see webhook. Best as env:NAME or file:PATH."
    )

    @field_validator("format")
    @classmethod
    def _can_be_sent(cls, value: BodyFormat | None) -> BodyFormat | None:
        if value is not None and value not in cls.formats:
            raise ValueError(f"this type of channel has {' or '.join(cls.formats) or 'no choice of format'}")
        return value

    @field_validator("signing_secret")
    @classmethod
    def _can_sign(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not cls.signs:
            raise ValueError("only webhook and slack channels sign")
        return value


class ConsoleChannel(ChannelBase):
    """Prints to the terminal or the run's log."""

    channel_type: Literal["console"] = "console"
    configuration: ConsoleSettings = Field(default_factory=ConsoleSettings)


class EmailChannel(ChannelBase):
    """Sends mail in text and HTML."""

    channel_type: Literal["email"] = "email"
    configuration: EmailSettings


class SlackChannel(ChannelBase):
    """Posts to Slack."""

    formats: ClassVar[tuple[BodyFormat, ...]] = ("slack.blocks",)
    signs: ClassVar[bool] = True
    channel_type: Literal["slack"] = "slack"
    configuration: SlackSettings
    rate_limit: RateLimit | None = RateLimit(per_second=1.0, burst=10)


class WebhookChannel(ChannelBase):
    """Posts signed JSON."""

    formats: ClassVar[tuple[BodyFormat, ...]] = ("quality_platform.v1", "alertmanager.v4", "slack.blocks")
    signs: ClassVar[bool] = True
    channel_type: Literal["webhook"] = "webhook"
    configuration: WebhookSettings


class PagerDutyChannel(ChannelBase):
    """Opens, acknowledges and resolves incidents in PagerDuty."""

    groups: ClassVar[bool] = False
    channel_type: Literal["pagerduty"] = "pagerduty"
    configuration: PagerDutySettings
    rate_limit: RateLimit | None = RateLimit(per_second=2.0, burst=60)


class NtfyChannel(ChannelBase):
    """Pushes to phones through an ntfy server."""

    channel_type: Literal["ntfy"] = "ntfy"
    configuration: NtfySettings
    rate_limit: RateLimit | None = RateLimit(per_second=0.2, burst=50)


class WebsocketChannel(ChannelBase):
    """Shows alerts in the live clients: the dashboard and whoever listens on the WebSocket."""

    channel_type: Literal["websocket"] = "websocket"
    configuration: WebsocketSettings = Field(default_factory=WebsocketSettings)


class AppriseChannel(ChannelBase):
    """Hands messages to one of the many services that the library Apprise knows."""

    channel_type: Literal["apprise"] = "apprise"
    configuration: AppriseSettings
    rate_limit: RateLimit | None = RateLimit(per_second=0.5, burst=10)


ChannelConfig = Annotated[
    ConsoleChannel
    | EmailChannel
    | SlackChannel
    | WebhookChannel
    | PagerDutyChannel
    | NtfyChannel
    | WebsocketChannel
    | AppriseChannel,
    Field(discriminator="channel_type"),
]
