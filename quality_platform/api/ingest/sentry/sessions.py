"""Sessions, single and summed up: rows of `raw.sessions`.

Belongs here: both items. Does not belong here: whether a release is healthy, which models say.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from quality_platform.api.ingest.contract import Decoded, Group
from quality_platform.api.ingest.rows import Row, identifier, instant, session_row
from quality_platform.api.ingest.sentry.fields import a_list, an_object, name, number, some_text, whole
from quality_platform.api.ingest.sentry.part import Part, refused
from quality_platform.collectors.pseudonym import pseudonym
from quality_platform.model.tables_live import SESSION_STATUSES, SESSIONS

CATEGORY = "session"
_MOST = 2**31
"""Sessions that one row stands for; more is no count."""


def decode_update(part: Part) -> Decoded:
    """The row of one session's update. A session has several: begun, with an error, ended."""
    session = part.payload
    status = session.get("status", "ok")
    if status not in SESSION_STATUSES:
        return refused(
            CATEGORY, "invalid_status", f"status must be one of {', '.join(SESSION_STATUSES)}.",
            table=SESSIONS.name, field="status",
        )  # fmt: skip
    sid, sequence = identifier(session.get("sid")), whole(session.get("seq"))
    update = sequence if sequence is not None else f"{status}-{instant(session.get('timestamp'))}"
    identity = f"{sid}-{update}" if sid else part.digest
    release, environment = _release(session)
    row = session_row(
        event_id=identity,
        time=part.time(session.get("started")),
        status=status,
        session=sid,
        sequence=sequence,
        errors=whole(session.get("errors")),
        duration=_duration(session.get("duration")),
        user_key=_user_key(session.get("did"), part),
        release=release,
        environment=environment,
    )
    return Decoded(Counter({CATEGORY: 1}), [Group(CATEGORY, identity, [(SESSIONS.name, row)])])


def decode_sums(part: Part) -> Decoded:
    """A row for every minute and status that has sessions.

    Two servers may report the same sums in the same bytes, so there is no identity by which a repetition could be
    told; clients do not send sums twice.
    """
    release, environment = _release(part.payload)
    rows: list[Row] = []
    for bucket in map(an_object, a_list(part.payload.get("aggregates"))):
        key = _user_key(bucket.get("did"), part)
        for status in SESSION_STATUSES:
            quantity = whole(bucket.get(status))
            if quantity and quantity < _MOST:
                rows.append(
                    session_row(
                        event_id=f"{part.digest}-{part.received_at}-{len(rows)}", time=part.time(bucket.get("started")),
                        status=status, quantity=quantity, user_key=key, release=release, environment=environment,
                    )
                )  # fmt: skip
    if not rows:
        return refused(CATEGORY, "empty")
    return Decoded(Counter({CATEGORY: len(rows)}), [Group(CATEGORY, None, [(SESSIONS.name, row) for row in rows])])


def _release(payload: dict[str, Any]) -> tuple[str | None, str | None]:
    """Release and environment."""
    found = an_object(payload.get("attrs"))
    return name(found.get("release")), name(found.get("environment"))


def _duration(value: object) -> float | None:
    seconds = number(value)
    return seconds if seconds is not None and seconds >= 0 else None


def _user_key(value: object, part: Part) -> str | None:
    """The user's pseudonym; clients send id, e-mail or address as `did`."""
    user = some_text(value)
    return pseudonym(part.secret, part.project, user.strip()) if user else None
