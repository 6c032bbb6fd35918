"""A request as an access log tells it, whatever the log's format.

Belongs here: the record that the formats' modules share. Does not belong here: any format.
"""

from __future__ import annotations

from typing import NamedTuple


class Access(NamedTuple):
    """One request. `time` in microseconds since 1970; `user` is the identifier as read; None where it is not told."""

    time: int
    method: str | None
    route: str
    status: int | None
    size: int | None
    duration_ms: float | None
    user: str | None = None
