"""Secrets of a channel: written as they are, as `env:NAME` or `file:PATH`, and looked up when the channel is built.

Looked up then, so that a changed file is read after the next restart or change of the configuration. Errors name the
channel, the field and the place, never what stands there.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import SecretStr

from quality_platform.errors import ConfigurationError

Secrets = Callable[[str], str | None]
"""The value of a name in the environment, or None; given by the composition root."""

# a key or an address; a larger file is the wrong one
LONGEST_FILE = 16 * 1024


def revealed(value: SecretStr | str, secrets: Secrets, *, channel: str, field: str) -> str:
    """The secret itself; raises `ConfigurationError` naming channel and field where it cannot be had."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    way, _, place = text.partition(":")
    if way == "env":
        found = secrets(place)
        if not found:
            raise ConfigurationError(
                f"Channel {channel}: {field} refers to {place}, which is not set.",
                hint=f"Set the environment variable {place}.",
            )
        return found
    return _read(place, channel, field) if way == "file" else text


def _read(place: str, channel: str, field: str) -> str:
    """The content of a file without the line break at its end."""
    path, said = Path(place), f"Channel {channel}: {field} refers to the file {place}, which"
    try:
        # not a pipe or a device, which could be read for ever
        if not path.is_file() or path.stat().st_size > LONGEST_FILE:
            raise ConfigurationError(f"{said} is no file of at most {LONGEST_FILE} bytes.")
        found = path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigurationError(f"{said} cannot be read: {reason}.") from None
    if not found:
        raise ConfigurationError(f"{said} is empty.")
    return found
