"""Doors that no request reaches: what comes through them was put into the spool by the service itself.

Belongs here: what such doors have in common. Does not belong here: how they are fed (`statsd/`, `turned_away.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from quality_platform.api.ingest import answers
from quality_platform.api.ingest.contract import Checked, Decode, Door, Inbound


def door_without_http(name: str, title: str, description: str, *, decode: Decode, tables: Sequence[str] = ()) -> Door:
    """A door without paths and keys."""
    return Door(
        name=name,
        title=title,
        description=description,
        paths=(),
        key=lambda inbound: None,
        check=_closed,
        decode=decode,
        tables=tables,
        refused=answers.refused_as_json,
    )


def _closed(inbound: Inbound) -> Checked:
    raise AssertionError("it has no path to send to")
