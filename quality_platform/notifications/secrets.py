"""Secrets of a channel: written as they are, or as `env:NAME` and looked up when the channel is built."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import SecretStr

from quality_platform.errors import ConfigurationError

Secrets = Callable[[str], str | None]
"""The value of a name in the environment, or None; given by the composition root."""

_REFERENCE = "env:"


def revealed(value: SecretStr | str, secrets: Secrets, *, channel: str, field: str) -> str:
    """The secret itself; raises `ConfigurationError` naming channel and field where it cannot be had."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not text.startswith(_REFERENCE):
        return text
    name = text.removeprefix(_REFERENCE)
    found = secrets(name)
    if not found:
        raise ConfigurationError(
            f"Channel {channel}: {field} refers to {name}, which is not set.",
            hint=f"Set the environment variable {name}.",
        )
    return found
