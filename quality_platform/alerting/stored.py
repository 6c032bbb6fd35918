"""Changing what the API stores: rules, channels, the routing, each with its audit in the same transaction.

What `quality.yaml` says is not changed from here: whoever tries is told where it stands.

Belongs here: who may replace what, versions, the audit. Does not belong here: the shape of a body (`model/`), what
holds when two things compete (`in_force.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quality_platform.alerting import in_force
from quality_platform.alerting.in_force import CHANNEL, ROUTING, RULE
from quality_platform.errors import ConflictError, NotFoundError, VersionError
from quality_platform.model.configuration import QualityConfig
from quality_platform.state import audit, stored
from quality_platform.state.database import State
from quality_platform.state.models import StoredRow

FILE = "quality.yaml"
MOST = 10_000
"""Things of one kind: each evaluation goes through all rules."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change that somebody wants: who, when, and the version that it is meant for (None for any)."""

    actor: str
    at: datetime
    version: int | None = None


def put(
    state: State, config: QualityConfig, kind: str, name: str, body: str, change: Change, *, create: bool = False
) -> StoredRow:
    """Store `body` under `name`, in place of what is there.

    Raises ConflictError where the file has it, or with `create` where there is one; VersionError where there is
    another version.
    """
    with state.write() as session:
        return put_in(session, config, kind, name, body, change, create=create)


def put_in(
    session: Session, config: QualityConfig, kind: str, name: str, body: str, change: Change, *, create: bool = False
) -> StoredRow:
    """The same, inside the caller's transaction."""
    refuse_the_files(config, kind, name)
    row = stored.find(session, kind, name, change=True)
    if row is not None and create:
        raise ConflictError(f"There is a {kind} called {name!r} already.", current="stored", hint="Replace it by PUT.")
    _same_version(row, kind, name, change.version)
    before = None if row is None else _audited(row)
    if row is None:
        _room(session, kind)
        row = stored.add(session, kind, name, body, change.at, change.actor)
    elif row.body != body:
        stored.replace(session, row, body, change.at, change.actor)
    else:
        return row
    _note(session, row, change, "create" if before is None else "change", {"before": before, "after": _audited(row)})
    return row


def remove(state: State, config: QualityConfig, kind: str, name: str, change: Change) -> StoredRow:
    """Forget what is stored under `name`, or under that id. Raises NotFoundError, ConflictError, VersionError."""
    with state.write() as session:
        row = stored.find(session, kind, name, change=True)
        if row is None:
            refuse_the_files(config, kind, name)
            raise NotFoundError(f"There is no {kind} {name!r}.")
        _same_version(row, kind, name, change.version)
        stored.remove(session, row, change.at)
        _note(session, row, change, "delete", {"before": _audited(row)})
        return row


def refuse_the_files(config: QualityConfig, kind: str, name: str) -> None:
    """Raise ConflictError where `quality.yaml` has a thing of this kind and name."""
    if name in files_own(config, kind):
        raise ConflictError(
            f"The {kind} {name!r} stands in {FILE}, which the API does not write.", current=FILE,
            hint=f"Change it in {FILE}: it is read again within a second.",
        )  # fmt: skip


def files_own(config: QualityConfig, kind: str) -> frozenset[str]:
    """Names of the things of a kind that the file has."""
    if kind == RULE:
        return frozenset(rule.key for rule in config.rules or ())
    if kind == CHANNEL:
        return frozenset(channel.name for channel in config.channels)
    return frozenset((ROUTING,) if config.routing is not None else ())


def _same_version(row: StoredRow | None, kind: str, name: str, wanted: int | None) -> None:
    found = 0 if row is None else row.version
    if wanted is not None and wanted != found:
        raise VersionError(
            f"The {kind} {name!r} is at version {found}, not {wanted}.", current=f"version {found}",
            hint="Read it again, then change it.",
        )  # fmt: skip


def _room(session: Session, kind: str) -> None:
    if len(stored.listed(session, (kind,))) >= MOST:
        raise ConflictError(f"There are {MOST} of kind {kind} already.", current="full", hint="Remove some.")


def _audited(row: StoredRow) -> Mapping[str, Any]:
    """What the audit says of a stored body: all but what is sealed."""
    body: dict[str, Any] = json.loads(row.body)
    return {name: value for name, value in body.items() if name != in_force.SEALED}


def _note(session: Session, row: StoredRow, change: Change, did: str, details: Mapping[str, Any]) -> None:
    audit.record(
        session, change.at, actor=change.actor, action=f"{row.kind}.{did}", subject=row.name,
        details={**details, "version": row.version},
    )  # fmt: skip
