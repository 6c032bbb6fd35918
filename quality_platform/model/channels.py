"""The shape of a channel, as written in `quality.yaml` or sent to the API.

Belongs here: fields of each channel type and its filters. Does not belong here: sending (`notifications/`).
Secrets are written as `env:NAME` (read by the sender) or as they are.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from quality_platform.model.alerts import AlertType, Severity


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ConsoleSettings(_Part):
    """Nothing to set: it prints."""


class EmailSettings(_Part):
    """An SMTP server and who is written to."""

    host: str = Field(description="SMTP server.")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    sender: str = Field(description="From address.")
    recipients: tuple[str, ...] = Field(min_length=1, description="To addresses.")
    username: str | None = Field(default=None, description="User, where the server asks for one.")
    password: SecretStr | None = Field(default=None, description="Password, best as env:NAME.")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="How the line is protected.")


class SlackSettings(_Part):
    """An incoming webhook of Slack."""

    webhook_url: SecretStr = Field(description="The webhook's URL, best as env:NAME.")


class WebhookSettings(_Part):
    """A receiver of signed JSON (Standard Webhooks)."""

    url: str = Field(description="Where to POST.")
    signing_secret: SecretStr | None = Field(default=None, description="whsec_… base64; best as env:NAME.")


class _Channel(_Part):
    name: str = Field(min_length=1, max_length=100, description="Name, unique.")
    enabled: bool = Field(default=True, description="Whether it is used.")
    alert_types: tuple[AlertType, ...] = Field(default=(), description="Only these types; empty for all.")
    severity_levels: tuple[Severity, ...] = Field(default=(), description="Only these severities; empty for all.")
    project_ids: tuple[str, ...] = Field(default=("*",), description="Only these projects; * for all.")
    send_resolved: bool = Field(default=True, description="Whether to tell when it is over.")


class ConsoleChannel(_Channel):
    """Prints to the terminal or the run's log."""

    channel_type: Literal["console"] = "console"
    configuration: ConsoleSettings = Field(default_factory=ConsoleSettings)


class EmailChannel(_Channel):
    """Sends mail in text and HTML."""

    channel_type: Literal["email"] = "email"
    configuration: EmailSettings


class SlackChannel(_Channel):
    """Posts to Slack."""

    channel_type: Literal["slack"] = "slack"
    configuration: SlackSettings


class WebhookChannel(_Channel):
    """Posts signed JSON."""

    channel_type: Literal["webhook"] = "webhook"
    configuration: WebhookSettings


ChannelConfig = Annotated[
    ConsoleChannel | EmailChannel | SlackChannel | WebhookChannel, Field(discriminator="channel_type")
]
