"""Versions of things that several people change: `ETag` in answers, `If-Match` in requests.

Belongs here: reading and writing the two headers. Does not belong here: comparing, which happens in the transaction of
the change.
"""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Depends, Header, Response

from quality_platform.errors import VersionError

_TAG = re.compile(r'(?:W/)?"(\d{1,18})"')


def tag(response: Response, version: int) -> None:
    """Let `response` say which version it shows."""
    response.headers["ETag"] = f'"{version}"'


def _wanted(
    if_match: Annotated[
        str | None,
        Header(max_length=200, description='The `ETag` that was read, such as `"3"`; 412 when it has changed since.'),
    ] = None,
) -> int | None:
    """The version that the change is meant for; None for any. Raises VersionError for what no version ever was."""
    if if_match is None or if_match.strip() == "*":
        return None
    found = _TAG.fullmatch(if_match.strip())
    if found is None:
        raise VersionError('If-Match is no version; write it as it came, such as "3".', current="unknown")
    return int(found.group(1))


Version = Annotated[int | None, Depends(_wanted)]
