"""What each type of channel needs to know of its service: the `configuration` of a channel.

A secret is written as it is, as `env:NAME` (an environment variable) or as `file:PATH` (a file, as container platforms
mount them); a field `NAME_file: PATH` is the same as `NAME: file:PATH`. Does not belong here: looking these up
(`notifications/secrets.py`).
"""

from __future__ import annotations

from typing import Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

REFERENCES = ("env:", "file:")


class ChannelPart(BaseModel):
    """Base of channels and their parts: unknown fields are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _files(cls, value: Any) -> Any:
        """`password_file: /run/secrets/p` as `password: file:/run/secrets/p`."""
        if not isinstance(value, dict):
            return value
        given = dict(value)
        for name in cls.secret_fields():
            path = given.pop(f"{name}_file", None)
            if path is None:
                continue
            if given.get(name) is not None:
                raise ValueError(f"give {name} or {name}_file, not both")
            given[name] = f"file:{path}"
        return given

    @classmethod
    def secret_fields(cls) -> tuple[str, ...]:
        """Fields whose value nobody may read."""
        return tuple(
            name
            for name, field in cls.model_fields.items()
            if SecretStr in (field.annotation, *get_args(field.annotation))
        )

    def references(self) -> tuple[str, ...]:
        """Fields that refer to the environment or the files of this machine, which not everybody may have read."""
        values = {name: getattr(self, name) for name in self.secret_fields()}
        return tuple(
            name for name, value in values.items() if value and value.get_secret_value().startswith(REFERENCES)
        )


class ConsoleSettings(ChannelPart):
    """Nothing to set: it prints."""


class WebsocketSettings(ChannelPart):
    """Nothing to set: live clients are connected already."""


class EmailSettings(ChannelPart):
    """An SMTP server and who is written to."""

    host: str = Field(min_length=1, max_length=255, description="SMTP server.")
    port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    sender: str = Field(max_length=320, description="From address.")
    recipients: tuple[str, ...] = Field(min_length=1, max_length=100, description="To addresses.")
    username: str | None = Field(default=None, description="User, where the server asks for one.")
    password: SecretStr | None = Field(default=None, description="Password, best as env:NAME or file:PATH.")
    security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="How the line is protected.")
    unsubscribe: str | None = Field(
        default=None, max_length=1000,
        description="Address or URL for those who want no more of it (List-Unsubscribe); default a mail to the sender.",
    )  # fmt: skip


class SlackSettings(ChannelPart):
    """An incoming webhook of Slack."""

    webhook_url: SecretStr = Field(description="The webhook's URL, best as env:NAME or file:PATH.")


class WebhookSettings(ChannelPart):
    """A receiver of signed JSON (Standard Webhooks)."""

    url: SecretStr = Field(description="Where to POST. Nobody is shown it: a path or a query may be a password.")
    signing_secret: SecretStr | None = Field(
        default=None, description="whsec_… base64, or several apart by spaces; best as env:NAME or file:PATH."
    )


class PagerDutySettings(ChannelPart):
    """An integration of type Events API v2."""

    routing_key: SecretStr = Field(description="The integration's key, best as env:NAME or file:PATH.")
    url: str = Field(
        default="https://events.pagerduty.com/v2/enqueue", max_length=2000,
        description="Where events go; accounts in Europe use https://events.eu.pagerduty.com/v2/enqueue.",
    )  # fmt: skip


class NtfySettings(ChannelPart):
    """A topic of an ntfy server."""

    topic: SecretStr = Field(description="The topic. Who knows it can read it, so it is kept as a secret.")
    server: str = Field(default="https://ntfy.sh", max_length=2000, description="The server.")
    token: SecretStr | None = Field(default=None, description="Access token, best as env:NAME or file:PATH.")


class AppriseSettings(ChannelPart):
    """An address of Apprise."""

    url: SecretStr = Field(description="The address as Apprise writes it, best as env:NAME or file:PATH.")

    @model_validator(mode="after")
    def _is_an_address(self) -> Self:
        text = self.url.get_secret_value()
        if "://" not in text and not text.startswith(REFERENCES):
            raise ValueError("url is no address of Apprise, such as tgram://token/chat")
        return self
