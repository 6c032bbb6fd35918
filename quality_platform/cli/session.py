"""What a verb starts with: the settings of this process, its log, and the event that says it was used."""

from __future__ import annotations

import getpass
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

import typer

from quality_platform.errors import ConfigurationError

if TYPE_CHECKING:
    from quality_platform.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings, read once. Raises ConfigurationError that names the variable."""
    from pydantic import ValidationError

    from quality_platform.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "QUALITY_PLATFORM_" + "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"{name} cannot be used: {first['msg'].removeprefix('Value error, ')}.") from error


def begin(verb: str, **properties: object) -> Settings:
    """Settings for `verb`, with its log configured and its use recorded."""
    from quality_platform.telemetry import events, logs

    here = settings()
    if here.root.exists():
        logs.configure(here)
        events.record(here, verb, **properties)
    return here


def actor() -> str:
    """Who calls, for the audit; in a container whose user has no name, its number."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
