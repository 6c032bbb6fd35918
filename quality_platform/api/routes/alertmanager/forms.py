"""Alertmanager's shapes: what its clients send and read. Names and nullability are those of its OpenAPI document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

FIRST_YEAR = 1
"""Go writes an instant that is not set as the first of January of this year."""


def _set(value: datetime | None) -> datetime | None:
    if value is None or value.year <= FIRST_YEAR:
        return None
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


Instant = Annotated[datetime | None, AfterValidator(_set)]
Labels = Annotated[
    dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=10_000)]], Field(max_length=200)
]


class PostableAlert(BaseModel):
    """An alert as Prometheus pushes it."""

    labels: Labels
    annotations: Labels = {}
    startsAt: Instant = None  # noqa: N815 - Alertmanager's names, here and below
    endsAt: Instant = None  # noqa: N815
    generatorURL: Annotated[str, Field(max_length=10_000)] = ""  # noqa: N815


class MatcherForm(BaseModel):
    """A matcher."""

    name: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=1_000)
    isRegex: bool  # noqa: N815
    isEqual: bool = True  # noqa: N815


class PostableSilence(BaseModel):
    """A silence; with an `id` another form of one that there is."""

    id: str | None = Field(default=None, max_length=100)
    matchers: list[MatcherForm] = Field(min_length=1, max_length=50)
    startsAt: Instant  # noqa: N815
    endsAt: Instant  # noqa: N815
    createdBy: str = Field(max_length=200)  # noqa: N815
    comment: str = Field(max_length=4_000)


class SilenceId(BaseModel):
    """The id of a silence that was made."""

    silenceID: str  # noqa: N815


Receivers = list[dict[str, str]]


def receivers(names: Sequence[str]) -> Receivers:
    """Channels as Alertmanager names them."""
    return [{"name": name} for name in names]


def written(instant: datetime) -> str:
    """An instant as Go's clients read it: to the millisecond, with Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Shown = dict[str, Any]
