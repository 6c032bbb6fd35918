"""Silences: not to be told of some alerts for some time. The end of an alert is told all the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from quality_platform.alerting.notices import labels
from quality_platform.alerting.routing.matchers import Matcher, from_json, parsed_all
from quality_platform.api import versions
from quality_platform.api.alert_words import Instant, Note
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, Viewer, actor
from quality_platform.errors import UsageError
from quality_platform.model.durations import Duration
from quality_platform.state import alert_lists
from quality_platform.state.models import SilenceRow

router = APIRouter(prefix=f"{PREFIX}/silences", tags=["silences"], responses=FAILURES)
SHOWN_ALERTS = 20
Standing = Literal["pending", "active", "expired"]


class MatcherForm(BaseModel):
    """A matcher in Alertmanager's form."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)
    value: str = Field(max_length=1_000)
    isRegex: bool = False  # noqa: N815 - Alertmanager's name
    isEqual: bool = True  # noqa: N815


Matching = Annotated[list[MatcherForm | Annotated[str, Field(max_length=1_000)]], Field(min_length=1, max_length=50)]


class NewSilence(BaseModel):
    """What not to tell of, and until when: `ends_at` or `duration`."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"matchers": ['project_id="shop"', 'severity="warning"'], "duration": "2h", "comment": "Release"}
        },
    )

    matchers: Matching = Field(description='All have to fit, each as `team="core"` or in Alertmanager\'s form.')
    starts_at: Instant | None = Field(default=None, description="Default: now.")
    ends_at: Instant | None = None
    duration: Duration | None = Field(default=None, description="Such as `2h`, instead of ends_at.")
    comment: Note = Field(description="Why.")
    kinds: list[Literal["firing", "repeat"]] = Field(
        default=["firing", "repeat"], description="What is not told; the end of an alert always is."
    )
    expire_on_resolve: bool = Field(default=False, description="Ends when the alerts that it matched are over.")


class Silence(BaseModel):
    """A silence. `version` is its `ETag`."""

    id: str
    version: int
    status: Standing
    matchers: list[str]
    starts_at: datetime
    ends_at: datetime
    comment: str
    created_by: str
    created_at: datetime
    updated_at: datetime
    kinds: list[str]
    expire_on_resolve: bool


class Silences(BaseModel):
    """Silences, the one that ends last first."""

    silences: list[Silence]


class Preview(BaseModel):
    """Which open alerts a silence would keep quiet."""

    matched: int
    alerts: list[dict[str, Any]] = Field(description=f"The first {SHOWN_ALERTS} of them: id, severity, rule, message.")


class Asked(BaseModel):
    """Matchers to try."""

    model_config = ConfigDict(extra="forbid")

    matchers: Matching


@router.get("")
def listed(
    service: Live, _viewer: Viewer,
    status: Annotated[list[Standing | Literal["all"]], Query(max_length=4)] = ["pending", "active"],  # noqa: B006
) -> Silences:  # fmt: skip
    """Silences, by default those that are not over."""
    from quality_platform.alerting.episodes import silences

    now = datetime.now(UTC)
    past = {"expired", "all"} & set(status)
    found = [shown(row, now) for row in silences.listed(service.state, since=None if past else now)]
    return Silences(silences=[each for each in found if "all" in status or each.status in status])


@router.post("", status_code=201)
def create(service: Live, editor: Editor, body: NewSilence, response: Response) -> Silence:
    """A new silence, in the state database before this is answered."""
    return _made(service, editor, body, response)


@router.post("/preview")
def preview(service: Live, _viewer: Viewer, body: Asked) -> Preview:
    """How many open alerts these matchers would keep quiet, and which."""
    with service.state.read() as session:
        ids = alert_lists.routed(session, matchers_of(body.matchers), labels.read)
        rows = sorted(alert_lists.of_ids(session, ids[:SHOWN_ALERTS]), key=lambda row: row.id)
        first = [{name: getattr(row, name) for name in ("id", "severity", "rule", "message")} for row in rows]
    return Preview(matched=len(ids), alerts=first)


@router.get("/{silence_id}")
def one(service: Live, _viewer: Viewer, silence_id: str, response: Response) -> Silence:
    """One silence."""
    from quality_platform.alerting.episodes import silences

    return _answered(silences.get(service.state, silence_id), response)


@router.put("/{silence_id}")
def replace(
    service: Live, editor: Editor, silence_id: str, body: NewSilence, version: versions.Version, response: Response
) -> Silence:
    """Another form of a silence that is not over."""
    return _made(service, editor, body, response, replaces=silence_id, version=version)


@router.delete("/{silence_id}")
def expire(service: Live, editor: Editor, silence_id: str, version: versions.Version, response: Response) -> Silence:
    """End a silence now: what still fires is told once. The silence stays on record."""
    from quality_platform.alerting.episodes import silences

    now = datetime.now(UTC)
    row = silences.expire(service.state, service.plans.look(), silence_id, actor(editor).name, now, version=version)
    service.happened()
    return _answered(row, response)


def matchers_of(given: list[MatcherForm | str]) -> tuple[Matcher, ...]:
    """The matchers of both forms. Raises UsageError."""
    found: list[Matcher] = []
    for each in given:
        found += parsed_all([each]) if isinstance(each, str) else [from_json(each.model_dump())]
    if not found:
        raise UsageError("matchers: give one at least.")
    return tuple(found)


def status_of(row: SilenceRow, now: datetime) -> Standing:
    """How a silence stands."""
    if row.ends_at <= now:
        return "expired"
    return "pending" if row.starts_at > now else "active"


def shown(row: SilenceRow, now: datetime) -> Silence:
    """A silence as it is read."""
    names = ("id", "version", "starts_at", "ends_at", "comment", "created_by", "created_at", "updated_at",
             "expire_on_resolve")  # fmt: skip
    return Silence(
        **{name: getattr(row, name) for name in names}, status=status_of(row, now),
        matchers=[str(from_json(each)) for each in json.loads(row.matchers)], kinds=json.loads(row.kinds),
    )  # fmt: skip


def _made(
    service: Live, editor: Editor, body: NewSilence, response: Response, *, replaces: str | None = None,
    version: int | None = None,
) -> Silence:  # fmt: skip
    from quality_platform.alerting.episodes import silences

    now = datetime.now(UTC)
    starts_at = body.starts_at or now
    silence = silences.NewSilence(
        matchers_of(body.matchers), starts_at, _end(body, starts_at), body.comment, tuple(body.kinds),
        body.expire_on_resolve,
    )  # fmt: skip
    row = silences.create(
        service.state, service.plans.look(), silence, actor(editor).name, now, replaces=replaces, version=version
    )
    service.happened()
    return _answered(row, response)


def _end(body: NewSilence, starts_at: datetime) -> datetime:
    if (body.ends_at is None) == (body.duration is None):
        raise UsageError("ends_at: give it or duration, one of the two.")
    if body.ends_at is not None:
        return body.ends_at
    try:
        return starts_at + (body.duration or timedelta())
    except OverflowError:
        raise UsageError("duration: it is too long.") from None


def _answered(row: SilenceRow, response: Response) -> Silence:
    versions.tag(response, row.version)
    return shown(row, datetime.now(UTC))
