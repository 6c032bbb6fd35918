"""What people do with an alert: one address for each action, and one for many alerts at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict

from quality_platform.access.tokens import Principal
from quality_platform.api import versions
from quality_platform.api.alert_words import Alert, Bulk, Done, Instant, Name, Note
from quality_platform.api.asking import FAILURES, PREFIX, Editor, Live, actor
from quality_platform.api.routes.alerts import shown
from quality_platform.errors import UsageError

router = APIRouter(prefix=f"{PREFIX}/alerts", tags=["alerts"], responses=FAILURES)

_TAKES = {
    "acknowledge": ("note", "until"), "unacknowledge": (), "assign": ("assignee",), "comment": ("text",),
    "snooze": ("until", "note"), "resolve": ("note",), "mark": ("actionable",),
}  # fmt: skip
_NEEDS = {"assign": "assignee", "comment": "text", "snooze": "until", "mark": "actionable"}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Acknowledge(_Body):
    """Somebody takes care of it; with `until`, only so long."""

    note: Note | None = None
    until: Instant | None = None


class Because(_Body):
    """Why."""

    note: Note | None = None


class Assign(_Body):
    """Who takes care of it; null for nobody."""

    assignee: Name | None


class Comment(_Body):
    """What there is to say."""

    text: Note


class Snooze(_Body):
    """Until when nothing is said of it; null to end that."""

    until: Instant | None
    note: Note | None = None


class Mark(_Body):
    """Whether it was worth telling; null to take it back."""

    actionable: bool | None


@router.post("/bulk")
def bulk(service: Live, editor: Editor, body: Bulk) -> Done:
    """One action on many alerts. What cannot be done to one leaves the others alone."""
    from quality_platform.alerting.episodes import actions

    given = body.model_fields_set - {"action", "ids"}
    words = {name: getattr(body, name) for name in given}
    _fitting(body.action, words)
    results = actions.bulk(
        service.state, service.plans.look(), body.ids, body.action, actor(editor), datetime.now(UTC), **words
    )
    service.happened()
    done = sum(result == "done" for result in results.values())
    return Done(results=results, done=done, failed=len(results) - done)


@router.post("/{alert_id}/acknowledge")
def acknowledge(
    service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response,
    body: Annotated[Acknowledge | None, Body()] = None,
) -> Alert:  # fmt: skip
    """Say that somebody takes care of it: repeats and escalations stop. Twice is no error."""
    return _act(service, editor, "acknowledge", alert_id, version, response, body)


@router.post("/{alert_id}/unacknowledge")
def unacknowledge(service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response) -> Alert:
    """Take that back: it is told again."""
    return _act(service, editor, "unacknowledge", alert_id, version, response, None)


@router.post("/{alert_id}/resolve")
def resolve(
    service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response,
    body: Annotated[Because | None, Body()] = None,
) -> Alert:  # fmt: skip
    """Say that it is over. It stays closed for a repeat interval even where its rule says otherwise."""
    return _act(service, editor, "resolve", alert_id, version, response, body)


@router.post("/{alert_id}/assign")
def assign(
    service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response, body: Assign
) -> Alert:
    """Say who takes care of it."""
    return _act(service, editor, "assign", alert_id, version, response, body)


@router.post("/{alert_id}/comment")
def comment(
    service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response, body: Comment
) -> Alert:
    """Say something about it, also when it is over."""
    return _act(service, editor, "comment", alert_id, version, response, body)


@router.post("/{alert_id}/snooze")
def snooze(
    service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response, body: Snooze
) -> Alert:
    """Say nothing of it until then."""
    return _act(service, editor, "snooze", alert_id, version, response, body)


@router.post("/{alert_id}/mark")
def mark(
    service: Live, editor: Editor, alert_id: str, version: versions.Version, response: Response, body: Mark
) -> Alert:
    """Say whether it was worth telling: a rule's precision is counted from these marks."""
    return _act(service, editor, "mark", alert_id, version, response, body)


def _act(
    service: Live, editor: Principal, verb: str, alert_id: str, version: int | None, response: Response,
    body: BaseModel | None,
) -> Alert:  # fmt: skip
    from quality_platform.alerting.episodes.actions import ACTIONS

    words: Mapping[str, Any] = {} if body is None else dict(body)
    row = ACTIONS[verb](
        service.state, service.plans.look(), alert_id, actor(editor), datetime.now(UTC), version=version, **words
    )
    service.happened()
    return shown(response, row)


def _fitting(verb: str, words: Mapping[str, Any]) -> None:
    wrong = sorted(set(words) - set(_TAKES[verb]))
    if wrong:
        raise UsageError(
            f"{wrong[0]}: {verb} does not take it.", hint=f"It takes {', '.join(_TAKES[verb]) or 'nothing'}."
        )
    needed = _NEEDS.get(verb)
    if needed is not None and needed not in words:
        raise UsageError(f"{needed}: {verb} needs it.")
    if verb == "comment" and words["text"] is None:
        raise UsageError("text: an empty comment says nothing.")
