"""Channels as plain values: with their secrets for sealing, with masks for people, and back from a mask.

A secret goes in and never comes out: who reads a channel sees `****` and the last four characters, which suffice to
tell one from another. Who writes back what was read keeps the secret that there is.

Belongs here: both forms and the way between. Does not belong here: the cipher (`state/sealing.py`), storing
(`stored.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from quality_platform.errors import UsageError

MASK = "****"
SHOWN = 4
LEAST_HIDDEN = 8
"""A short secret shows nothing: four characters of it would be half of it."""
REFERENCES = ("env:", "file:")


def revealed(channel: BaseModel) -> dict[str, Any]:
    """Everything of a channel, its secrets too, as JSON's values. For sealing alone."""
    return _filled(channel.model_dump(mode="json", by_alias=True), channel, SecretStr.get_secret_value)


def masked(channel: BaseModel) -> dict[str, Any]:
    """Everything of a channel that people may see."""
    return _filled(
        channel.model_dump(mode="json", by_alias=True), channel, lambda secret: mask(secret.get_secret_value())
    )


def mask(secret: str) -> str:
    """What is shown of a secret; where it is only said where to find it, that."""
    if secret.startswith(REFERENCES):
        return secret
    return MASK + (secret[-SHOWN:] if len(secret) >= SHOWN + LEAST_HIDDEN else "")


def unmasked(body: Mapping[str, Any], before: BaseModel | None) -> dict[str, Any]:
    """`body` with the secrets of the channel `before` wherever it says no more than their masks.

    Raises UsageError for a mask that stands for nothing known.
    """
    known = {} if before is None else revealed(before)
    return {name: _restored(value, known.get(name), name) for name, value in body.items()}


def _restored(value: Any, known: Any, field: str) -> Any:
    if isinstance(value, Mapping):
        inner = known if isinstance(known, Mapping) else {}
        return {name: _restored(each, inner.get(name), f"{field}.{name}") for name, each in value.items()}
    if not isinstance(value, str) or not value.startswith(MASK):
        return value
    if isinstance(known, str) and value == mask(known):
        return known
    raise UsageError(f"{field}: it is masked, and stands for no secret that is kept.", hint="Send the secret itself.")


def _filled(dumped: dict[str, Any], model: BaseModel, shown: Callable[[SecretStr], str]) -> dict[str, Any]:
    """`dumped`, in which pydantic put stars for secrets, with what `shown` makes of them."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, SecretStr):
            dumped[field.alias or name] = shown(value)
        elif isinstance(value, BaseModel):
            dumped[field.alias or name] = _filled(dumped[field.alias or name], value, shown)
    return dumped
